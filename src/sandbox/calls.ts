import { createAuthorizer, type Authorizer } from './authorize/authorize.ts';
import type { Account } from './account.ts';
import { faultBefore, isLost, type FaultEngine, type FaultRule } from './faults.ts';
import type { Caller } from './iam/caller.ts';
import { quotas, type Context } from './iam/context.ts';
import { handlers } from './iam/handlers.ts';
import { createJournal, type Journal, type JournalEntry } from './journal.ts';
import type { IamOptions } from './options.ts';
import { checkSession } from './sts/sessions.ts';
import { IamError } from './wire/errors.ts';
import type { Service } from './wire/services.ts';
import type { OpName } from './wire/types.ts';

/** Everything about one call that is being answered. */
export interface Call {
  readonly op: string;
  readonly source: Service['name'];
  readonly requestId: string;
  readonly caller: Caller;
  readonly input: Readonly<Record<string, unknown>>;
  readonly params: JournalEntry['params'];
}

type Outcome = { readonly output: unknown } | { readonly error: IamError };

const titles = { iam: 'IAM', sts: 'STS' } as const;

/** As CloudTrail has it: to open a session changes nothing. */
const isRead = (op: string): boolean => /^(?:Get|List|Simulate|AssumeRole)/.test(op);

/** Runs calls one after the other and keeps the journal. */
export class Calls {
  readonly journal: Journal;
  readonly authorizer: Authorizer;
  readonly #account: Account;
  readonly #faults: FaultEngine;
  readonly #options: IamOptions;

  constructor(account: Account, faults: FaultEngine, options: IamOptions) {
    this.#account = account;
    this.#faults = faults;
    this.#options = options;
    this.journal = createJournal(options.journalCap ?? 100_000);
    this.authorizer = createAuthorizer(account.state, account.id, account.partition, account.clock);
  }

  /** Runs a call, with the fault that hits it if any, and writes the journal. */
  run(call: Call, rule: FaultRule | null): Outcome {
    const { lag } = this.#account;
    const info = { op: call.op, input: call.input, callerArn: call.caller.arn };
    let outcome: Outcome;
    try {
      this.#faults.hook('beforeCall', info);
      const early = rule && faultBefore(rule, call.op, call.caller.arn);
      if (early) throw early;
      if (!isRead(call.op)) lag.beforeWrite();
      outcome = { output: this.#handle(call, rule?.kind === 'truncate-page' ? 1 : null) };
    } catch (error) {
      outcome = { error: asIamError(error) };
    }
    this.#account.commit();
    if ('output' in outcome && rule?.kind === 'error-after') {
      outcome = { error: new IamError('ServiceFailure', 'Internal failure (injected after the effect)') };
    }
    this.note(call, 'error' in outcome ? outcome.error : null, rule);
    lag.countCall();
    try {
      this.#faults.hook('afterCall', info);
    } catch (thrown) {
      return { error: asIamError(thrown) };
    }
    return outcome;
  }

  /** One line of the journal. */
  note(call: Omit<Call, 'input'>, error: IamError | null, rule: FaultRule | null): void {
    this.journal.add({
      time: this.#account.now(),
      requestId: call.requestId,
      caller: { arn: call.caller.arn, accessKeyId: call.caller.accessKeyId },
      source: `${call.source}.amazonaws.com`,
      op: call.op,
      readOnly: isRead(call.op),
      params: call.params,
      status: rule && isLost(rule) ? 0 : (error?.status ?? 200),
      ...(error ? { errorCode: error.code, errorMessage: error.message } : {}),
      ...(rule ? { fault: rule.kind } : {}),
    });
  }

  #handle(call: Call, pageCap: number | null): unknown {
    if (!Object.hasOwn(handlers, call.op)) {
      throw new IamError(
        'NotImplemented',
        `${call.op} is an operation of ${titles[call.source]} that this sandbox does not have. Its operations are listed in ` +
          'docs/sandbox.md.',
      );
    }
    const handler = handlers[call.op as OpName] as (input: Call['input'], ctx: Context) => unknown;
    this.#authorize(call);
    const { id, partition, state, lag, mint, secrets, issuers, seal, now } = this.#account;
    const { caller } = call;
    const isJudged = this.#isJudged(caller);
    const output = handler(call.input, {
      op: call.op,
      account: id,
      partition,
      caller,
      state: isRead(call.op) ? lag.stateForRead() : state,
      seen: lag.stateForRead(),
      mint,
      secrets,
      quotas: { ...quotas, ...this.#options.quotas },
      seal,
      issuers,
      values: () => this.authorizer.valuesOf(caller),
      judge: (...about) => (isJudged ? this.authorizer.judge(caller, ...about) : null),
      takenAliases: this.#options.takenAliases ?? [],
      now,
      pageCap,
    });
    return output ?? {};
  }

  /** Users are judged with `enforce` alone, sessions of roles always: without a policy they may do nothing. */
  #isJudged({ role }: Caller): boolean {
    return (this.#options.enforce ?? false) || role !== null;
  }

  /** Throws AccessDenied, and InvalidClientTokenId for what a session may never call. */
  #authorize({ caller, op, source, input }: Call): void {
    checkSession(caller, op, source);
    // Operations that open a session ask the trust, too, and do it themselves; the others anybody may call.
    if (source === 'sts' && op !== 'GetAccessKeyInfo') return;
    if (this.#isJudged(caller)) this.authorizer.check(caller, op, source, input);
  }
}

/** Anything but an IamError is a bug in the sandbox: a 500 that says so. */
export function asIamError(thrown: unknown): IamError {
  if (thrown instanceof IamError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new IamError('InternalFailure', `The sandbox failed: ${message}`);
}
