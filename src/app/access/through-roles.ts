/** Who may do something by assuming roles, and which roles somebody may assume. */
import { Assumptions, isCertain, outsiderOf } from '../../access/assume.ts';
import type { Assumption, Outsider } from '../../access/assume.ts';
import { objectRef } from '../../core/references.ts';
import type { Ref } from '../../core/references.ts';
import type { AccessAnswer, AccessOutsider, AssumedRole, RoleWay } from '../../kinds/access-answer.ts';
import { toStatement } from './answer.ts';
import { placesOf } from './places.ts';
import type { Asked } from './read.ts';

type Decision = AccessAnswer['decision'];

/** The best first. */
const order: readonly Decision[] = ['allowed', 'conditional', 'partly', 'unknown'];

const isPossible = (decision: Decision): boolean => order.includes(decision);

interface Way {
  readonly steps: readonly Assumption[];
  readonly decision: Decision;
}

/** What the last of some roles may do, for whom it is not certain that they come to it. */
const reached = (decision: Decision, certain: boolean): Decision =>
  decision === 'allowed' && !certain ? 'conditional' : decision;

const better = (a: Way, b: Way): number =>
  order.indexOf(a.decision) - order.indexOf(b.decision) || a.steps.length - b.steps.length;

/** The ways to roles that may do it, the best first. */
export const waysTo = (
  principal: Ref,
  assumptions: Assumptions,
  decisionOf: (role: Ref) => Decision | undefined,
): Way[] =>
  assumptions
    .waysOf(principal)
    .flatMap((steps): Way[] => {
      const decision = decisionOf(steps.at(-1)!.role);
      if (decision === undefined || !isPossible(decision)) return [];
      return [{ steps, decision: reached(decision, isCertain(steps)) }];
    })
    .sort(better);

/**
 * Whoever may do it through roles and not already by their own policies.
 *
 * @param decisions of users and roles by their own policies.
 */
export function throughRoles(asked: Asked, decisions: ReadonlyMap<Ref, Decision>): RoleWay[] {
  const { state } = asked;
  const roles = [...state.roles.values()];
  const decisionOf = (ref: Ref): Decision | undefined => decisions.get(ref);
  if (!roles.some(({ name }) => isPossible(decisionOf(objectRef('role', name)) ?? 'implicitDeny'))) return [];
  const assumptions = new Assumptions(state);
  const own = [...decisions].flatMap(([principal, decision]): RoleWay[] => {
    if (decision === 'allowed') return [];
    const [best, ...others] = waysTo(principal, assumptions, decisionOf);
    return best ? [{ principal, ...toWay(best, others.length, asked, principal) }] : [];
  });
  const outside = new Map<string, { readonly outsider: AccessOutsider; readonly ways: RoleWay[] }>();
  for (const role of roles) {
    const ref = objectRef('role', role.name);
    const decision = decisionOf(ref) ?? 'implicitDeny';
    const [on] = isPossible(decision) ? [{ steps: [], decision }] : waysTo(ref, assumptions, decisionOf);
    if (!on) continue;
    for (const one of assumptions.outsidersOf(role)) {
      const outsider = outsiderOf(one);
      const { steps } = toWay(on, 0, asked, ref);
      const key = JSON.stringify(outsider);
      const found = outside.get(key) ?? { outsider, ways: [] };
      outside.set(key, found);
      found.ways.push({
        outsider,
        steps: [outsideStep(one), ...steps],
        decision: reached(on.decision, one.certain),
      });
    }
  }
  return [
    ...own,
    ...[...outside.values()].map(({ ways }): RoleWay => {
      const [best, ...others] = ways.sort(
        (a, b) => order.indexOf(a.decision) - order.indexOf(b.decision) || a.steps.length - b.steps.length,
      );
      return { ...best!, ...(others.length > 0 ? { more: others.length } : {}) };
    }),
  ];
}

const toWay = ({ steps, decision }: Way, more: number, asked: Asked, principal: Ref) => ({
  steps: toSteps(steps, asked, principal),
  decision,
  ...(more > 0 ? { more } : {}),
});

/** @param principal who assumes the first of them. */
export const toSteps = (steps: readonly Assumption[], asked: Asked, principal: Ref): AssumedRole[] =>
  steps.map((step, at) => toStep(step, asked, steps[at - 1]?.role ?? principal));

export function toStep(
  { role, by, certain, trust, allows }: Assumption,
  asked: Asked,
  who: Ref,
): AssumedRole {
  const [first] = allows;
  return {
    role,
    by,
    certain,
    conditions: trust.flatMap(({ conditions }) => conditions),
    ...(first ? { allow: toStatement(first.allow, placesOf(asked, who)) } : {}),
  };
}

export const outsideStep = ({ role, certain, trust }: Outsider): AssumedRole => ({
  role,
  by: 'name',
  certain,
  conditions: trust.flatMap(({ conditions }) => conditions),
});
