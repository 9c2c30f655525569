import type { Action, Change, Plan } from '../core/plan.ts';
import { dangerLabels } from './change.ts';

/** What a reviewer must see first comes first: who leaves, what widens; the rest may be skimmed. */
export interface Section {
  readonly id: 'removes' | 'widens' | 'narrows' | 'other';
  readonly title: string;
  readonly changes: readonly Change[];
}

const isRemoval = ({ action }: Change): boolean => action === 'offboard' || action === 'delete';

/** Administrators and privilege escalations before what only widens; else the plan's order. */
const worstFirst = (changes: readonly Change[]): Change[] => [
  ...changes.filter(({ dangers }) => dangers),
  ...changes.filter(({ dangers }) => !dangers),
];

export function sections(plan: Plan): Section[] {
  const titles = {
    removes: 'Removes',
    widens: 'Widens access',
    narrows: 'Narrows access',
    other: 'No effect on access',
  } as const;
  const sectionOf = (change: Change): Section['id'] => {
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

export const actionSign: { readonly [action in Action]: '+' | '-' | '~' } = {
  create: '+',
  update: '~',
  rename: '~',
  delete: '-',
  offboard: '-',
};

/** `3 changes: 1 offboarding, 2 updates; 1 widens access. 14 API calls.` */
export function summary(plan: Plan): string {
  const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
  const of = (action: Action): number => plan.changes.filter((change) => change.action === action).length;
  const actions = [
    [of('offboard'), 'offboarding'],
    [of('delete'), 'deletion'],
    [of('create'), 'creation'],
    [of('update') + of('rename'), 'update'],
  ] as const;
  const told = actions.filter(([n]) => n > 0).map(([n, word]) => count(n, word));
  const labels = plan.changes.flatMap(dangerLabels);
  const named = (['administrator', 'privilege escalation'] as const)
    .map((label) => [label, labels.filter((one) => one === label).length] as const)
    .filter(([, n]) => n > 0)
    .map(([label, n]) => `${label}: ${n}`);
  const widening = plan.changes.filter(({ effect }) => effect === 'widens' || effect === 'unclear').length;
  return [
    `${count(plan.changes.length, 'change')}: ${told.join(', ')}`,
    `${widening} may widen access${named.length > 0 ? ` (${named.join(', ')})` : ''}`,
    count(plan.steps.length, 'API call'),
  ].join('; ');
}
