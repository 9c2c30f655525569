/** What a plan is about and what it leaves alone, in words. */
import { parseRef } from '../core/references.ts';
import { listWords } from '../core/text.ts';
import { kinds } from '../kinds/index.ts';
import type { LeftAlone, Looked, LookedKind, OpenRole } from '../kinds/plan.ts';
import { grouped } from './sections.ts';

const words: { readonly [kind: string]: readonly [one: string, many: string] } = {
  'oidc-provider': ['OIDC provider', 'OIDC providers'],
  'saml-provider': ['SAML provider', 'SAML providers'],
  'instance-profile': ['instance profile', 'instance profiles'],
  ...Object.fromEntries(kinds.map(({ name, title = name, plural }) => [name, [title, plural]])),
};

const managed = new Set(kinds.flatMap(({ name, optIn }) => (optIn ? [] : [name])));
/** Of a kind that files must ask for, some are. */
const isOurs = ({ kind, asDeclared, changing, ignored, aside }: LookedKind): boolean =>
  managed.has(kind) || asDeclared + changing + ignored + aside > 0;

/** `54 users`; nothing where there are none. */
const counted = (kind: string, n: number): string[] =>
  n === 0 ? [] : [`${grouped(n)} ${words[kind]![n === 1 ? 0 : 1]}`];

const settingNames = new Map(
  kinds.flatMap(({ name, only }) => (only ? [[name, `the ${name} ${only}`]] : [])),
);
/** Every account has one, whether or not somebody set it: that it is left alone needs no look at IAM. */
const inEveryAccount = new Set(kinds.flatMap(({ name, isEverywhere }) => (isEverywhere ? [name] : [])));

/**
 * `54 users, 13 groups, 11 policies as declared; 73 users ignored or not managed; 30 roles, 2 OIDC providers, the
 * password policy not managed`
 */
export function lookedText({ kinds: all, settings }: Looked): string {
  const count = (of: (one: LookedKind) => number, some = all): string[] =>
    some.flatMap((one) => counted(one.kind, of(one)));
  const set = (state: Looked['settings'][number]['state']): string[] =>
    settings.flatMap((one) => (one.state === state ? [settingNames.get(one.kind)!] : []));
  const left = ({ ignored, notManaged }: LookedKind): number => ignored + notManaged;
  const ours = all.filter(isOurs);
  const others = all.filter((one) => !isOurs(one));
  const untouched = settings.flatMap(({ kind, state }) =>
    state === 'not-managed' && inEveryAccount.has(kind) ? [settingNames.get(kind)!] : [],
  );
  return [
    ...saidOf([...count(({ asDeclared }) => asDeclared), ...set('as-declared')], 'as declared'),
    ...saidOf([...count(({ aside }) => aside), ...set('aside')], 'not part of this plan'),
    ...saidOf(count(left, ours), 'ignored or not managed'),
    ...saidOf([...count(left, others), ...untouched], 'not managed'),
    ...unseenText(all),
  ].join('; ');
}

const saidOf = (what: readonly string[], of: string): string[] =>
  what.length === 0 ? [] : [`${what.join(', ')} ${of}`];

/** What nobody knows is never told as none. */
function unseenText(all: readonly Pick<LookedKind, 'kind' | 'unseen'>[]): string[] {
  const unseen = all.flatMap(({ kind, unseen }) => (unseen ? [{ kind, ...unseen }] : []));
  if (unseen.length === 0) return [];
  const ops = (denied: boolean): string[] =>
    [...new Set(unseen.filter((one) => one.denied === denied).map(({ op }) => op))].sort();
  const [missing, lacking] = [ops(true).map((op) => `iam:${op}`), ops(false)];
  const why = [
    ...(missing.length > 0
      ? [`the caller may not call ${listWords(missing, 'and')}, which its policy should allow`]
      : []),
    ...(lacking.length > 0 ? [`this IAM does not answer ${listWords(lacking, 'and')}`] : []),
  ];
  return [
    `${listWords(
      unseen.map(({ kind }) => words[kind]![1]),
      'and',
    )} not looked at, since ${why.join(', and ')}`,
  ];
}

/** What is not managed can be dangerous, and what was looked at can be old. */
export const lookedNotes = ({ openRoles, reportedAt }: Looked): string[] => [
  ...openRoles.map(openRoleText),
  ...(reportedAt === null ? [] : [reportText(reportedAt)]),
];

const becomes: { readonly [code: string]: string } = {
  administrator: 'an administrator',
  'iam-full-access': 'which can give itself any access',
};

function openRoleText({ principal, code, certain }: OpenRole): string {
  const role = `role ${parseRef(principal).name}, ${becomes[code] ?? code}`;
  return certain
    ? `danger: anybody, of any AWS account, can assume ${role}: its trust policy lets in *`
    : `danger: anybody, of any AWS account, may be able to assume ${role}: its trust policy lets in *, and whether conditions or a Deny keep everybody out is not proved`;
}

/** `2027-01-31 08:00` */
const minuteOf = (iso: string): string => iso.slice(0, 16).replace('T', ' ');

const reportText = (at: string): string =>
  `keys and passwords are as of ${minuteOf(at)} UTC, when IAM made its credential report (it does so every four hours): ` +
  'what was made, deleted or made inactive since does not show here; --fresh reads them user by user';

/** `3 roles (ci, deploy, web)` of each kind there is, and of which nobody knows. */
export function besideWords(
  besides: readonly (LeftAlone & {
    readonly count?: number;
    readonly unseen?: NonNullable<LookedKind['unseen']>;
  })[],
  some: (names: readonly string[]) => string,
): { readonly there: readonly string[]; readonly unseen: string } {
  const there = besides.flatMap(({ kind, names, count = names.length }) =>
    counted(kind, count).map((text) => (names.length === 0 ? text : `${text} (${some(names)})`)),
  );
  return { there, unseen: unseenText(besides).join('; ') };
}

/** A line for each kind, for whoever wants to see the names. */
export const leftAloneLines = (leftAlone: readonly LeftAlone[]): string[] =>
  leftAlone.map(
    ({ kind, names }) =>
      `${managed.has(kind) ? 'ignored or not managed' : 'not managed'}, ${words[kind]![names.length === 1 ? 0 : 1]}: ${names.join(', ')}`,
  );
