import type { Effect } from '../core/plan.ts';
import type { Action } from '../kinds/change.ts';
import { kinds } from '../kinds/index.ts';
import type { AccessPiece, Change, WordedChange, WordedPlan } from '../kinds/plan.ts';
import { labelOf, parseRef } from '../core/references.ts';
import { clean, listSome, listWords, plural } from '../core/text.ts';
import { dangerLabels, ownLabels } from './change.ts';
import { isLooser } from './rules.ts';

/** What a reviewer must see first comes first: what rollcall leaves to people, who leaves, what widens; the rest may be skimmed. */
export interface Section {
  readonly id: 'person' | 'removes' | 'widens' | 'narrows' | 'left' | 'other';
  readonly title: string;
  readonly changes: readonly WordedChange[];
}

const isRemoval = ({ action }: Pick<Change, 'action'>): boolean =>
  action === 'offboard' || action === 'delete';

/** What gives nothing by itself: a policy of a bucket or the organisation may go by a tag, a path or a name. */
const mayOnlyMatch = ({ reasons }: WordedChange): boolean =>
  reasons.length > 0 && reasons.every(({ code }) => code === 'may-match');

/** Administrators and privilege escalations before what only widens, and that before names and tags; else the plan's order. */
const worstFirst = (changes: readonly WordedChange[]): WordedChange[] => [
  ...changes.filter(({ dangers }) => dangers),
  ...changes.filter((change) => !change.dangers && !mayOnlyMatch(change)),
  ...changes.filter((change) => !change.dangers && mayOnlyMatch(change)),
];

export function sections(plan: WordedPlan): Section[] {
  const titles = {
    person: 'Only a person can settle',
    removes: 'Removes',
    widens: 'Widens access',
    narrows: 'Narrows access',
    left: 'Left as it is: others hold it',
    other: 'No effect on access',
  } as const;
  const sectionOf = (change: WordedChange): Section['id'] => {
    if (change.byHand) return 'person';
    if (change.left) return 'left';
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

/** Changed rules stand behind what widens access, and before what a reviewer may skim. */
export const beforeRules = ({ id }: Section): boolean => id !== 'narrows' && id !== 'other';

const whyNobody = new Set<string>([
  'shut',
  'no-members',
  'pipeline',
  'orphaned',
  'leave-trust',
  'sessions-over',
  'suspended',
  'same-access',
  'not-held',
  'labels',
  'both-there',
]);

/** The reason, where the heading is not all of it: an administrator's policy for a group without members gives nobody anything. */
export const reasonOf = ({ effect, reasons, reason }: WordedChange): string | null =>
  effect !== 'none' || reasons.some(({ code }) => whyNobody.has(code)) ? reason : null;

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

/** How somebody fares, by their own policies or by roles that they come to. */
interface Fares {
  readonly gains: readonly boolean[];
  readonly loses: readonly boolean[];
}

/** By user and role; of each thing whether it is certain. */
function faring({ access, assumers }: Pick<WordedPlan, 'access' | 'assumers'>): ReadonlyMap<string, Fares> {
  const found = new Map<string, { gains: boolean[]; loses: boolean[] }>();
  const of = (principal: string) => {
    const fares = found.get(principal) ?? { gains: [], loses: [] };
    found.set(principal, fares);
    return fares;
  };
  const isCertain = ({ certain }: AccessPiece): boolean => certain;
  for (const { principal, leaves, unreachable, gained, lost } of access) {
    const { gains, loses } = of(principal);
    if (!unreachable) gains.push(...gained.map(isCertain));
    loses.push(...(leaves ? [true] : []), ...lost.map(isCertain));
  }
  for (const { principals = [], comes, certain, perhaps, gives } of assumers) {
    const isSure = certain && !perhaps && gives.some(isCertain);
    for (const { gains, loses } of principals.map(of)) (comes === 'gained' ? gains : loses).push(isSure);
  }
  return found;
}

/**
 * How many gain and lose, such as `3 users and 1 role gain access, 2 users may gain, 12 users lose`; empty: nobody does.
 * Whose gain was only not disproved is counted apart, and whoever gains and loses is in both counts.
 */
function accessTotals(plan: Pick<WordedPlan, 'access' | 'assumers'>): string {
  const all = [...faring(plan)];
  const those = (which: keyof Fares, certain: boolean): string[] =>
    all.flatMap(([ref, fares]) =>
      fares[which].length > 0 && fares[which].includes(true) === certain ? [ref] : [],
    );
  const counts: readonly (readonly [readonly string[], string, string])[] = [
    [those('gains', true), 'gains', 'gain'],
    [those('gains', false), 'may gain', 'may gain'],
    [those('loses', true), 'loses', 'lose'],
    [those('loses', false), 'may lose', 'may lose'],
  ];
  return counts
    .filter(([who]) => who.length > 0)
    .map(
      ([who, one, many], at) =>
        `${countedWho(who)} ${who.length === 1 ? one : many}${at === 0 ? ' access' : ''}`,
    )
    .join(', ');
}

/** `3 users and 1 role`. */
const countedWho = (who: readonly string[]): string =>
  listWords(
    kinds.flatMap(({ name: kind }) => {
      const { length } = who.filter((ref) => parseRef(ref).kind === kind);
      return length > 0 ? [counted(length, kind)] : [];
    }),
    'and',
  );

type Summarised = Pick<WordedPlan, 'access' | 'assumers' | 'changes' | 'steps' | 'rules' | 'base'>;

/** `2 changed rules, 1 of them may widen access`; empty: none changed. */
function rulesText(rules: Summarised['rules']): string {
  if (rules.length === 0) return '';
  const looser = rules.filter(isLooser).length;
  return `${counted(rules.length, 'changed rule')}, ${grouped(looser)} of which may widen access`;
}

/** The counts of a plan in words, for each renderer to put together. */
export function summaryParts(plan: Summarised) {
  const of = (action: Action): number =>
    plan.changes.filter((change) => change.action === action && !change.left).length;
  const actions = [
    [of('offboard'), 'offboarding'],
    [of('delete'), 'deletion'],
    [of('create'), 'creation'],
    [of('update') + of('rename'), 'update'],
  ] as const;
  const left = plan.changes.filter((change) => change.left).length;
  const labels = plan.changes.flatMap(dangerLabels);
  const named = [...ownLabels, 'administrator', 'privilege escalation']
    .map((label) => [label, labels.filter((one) => one === label).length] as const)
    .filter(([, n]) => n > 0);
  const widening = plan.changes.filter(({ effect }) => effect === 'widens' || effect === 'unclear').length;
  const people = accessTotals(plan);
  const byHand = plan.changes.filter((change) => change.byHand).length;
  return {
    changes: counted(plan.changes.length, 'change'),
    actions: [
      ...actions.filter(([n]) => n > 0).map(([n, word]) => counted(n, word)),
      ...(left > 0 ? [`${grouped(left)} left`] : []),
    ].join(', '),
    widening: `${grouped(widening)} may widen access`,
    dangers: named.map(([label, n]) => `${label}: ${grouped(n)}`).join(', '),
    people: people === '' ? [] : [people],
    rules: plan.rules.length > 0 ? [rulesText(plan.rules)] : [],
    byHand: byHand > 0 ? [`${grouped(byHand)} for a person to settle`] : [],
    calls: counted(plan.steps.length, 'API call'),
  };
}

/**
 * `3 changes: 1 offboarding, 2 updates; 1 may widen access (administrator: 1); 1 user gains access, 1 user loses;
 * 14 API calls`
 */
export function summary(plan: Summarised): string {
  if (plan.changes.length === 0) return withoutChanges(plan);
  const { changes, actions, widening, dangers, people, rules, byHand, calls } = summaryParts(plan);
  return [
    `${changes}: ${actions}`,
    `${widening}${dangers === '' ? '' : ` (${dangers})`}`,
    ...people,
    ...rules,
    ...byHand,
    calls,
  ].join('; ');
}

type Targeted = Pick<WordedPlan, 'targets'>;

const targetNames = ({ targets = [] }: Targeted, show: (name: string) => string): string =>
  listSome(targets.map((ref) => show(labelOf(ref))));

/** `The account matches the manifests: nothing to change.` */
export function nothingText(account: string, plan: Targeted, show = clean): string {
  const part = plan.targets
    ? ` as far as ${targetNames(plan, show)} ${plan.targets.length === 1 ? 'goes' : 'go'}`
    : '';
  return `${account} matches the manifests${part}: nothing to change.`;
}

/** What a partial plan leaves out; nothing of a whole one. */
export const partialText = (plan: Targeted, show = clean): string[] =>
  plan.targets
    ? [
        `Partial plan (--target): only ${targetNames(plan, show)}, and what ${plan.targets.length === 1 ? 'it depends' : 'they depend'} on; everything else stays as it is.`,
      ]
    : [];

/** What a plan without changes comes to: it may have changed rules, or not know of any. */
export function withoutChanges({ rules, base }: Pick<Summarised, 'rules' | 'base'>): string {
  if (rules.length > 0) return `${rulesText(rules)}; no API call`;
  return base?.why === undefined ? 'nothing to change' : 'no API call; whether rules changed is not known';
}

export const effectWord: { readonly [effect in Effect]: string } = {
  widens: 'widens access',
  narrows: 'narrows access',
  none: 'no effect on access',
  unclear: 'may widen access',
};
