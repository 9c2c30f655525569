import type { Change, DriftImpact, Plan, WordedPlan } from '../../src/kinds/plan.ts';
import { impactWords, withWords } from '../../src/render/words.ts';
import type { makePlan } from '../../src/plan/index.ts';

/** What an impact says to whoever reviews it. */
export const tell = (impact: DriftImpact): { effect: string; reason: string } => ({
  effect: impact.effect,
  ...impactWords({ kind: 'user', name: 'dale' } as Change, impact),
});

/** A plan as its readers have it. */
export function wordedPlan({ plan, problems }: ReturnType<typeof makePlan>): WordedPlan {
  if (!plan) throw new Error(JSON.stringify(problems));
  return withWords<Plan>(plan);
}
