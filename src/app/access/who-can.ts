import { accessOf, ask } from '../../access/ask.ts';
import type { Question } from '../../access/ask.ts';
import { principalsIn } from '../../access/principals.ts';
import type { Ref } from '../../core/references.ts';
import type { AccessAnswer, AccessRequest, Unworded, WhoCan } from '../../kinds/access-answer.ts';
import { toAnswer } from './answer.ts';
import { placesOf } from './places.ts';
import type { Asked } from './read.ts';
import { throughRoles } from './through-roles.ts';

/** Everybody who may do something, or some of it, or of whom that is not known. */
export function whoCan(asked: Asked, request: AccessRequest): Unworded<WhoCan> {
  const { from, state, unread } = asked;
  const principals: WhoCan['principals'][number][] = [];
  const explicitDeny: string[] = [];
  let implicitDeny = 0;
  const question = questionOf(request);
  const decisions = new Map<Ref, AccessAnswer['decision']>();
  for (const principal of principalsIn(state)) {
    const answer = ask(accessOf(state, principal)!, question);
    decisions.set(principal, answer.decision);
    if (answer.decision === 'explicitDeny') explicitDeny.push(principal);
    else if (answer.decision === 'implicitDeny') implicitDeny += 1;
    else principals.push({ principal, ...toAnswer(answer, placesOf(asked, principal)) });
  }
  return {
    version: 1,
    account: state.account,
    from,
    request,
    principals,
    others: { explicitDeny, implicitDeny },
    throughRoles: throughRoles(asked, decisions),
    unread,
  };
}

export const questionOf = ({ context, ...rest }: AccessRequest): Question => ({
  ...rest,
  context: new Map(Object.entries(context)),
});
