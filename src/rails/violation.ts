import type { Desired } from '../core/desired.ts';
import type { RailName, RailViolation } from '../core/rails.ts';
import type { AccountState } from '../core/state.ts';
import type { WordedPlan } from '../kinds/plan.ts';

export interface RailInput {
  readonly plan: WordedPlan;
  readonly manifests: Desired;
  readonly live: AccountState;
  /** ARN of whoever runs this. */
  readonly caller: string;
  readonly inScope: (kind: string, name: string) => boolean;
}

export const violation = (rail: RailName, message: string, otherwise: string): RailViolation => ({
  rail,
  message,
  hint: `${otherwise}, or add --override ${rail} for this plan only`,
});
