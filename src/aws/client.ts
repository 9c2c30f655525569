import { IAMClient } from '@aws-sdk/client-iam';
import type { IAMClientConfig, ServiceInputTypes, ServiceOutputTypes } from '@aws-sdk/client-iam';
import { STSClient } from '@aws-sdk/client-sts';
import {
  isClockSkewCorrectedError,
  isServerError,
  isTransientError,
  StandardRetryStrategy,
} from '@smithy/core/retry';
import type { FinalizeRequestMiddleware, SdkError } from '@smithy/types';
import { RollcallError } from '../core/errors.ts';
import { byText } from '../core/json.ts';
import { patterns } from '../core/limits.ts';
import { defaultMaxWait, defaultParallelism } from '../core/pace.ts';
import type { Reading } from '../core/progress.ts';
import type { EmulatorGap } from '../core/emulators.ts';
import { quote } from '../core/text.ts';
import type { AwsSettings } from './environment.ts';
import { explainProfile, isClockError, isThrottle } from './errors.ts';
import { Interrupted, interruptible, pause, within } from './interrupt.ts';
import { Pace } from './pace.ts';
import { whileWanted } from './permit.ts';
import { BoundedHandler, limitsOf, NoAnswer } from './transport.ts';

/** How to reach AWS, or an emulator of it. */
export interface Endpoint {
  /** Settings of the user's environment and AWS files. They count wherever no other field says otherwise. */
  readonly settings?: AwsSettings;
  /** For error messages: it says which files hold the profiles. */
  readonly env?: NodeJS.ProcessEnv;
  readonly region?: string;
  readonly endpointUrl?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /**
   * List operations that this IAM lacks: they are not called, and their lists count as empty. For emulators, never for
   * AWS.
   */
  readonly assumeEmpty?: readonly EmulatorGap[];
  /** Seconds without a byte after which a request is given up. A whole answer may take three times as long. */
  readonly timeout?: number;
  /** Once it is aborted, running calls and waits end at once, and no other begins. */
  readonly signal?: AbortSignal;
  /** A transport other than HTTP, for a simulator. */
  readonly requestHandler?: NonNullable<IAMClientConfig['requestHandler']>;
  /** Waits for that many milliseconds. A simulator passes its own clock. */
  readonly wait?: (ms: number) => Promise<unknown>;
  /** Milliseconds on a clock that only goes forward, by what is waited at least. */
  readonly elapsed?: () => number;
  /** Calls on the wire at one time. */
  readonly parallelism?: number;
  /** Milliseconds of nothing but throttling after which a call is given up. */
  readonly maxWait?: number;
  /** Milliseconds that the SDK waits before a retry. Default: the SDK's exponential backoff. */
  readonly retryDelay?: (retries: number) => number;
  readonly now?: () => Date;
}

/** Counts API calls by operation, retries included: that is what a command costs. */
class CallCounter {
  readonly #counts = new Map<string, number>();

  add(op: string): void {
    this.#counts.set(op, (this.#counts.get(op) ?? 0) + 1);
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  entries(): (readonly [op: string, count: number])[] {
    return [...this.#counts].sort(([a], [b]) => byText(a, b));
  }
}

/**
 * AWS's clock, read from the `Date` header of each answer, to the second. Between answers our own clock carries it on.
 */
class ServerClock {
  readonly #now: () => Date;
  #ahead = 0;

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** @returns the time that the answer names in ms, or null. */
  note(response: unknown): number | null {
    const { headers } = (response ?? {}) as { readonly headers?: { readonly date?: unknown } };
    const time = typeof headers?.date === 'string' ? Date.parse(headers.date) : NaN;
    if (Number.isNaN(time)) return null;
    this.#ahead = time - this.#now().getTime();
    return time;
  }

  now(): Date {
    return new Date(this.#now().getTime() + this.#ahead);
  }
}

export interface Aws {
  readonly iam: IAMClient;
  /** For calls that must never be repeated blindly (CreateAccessKey, CreateLoginProfile). */
  readonly once: IAMClient;
  readonly sts: STSClient;
  readonly calls: CallCounter;
  readonly pace: Pace;
  /** What is read object by object, and how far that is. */
  readonly reading: Map<string, Reading>;
  readonly wait: (ms: number) => Promise<unknown>;
  readonly now: () => Date;
  /**
   * The time by AWS's clock, as far as its answers have shown it: IAM's dates are by that clock, and ours may be
   * wrong.
   */
  readonly serverNow: () => Date;
  close(): void;
}

/** Answers these operations with an empty list, before anything is sent. */
function skip(iam: IAMClient, operations: ReadonlySet<string>): void {
  iam.middlewareStack.add(
    (next, context) => async (args) =>
      operations.has(operationOf(context))
        ? { response: {}, output: { IsTruncated: false, $metadata: {} } as never }
        : await next(args),
    { step: 'initialize', name: 'assumeEmpty' },
  );
}

/** A `credential_process`, or another source of credentials, may never answer. */
const lateCredentials = (ms: number): Error =>
  Object.assign(new Error(`they did not come within ${ms / 1000} s`), { name: 'CredentialsProviderError' });

/**
 * The SDK's standard retry mode, with these differences. Throttling is the business of the pace, which has given up if
 * it comes here. `LimitExceeded` is a quota, which waiting does not raise: it is not retried. A server that does not
 * answer is asked once more, not for minutes. And when this machine's clock turns out to be minutes off, only errors
 * about the time are retried because of that; the SDK would retry all.
 */
class Retries extends StandardRetryStrategy {
  override async refreshRetryTokenForRetry(
    ...[token, failure]: Parameters<StandardRetryStrategy['refreshRetryTokenForRetry']>
  ): ReturnType<StandardRetryStrategy['refreshRetryTokenForRetry']> {
    const { error } = failure;
    if (isThrottle(error) || (error instanceof Error && error.name === 'LimitExceededException')) throw error;
    if (error instanceof NoAnswer && token.getRetryCount() >= 1) throw error;
    if (isSdkError(error) && isClockSkewCorrectedError(error) && !isClockError(error)) {
      Object.assign(error.$metadata!, { clockSkewCorrected: undefined });
      if (!isTransientError(error) && !isServerError(error)) throw error;
    }
    return await super.refreshRetryTokenForRetry(token, failure);
  }
}

const isSdkError = (error: unknown): error is SdkError => error instanceof Error && '$metadata' in error;

/**
 * Sets up a client's retries. The SDK has one strategy for a client, with tokens that all its calls share: a few
 * seconds without answers would use them up, and the calls after that would not be retried at all. So each call has its
 * own.
 */
function retry(client: IAMClient, maxAttempts: number, delay: Endpoint['retryDelay']): void {
  const backoff = delay && { setDelayBase() {}, computeNextBackoffDelay: delay };
  client.config.maxAttempts = () => Promise.resolve(maxAttempts);
  client.config.retryStrategy = () =>
    Promise.resolve(new Retries({ maxAttempts, ...optional('backoff', backoff) }));
}

const optional = <Name extends string, T>(name: Name, value: T | undefined): { [name in Name]?: T } =>
  (value === undefined ? {} : { [name]: value }) as { [name in Name]?: T };

/** Makes the request for credentials end with the run or after a time limit, and explains errors of a profile. */
function boundCredentials(client: IAMClient, whole: number, { settings, env = {}, signal }: Endpoint): void {
  client.middlewareStack.add(
    (next) => (args) =>
      interruptible(signal, async () => {
        try {
          // The SDK caches them, so later calls have them at once.
          await within(whole, client.config.credentials(), () => lateCredentials(whole));
          return await next(args);
        } catch (error) {
          throw await explainProfile(error, settings?.profile, env);
        }
      }),
    { step: 'initialize', name: 'explainProfile' },
  );
}

type Named = { readonly commandName?: string };
const operationOf = (context: object): string =>
  (context as Named).commandName?.replace(/Command$/, '') ?? 'unknown';

/** Each attempt waits for its turn, before it is signed: a signature is good for minutes only. */
function keepPace(client: IAMClient, pace: Pace): void {
  const middleware: FinalizeRequestMiddleware<ServiceInputTypes, ServiceOutputTypes> =
    (next, context) => async (args) =>
      await whileWanted(
        context,
        (attempt) => pace.run(operationOf(context), attempt),
        () => next(args),
      );
  client.middlewareStack.addRelativeTo(middleware, {
    relation: 'after',
    toMiddleware: 'retryMiddleware',
    name: 'keepPace',
  });
}

/** Counts each attempt of a call and passes on every answer. */
function countCalls(
  client: IAMClient,
  calls: CallCounter,
  note: (response: unknown) => void,
  signal: AbortSignal | undefined,
): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (signal?.aborted) throw new Interrupted();
      calls.add(operationOf(context));
      try {
        const result = await next(args);
        note(result.response);
        return result;
      } catch (error) {
        note((error as { readonly $response?: unknown }).$response);
        throw error;
      }
    },
    // After the retry middleware, so that each attempt counts.
    { step: 'finalizeRequest', priority: 'low', name: 'countCalls' },
  );
}

/**
 * The SDK's own clients. Reads and idempotent writes are tried eight times in the SDK's standard mode. Calls that make
 * a secret are tried once, because a repeated CreateAccessKey leaves a key whose secret nobody has.
 */
export function connect(endpoint: Endpoint): Aws {
  const { settings, signal } = endpoint;
  const limits = limitsOf(endpoint.timeout);
  const region = endpoint.region ?? settings?.region ?? 'us-east-1';
  if (!patterns.region.test(region)) {
    throw new RollcallError(`${quote(region)} is not a region of AWS`, {
      hint: 'set AWS_REGION, or region of the profile, to one such as us-east-1; IAM is the same in every region',
    });
  }
  const shared = {
    // Without a value here, the SDK would read it from the environment of the process.
    profile: settings?.profile ?? 'default',
    region,
    useFipsEndpoint: settings?.useFipsEndpoint ?? false,
    useDualstackEndpoint: settings?.useDualstackEndpoint ?? false,
    ...optional('credentials', endpoint.credentials ?? settings?.credentials),
    requestHandler: endpoint.requestHandler ?? new BoundedHandler(limits),
  };
  const at = (service: 'iam' | 'sts') =>
    optional('endpoint', endpoint.endpointUrl ?? settings?.endpoints[service]);
  const calls = new CallCounter();
  const now = endpoint.now ?? (() => new Date());
  const serverClock = new ServerClock(now);
  const wait = endpoint.wait ?? ((ms: number) => pause(ms, signal));
  const pace = new Pace({
    parallelism: endpoint.parallelism ?? defaultParallelism,
    maxWait: endpoint.maxWait ?? defaultMaxWait,
    clock: { elapsed: endpoint.elapsed ?? (() => performance.now()), wait },
  });
  const iam = new IAMClient({ ...shared, ...at('iam') });
  const once = new IAMClient({ ...shared, ...at('iam') });
  const sts = new STSClient({ ...shared, ...at('sts') });
  retry(iam, 8, endpoint.retryDelay);
  retry(once, 1, endpoint.retryDelay);
  retry(sts as unknown as IAMClient, 8, endpoint.retryDelay);
  const note = (response: unknown): void => {
    const time = serverClock.note(response);
    // A client learns the clock's offset from its own answers alone. The client without retries would lose its first
    // call to a wrong clock, so it is told.
    if (time !== null) once.config.systemClockOffset = time - Date.now();
  };
  if (endpoint.assumeEmpty) for (const client of [iam, once]) skip(client, new Set(endpoint.assumeEmpty));
  for (const client of [iam, once, sts] as IAMClient[]) {
    boundCredentials(client, limits.whole, endpoint);
    keepPace(client, pace);
    countCalls(client, calls, note, signal);
  }
  const close = (): void => [iam, once, sts].forEach((client) => client.destroy());
  // An interrupted run leaves no request open.
  signal?.addEventListener('abort', close, { once: true });
  return {
    iam,
    once,
    sts,
    calls,
    pace,
    reading: new Map(),
    wait,
    now,
    serverNow: () => serverClock.now(),
    close() {
      signal?.removeEventListener('abort', close);
      close();
    },
  };
}
