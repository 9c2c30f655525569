import type { Effect } from '../core/plan.ts';
import type { Action } from '../kinds/change.ts';
import type { Change, WordedChange, WordedPlan } from '../kinds/plan.ts';
import { plural } from '../core/text.ts';
import { dangerLabels, ownLabels } from './change.ts';

/** What a reviewer must see first comes first: what rollcall leaves to people, who leaves, what widens; the rest may be skimmed. */
export interface Section {
  readonly id: 'person' | 'removes' | 'widens' | 'narrows' | 'other';
  readonly title: string;
  readonly changes: readonly WordedChange[];
}

const isRemoval = ({ action }: Pick<Change, 'action'>): boolean =>
  action === 'offboard' || action === 'delete';

/** Administrators and privilege escalations before what only widens; else the plan's order. */
const worstFirst = (changes: readonly WordedChange[]): WordedChange[] => [
  ...changes.filter(({ dangers }) => dangers),
  ...changes.filter(({ dangers }) => !dangers),
];

export function sections(plan: WordedPlan): Section[] {
  const titles = {
    person: 'Only a person can settle',
    removes: 'Removes',
    widens: 'Widens access',
    narrows: 'Narrows access',
    other: 'No effect on access',
  } as const;
  const sectionOf = (change: WordedChange): Section['id'] => {
    if (change.byHand) return 'person';
    if (isRemoval(change)) return 'removes';
    if (change.effect === 'none') return 'other';
    return change.effect === 'narrows' ? 'narrows' : 'widens';
  };
  return (Object.keys(titles) as Section['id'][])
    .map((id) => ({
      id,
      title: titles[id],
      changes: worstFirst(plan.changes.filter((change) => sectionOf(change) === id)),
    }))
    .filter(({ changes }) => changes.length > 0);
}

/** Above the rails that `--override` let the plan through: they come before everything else. */
export const overriddenTitle = 'Overridden rails: without --override this plan would be refused';

export const actionSign: { readonly [action in Action]: '+' | '-' | '~' } = {
  create: '+',
  update: '~',
  rename: '~',
  delete: '-',
  offboard: '-',
};

/** `12,345`: alike on every machine. */
export const grouped = (n: number): string => String(n).replaceAll(/\B(?=(\d{3})+$)/g, ',');

/** `1 change`, `1,000 changes`. */
export const counted = (n: number, one: string): string => plural(n, one).replace(/^\d+/, grouped(n));

/** The counts of a plan in words, for each renderer to put together. */
export function summaryParts(plan: WordedPlan) {
  const of = (action: Action): number => plan.changes.filter((change) => change.action === action).length;
  const actions = [
    [of('offboard'), 'offboarding'],
    [of('delete'), 'deletion'],
    [of('create'), 'creation'],
    [of('update') + of('rename'), 'update'],
  ] as const;
  const labels = plan.changes.flatMap(dangerLabels);
  const named = [...ownLabels, 'administrator', 'privilege escalation']
    .map((label) => [label, labels.filter((one) => one === label).length] as const)
    .filter(([, n]) => n > 0);
  const widening = plan.changes.filter(({ effect }) => effect === 'widens' || effect === 'unclear').length;
  const byHand = plan.changes.filter((change) => change.byHand).length;
  return {
    changes: counted(plan.changes.length, 'change'),
    actions: actions
      .filter(([n]) => n > 0)
      .map(([n, word]) => counted(n, word))
      .join(', '),
    widening: `${grouped(widening)} may widen access`,
    dangers: named.map(([label, n]) => `${label}: ${grouped(n)}`).join(', '),
    byHand: byHand > 0 ? [`${grouped(byHand)} for a person to settle`] : [],
    calls: counted(plan.steps.length, 'API call'),
  };
}

/** `3 changes: 1 offboarding, 2 updates; 1 may widen access (administrator: 1); 14 API calls` */
export function summary(plan: WordedPlan): string {
  const { changes, actions, widening, dangers, byHand, calls } = summaryParts(plan);
  return [
    `${changes}: ${actions}`,
    `${widening}${dangers === '' ? '' : ` (${dangers})`}`,
    ...byHand,
    calls,
  ].join('; ');
}

export const effectWord: { readonly [effect in Effect]: string } = {
  widens: 'widens access',
  narrows: 'narrows access',
  none: 'no effect on access',
  unclear: 'may widen access',
};
