import type { DangerWords, Detail } from '../kinds/change.ts';
import { kinds, policyDangerLabels } from '../kinds/index.ts';
import type { Change, Fact } from '../kinds/plan.ts';
import type { PolicyDocument } from '../core/state.ts';
import { mark } from '../core/marked.ts';
import { explain, readableDiff } from '../policy/index.ts';
import { wordsOf } from './kind-words.ts';

/** A policy document that changes; null: absent on that side. */
export interface ShownDocument {
  readonly name: string;
  readonly before: PolicyDocument | null;
  readonly after: PolicyDocument | null;
}

/** The documents that are shown as a diff: not those of a whole user or group, which are told among its details. */
export const documentsOf = (
  { name, action }: Pick<Change, 'name' | 'action'>,
  facts: readonly Fact[],
  inlineOf: readonly Change['action'][] = ['update'],
): ShownDocument[] =>
  facts.flatMap((fact) => {
    if (fact.fact === 'document') return { name, before: fact.before, after: fact.after };
    if (fact.fact !== 'inline-policy' || !inlineOf.includes(action)) return [];
    return { name: fact.policy, before: fact.before, after: fact.after };
  });

/** A whole document in a sentence a statement; a changed one as a diff. */
export function documentLines({ before, after }: Omit<ShownDocument, 'name'>): Detail[] {
  if (before && after) return readableDiff(before, after);
  const sign = after ? '+' : '-';
  return explain(after ?? before ?? {}).map((text) => ({ sign, text }));
}

/** Dangers of credentials and the like: each names one, and none is an escalation. */
export const ownLabels: readonly string[] = [
  ...new Set(kinds.flatMap(({ dangerLabels = [] }) => dangerLabels)),
];

export type WordedDanger = DangerWords & { readonly code: string; readonly actions?: readonly string[] };
interface Dangerous {
  readonly dangers?: readonly WordedDanger[];
}
/** What dangers are of. */
export type Of = Pick<Change, 'kind' | 'name'>;

/** More would bury the worst of them; the rest are named by their codes. */
const spelledOut = 3;

/** The dangers of a change, each with its label, names marked; of several ways to use one pair of actions the first. */
export function dangerTexts(of: Of, { dangers: all = [] }: Dangerous): DangerWords[] {
  const pair = ({ code, label, text, actions }: WordedDanger): string =>
    ownLabels.includes(label) ? text : (actions?.slice(0, 2).join('+') ?? code);
  const dangers = [...new Map([...all].reverse().map((danger) => [pair(danger), danger])).values()].reverse();
  const rest = dangers.slice(spelledOut);
  return [
    ...dangers.slice(0, spelledOut).map((danger) => wordsOf(of).danger(danger, of as Change)),
    ...(rest.length > 0 ? [{ label: 'and', text: rest.map(({ code }) => mark(code)).join(', ') }] : []),
  ];
}

/** The labels without repetition, the worst first. */
export function dangerLabels({ dangers = [] }: Dangerous): string[] {
  const labels = new Set(dangers.map(({ label }) => label));
  return [...new Set([...ownLabels, ...policyDangerLabels])].filter((label) => labels.has(label));
}
