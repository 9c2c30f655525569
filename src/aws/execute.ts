import { isDeepStrictEqual } from 'node:util';
import { RollcallError } from '../core/errors.ts';
import { byText } from '../core/json.ts';
import type { Json } from '../core/json.ts';
import type { Delivery, Plan, Step } from '../core/plan.ts';
import type { Aws } from './client.ts';
import { isOperation, send } from './commands.ts';
import type { Answer, Operation } from './commands.ts';
import { codeOf, describe, isLostConnection, isRefusedCaller, isThrottle, wasRefused } from './errors.ts';

/** What became of a step. */
export interface StepResult {
  readonly step: Step;
  readonly status: 'done' | 'failed' | 'skipped';
  /** Why it failed or was skipped. */
  readonly message?: string;
  readonly hint?: string;
  readonly requestId?: string;
  /** ISO 8601, when it ended. */
  readonly at: string;
}

/** A secret on its way; it lives only between the call that made it and the delivery. */
export interface Secret {
  readonly delivery: Delivery;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface ExecuteOptions {
  /** Makes the secret durable for its person before the run goes on; a throw takes the new key away again. */
  readonly deliver: (secret: Secret) => Promise<void>;
  readonly onStart?: (step: Step, index: number) => void;
  readonly onEnd?: (result: StepResult, index: number) => void;
  /** Aborted: the running step ends, no other begins. */
  readonly signal?: AbortSignal;
  readonly now?: () => Date;
}

/**
 * Runs a plan's steps in their order, one at a time. A failed step takes those that need it with it; the rest
 * goes on. Never throws for what IAM answers: every step has a result.
 */
export async function execute(plan: Plan, aws: Aws, options: ExecuteOptions): Promise<StepResult[]> {
  const run = new Run(aws, options);
  const results: StepResult[] = [];
  const status = new Map<string, StepResult['status']>();
  let stopped: string | null = null;
  for (const [index, step] of plan.steps.entries()) {
    if (options.signal?.aborted) stopped ??= 'interrupted';
    const missing = step.needs.find((need) => status.get(need) !== 'done');
    let result: StepResult;
    if (stopped !== null || missing !== undefined) {
      result = { step, status: 'skipped', message: stopped ?? `needs ${missing}`, at: run.now() };
    } else {
      options.onStart?.(step, index);
      const outcome = await run.step(step);
      result = outcome.result;
      if (outcome.stop) stopped = outcome.stop;
    }
    status.set(step.id, result.status);
    results.push(result);
    options.onEnd?.(result, index);
  }
  return results;
}

type Outcome = { readonly result: StepResult; readonly stop?: string };

/** Things whose absence is what the step wants. */
const removes = /^(Delete|Detach|Remove|Deactivate|Untag)/;
const creates = /^Create/;

class Run {
  readonly #aws: Aws;
  readonly #options: ExecuteOptions;
  readonly #created = new Set<string>();
  /** Access keys that this run made, by user. */
  readonly #keys = new Map<string, string[]>();

  constructor(aws: Aws, options: ExecuteOptions) {
    this.#aws = aws;
    this.#options = options;
  }

  now(): string {
    return (this.#options.now?.() ?? new Date()).toISOString();
  }

  async step(step: Step): Promise<Outcome> {
    if (!isOperation(step.op))
      return this.#failed(step, `${step.op} is not an operation that a plan may hold`);
    try {
      const answer = await this.#call(step, step.op);
      const mismatch = findMismatch(step, answer);
      if (mismatch) {
        return this.#failed(
          step,
          `${step.op}: ${mismatch}: somebody else changed it since the plan`,
          'run again: the next plan starts from what is there now',
        );
      }
      if (creates.test(step.op)) this.#created.add(step.id);
      const { requestId } = answer?.$metadata ?? {};
      return { result: { step, status: 'done', at: this.now(), ...(requestId ? { requestId } : {}) } };
    } catch (error) {
      const { message, hint } = describe(error, step.op);
      const outcome = this.#failed(step, message, hint);
      if (isLostConnection(error)) return { ...outcome, stop: 'the connection to IAM is lost' };
      if (isRefusedCaller(error)) return { ...outcome, stop: 'IAM no longer accepts these credentials' };
      return outcome;
    }
  }

  #failed(step: Step, message: string, hint?: string): Outcome {
    return { result: { step, status: 'failed', message, at: this.now(), ...(hint ? { hint } : {}) } };
  }

  /** @throws whatever remains of the SDK's errors once those that mean success or "not yet" are dealt with. */
  async #call(step: Step, op: Operation): Promise<Answer | null> {
    // IAM is eventually consistent: what this run has just made may not be seen for some seconds.
    const fresh = step.needs.some((need) => this.#created.has(need));
    for (let attempt = 0; ; attempt += 1) {
      try {
        return step.delivers
          ? await this.#makeSecret(step, step.delivers)
          : await send(this.#aws.iam, op, step.input);
      } catch (error) {
        const code = codeOf(error);
        const attempts = (error as Partial<Answer>).$metadata?.attempts ?? 1;
        if (code === 'NoSuchEntity' && fresh && attempt < 6) {
          await this.#aws.wait(250 * 2 ** attempt);
          continue;
        }
        if (code === 'NoSuchEntity' && removes.test(op)) return null;
        // The SDK tried again after a lost answer: the first try had made it.
        if (code === 'EntityAlreadyExists' && creates.test(op) && attempts > 1) return null;
        throw error;
      }
    }
  }

  /**
   * CreateAccessKey is never repeated blindly. The keys are listed before; after an answer that did not come,
   * what was not there before is an orphan whose secret nobody has, and goes.
   */
  async #makeSecret(step: Step, delivery: Delivery): Promise<Answer> {
    const own = this.#keys.get(delivery.user) ?? [];
    const before = await this.#listKeys(delivery.user);
    const expected = [...delivery.known, ...own].sort(byText);
    if (!isDeepStrictEqual(before, expected)) throw foreignKeys(delivery.user, before, expected);
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await send(this.#aws.once, 'CreateAccessKey', step.input);
        await this.#deliver(delivery, answer);
        this.#keys.set(delivery.user, [...own, keyOf(answer).AccessKeyId]);
        return answer;
      } catch (error) {
        if (error instanceof DeliveryError || attempt >= 4) throw error;
        if (!wasRefused(error)) await this.#removeOrphans(delivery.user, before);
        else if (!isThrottle(error)) throw error;
        await this.#aws.wait(500 * 2 ** attempt);
      }
    }
  }

  async #deliver(delivery: Delivery, answer: Answer): Promise<void> {
    const { AccessKeyId, SecretAccessKey } = keyOf(answer);
    try {
      await this.#options.deliver({ delivery, accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey });
    } catch (error) {
      await send(this.#aws.iam, 'DeleteAccessKey', { UserName: delivery.user, AccessKeyId });
      throw new DeliveryError(
        `the key ${AccessKeyId} could not be delivered and was deleted again: ${(error as Error).message}`,
      );
    }
  }

  async #removeOrphans(user: string, before: readonly string[]): Promise<void> {
    const orphans = (await this.#listKeys(user)).filter((id) => !before.includes(id));
    for (const AccessKeyId of orphans) {
      await send(this.#aws.iam, 'DeleteAccessKey', { UserName: user, AccessKeyId });
    }
  }

  async #listKeys(user: string): Promise<string[]> {
    const answer = await send(this.#aws.iam, 'ListAccessKeys', { UserName: user });
    return collect(answer, ['AccessKeyMetadata[]', 'AccessKeyId']) as string[];
  }
}

class DeliveryError extends RollcallError {}

const foreignKeys = (user: string, found: readonly string[], expected: readonly string[]): RollcallError =>
  new RollcallError(
    `CreateAccessKey: ${user} has the access keys ${show(found)} where the plan knew ${show(expected)}`,
    { hint: 'run again: the next plan starts from what is there now' },
  );

const keyOf = (answer: Answer) => answer['AccessKey'] as { AccessKeyId: string; SecretAccessKey: string };

/** Why an answer is not what the step expects, or null. */
function findMismatch(step: Step, answer: Answer | null): string | null {
  for (const [path, expected] of Object.entries(step.expect ?? {})) {
    const found = collect(answer, path.split('.'));
    if (!isDeepStrictEqual(found, expected)) {
      return `${path} is ${show(found)} where the plan knew ${show(expected)}`;
    }
  }
  return null;
}

const show = (value: unknown): string =>
  Array.isArray(value) ? value.join(', ') || '(none)' : String(value);

/** The value at a path; a part that ends in `[]` collects the rest of the path from each element, sorted. */
function collect(value: unknown, path: readonly string[]): Json {
  const [part, ...rest] = path;
  if (part === undefined) return (value ?? null) as Json;
  const field = (name: string): unknown => (value as Record<string, unknown> | null | undefined)?.[name];
  if (!part.endsWith('[]')) return collect(field(part), rest);
  const items = (field(part.slice(0, -2)) ?? []) as readonly unknown[];
  return items.map((item) => String(collect(item, rest))).sort(byText);
}
