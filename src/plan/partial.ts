import { policyArnParts } from '../core/arn.ts';
import { byText } from '../core/json.ts';
import { NameMap, sameName } from '../core/names.ts';
import { objectRef, parseRef } from '../core/references.ts';
import type { Ref } from '../core/references.ts';
import type { AccountState, Identity, Role, User } from '../core/state.ts';
import { didYouMean, listWords } from '../core/text.ts';
import { isQuarantine } from '../access/documents.ts';
import { principalOf, principalsIn } from '../access/principals.ts';
import { holders } from '../kinds/holders.ts';
import { namedInTrusts, writesTrust } from '../kinds/left-in-trusts.ts';
import { isSuspended, kinds } from '../kinds/index.ts';
import { providerRefsIn } from '../kinds/providers.ts';
import { namedIn } from '../kinds/role/trust.ts';
import type { Context, Kind } from '../kinds/index.ts';

/** Of which objects a partial plan may hold changes. */
export interface Aim {
  /** The targets with what they depend on as the manifests declare them, and everything else as the account has it. */
  readonly state: AccountState;
  /** Spelled as they are declared, in text order. */
  readonly targets: readonly Ref[];
  /** A state without what is left as it is. */
  own(state: AccountState): AccountState;
  /** `policies`: only those of what it holds. */
  changes(kind: string, name: string): 'all' | 'policies' | 'none';
}

interface Sides {
  readonly declared: AccountState;
  /** Under the names that objects have now. */
  readonly live: AccountState;
  readonly inScope: Context['inScope'];
}

/** Aspects of an object's changes that are about what it holds. */
export const holdingAspects: ReadonlySet<string> = new Set(['attach', 'boundary']);

const byName: ReadonlyMap<string, Kind<unknown>> = new Map(kinds.map((kind) => [kind.name, kind]));

/**
 * What a plan of `targets` alone is made from. It is a whole state, which the planner brings about as any other: so what
 * is proved of plans holds of a partial one too, and no change is cut in two.
 *
 * @param problem is told of targets that are nowhere.
 */
export function partOf(
  sides: Sides,
  targets: readonly string[],
  problem: (message: string, hint: string) => void,
): Aim {
  const found = targets.flatMap((target) => resolve(target, sides, problem) ?? []);
  const reached = reach(sides, found);
  const wanted: ReadonlySet<Ref> = new Set(found);
  const trusting = rolesNaming(sides, reached.whole);
  const around = new Set([...groupsAround(sides, reached.whole), ...trusting]);
  return {
    state: withRevocations(stateOf(sides, reached, wanted), sides, trusting),
    targets: [...wanted].sort(byText),
    own: (state) =>
      kinds.reduce(
        (all, kind) =>
          kind.put(
            all,
            new Map([...kind.of(all)].filter(([name]) => reached.whole.has(objectRef(kind.name, name)))),
          ),
        state,
      ),
    changes(kind, name) {
      const ref = objectRef(kind, name);
      if (reached.whole.has(ref) || around.has(ref)) return 'all';
      return reached.holding.has(ref) ? 'policies' : 'none';
    },
  };
}

/** The object that a target names: as it is declared, or as the account has it. */
function resolve(
  target: string,
  { declared, live, inScope }: Sides,
  problem: (message: string, hint: string) => void,
): Ref | null {
  // As people write it: of a URL without its slashes encoded.
  const { kind: word, name: first, part } = parseRef(target);
  const name = [first, ...part].join('/');
  const kind = byName.get(word);
  if (!kind) {
    const known = kinds.map((one) => `${one.name}:${one.only ?? 'NAME'}`);
    problem(`--target ${target}: there are no objects of the kind ${word}`, `write ${listWords(known)}`);
    return null;
  }
  const { title = word } = kind;
  const objects = [...kind.of(declared)];
  const old = objects.find(([, one]) => sameName(renamedFrom(one) ?? '', name))?.[0];
  const only = kind.only === undefined ? [] : [kind.only];
  const names = [...objects.map(([one]) => one), ...kind.of(live).keys(), ...only];
  const spelled = names.find((one) => sameName(one, name));
  const isDeclared = spelled !== undefined && kind.of(declared).has(spelled);
  const found = isDeclared ? spelled : (old ?? spelled);
  if (found === undefined) {
    const near = didYouMean(
      target,
      names.filter((one) => inScope(word, one)).map((one) => [word, one].join(':')),
    );
    problem(
      `--target ${target}: no manifest declares this ${title}, and the account has none`,
      near ?? `name what is declared, or what the account has`,
    );
    return null;
  }
  if (!kind.of(declared).has(found) && !inScope(word, found)) {
    problem(`--target ${target}: the ${title} is not managed, so no plan changes it`, 'declare it first');
    return null;
  }
  return objectRef(word, found);
}

const renamedFrom = (object: unknown): string | undefined =>
  (object as { readonly renamedFrom?: string } | null)?.renamedFrom;

interface Reached {
  /** Taken as they are declared. */
  readonly whole: ReadonlySet<Ref>;
  /** Which hold a policy that goes: of them only what they hold is as declared. */
  readonly holding: ReadonlySet<Ref>;
}

/** The targets and what they depend on and that is to be made first, such as groups, policies and whom trusts name; and who holds what goes. */
function reach(sides: Sides, targets: readonly Ref[]): Reached {
  const whole = new Set<Ref>();
  const holding = new Set<Ref>();
  const open = [...targets];
  for (let ref = open.pop(); ref !== undefined; ref = open.pop()) {
    if (whole.has(ref)) continue;
    whole.add(ref);
    const { kind, name } = parseRef(ref);
    const own = byName.get(kind)!;
    const { identity, of } = own;
    const object = identity?.of(sides.declared).get(name);
    if (object) open.push(...toBeMade(object, sides), ...profilesIn(ref, sides));
    const other = identity ? undefined : of(sides.declared).get(name);
    if (other) open.push(...(own.needs?.(other, sides.declared) ?? []).filter(isMissing(sides)));
    const gone = of(sides.live) === sides.live.policies ? goneArn(name, sides) : undefined;
    for (const holder of gone === undefined ? [] : holders(sides.live, gone)) {
      const { identity: held } = byName.get(holder.kind) ?? {};
      if (!held || !sides.inScope(holder.kind, holder.name)) continue;
      const holderRef = objectRef(holder.kind, holder.name);
      const wanted = declaredAs(held.of(sides.declared), holder.name);
      // Without its boundary somebody who leaves would gain: they leave first.
      if (!wanted && holder.as === 'boundary') open.push(holderRef);
      else holding.add(holderRef);
      if (wanted) open.push(...policiesToBeMade(wanted, sides));
    }
  }
  return { whole, holding };
}

const declaredAs = <T extends object>(declared: ReadonlyMap<string, T>, name: string): T | undefined =>
  declared.get(name) ?? [...declared.values()].find((one) => sameName(renamedFrom(one) ?? '', name));

/** The ARN that a policy has and will not have any more: it goes, or moves to another path. */
function goneArn(name: string, { declared, live }: Sides): string | undefined {
  const arn = live.policies.get(name)?.arn;
  return declared.policies.get(name)?.arn === arn ? undefined : arn;
}

/** Declared, and not there yet. */
const isMissing =
  ({ declared, live }: Sides) =>
  (ref: Ref): boolean => {
    const { kind, name } = parseRef(ref);
    const { of } = byName.get(kind) ?? {};
    return of !== undefined && of(declared).has(name) && !of(live).has(name);
  };

/** Profiles that the entry of a role declares: they are a part of how it is declared. */
const profilesIn = (ref: Ref, { declared }: Sides): Ref[] =>
  [...declared.instanceProfiles.values()].flatMap(({ name, role, isShort }) =>
    isShort && objectRef('role', role ?? '') === ref ? [objectRef('instance-profile', name)] : [],
  );

const toBeMade = (identity: Identity, sides: Sides): Ref[] => [
  ...policiesToBeMade(identity, sides),
  ...namedIn((identity as Partial<Role>).trust ?? {}, sides.declared).filter(
    (ref) => !principalOf(sides.live, ref),
  ),
  ...providerRefsIn((identity as Partial<Role>).trust ?? {}).filter(isMissing(sides)),
  ...((identity as Partial<User>).groups ?? [])
    .filter((group) => !sides.live.groups.has(group))
    .map((group) => objectRef('group', group)),
];

function policiesToBeMade(identity: Identity, { declared, live }: Sides): Ref[] {
  const { boundary = null } = identity as Partial<User>;
  return [...identity.attachedPolicyArns, ...(boundary === null ? [] : [boundary])].flatMap((arn) => {
    const { name = '' } = policyArnParts(arn) ?? {};
    const isOurs = declared.policies.get(name)?.arn === arn;
    return isOurs && live.policies.get(name)?.arn !== arn ? [objectRef('policy', name)] : [];
  });
}

/** Groups tell who joins and leaves them. */
function groupsAround({ declared, live }: Sides, whole: ReadonlySet<Ref>): ReadonlySet<Ref> {
  return new Set(
    [declared, live].flatMap(({ users }) =>
      [...users.values()]
        .filter(({ name, renamedFrom: old }) =>
          [name, old].some((one) => one !== undefined && whole.has(objectRef('user', one))),
        )
        .flatMap(({ groups }) => groups.map((group) => objectRef('group', group))),
    ),
  );
}

/** Roles out of whose trust somebody is taken who leaves: they are as the account has them, but for that. */
function rolesNaming({ declared, live, inScope }: Sides, whole: ReadonlySet<Ref>): ReadonlySet<Ref> {
  const leaving = principalsIn(live).filter((ref) => whole.has(ref) && !principalOf(declared, ref));
  return new Set(
    leaving
      .flatMap((ref) => namedInTrusts(live, ref).named)
      .filter(({ name }) => writesTrust({ inScope }, name))
      .map(({ name }) => objectRef('role', name)),
  );
}

/** Their sessions end where the files want that, too. */
function withRevocations(state: AccountState, { declared }: Sides, trusting: ReadonlySet<Ref>): AccountState {
  const roles = [...state.roles].map(([name, role]): [string, Role] => {
    const revoke = trusting.has(objectRef('role', name)) && declared.roles.get(name)?.revoke;
    return [name, revoke ? { ...role, revoke } : role];
  });
  return { ...state, roles: new Map(roles) };
}

function stateOf(sides: Sides, reached: Reached, targets: ReadonlySet<Ref>): AccountState {
  const { declared, live, inScope } = sides;
  const state = kinds.reduce((all, kind) => {
    const isTaken = (name: string): boolean => reached.whole.has(objectRef(kind.name, name));
    const taken = [...kind.of(declared)].filter(([name]) => isTaken(name));
    if (kind.only !== undefined) return kind.put(all, new Map(taken));
    const replaced = new NameMap(
      taken.flatMap(([name, one]) => [name, renamedFrom(one) ?? name].map((each) => [each, true] as const)),
    );
    const others = [...kind.of(live)].filter(
      ([name]) => inScope(kind.name, name) && !replaced.has(name) && !isTaken(name),
    );
    return kind.put(all, new Map([...others, ...taken].sort(([a], [b]) => byText(a, b))));
  }, declared);
  return withHolders(withMembers(state, sides, reached, targets), sides, reached);
}

/**
 * Users who are no targets are in the groups in which they are, but for target groups: in these they are as declared.
 * Somebody who leaves or is new joins and leaves by a change of their own.
 */
function withMembers(
  state: AccountState,
  { declared, live, inScope }: Sides,
  { whole }: Reached,
  targets: ReadonlySet<Ref>,
): AccountState {
  const renamed = new NameMap(
    [...declared.groups.values()].flatMap(({ name, renamedFrom: old }) =>
      old !== undefined && whole.has(objectRef('group', name)) && !live.groups.has(name)
        ? [[old, name] as const]
        : [],
    ),
  );
  const isTarget = (group: string): boolean => targets.has(objectRef('group', group));
  const goes = (group: string): boolean =>
    whole.has(objectRef('group', group)) && !declared.groups.has(group);
  const users = [...state.users].map(([name, user]): [string, User] => {
    if (whole.has(objectRef('user', name))) return [name, user];
    const wanted = declaredAs(declared.users, name)?.groups;
    const kept = user.groups
      .filter((group) => inScope('group', group))
      .map((group) => renamed.get(group) ?? group)
      .filter((group) => !goes(group) && !(isTarget(group) && wanted && !wanted.includes(group)));
    const groups = [...new Set([...kept, ...(wanted ?? []).filter(isTarget)])].sort(byText);
    return [name, { ...user, groups, ...(isSuspended(user) ? { suspended: true } : {}) }];
  });
  return { ...state, users: new Map(users) };
}

/** Whoever holds a policy that goes holds what is declared. AWS's quarantine is added to both sides of a plan. */
function withHolders(state: AccountState, sides: Sides, { whole, holding }: Reached): AccountState {
  const gone = new Set(
    [...sides.live.policies.keys()]
      .filter((name) => whole.has(objectRef('policy', name)))
      .flatMap((name) => goneArn(name, sides) ?? []),
  );
  return kinds.reduce((all, kind) => {
    const { identity } = kind;
    if (!identity) return all;
    const held = [...identity.of(all)].map(([name, one]): [string, Identity] => {
      const ref = objectRef(kind.name, name);
      if (whole.has(ref)) return [name, one];
      const wanted = holding.has(ref) ? declaredAs(identity.of(sides.declared), name) : undefined;
      const arns = (wanted ?? one).attachedPolicyArns;
      const attachedPolicyArns = arns.filter((arn) => (wanted || !gone.has(arn)) && !isQuarantine(arn));
      const { boundary } = (wanted ?? one) as Partial<User>;
      return [name, { ...one, attachedPolicyArns, ...(boundary === undefined ? {} : { boundary }) }];
    });
    return kind.put(all, new Map(held));
  }, state);
}
