import { randomInt } from 'node:crypto';
import { Account } from './account.ts';
import { createAnswer, type Answer } from './answer.ts';
import { Calls } from './calls.ts';
import { isUnsigned, nobody, operatorCaller, userCaller } from './callers.ts';
import { createFaults, type Faults } from './faults.ts';
import { createRandom, requestId } from './iam/ids.ts';
import type { State } from './iam/state.ts';
import { redact, type JournalEntry } from './journal.ts';
import type { IamOptions } from './options.ts';
import { findOperation } from './wire/operations.ts';
import { services } from './wire/services.ts';
import type { Claims } from './sts/issuers.ts';
import type { OpInput, OpName, OpOutput } from './wire/types.ts';

/** IAM without a network: every call is answered at once. */
export interface Iam {
  readonly account: string;
  readonly state: State;
  readonly journal: readonly JournalEntry[];
  readonly faults: Faults;
  readonly operator: { readonly accessKeyId: string; readonly secretAccessKey: string };
  clearJournal(): void;
  /**
   * Runs one operation as the operator or a stored user, without HTTP and signature. Throws IamError. Faults happen
   * only on request; those of the reply (lost, cut, late) are left to the caller.
   */
  call<Op extends OpName>(
    op: Op,
    input: OpInput<Op>,
    options?: { readonly as?: string; readonly faults?: boolean },
  ): OpOutput<Op>;
  readonly answer: Answer;
  /**
   * An identity token (JWT, RS256) as an issuer of OpenID Connect gives it, for AssumeRoleWithWebIdentity. Claims that are
   * not given: GitHub as `iss`, `sts.amazonaws.com` as `aud`, and five minutes from now as `exp`.
   */
  token(claims: Claims): string;
  /** Whether the user's policies allow the action on the resource. */
  allows(userName: string, action: string, resource: string): boolean;
  /** Writes everything that is not written yet. */
  close(): void;
}

export function createIam(options: IamOptions = {}): Iam {
  const random = createRandom(options.seed ?? randomInt(2 ** 32));
  const faultEngine = createFaults(random);
  const account = new Account(options, faultEngine);
  const calls = new Calls(account, faultEngine, options);
  const { operator } = account;
  return {
    account: account.id,
    state: account.state,
    faults: faultEngine.faults,
    operator,
    get journal() {
      return calls.journal.entries;
    },
    clearJournal: () => calls.journal.clear(),
    answer: createAnswer(account, calls, faultEngine, options.strict ?? false, random),
    call(op, input, { as, faults: struck = false } = {}) {
      account.lag.beginCall();
      const caller =
        as !== undefined
          ? userCaller(account, as, 'AKIADIRECTCALL222222')
          : isUnsigned(op)
            ? nobody
            : operatorCaller(account, operator.accessKeyId);
      const source = findOperation(op, services.sts.version) ? 'sts' : 'iam';
      const operation = findOperation(op, services[source].version);
      const values = input as Readonly<Record<string, unknown>>;
      const params = redact(values, operation?.sensitive ?? new Set());
      const call = { op, source, requestId: requestId(random), caller, input: values, params } as const;
      const outcome = calls.run(call, struck ? faultEngine.strike(op) : null);
      if ('error' in outcome) throw outcome.error;
      return outcome.output as OpOutput<typeof op>;
    },
    token: (claims) => account.issuers.token(claims),
    allows: (userName, action, resource) => calls.authorizer.allows(userName, action, resource),
    close: () => account.close(),
  };
}
