import { createHash, randomInt } from 'node:crypto';
import { createAuthorizer } from './authorize/authorize.ts';
import { createFaults, type CallInfo, type Faults, type FaultRule } from './faults.ts';
import { quotas, type Caller, type Context, type Quotas } from './iam/context.ts';
import { handlers } from './iam/handlers.ts';
import { createMinter, createRandom, requestId } from './iam/ids.ts';
import { createKeyRing } from './iam/keys.ts';
import { createState, type State } from './iam/state.ts';
import type { Write } from './iam/table.ts';
import { createJournal, redact, type JournalEntry } from './journal.ts';
import { createLag } from './lag.ts';
import { openStore } from './store.ts';
import { answerXml, errorXml } from './wire/encode.ts';
import { IamError } from './wire/errors.ts';
import { findOperation, serviceOfVersion, type Operation, type Service } from './wire/operations.ts';
import { parseQuery, toTree } from './wire/query.ts';
import { readCredential, verifySignature, type SignedRequest } from './wire/sigv4.ts';
import type { OpInput, OpName, OpOutput } from './wire/types.ts';

export interface IamOptions {
  /** Twelve digits; default 123456789012. */
  readonly account?: string;
  readonly partition?: string;
  /** Keeps the account in this file; without it everything is gone at the end. */
  readonly file?: string;
  readonly clock?: () => Date;
  /** The same seed mints the same ids and secrets in the same order. */
  readonly seed?: number;
  /** Evaluate the policies of users who call with keys made here. */
  readonly enforce?: boolean;
  /** Refuse access keys that are neither the operator's nor made here. */
  readonly strict?: boolean;
  /** Quotas raised (or lowered, for tests), as AWS Support would. */
  readonly quotas?: Partial<Quotas>;
  /** Account aliases that other accounts have: an alias is unique in all of AWS. */
  readonly takenAliases?: readonly string[];
  /** Calls that the journal remembers; default 100,000. */
  readonly journalCap?: number;
}

export interface WireReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly delayMs: number;
  /** The connection breaks instead of this reply. */
  readonly lost: boolean;
}

/** IAM without a network: every call is answered at once. */
export interface Iam {
  readonly account: string;
  readonly state: State;
  readonly journal: readonly JournalEntry[];
  readonly faults: Faults;
  readonly operator: { readonly accessKeyId: string; readonly secretAccessKey: string };
  clearJournal(): void;
  /**
   * One operation as the operator or a stored user, without wire and signature. Throws IamError. Faults strike it
   * only on request, and those of the reply (lost, cut, late) are the caller's to play.
   */
  call<Op extends OpName>(
    op: Op,
    input: OpInput<Op>,
    options?: { readonly as?: string; readonly faults?: boolean },
  ): OpOutput<Op>;
  /** One HTTP request of the AWS Query protocol. Never throws. */
  answer(request: SignedRequest): WireReply;
  /** Whether the user's policies allow the action on the resource. */
  allows(userName: string, action: string, resource: string): boolean;
  /** Writes what is left to write. */
  close(): void;
}

/** The operator's key pair: fixed for an account, so that a profile with it can be kept. Public by design. */
function operatorOf(account: string): { accessKeyId: string; secretAccessKey: string } {
  const digest = createHash('sha512').update(`rollcall sandbox operator of ${account}`).digest('base64');
  return { accessKeyId: 'AKIASANDBOXOPERATOR2', secretAccessKey: digest.slice(0, 40) };
}

const isRead = (op: string): boolean => /^(?:Get|List|Simulate)/.test(op);

/** Everything about one call on its way. */
interface Call {
  readonly op: string;
  readonly source: Service['name'];
  readonly requestId: string;
  readonly caller: Caller;
  readonly input: Readonly<Record<string, unknown>>;
  readonly params: JournalEntry['params'];
}

type Outcome = { readonly output: unknown } | { readonly error: IamError };

export function createIam(options: IamOptions = {}): Iam {
  const account = options.account ?? '123456789012';
  const partition = options.partition ?? 'aws';
  const timer = options.clock ?? (() => new Date());
  let looked = new Date(0);
  const clock = (): Date => (looked = timer());
  const now = (): string => `${clock().toISOString().slice(0, 19)}Z`;
  const operator = operatorOf(account);
  const random = createRandom(options.seed ?? randomInt(2 ** 32));
  const mint = createMinter(options.seed);
  const keys = createKeyRing();
  const journal = createJournal(options.journalCap ?? 100_000);
  const faultEngine = createFaults(random);
  const { faults } = faultEngine;

  let writes: Write[] = [];
  const state = createState((write) => void writes.push(write));
  const store = options.file === undefined ? null : openStore(options.file, account, state, mint);
  writes = [];
  const lag = createLag(state, faults, clock);
  const commit = (): void => {
    if (writes.length === 0) return;
    const done = writes;
    writes = [];
    lag.wrote(done);
    store?.append(done);
  };
  if (!state.account.has('account')) {
    state.account.put({ id: 'account', createdAt: now(), alias: null, passwordPolicy: null, report: null });
    commit();
  }

  const operatorCaller = (accessKeyId: string): Caller => ({
    arn: `arn:${partition}:iam::${account}:user/sandbox-operator`,
    accessKeyId,
    user: null,
  });
  const userCaller = (name: string, accessKeyId: string): Caller => {
    const user = state.users.taken(name);
    if (!user) throw new Error(`no user ${name}`);
    return { arn: `arn:${partition}:iam::${account}:user${user.path}${user.name}`, accessKeyId, user };
  };
  const context = (call: Pick<Call, 'op' | 'caller'>, pageCap: number | null): Context => ({
    op: call.op,
    account,
    partition,
    caller: call.caller,
    state: isRead(call.op) ? lag.stateForRead() : state,
    mint,
    keys,
    quotas: { ...quotas, ...options.quotas },
    takenAliases: options.takenAliases ?? [],
    now,
    pageCap,
  });
  const authorizer = createAuthorizer(state, account, partition, clock);

  function handle(call: Call, pageCap: number | null): unknown {
    const handler = handlers[call.op as OpName] as
      ((input: Call['input'], ctx: Context) => unknown) | undefined;
    if (!handler) {
      throw new IamError(
        'NotImplemented',
        `${call.op} is an operation of IAM that this sandbox does not have. Its operations are listed in ` +
          'docs/sandbox.md.',
      );
    }
    if (options.enforce) authorizer.check(call.caller, call.op, call.source, call.input);
    return handler(call.input, context(call, pageCap));
  }

  let inHook = false;
  function hook(which: 'beforeCall' | 'afterCall', call: Call): void {
    const run = faults[which];
    if (!run || inHook) return;
    inHook = true;
    try {
      const info: CallInfo = { op: call.op, input: call.input, callerArn: call.caller.arn };
      run(info);
    } finally {
      inHook = false;
    }
  }

  /** Runs a call with the fault that strikes it, and writes the journal. */
  function run(call: Call, rule: FaultRule | null): Outcome {
    let outcome: Outcome;
    try {
      hook('beforeCall', call);
      const early = rule && faultBefore(rule, call);
      if (early) throw early;
      if (!isRead(call.op)) lag.beforeWrite();
      outcome = { output: handle(call, rule?.kind === 'truncate-page' ? 1 : null) };
    } catch (error) {
      outcome = { error: asIamError(error) };
    }
    commit();
    if ('output' in outcome && rule?.kind === 'error-after') {
      outcome = { error: new IamError('ServiceFailure', 'Internal failure (injected after the effect)') };
    }
    const error = 'error' in outcome ? outcome.error : null;
    journal.add({
      time: now(),
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
    lag.countCall();
    try {
      hook('afterCall', call);
    } catch (thrown) {
      return { error: asIamError(thrown) };
    }
    return outcome;
  }

  function authenticate(request: SignedRequest): Caller {
    const credential = readCredential(request);
    const { accessKeyId } = credential;
    const invalid = (): IamError =>
      new IamError('InvalidClientTokenId', 'The security token included in the request is invalid.');
    if (accessKeyId === operator.accessKeyId) {
      verifySignature(request, credential, operator.secretAccessKey);
      return operatorCaller(accessKeyId);
    }
    if (state.accessKeys.has(accessKeyId)) {
      const key = state.accessKeys.get(accessKeyId);
      const user = key && state.users.get(key.userId);
      if (!user || key.status !== 'Active') throw invalid();
      const secret = keys.secretOf(accessKeyId);
      if (secret !== undefined) verifySignature(request, credential, secret);
      noteUse(accessKeyId, credential.service, credential.region);
      return userCaller(user.name, accessKeyId);
    }
    if (options.strict || state.retiredKeys.has(accessKeyId)) throw invalid();
    return operatorCaller(accessKeyId);
  }

  /** Of several uses within a quarter of an hour IAM notes the first (docs: "Get information about last use"). */
  function noteUse(id: string, service: string, region: string): void {
    const key = state.accessKeys.get(id)!;
    const at = now();
    if (key.lastUsed && Date.parse(at) - Date.parse(key.lastUsed.at) < 15 * 60_000) return;
    state.accessKeys.put({ ...key, lastUsed: { at, service, region } });
    commit();
  }

  function answer(request: SignedRequest): WireReply {
    lag.beginCall();
    const id = requestId(random);
    let service = serviceOfVersion(null);
    let rule: FaultRule | null = null;
    let caller: Caller | null = null;
    let refused: string | null = null;
    const reply = (status: number, body: string): WireReply => ({
      status,
      // The time that the call was given: a test's clock may go on with each look.
      headers: { 'content-type': 'text/xml', 'x-amzn-requestid': id, date: looked.toUTCString() },
      // Cut inside the closing tags: no parser takes it for whole.
      body: rule?.kind === 'cut-reply' ? body.slice(0, Math.floor(body.length / 2)) : body,
      delayMs: rule?.kind === 'delay' ? (rule.ms ?? 100) : 0,
      lost: rule !== null && isLost(rule),
    });
    try {
      const parameters = readParameters(request);
      const action = parameters.get('Action');
      const version = parameters.get('Version') ?? null;
      service = serviceOfVersion(version);
      // Until its input is read, a failure is one of the request, not of the operation.
      refused = action ?? '';
      caller = authenticate(request);
      if (action === undefined || action === '') {
        throw new IamError('MissingAction', 'The request is missing an action or a required parameter.');
      }
      const operation = known(action, version);
      const input = operation.decode(toTree(parameters));
      refused = null;
      const call: Call = {
        op: action,
        source: service.name,
        requestId: id,
        caller,
        input,
        params: redact(input, operation.sensitive),
      };
      rule = inHook ? null : faultEngine.strike(action);
      const outcome = run(call, rule);
      if ('error' in outcome) throw outcome.error;
      const result = operation.encode?.(outcome.output as Record<string, unknown>) ?? null;
      return reply(200, answerXml(service, action, result, id));
    } catch (thrown) {
      const error = asIamError(thrown);
      if (refused !== null) {
        journal.add({
          time: now(),
          requestId: id,
          caller: { arn: caller?.arn ?? '', accessKeyId: caller?.accessKeyId ?? '' },
          source: `${service.name}.amazonaws.com`,
          op: refused,
          readOnly: isRead(refused),
          params: {},
          status: error.status,
          errorCode: error.code,
          errorMessage: error.message,
        });
      }
      return reply(error.status, errorXml(service, error, id));
    }
  }

  return {
    account,
    state,
    faults,
    operator,
    get journal() {
      return journal.entries;
    },
    clearJournal: () => journal.clear(),
    answer,
    call(op, input, { as, faults: struck = false } = {}) {
      lag.beginCall();
      const caller =
        as === undefined ? operatorCaller(operator.accessKeyId) : userCaller(as, 'AKIADIRECTCALL222222');
      const operation = findOperation(op, op === 'GetCallerIdentity' ? '2011-06-15' : '2010-05-08');
      const values = input as Readonly<Record<string, unknown>>;
      const outcome = run(
        {
          op,
          source: op === 'GetCallerIdentity' ? 'sts' : 'iam',
          requestId: requestId(random),
          caller,
          input: values,
          params: redact(values, operation?.sensitive ?? new Set()),
        },
        struck && !inHook ? faultEngine.strike(op) : null,
      );
      if ('error' in outcome) throw outcome.error;
      return outcome.output as OpOutput<typeof op>;
    },
    allows: (userName, action, resource) => authorizer.allows(userName, action, resource),
    close: () => store?.close(),
  };
}

function readParameters(request: SignedRequest): Map<string, string> {
  if (request.method === 'GET' || request.method === 'HEAD') return parseQuery(request.query);
  if (request.method !== 'POST') {
    throw new IamError('MalformedInput', `Method ${request.method} is not of the Query protocol: use POST.`);
  }
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/x-www-form-urlencoded\b/i.test(type)) {
    throw new IamError(
      'MalformedInput',
      `Content type '${type}' is not of the Query protocol: use application/x-www-form-urlencoded.`,
    );
  }
  const parameters = parseQuery(request.query);
  for (const [key, value] of parseQuery(request.body)) parameters.set(key, value);
  return parameters;
}

function known(action: string, version: string | null): Operation {
  const operation = version === null ? undefined : findOperation(action, version);
  const wrongService = operation?.service.name === 'sts' && action !== 'GetCallerIdentity';
  if (!operation || wrongService) {
    throw new IamError(
      'InvalidAction',
      `Could not find operation ${action} for version ${version ?? 'NO_VERSION_SPECIFIED'}`,
    );
  }
  return operation;
}

const isLost = (rule: FaultRule): boolean =>
  rule.kind === 'lost-reply-before' || rule.kind === 'lost-reply-after';

/** The error of faults that keep the call from having any effect. */
function faultBefore(rule: FaultRule, call: Call): IamError | null {
  switch (rule.kind) {
    case 'throttle':
      return new IamError('Throttling', 'Rate exceeded');
    case 'error-before':
    case 'lost-reply-before':
      return new IamError('ServiceFailure', 'Internal failure (injected before the effect)');
    case 'denied':
      return new IamError(
        'AccessDenied',
        `User: ${call.caller.arn} is not authorized to perform: iam:${call.op} because no identity-based policy ` +
          `allows the iam:${call.op} action`,
      );
    default:
      return null;
  }
}

/** Anything but an IamError is a fault of the sandbox itself: a 500 that says so. */
function asIamError(thrown: unknown): IamError {
  if (thrown instanceof IamError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new IamError('InternalFailure', `The sandbox failed: ${message}`);
}
