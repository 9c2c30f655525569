import { isDeepStrictEqual } from 'node:util';
import { byText } from '../core/json.ts';
import type { Json } from '../core/json.ts';
import type { Remedy } from '../core/errors.ts';
import type { Made } from '../core/made.ts';
import { timeOfCall } from '../core/operations.ts';
import { deniesAccess, isLook, isRemoval } from '../core/plan.ts';
import type { Step } from '../core/plan.ts';
import { kinds } from '../kinds/index.ts';
import type { Aws } from './client.ts';
import { isPlanCall, send, sendWhole } from './commands.ts';
import type { Answer } from './commands.ts';
import {
  codeOf,
  describe,
  isLostConnection,
  isRefusedCaller,
  isSettled,
  unsettled,
  wasRefused,
} from './errors.ts';
import type { Explanation } from './errors.ts';
import { Interrupted } from './interrupt.ts';
import { findAsMade, isDone } from './made.ts';
import { Withdrawn } from './permit.ts';
import type { Permit } from './permit.ts';
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
  /** For a step that is done: what it made. */
  readonly made?: Made;
  /** For a step that is done: what a later run has to finish. */
  readonly left?: string;
  readonly requestId?: string;
  /** ISO 8601, when it ended. */
  readonly at: string;
}

/** Why no further step may begin. */
export type Stop = Required<Pick<StepResult, 'message' | 'remedy'>>;

/**
 * How a step went. `withdrawn`: nothing of it was sent, as that was no longer wanted. `full`: a quota has no room for
 * what it makes.
 */
export type Outcome =
  'withdrawn' | { readonly result: StepResult; readonly stop?: Stop; readonly full?: true };

interface StepRunnerOptions {
  readonly place: Place;
  readonly sink: SecretSink;
  readonly permit: Permit;
  /** Called when the account's quota of policies is full. @returns whether room for one policy was made. */
  readonly makeRoom: () => Promise<boolean>;
}

/** No step depends on the record of a suspension, so a failure of it stops nothing. */
const unrecorded =
  'the suspension continues, but the credentials that it makes inactive stay inactive when suspended is removed';

/** A deny is as urgent as its failure; and once a secret could not be made, it is no longer prepared for. */
const canWait = (step: Step): boolean => !deniesAccess(step) && step.delivers === undefined;

const makes = ({ purpose }: Step): boolean => purpose === 'create' || purpose === 'make-secret';

/** ms before each further try of a step that IAM refuses for the moment only: a quarter of a minute in all. */
const patience = [250, 500, 1000, 2000, 4000, 8000];

/**
 * The same for a trust that names a principal which IAM does not know yet: two minutes in all, as Terraform's AWS provider
 * waits.
 */
const principalPatience = [500, 1500, 3000, 5000, 10_000, ...Array.from({ length: 10 }, () => 10_000)];

/** Runs single steps. One per run, because it remembers what the run has made. */
export class StepRunner {
  readonly #aws: Aws;
  readonly #options: StepRunnerOptions;
  readonly #created = new Set<string>();
  readonly #secrets: SecretMaker;

  constructor(aws: Aws, options: StepRunnerOptions) {
    this.#aws = aws;
    this.#options = options;
    this.#secrets = new SecretMaker(aws, options.sink, options.permit);
  }

  /**
   * Throws for no answer of IAM's.
   *
   * @param roomMayCome whether the plan has yet to remove something that a quota may count.
   */
  async run(step: Step, roomMayCome: boolean): Promise<Outcome> {
    if (!isPlanCall(step))
      return this.#failed(step, {
        message: `${step.op} is not an operation that a plan may hold`,
        remedy: 'mend',
      });
    try {
      const answer = await this.#call(step, roomMayCome);
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
      const made = madeBy(step, answer);
      return {
        result: {
          step,
          status: 'done',
          ...(made ? { made } : {}),
          at: this.#aws.now().toISOString(),
          ...(requestId ? { requestId } : {}),
          ...('wasGone' in answer ? { message: 'it was gone already' } : {}),
          ...(typeof answer['left'] === 'string' ? { left: answer['left'] } : {}),
        },
      };
    } catch (error) {
      if (error instanceof Withdrawn) return 'withdrawn';
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
      if (roomMayCome && codeOf(error) === 'LimitExceeded' && canWait(step))
        return { ...outcome, full: true };
      const refused = step.optional && wasRefused(error) && explained.remedy !== 'again';
      return refused ? { result: { ...result, status: 'refused' } } : outcome;
    }
  }

  #failed(step: Step, explained: Explanation, requestId?: string): { readonly result: StepResult } {
    return {
      result: {
        step,
        status: 'failed',
        at: this.#aws.now().toISOString(),
        ...explained,
        ...(requestId ? { requestId } : {}),
      },
    };
  }

  /** @throws the SDK's error, unless it means success or "not visible yet"; Withdrawn. */
  async #call(step: Step, roomMayCome: boolean): Promise<Answer> {
    const { op } = step;
    // IAM is eventually consistent: what this run has just made may not be seen for some seconds.
    const fresh = step.needs.some((need) => this.#created.has(need));
    const since = this.#aws.serverNow();
    // Whether a try had no answer, so that the next one may find what it did.
    let lost = false;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#send(step);
      } catch (error) {
        if (error instanceof Withdrawn) throw lost ? new Interrupted() : error;
        const code = codeOf(error);
        const $metadata = metadataOf(error);
        lost ||= ($metadata.attempts ?? 1) > 1;
        const waits = isUnknownPrincipal(error, step);
        const wait = (waits ? principalPatience : patience)[attempt];
        if (wait !== undefined && (waits || (code === 'NoSuchEntity' && fresh) || isBusy(error, step))) {
          await this.#aws.wait(wait);
          continue;
        }
        if (code === 'LimitExceeded' && op === 'CreatePolicy' && !roomMayCome) {
          if (await this.#options.makeRoom()) continue;
        }
        if (code === 'NoSuchEntity' && isRemoval(step)) return { $metadata, wasGone: true };
        if (code === 'NoSuchEntity' && expectsNothing(step)) return { $metadata };
        // The call was repeated after a lost answer. Either the first try made the object, or somebody else was
        // quicker.
        if (code === 'EntityAlreadyExists' && makes(step) && lost) {
          const made = await findAsMade(this.#aws, step, { since, place: this.#options.place });
          if (made) return { $metadata, made };
        }
        // One role is all that an instance profile has room for.
        if (code === 'LimitExceeded' && lost && (await isDone(this.#aws, step))) return { $metadata };
        throw lost ? unsettled(error) : error;
      }
    }
  }

  async #send(step: Step): Promise<Answer> {
    const { permit } = this.#options;
    if (step.purpose === 'mark-delivery') return await this.#secrets.tagDelivery(step);
    if (step.purpose === 'unmark-delivery') return await this.#secrets.untagDelivery(step);
    if (step.delivers) return await this.#secrets.make(step.delivers);
    if (step.op === 'CreatePolicyVersion') return await createPolicyVersion(this.#aws, step.input, permit);
    return await (isLook(step) ? sendWhole : send)(this.#aws.iam, this.#stamped(step), permit);
  }

  /** By IAM's clock, which decides how old a session is. */
  #stamped(step: Step): Step {
    if (step.purpose !== 'revoke-sessions' || step.op !== 'PutRolePolicy') return step;
    const time = `${this.#aws.serverNow().toISOString().slice(0, 19)}Z`;
    const PolicyDocument = step.input.PolicyDocument?.replace(timeOfCall, time);
    return { ...step, input: { ...step.input, PolicyDocument } };
  }
}

/** A trust that names who was made a moment ago: IAM takes it for a document that it cannot read. */
const isUnknownPrincipal = (error: unknown, { op }: Step): boolean =>
  (op === 'CreateRole' || op === 'UpdateAssumeRolePolicy') &&
  codeOf(error) === 'MalformedPolicyDocument' &&
  (error as Error).message.startsWith('Invalid principal in policy');

/**
 * Somebody else writes on the same object. A secret is not asked for again: what surrounds its making has been put
 * right by then.
 */
const isBusy = (error: unknown, { delivers }: Step): boolean =>
  codeOf(error) === 'ConcurrentModification' && delivers === undefined;

function madeBy(step: Step, answer: Answer): Made | undefined {
  if ('made' in answer) return answer['made'] as Made;
  for (const { live } of kinds) {
    const made = live.made?.(step, answer);
    if (made) return made;
  }
  return undefined;
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
