import type { Answer, Deciding, Part, Place } from '../../access/ask.ts';
import type { AccessAnswer, AccessPart, AccessStatement } from '../../kinds/access-answer.ts';
import { briefOf } from '../../policy/index.ts';
import type { Find } from './places.ts';

/** An answer with the places of what it rests on. */
export const toAnswer = (answer: Answer, find: Find): AccessAnswer => ({
  decision: answer.decision,
  parts: answer.parts.map((part) => toPart(part, find)),
  denies: answer.denies.map((deny) => toStatement(deny, find)),
  boundary: answer.boundary && {
    arn: 'arn' in answer.boundary.origin.policy ? answer.boundary.origin.policy.arn : '',
    takes: answer.boundary.takes,
  },
  withheld: answer.withheld.map((allow) => toStatement(allow, find)),
  unknown: answer.unknown.map((one) => toStatement(one, find)),
});

export const toPart = (
  { actions, resources, allow, within, denies, certain }: Part,
  find: Find,
): AccessPart => ({
  actions,
  resources,
  allow: toStatement(allow, find),
  within: within && toStatement(within, find),
  denies: denies.map((deny) => toStatement(deny, find)),
  certain,
});

export function toStatement(one: Place | Deciding, find: Find): AccessStatement {
  const { origin, effect, index, sid, source } = one;
  const { policy, via, as } = origin;
  return {
    effect,
    ...(sid === undefined ? {} : { sid }),
    index,
    grant: briefOf(source),
    ...policy,
    ...(via === undefined ? {} : { via }),
    ...(as ? { as } : {}),
    at: find(origin),
    ...('conditions' in one ? { conditions: one.conditions, variables: one.variables } : {}),
  };
}
