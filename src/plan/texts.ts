/** The policies that a step gives to somebody or takes from them: all that they may say until the plan is done. */
import type { Holdings } from '../access/compare.ts';
import { documentOf } from '../access/documents.ts';
import type { Origin } from '../access/principals.ts';
import { parseRef } from '../core/references.ts';
import type { Group, PolicyDocument } from '../core/state.ts';
import { isReplaced } from '../kinds/identity.ts';
import type { StepDraft } from '../kinds/index.ts';
import { hasDeny, sameMeaning } from '../policy/index.ts';
import type { Sides } from './room.ts';

/** Null: it gives none; or none that stays, as one is re-created, or as a Deny beside it comes or goes by itself. */
export function textsGiven(draft: StepDraft, sides: Sides): Holdings<Origin> | null {
  const { attached, group } = throughWhat(draft);
  if (attached === undefined && group === undefined) {
    const text = draft.swap?.after ?? draft.brings;
    return text ? asHoldings([text]) : null;
  }
  const arns = attached === undefined ? attachedTo(group!, sides) : [attached];
  if (arns.some((arn) => isReplaced(sides, arn))) return null;
  const texts = textsOf(draft, sides);
  const lasts = arns.every((arn) => saysTheSame(arn, sides)) && (!group || hasTheSame(group, sides));
  return lasts || !texts.some(hasDeny) ? asHoldings(texts) : null;
}

export const textsTaken = (draft: StepDraft, sides: Sides): Holdings<Origin> =>
  asHoldings(textsOf(draft, sides));

function textsOf(draft: StepDraft, sides: Sides): readonly PolicyDocument[] {
  const { attached, group } = throughWhat(draft);
  const states = [sides.live, sides.desired];
  const managed = (arn: string): PolicyDocument[] => states.map((state) => documentOf(state, arn));
  if (attached !== undefined) return managed(attached);
  if (group === undefined) return draft.swap ? [draft.swap.before] : draft.takes ? [draft.takes] : [];
  const inline = states.flatMap(({ groups }) => Object.values(groups.get(group)?.policies ?? {}));
  return [...inline, ...attachedTo(group, sides).flatMap(managed)];
}

/** A managed policy that is attached or detached, or a group that is joined or left. */
function throughWhat({ about }: StepDraft): { readonly attached?: string; readonly group?: string } {
  const [aspect, name] = parseRef(about).part;
  return aspect === 'attach' ? { attached: name! } : aspect === 'groups' ? { group: name! } : {};
}

const attachedTo = (group: string, { live, desired }: Sides): string[] => [
  ...new Set([live, desired].flatMap(({ groups }) => groups.get(group)?.attachedPolicyArns ?? [])),
];

/** Or it is made only now, before anybody holds it. */
function saysTheSame(arn: string, { live, desired }: Sides): boolean {
  const [before, after] = [documentOf(live, arn), documentOf(desired, arn)];
  return isNothing(before) || sameMeaning(before, after);
}

const isNothing = ({ Statement }: PolicyDocument): boolean =>
  Array.isArray(Statement) && Statement.length === 0;

/** Or it is made only now, and filled before anybody joins it. */
function hasTheSame(name: string, { live, desired }: Sides): boolean {
  const [before, after] = [live.groups.get(name), desired.groups.get(name)];
  return before === undefined || (after !== undefined && isSame(before, after));
}

function isSame(before: Group, after: Group): boolean {
  const names = Object.keys(before.policies);
  return (
    before.attachedPolicyArns.join(' ') === after.attachedPolicyArns.join(' ') &&
    names.length === Object.keys(after.policies).length &&
    names.every(
      (name) => name in after.policies && sameMeaning(before.policies[name]!, after.policies[name]!),
    )
  );
}

/** Where they come from is of no matter here. */
const nowhere: Origin = { policy: { inline: '' }, refs: [], through: [] };
const asHoldings = (documents: readonly PolicyDocument[]): Holdings<Origin> => ({
  grants: documents.map((document) => ({ document, origin: nowhere })),
  boundary: null,
});
