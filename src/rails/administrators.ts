/**
 * The rail `last-administrator`: somebody can administer the account now, and nobody could afterwards. Judged on all that
 * users and roles hold, as dangers are (access/dangers.ts).
 */
import { Reader, type Access, type Holdings } from '../access/compare.ts';
import { governs, isAdministrator } from '../access/dangers.ts';
import { denyAll, documentOf, isQuarantine } from '../access/documents.ts';
import { holdingsOf, type Origin } from '../access/principals.ts';
import type { Box } from '../access/regions.ts';
import { NameMap } from '../core/names.ts';
import type { RailViolation } from '../core/rails.ts';
import { accessKeyRef, labelOf, objectRef, parseRef, passwordRef, type Ref } from '../core/references.ts';
import type { AccountState, Identity, PolicyDocument } from '../core/state.ts';
import { listSome } from '../core/text.ts';
import { includes, readGlob } from '../policy/glob.ts';
import { matcherIncludes } from '../policy/includes.ts';
import { afterwards, liveOf } from '../kinds/afterwards.ts';
import { violation, type RailInput } from './violation.ts';

/** A way in which somebody can administer, the surest first. Lesser ones do not stand in for surer ones. */
interface Degree {
  readonly how: string;
  is(access: Access<Origin>): boolean;
}

const degrees: readonly Degree[] = [
  {
    how: '',
    // A Deny that applies under conditions may apply when it matters.
    is: (access) => isAdministrator({ ...access, denies: access.denies.map(anyTime) }),
  },
  {
    how: 'under conditions',
    is: (access) => isAdministrator(atBest(access)),
  },
  {
    // It may leave enough to repair the account.
    how: 'within a permissions boundary that allows less',
    is: (access) => governs(atBest(access)) && isAdministrator({ ...atBest(access), bounds: null }),
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
  const before = new Administrators(input.live);
  const after = new Administrators(afterwards({ ...input, desired: input.manifests.state }));
  const stays = (ref: Ref): boolean => !losesSignIn(ref, input);
  for (const [at, degree] of degrees.entries()) {
    // Most often somebody is found at once, and nobody else is looked at.
    if (after.some(degree, stays)) return [];
    if (!before.some(degree)) continue;
    const lesser = degrees.slice(at + 1).flatMap((other) => {
      const people = after.all(other).filter(stays);
      return people.length > 0 ? [`${other.how}: ${listSome(people.map(labelOf), 5)}`] : [];
    });
    const but = lesser.length > 0 ? ` but ${lesser.join('; ')}` : '';
    return [
      violation(
        'last-administrator',
        `nobody would be left who can administer the account${but}`,
        'keep one user with Action "*" on Resource "*"',
      ),
    ];
  }
  return [];
}

/** Who can administer, of the users and roles of one side. */
class Administrators {
  readonly #state: AccountState;
  readonly #reader = new Reader<Origin>(none);
  readonly #access = new Map<Ref, Access<Origin>>();
  readonly #wide = new Map<PolicyDocument, boolean>();

  constructor(state: AccountState) {
    this.#state = state;
  }

  *#found(degree: Degree): Iterable<Ref> {
    for (const ref of this.#people()) if (degree.is(this.#of(ref))) yield ref;
  }

  some(degree: Degree, test: (ref: Ref) => boolean = () => true): boolean {
    for (const ref of this.#found(degree)) if (test(ref)) return true;
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
    for (const role of roles.values()) if (this.#isWide(role)) yield objectRef('role', role.name);
    for (const user of users.values())
      if (this.#isWide(user) || user.groups.some(throughGroup)) yield objectRef('user', user.name);
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
