/**
 * The rail `last-administrator`: somebody can administer the account now, and nobody could afterwards. Judged on all that
 * users and roles hold, as dangers are (access/dangers.ts). A role counts by who may assume it: what nobody may be is no
 * administrator, and who becomes one through a role alone is counted with it.
 */
import { Reader, type Access, type Holdings } from '../access/compare.ts';
import { governs, isAdministrator } from '../access/dangers.ts';
import { denyAll, documentOf, isQuarantine } from '../access/documents.ts';
import { Assumptions, type Outsider } from '../access/assume.ts';
import { holdingsOf, principalOf, principalsIn, roleOf, type Origin } from '../access/principals.ts';
import type { Box } from '../access/regions.ts';
import { mayDeny } from '../access/trust.ts';
import { NameMap } from '../core/names.ts';
import { saysWho } from '../core/policy-grammar/trust.ts';
import type { RailViolation } from '../core/rails.ts';
import { accessKeyRef, labelOf, objectRef, parseRef, passwordRef, type Ref } from '../core/references.ts';
import type { AccountState, Identity, PolicyDocument, Role } from '../core/state.ts';
import { listSome } from '../core/text.ts';
import { includes, readGlob } from '../policy/glob.ts';
import { matcherIncludes } from '../policy/includes.ts';
import { afterwards, liveOf } from '../kinds/afterwards.ts';
import { violation, type RailInput } from './violation.ts';

/** A way in which somebody can administer, the surest first. Lesser ones do not stand in for surer ones. */
interface Degree {
  readonly how: string;
  /** How a role must be come into. */
  readonly entries: readonly Entry[];
  is(access: Access<Origin>): boolean;
}

/**
 * How somebody comes into a role, the surest first: at any time; under conditions, or by what cannot be read; as an AWS
 * service alone, which does not repair an account by itself.
 */
type Entry = 'sure' | 'perhaps' | 'service';
const byPeople = ['sure', 'perhaps'] as const;

const degrees: readonly Degree[] = [
  {
    how: '',
    entries: ['sure'],
    // A Deny that applies under conditions may apply when it matters.
    is: (access) => isAdministrator({ ...access, denies: access.denies.map(anyTime) }),
  },
  {
    how: 'under conditions',
    entries: byPeople,
    is: (access) => isAdministrator(atBest(access)),
  },
  {
    how: 'within a permissions boundary that allows less',
    entries: byPeople,
    // It may leave enough to repair the account.
    is: (access) => governs(atBest(access)) && isAdministrator({ ...atBest(access), bounds: null }),
  },
  {
    how: 'as a role that an AWS service alone may assume',
    entries: ['service'],
    is: (access) => isAdministrator(atBest(access)),
  },
];

type Piece = Access<Origin>['allows'][number];

/** The same statement, applying always. */
function anyTime(piece: Piece): Piece {
  const { conditions, variables, opaque } = piece.box;
  if (conditions.length + variables.size + opaque.size === 0) return piece;
  const box = atAnyTime.get(piece.box) ?? { ...piece.box, conditions: [], variables: none, opaque: none };
  atAnyTime.set(piece.box, box);
  return { ...piece, box };
}
const none: ReadonlySet<string> = new Set();
/** The same one each time, so that what is found out about it is found out once. */
const atAnyTime = new WeakMap<Box, Box>();

/** With every condition of what allows met. What cannot be read allows nothing. */
function atBest(access: Access<Origin>): Access<Origin> {
  const best = (pieces: readonly Piece[]): Piece[] =>
    pieces.filter(({ box }) => box.opaque.size === 0).map(anyTime);
  return { ...access, allows: best(access.allows), bounds: access.bounds && best(access.bounds) };
}

export function lastAdministrator(input: RailInput): RailViolation[] {
  const before = new Administrators(input.live, () => true);
  const after = new Administrators(
    afterwards({ ...input, desired: input.manifests.state }),
    (ref) => !losesSignIn(ref, input),
  );
  for (const [at, degree] of degrees.entries()) {
    // Most often somebody is found at once, and nobody else is looked at.
    if (after.some(degree)) return [];
    if (!before.some(degree)) continue;
    const lesser = degrees.slice(at + 1).flatMap((other) => {
      const people = after.all(other);
      return people.length > 0 ? [`${other.how}: ${listSome(people.map(labelOf), 5)}`] : [];
    });
    const but = lesser.length > 0 ? ` but ${lesser.join('; ')}` : '';
    return [
      violation(
        'last-administrator',
        `nobody would be left who can administer the account${but}`,
        'keep one user with Action "*" on Resource "*", or such a role that somebody may assume',
      ),
    ];
  }
  return [];
}

/** Who can administer, of the users and roles of one side. */
class Administrators {
  readonly #state: AccountState;
  readonly #stays: (ref: Ref) => boolean;
  readonly #reader = new Reader<Origin>(none);
  readonly #access = new Map<Ref, Access<Origin>>();
  readonly #wide = new Map<PolicyDocument, boolean>();
  readonly #entries: Entries;

  /** @param stays whether a user can sign in or call the API still. */
  constructor(state: AccountState, stays: (ref: Ref) => boolean) {
    this.#state = state;
    this.#stays = stays;
    this.#entries = new Entries(state, (ref) => stays(ref) && !isQuarantined(state, ref));
  }

  *#found(degree: Degree): Iterable<Ref> {
    for (const ref of this.#people()) {
      if (!degree.is(this.#of(ref))) continue;
      const role = roleOf(this.#state, ref);
      const entry = role ? this.#entries.of(role) : this.#stays(ref) ? 'sure' : null;
      if (entry !== null && degree.entries.includes(entry)) yield ref;
    }
  }

  some(degree: Degree): boolean {
    for (const _ of this.#found(degree)) return true;
    return false;
  }

  all(degree: Degree): Ref[] {
    return [...this.#found(degree)];
  }

  /** Those alone who hold some policy of every action that nobody names: most people hold none. */
  *#people(): Iterable<Ref> {
    const { users, groups, roles } = this.#state;
    const wide = new NameMap<boolean>();
    const throughGroup = (name: string): boolean => {
      const group = groups.get(name);
      const known = wide.get(name) ?? (group !== undefined && this.#isWide(group));
      wide.set(name, known);
      return known;
    };
    for (const user of users.values())
      if (this.#isWide(user) || user.groups.some(throughGroup)) yield objectRef('user', user.name);
    for (const role of roles.values()) if (this.#isWide(role)) yield objectRef('role', role.name);
  }

  #isWide({ policies, attachedPolicyArns }: Identity): boolean {
    const isWide = (document: PolicyDocument): boolean => {
      const known =
        this.#wide.get(document) ?? this.#reader.read(holding(document)).allows.some(takesUnnamed);
      this.#wide.set(document, known);
      return known;
    };
    return (
      Object.values(policies).some(isWide) ||
      attachedPolicyArns.some((arn) => isWide(documentOf(this.#state, arn)))
    );
  }

  #of(ref: Ref): Access<Origin> {
    const known = this.#access.get(ref);
    if (known) return known;
    const access = this.#reader.read(quarantined(holdingsOf(this.#state, ref)!));
    this.#access.set(ref, access);
    return access;
  }
}

const unnamed = readGlob('\u0000');
const takesUnnamed = ({ box: { actions, resources, opaque } }: Piece): boolean =>
  opaque.size === 0 && [actions, resources].every((matcher) => matcherIncludes(matcher, unnamed, includes));

const holding = (document: PolicyDocument): Holdings<Origin> => ({
  grants: [{ document, origin: { policy: { inline: '' }, refs: [], through: [] } }],
  boundary: null,
});

const isQuarantined = (state: AccountState, ref: Ref): boolean =>
  principalOf(state, ref)?.attachedPolicyArns.some(isQuarantine) ?? false;

/** How roles are come into, one through another. */
class Entries {
  readonly #state: AccountState;
  readonly #counts: (user: Ref) => boolean;
  readonly #found = new Map<Role, Entry | null>();
  #assumptions: Assumptions | undefined;

  /** @param counts whether a user can call the API at all. */
  constructor(state: AccountState, counts: (user: Ref) => boolean) {
    this.#state = state;
    this.#counts = counts;
  }

  /** The surest; null: nobody may assume it. */
  of(role: Role): Entry | null {
    const known = this.#found.get(role);
    if (known !== undefined) return known;
    const found = this.#into(role, 'sure') ?? this.#into(role, 'perhaps');
    this.#found.set(role, found);
    return found;
  }

  #into(role: Role, wanted: 'sure' | 'perhaps'): Entry | null {
    const assumptions = (this.#assumptions ??= new Assumptions(this.#state));
    const roles = new Set([role]);
    let isService = false;
    for (const one of roles) {
      for (const outsider of assumptions.outsidersOf(one)) {
        if (outsider.named.type === 'service') isService = true;
        else if (wanted === 'perhaps' || isSureOf(outsider, one, this.#state)) return wanted;
      }
      for (const principal of principalsIn(this.#state)) {
        const assumption = assumptions.between(principal, one);
        if (!assumption || !(assumption.certain || wanted === 'perhaps')) continue;
        const next = roleOf(this.#state, principal);
        if (next) roles.add(next);
        else if (this.#counts(principal)) return wanted;
      }
    }
    return wanted === 'perhaps' && isService ? 'service' : null;
  }
}

/**
 * Whether somebody else comes in at any time, as far as this account decides. What says who they are, such as an external
 * id or the subject of a token, they have whenever they come; a second factor or an address they may lack.
 */
function isSureOf({ certain, named, trust }: Outsider, role: Role, { account }: AccountState): boolean {
  if ('text' in named || (named.type === 'assumed-role' && named.account === account)) return false;
  const conditions = trust.flatMap((statement) => statement.conditions);
  return (
    certain || (conditions.length > 0 && conditions.every(({ key }) => saysWho(key)) && !mayDeny(role.trust))
  );
}
/** Whom AWS quarantines administers nothing, though the policy denies some actions alone. */
const quarantined = ({ grants, boundary }: Holdings<Origin>): Holdings<Origin> => ({
  boundary,
  grants: grants.map((grant) => {
    const { policy } = grant.origin;
    return 'arn' in policy && isQuarantine(policy.arn) ? { ...grant, document: denyAll } : grant;
  }),
});

/** Whether somebody could sign in or call the API, and the plan takes their last access key or password. */
function losesSignIn(ref: Ref, { plan, manifests, live }: RailInput): boolean {
  const { name } = parseRef(ref);
  if (ref !== objectRef('user', name)) return false;
  const user = manifests.state.users.get(name);
  const { accessKeys = [], loginProfile = null } = (user && liveOf(user, live)?.credentials) ?? {};
  const active = accessKeys.filter(({ status }) => status === 'Active');
  const own = plan.steps.filter(({ touches }) => touches.includes(ref));
  return (
    active.length + (loginProfile ? 1 : 0) > 0 &&
    active.every(({ id }) => own.some(({ about }) => about === accessKeyRef(name, id))) &&
    (!loginProfile ||
      own.some(({ about, purpose }) => about === passwordRef(name) && purpose === 'delete-credential')) &&
    !own.some(({ purpose }) => purpose === 'make-secret' || purpose === 'reactivate-credential')
  );
}
