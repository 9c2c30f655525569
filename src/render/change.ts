import type { Change, Danger, Detail } from '../core/plan.ts';
import type { PolicyDocument } from '../core/state.ts';
import { explain, readableDiff } from '../policy/index.ts';

/** A whole document in a sentence a statement; a changed one as a diff. */
export function documentLines(before: PolicyDocument | null, after: PolicyDocument | null): Detail[] {
  if (before && after) return readableDiff(before, after);
  const sign = after ? '+' : '-';
  return explain(after ?? before ?? {}).map((text) => ({ sign, text }));
}

/** Dangers of credentials: each names one, and none is an escalation. */
export const credentialLabels = [
  'swapped key',
  'swapped password',
  'unknown key',
  'undelivered key',
  'reactivated credential',
] as const;
const isOfCredential = ({ code }: Pick<Danger, 'code'>): boolean =>
  credentialLabels.some((label) => label.replace(' ', '-') === code);

/** What a danger is, in a word or two. */
function dangerLabel({ code }: Danger): string {
  if (code === 'administrator') return 'administrator';
  if (code === 'open-to-everybody') return 'open to everybody';
  if (isOfCredential({ code })) return code.replace('-', ' ');
  return code.startsWith('allow-not-') ? 'open-ended grant' : 'privilege escalation';
}

/** Another key or password than the one that was reviewed or was there: it is a danger whichever way it is told. */
export const isSwap = ({ code }: Pick<Danger, 'code'>): boolean =>
  code.startsWith('swapped-') || code === 'unknown-key';

/** More would bury the worst of them; the rest are named by their codes. */
const spelledOut = 3;

/** The dangers of a change as `label: sentence`; of several ways to use one pair of actions the first. */
export function dangerTexts({ dangers: all = [] }: Change): { label: string; text: string }[] {
  const pair = (danger: Danger): string =>
    isOfCredential(danger) ? danger.text : danger.code.split('+', 2).join('+');
  const dangers = [...new Map([...all].reverse().map((danger) => [pair(danger), danger])).values()].reverse();
  const shown = dangers
    .slice(0, spelledOut)
    .map((danger) => ({ label: dangerLabel(danger), text: danger.text }));
  const rest = dangers.slice(spelledOut);
  if (rest.length === 0) return shown;
  return [...shown, { label: 'and', text: rest.map(({ code }) => code).join(', ') }];
}

/** The labels without repetition, the worst first. */
export function dangerLabels({ dangers = [] }: Change): string[] {
  const order = [
    ...credentialLabels,
    'administrator',
    'privilege escalation',
    'open to everybody',
    'open-ended grant',
  ];
  const labels = new Set(dangers.map(dangerLabel));
  return order.filter((label) => labels.has(label));
}
