/** Who gains and who loses, as lines. Whoever gains and loses the same stands in one. */
import { kinds } from '../kinds/index.ts';
import type { AssumerEntry, WordedPiece, WordedPlan } from '../kinds/plan.ts';
import { doubtText, gainedBy, originText } from '../kinds/words.ts';
import { notLookedAt } from './kind-words.ts';
import { conditionsIn } from './statements.ts';
import { parseRef } from '../core/references.ts';
import { isAudienceKey } from '../core/policy-grammar/trust.ts';
import { mark } from '../core/marked.ts';
import { markedGrant } from '../policy/index.ts';
import { listSome } from '../core/text.ts';

export const accessTitle = 'Who gains, who loses';

/** Names in it are marked. */
export interface AccessLine {
  readonly sign: '+' | '-';
  /** `user ben`, `users ben, carl and 40 more`. */
  readonly who: string;
  readonly isOne: boolean;
  readonly what: string;
  /** Through what, and where the files say so. */
  readonly through: string;
}

/** How many names a line has. */
const most = 8;

export function accessLines({ access, assumers }: Pick<WordedPlan, 'access' | 'assumers'>): AccessLine[] {
  const groups = new Map<string, { readonly line: Omit<AccessLine, 'who' | 'isOne'>; readonly who: Who[] }>();
  const add = (who: Who, line: Omit<AccessLine, 'who' | 'isOne'>): void => {
    const key = JSON.stringify([who.kind, line]);
    const group = groups.get(key) ?? { line, who: [] };
    group.who.push(who);
    groups.set(key, group);
  };
  const addAssumers = (wanted: AssumerEntry['comes']): void => {
    for (const one of assumers.filter(({ comes }) => comes === wanted)) {
      const line = assumerLine(one);
      for (const who of whoAssumes(one)) add(who, line);
    }
  };
  for (const { principal, unreachable, gained } of access)
    for (const one of gained) add(whoIs(principal), gainLine(one, unreachable === true));
  addAssumers('gained');
  for (const { principal, leaves, lost } of access) {
    if (leaves) add(whoIs(principal), { sign: '-', what: 'everything', through: leavesText(principal) });
    for (const one of lost) add(whoIs(principal), lossLine(one));
  }
  addAssumers('lost');
  return [...groups.values()].map(({ line, who }) => ({
    ...line,
    who: whoText(who),
    isOne: who.length === 1,
  }));
}

/** Somebody of a kind: `user ben`, and of several `users ben and carl`. */
interface Who {
  readonly kind: string;
  readonly name: string;
}

const whoIs = (ref: string): Who => {
  const { kind, name } = parseRef(ref);
  return { kind, name: mark(name) };
};

const whoAssumes = ({ principals = [], outsider }: AssumerEntry): Who[] =>
  outsider ? [outsiderIs(outsider)] : principals.map(whoIs);

const outsiderKinds: { readonly [type: string]: string } = {
  account: 'account',
  user: 'user',
  role: 'role',
  'assumed-role': 'session',
  service: 'service',
  oidc: 'OIDC provider',
  saml: 'SAML provider',
};

/** `account 999999999999`, `GitHub repository acme/web (environment:prod)`. */
function outsiderIs({ type, name, subject }: NonNullable<AssumerEntry['outsider']>): Who {
  if (type === 'anybody') return { kind: '', name: 'anybody with an identity of AWS' };
  const [, repository, rest] = /^repo:([^:]+)(?::(.*))?$/s.exec(subject ?? '') ?? [];
  if (name === 'token.actions.githubusercontent.com' && repository !== undefined) {
    const part = rest === undefined || rest === '*' ? '' : ` (${mark(rest)})`;
    return { kind: 'GitHub repository', name: `${mark(repository)}${part}` };
  }
  const of = subject === undefined ? '' : ` (${mark(subject)})`;
  return { kind: outsiderKinds[type] ?? '', name: `${mark(name)}${of}` };
}

/** How much of what a role gives a line has. */
const mostGrants = 2;

function assumerLine(entry: AssumerEntry<WordedPiece>): Omit<AccessLine, 'who' | 'isOne'> {
  const { path, comes, perhaps, gives } = entry;
  const role = mark(parseRef(path.at(-1)!).name);
  const doubt =
    perhaps === true
      ? comes === 'gained'
        ? ' (perhaps: conditions decided that before)'
        : ' (perhaps: conditions decide that from now on)'
      : '';
  const grants = gives.slice(0, mostGrants).map(unproved);
  const more = gives.length > mostGrants ? `, and ${gives.length - mostGrants} more` : '';
  return {
    sign: comes === 'gained' ? '+' : '-',
    what: `assume role ${role}${doubt}: ${grants.join(', and ')}${more}`,
    through: wayText(entry),
  };
}

/** `through role hop, by its trust if StringEquals sts:ExternalId pong (account.yaml:4:9)`. */
function wayText({ outsider, path, comes, by, certain, conditions, at }: AssumerEntry): string {
  const hops = path.slice(0, -1).map((ref) => mark(parseRef(ref).name));
  const through = hops.length === 0 ? '' : `through role ${hops.join(' → ')}, `;
  const own = by === 'account' ? ' and their own policies' : '';
  // A token is made for AWS in any case.
  const when = conditionsIn(conditions.filter(({ key }) => !isAudienceKey(key)));
  const unknown =
    certain || conditions.length > 0 ? '' : ', unless what was not read or a Deny keeps them out';
  const theirs = isOfAccount(outsider) ? ', as far as their account lets them' : '';
  const until = comes === 'lost' ? ', until now' : '';
  const place = at === undefined ? '' : ` (${mark(at)})`;
  return `${through}by its trust${own}${when}${unknown}${theirs}${until}${place}`;
}

/** Whose own account must allow it too. */
const isOfAccount = (outsider: AssumerEntry['outsider']): boolean =>
  outsider !== undefined && ['anybody', 'account', 'user', 'role', 'assumed-role'].includes(outsider.type);

const leavesText = (principal: string): string =>
  kinds.find(({ name }) => name === parseRef(principal).kind)?.words.leaves ?? 'removed';

function whoText(who: readonly Who[]): string {
  const { kind } = who[0]!;
  const kinds = who.length === 1 ? kind : kind.replace(/y$/, 'ie').replace(/$/, 's');
  const names = listSome(
    who.map(({ name }) => name),
    most,
  );
  return kind === '' ? names : `${kinds} ${names}`;
}

/** What was not looked at says so itself. */
function unproved({ grant, doubt }: WordedPiece): string {
  if ('awsDefined' in grant) return notLookedAt(grant.awsDefined);
  const text = markedGrant(grant);
  return doubt === undefined ? text : `${text} (perhaps: ${doubtText(doubt)})`;
}

const gainLine = (piece: WordedPiece, isUnreachable: boolean): Omit<AccessLine, 'who' | 'isOne'> => ({
  sign: '+',
  what: unproved(piece),
  through: `${gainedBy(piece)}${isUnreachable ? ', but nobody may assume it' : ''}`,
});

function lossLine(piece: WordedPiece): Omit<AccessLine, 'who' | 'isOne'> {
  const { by, lifted } = piece;
  const because = lifted ? `, now kept out by ${originText(lifted)}` : '';
  return { sign: '-', what: unproved(piece), through: `of ${originText(by)}${because}` };
}
