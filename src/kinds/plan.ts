import type { Step } from '../core/plan.ts';
import type { Overridden } from '../core/rails.ts';
import type { AnyChange, DangerWords, Detail, Impact, Words } from './change.ts';
import type { registry } from './index.ts';

type ChangeIn<K> = K extends { readonly words: Words<infer C> } ? C : never;

/** What a reviewer approves: one aspect of one object of any kind, as data. */
export type Change = ChangeIn<(typeof registry)[number]>;
export type Fact = Change['facts'][number];

/** The same with what it says in words, as `render` makes them. */
export type WordedChange = WordedOf<Change>;
type WordedOf<C extends AnyChange> = C extends unknown
  ? Omit<C, 'dangers'> & {
      /** One line without the object's kind and name, such as `members +dale -lorax`. */
      readonly summary: string;
      /** Why the effect is what it says. */
      readonly reason: string;
      /** Further lines: what is added, removed or changed. */
      readonly details: readonly Detail[];
      readonly dangers?: readonly (NonNullable<C['dangers']>[number] & DangerWords)[];
    }
  : never;
export type WordedPlan = Plan<WordedChange>;

/** The version of the plan's form (schemas/plan.schema.json). */
export const planVersion = 3;

export interface Plan<C = Change> {
  readonly version: typeof planVersion;
  readonly account: string;
  readonly partition: string;
  /** Rails that would have stopped this plan. Those of a saved plan are for its readers: `apply` checks them again. */
  readonly overridden: readonly Overridden[];
  readonly changes: readonly C[];
  readonly steps: readonly Step[];
  /** Things a reviewer should know that are not changes. */
  readonly notes: readonly string[];
}

/**
 * A plan with what it was made from, so that applying it later can tell whether it still holds. This is what
 * `plan --format json` and `plan --out` write.
 */
export interface SavedPlan extends WordedPlan {
  /** Version of rollcall that made it. */
  readonly rollcall: string;
  /** Set where the plan is of another day (`--at`): it is for reading, not for applying. */
  readonly at?: string;
  /** `Desired.hash` of the manifests. */
  readonly manifests: string;
  /**
   * Every live object that a step touches, as a short hash per field; null: it did not exist. Credentials are a
   * field only where they had been read.
   */
  readonly touches: { readonly [ref: string]: { readonly [field: string]: string } | null };
  /** SHA-256 over all the rest: a file that was cut or edited is not run. */
  readonly digest: string;
}

/** What applying a plan carries out. */
export const ofApply = <P extends Pick<Plan, 'changes'>>(plan: P): P => ({
  ...plan,
  changes: plan.changes.filter(({ byHand }) => !byHand),
});

export type DriftImpact = Impact<Change['reasons'][number], NonNullable<Change['dangers']>[number]>;

/** One way in which IAM is not as the files say. */
export interface Drift extends DriftImpact {
  /** What would mend it. */
  readonly change: Change;
  /** `before`: as the files say; `after`: as the account is. */
  readonly facts: readonly Fact[];
  /** The last call that touched the object, where an event history tells. */
  readonly by?: { readonly who: string; readonly call: string; readonly at: string };
}
