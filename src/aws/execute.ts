import { isDeepStrictEqual } from 'node:util';
import { byText } from '../core/json.ts';
import type { Json } from '../core/json.ts';
import type { Remedy } from '../core/errors.ts';
import { isLook, isRemoval } from '../core/plan.ts';
import type { Step } from '../core/plan.ts';
import type { Plan } from '../kinds/plan.ts';
import type { Aws } from './client.ts';
import { isPlanCall, send, sendWhole } from './commands.ts';
import type { Answer } from './commands.ts';
import { codeOf, describe, isLostConnection, isRefusedCaller, isSettled, wasRefused } from './errors.ts';
import type { Explanation } from './errors.ts';
import { Interrupted } from './interrupt.ts';
import { isAsMade } from './made.ts';
import { Schedule } from './schedule.ts';
import { createPolicyVersion } from './policy-version.ts';
import type { Place } from './read.ts';
import { SecretMaker } from './secrets.ts';
import type { SecretSink } from './secrets.ts';

/** What became of a step. */
export interface StepResult {
  readonly step: Step;
  /** `refused`: IAM refused an optional step; the steps that wait for it run all the same. */
  readonly status: 'done' | 'failed' | 'refused' | 'skipped';
  /** Why the step is not done. For a removal that is done: that the object was already gone. */
  readonly message?: string;
  readonly hint?: string;
  /** What to do next, for a step that failed or was skipped because the run stopped. */
  readonly remedy?: Remedy;
  /** Set for a write that failed without an answer: it may or may not have had its effect. */
  readonly unsettled?: true;
  /** For a step that is done: what a later run has to finish. */
  readonly left?: string;
  readonly requestId?: string;
  /** ISO 8601, when it ended. */
  readonly at: string;
}

export interface ExecuteOptions {
  readonly sink: SecretSink;
  readonly onStart?: (step: Step, index: number) => void;
  /** Called as soon as a step has ended. */
  readonly onEnd?: (result: StepResult, index: number) => void;
  /** The same in the order of the plan: called once all steps before it have ended, too. */
  readonly onResult?: (result: StepResult, index: number) => void;
  /** Once it is aborted, running steps may end, and no other begins. */
  readonly signal?: AbortSignal;
  readonly guard?: Guard;
}

/** What keeps other applies away while this one runs (lock.ts). Neither method throws. */
export interface Guard {
  /** Null, or the reason why no further step may begin. */
  check(): Promise<string | null>;
  /** Called when the account's quota of policies is full. @returns whether room for one policy was made. */
  makeRoom(): Promise<boolean>;
}

export const unguarded: Guard = {
  check: () => Promise.resolve(null),
  makeRoom: () => Promise.resolve(false),
};

/**
 * Runs a plan's steps, up to `pace.parallelism` at a time: each as soon as those that it needs are done, and of several
 * the one that stands first in the plan (docs/decisions/safe-order.md). When a step fails, the steps that need it are
 * skipped and the others go on. It throws for no answer of IAM's: every step gets a result.
 *
 * @returns the results in the order of the plan.
 */
export async function execute(plan: Plan, aws: Aws, options: ExecuteOptions): Promise<StepResult[]> {
  const run = new Run(aws, plan, options);
  const schedule = new Schedule(plan.steps);
  const { onStart, onEnd, onResult, guard = unguarded, signal } = options;
  const results: (StepResult | undefined)[] = [];
  const running = new Set<Promise<void>>();
  let stopped: Stop | null = null;
  let told = 0;
  const end = (result: StepResult, index: number): void => {
    results[index] = result;
    onEnd?.(result, index);
    for (let next = results[told]; next; next = results[told]) {
      onResult?.(next, told);
      told += 1;
    }
  };
  const skip = (index: number, why: Pick<StepResult, 'message' | 'remedy'>): void =>
    end({ step: plan.steps[index]!, status: 'skipped', at: run.now(), ...why }, index);
  const start = async (index: number): Promise<void> => {
    const step = plan.steps[index]!;
    onStart?.(step, index);
    const outcome = await run.step(step);
    stopped ??= outcome.stop ?? null;
    end(outcome.result, index);
    const { status } = outcome.result;
    for (const [other, missing] of schedule.end(index, status === 'done' || status === 'refused')) {
      const needed = plan.steps[missing]!;
      skip(other, { message: `needs ${needed.op} (${needed.id})` });
    }
  };
  /** One at a time means the order of the plan. */
  const isHeld = (step: Step): boolean => aws.pace.parallelism > 1 && aws.pace.isHeld(step.op);
  for (;;) {
    if (signal?.aborted) stopped ??= { message: 'interrupted', remedy: 'again' };
    // A step that waits because IAM throttles its operation keeps no other from running.
    const isFree = running.size - aws.pace.status.waiting < aws.pace.parallelism;
    const index = stopped === null && isFree ? schedule.next(isHeld) : null;
    if (index !== null) {
      const lost = await guard.check();
      if (lost) stopped ??= { message: lost, remedy: 'again' };
      if (stopped !== null || signal?.aborted) {
        schedule.putBack(index);
        continue;
      }
      const work = start(index).finally(() => running.delete(work));
      running.add(work);
    } else if (running.size === 0 && (stopped !== null || !schedule.hasReady)) {
      break;
    } else await Promise.race([...running, aws.pace.change()]);
  }
  for (const index of schedule.left()) skip(index, stopped ?? {});
  return results as StepResult[];
}

/** No step depends on the record of a suspension, so a failure of it stops nothing. */
const unrecorded =
  'the suspension continues, but the credentials that it makes inactive stay inactive when suspended is removed';

type Stop = Required<Pick<StepResult, 'message' | 'remedy'>>;
type Outcome = { readonly result: StepResult; readonly stop?: Stop };

const makes = ({ purpose }: Step): boolean => purpose === 'create' || purpose === 'make-secret';

class Run {
  readonly #aws: Aws;
  readonly #place: Place;
  readonly #guard: Guard;
  readonly #created = new Set<string>();
  readonly #secrets: SecretMaker;

  constructor(aws: Aws, place: Place, options: ExecuteOptions) {
    this.#aws = aws;
    this.#place = place;
    this.#guard = options.guard ?? unguarded;
    this.#secrets = new SecretMaker(aws, options.sink);
  }

  now(): string {
    return this.#aws.now().toISOString();
  }

  async step(step: Step): Promise<Outcome> {
    if (!isPlanCall(step))
      return this.#failed(step, {
        message: `${step.op} is not an operation that a plan may hold`,
        remedy: 'mend',
      });
    try {
      const answer = await this.#call(step);
      const mismatch = findMismatch(step, answer);
      if (mismatch) {
        return this.#failed(
          step,
          {
            message: `${step.op}: ${mismatch}: somebody else changed it since the plan`,
            hint: 'run again: the next plan starts from what is there now',
            remedy: 'plan',
          },
          answer.$metadata.requestId,
        );
      }
      if (makes(step)) this.#created.add(step.id);
      const { requestId } = answer.$metadata;
      return {
        result: {
          step,
          status: 'done',
          at: this.now(),
          ...(requestId ? { requestId } : {}),
          ...('wasGone' in answer ? { message: 'it was gone already' } : {}),
          ...(typeof answer['left'] === 'string' ? { left: answer['left'] } : {}),
        },
      };
    } catch (error) {
      const why = describe(error, step.op, step.input);
      const reason = error instanceof Interrupted ? { ...why, message: `${step.op}: ${why.message}` } : why;
      const explained = step.purpose === 'record-suspension' ? { ...reason, hint: unrecorded } : reason;
      const failed = this.#failed(step, explained, metadataOf(error).requestId);
      const { result } = failed;
      const message = `${explained.message}: nobody knows whether it took effect`;
      const outcome =
        isSettled(error) || isLook(step)
          ? failed
          : { result: { ...result, message, unsettled: true as const } };
      if (isLostConnection(error)) {
        return { ...outcome, stop: { message: 'the connection to IAM is lost', remedy: 'again' } };
      }
      if (isRefusedCaller(error)) {
        return { ...outcome, stop: { message: 'IAM no longer accepts these credentials', remedy: 'mend' } };
      }
      const refused = step.optional && wasRefused(error) && explained.remedy !== 'again';
      return refused ? { result: { ...result, status: 'refused' } } : outcome;
    }
  }

  #failed(step: Step, explained: Explanation, requestId?: string): Outcome {
    return {
      result: { step, status: 'failed', at: this.now(), ...explained, ...(requestId ? { requestId } : {}) },
    };
  }

  /** @throws the SDK's error, unless it means success or "not visible yet". */
  async #call(step: Step): Promise<Answer> {
    const { op } = step;
    // IAM is eventually consistent: what this run has just made may not be seen for some seconds.
    const fresh = step.needs.some((need) => this.#created.has(need));
    const since = this.#aws.serverNow();
    for (let attempt = 0; ; attempt += 1) {
      try {
        if (step.purpose === 'mark-delivery') return await this.#secrets.tagDelivery(step);
        if (step.purpose === 'unmark-delivery') return await this.#secrets.untagDelivery(step);
        if (step.delivers) return await this.#secrets.make(step.delivers);
        if (step.op === 'CreatePolicyVersion') return await createPolicyVersion(this.#aws, step.input);
        return await (isLook(step) ? sendWhole : send)(this.#aws.iam, step);
      } catch (error) {
        const code = codeOf(error);
        const $metadata = metadataOf(error);
        const { attempts = 1 } = $metadata;
        if (code === 'NoSuchEntity' && fresh && attempt < 6) {
          await this.#aws.wait(250 * 2 ** attempt);
          continue;
        }
        if (code === 'LimitExceeded' && op === 'CreatePolicy' && (await this.#guard.makeRoom())) continue;
        if (code === 'NoSuchEntity' && isRemoval(step)) return { $metadata, wasGone: true };
        if (code === 'NoSuchEntity' && expectsNothing(step)) return { $metadata };
        // The SDK repeated the call after a lost answer. Either the first try made the object, or somebody else was
        // quicker.
        if (code === 'EntityAlreadyExists' && makes(step) && attempts > 1) {
          if (await isAsMade(this.#aws, step, { since, place: this.#place })) return { $metadata };
        }
        throw error;
      }
    }
  }
}

const expectsNothing = ({ expect = {} }: Step): boolean => {
  const values = Object.values(expect);
  return values.length > 0 && values.every((value) => value === null);
};

const metadataOf = (error: unknown): Answer['$metadata'] => (error as Partial<Answer>).$metadata ?? {};

/** Why an answer is not what the step expects, or null. */
function findMismatch(step: Step, answer: Answer): string | null {
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
  return items.map((item) => collect(item, rest) as string).sort(byText);
}
