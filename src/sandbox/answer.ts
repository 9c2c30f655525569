import type { Account } from './account.ts';
import { authenticate, isUnsigned, nobody } from './callers.ts';
import { asIamError, type Call, type Calls } from './calls.ts';
import { isLost, type FaultEngine, type FaultRule } from './faults.ts';
import type { Caller } from './iam/caller.ts';
import { requestId } from './iam/ids.ts';
import { redact } from './journal.ts';
import { answerXml, errorXml } from './wire/encode.ts';
import { IamError } from './wire/errors.ts';
import type { Operation } from './wire/operations.ts';
import { serviceOfVersion, type Service } from './wire/services.ts';
import { toTree } from './wire/query.ts';
import { operationNamed, readParameters } from './wire/request.ts';
import type { SignedRequest } from './wire/sigv4.ts';

interface WireReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly delayMs: number;
  /** The connection breaks instead of this reply arriving. */
  readonly lost: boolean;
}

/** Answers one HTTP request of the AWS Query protocol. Never throws. */
export type Answer = (request: SignedRequest) => WireReply;

export function createAnswer(
  account: Account,
  calls: Calls,
  faults: FaultEngine,
  strict: boolean,
  random: () => number,
): Answer {
  /** Reads the call from a request. A request that is not a call is refused and noted in the journal. */
  function readCall(
    request: SignedRequest,
    parameters: ReadonlyMap<string, string>,
    service: Service,
    id: string,
  ): { readonly call: Call; readonly operation: Operation } {
    const op = parameters.get('Action') ?? '';
    const known = { op, source: service.name, requestId: id };
    let caller: Caller = nobody;
    try {
      if (!isUnsigned(op)) caller = authenticate(account, strict, request);
      if (op === '') {
        throw new IamError('MissingAction', 'The request is missing an action or a required parameter.');
      }
      const operation = operationNamed(op, parameters.get('Version') ?? null);
      const input = operation.decode(toTree(parameters));
      return { call: { ...known, caller, input, params: redact(input, operation.sensitive) }, operation };
    } catch (thrown) {
      const error = asIamError(thrown);
      calls.note({ ...known, caller, params: {} }, error, null);
      throw error;
    }
  }

  return (request) => {
    account.lag.beginCall();
    const id = requestId(random);
    let service = serviceOfVersion(null);
    let rule: FaultRule | null = null;
    try {
      const parameters = readParameters(request);
      service = serviceOfVersion(parameters.get('Version') ?? null);
      const { call, operation } = readCall(request, parameters, service, id);
      rule = faults.strike(call.op);
      const outcome = calls.run(call, rule);
      if ('error' in outcome) throw outcome.error;
      const result = operation.encode?.(outcome.output as Record<string, unknown>) ?? null;
      return reply(200, answerXml(service, call.op, result, id), id, account.lastTime, rule);
    } catch (thrown) {
      const error = asIamError(thrown);
      return reply(error.status, errorXml(service, error, id), id, account.lastTime, rule);
    }
  };
}

const reply = (status: number, body: string, id: string, time: Date, rule: FaultRule | null): WireReply => ({
  status,
  headers: { 'content-type': 'text/xml', 'x-amzn-requestid': id, date: time.toUTCString() },
  // Cut inside the closing tags, so that no parser takes it for a complete answer.
  body: rule?.kind === 'cut-reply' ? body.slice(0, Math.floor(body.length / 2)) : body,
  delayMs: rule?.kind === 'delay' ? (rule.ms ?? 100) : 0,
  lost: rule !== null && isLost(rule),
});
