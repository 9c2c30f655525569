import type { Tag } from '@aws-sdk/client-iam';
import { objectRef, profileRoleRef } from '../../core/references.ts';
import type { Ref } from '../../core/references.ts';
import { NameMap } from '../../core/names.ts';
import type { AccountState, InstanceProfile, Role } from '../../core/state.ts';
import { dangerousEffect, identityDocument } from '../access.ts';
import { expiredOn, makeChange } from '../change.ts';
import { pathFacts } from '../facts.ts';
import { byHand, isRunner } from '../pipeline.ts';
import type { Context, Draft, Kind, StepDraft } from '../kind.ts';
import { tagDrafts, tagFacts, tagList } from '../tags.ts';
import { about, of } from './about.ts';
import { live } from './live.ts';
import { impliedProfiles, readInstanceProfiles } from './manifest.ts';
import schema from './schema.json' with { type: 'json' };
import { profileToManifest } from './to-manifest.ts';
import { profileWords } from './words.ts';
import type { ProfileChange, ProfileRoleFact } from './words.ts';

/** What hands a role to EC2 instances: one role each, though a role may be in several. */
export const instanceProfileKind = {
  ...about,
  optIn: true,
  schema,
  of,
  put: (state, instanceProfiles) => ({ ...state, instanceProfiles }),
  implied: impliedProfiles,
  read: readInstanceProfiles,
  live,
  toManifest: profileToManifest,
  calls: {
    AddRoleToInstanceProfile: 'instance-profile',
    CreateInstanceProfile: 'instance-profile',
    DeleteInstanceProfile: 'instance-profile',
    RemoveRoleFromInstanceProfile: 'instance-profile',
    TagInstanceProfile: 'instance-profile',
    UntagInstanceProfile: 'instance-profile',
  },
  alsoAuthorised: { PassRole: 'role' },
  reads: { GetInstanceProfile: 'instance-profile', ListInstanceProfiles: 'account' },
  needs: ({ role }) => (role === null ? [] : [objectRef('role', role)]),
  rolesBy: (name, state) => {
    const { role = null } = of(state).get(name) ?? {};
    return role === null ? [] : [objectRef('role', role)];
  },
  drifted: ({ facts }, _fact, { desired, live }) =>
    facts.flatMap((fact) =>
      fact.fact === 'profile-role' && fact.before !== null
        ? [roleImpact(fact.after, fact.before, { live: desired, desired: live })]
        : [],
    )[0],
  words: profileWords,
  ofCall: ({ instanceProfileName: name }) => (typeof name === 'string' ? name : undefined),
  rules: (before, after) =>
    (before.tags === undefined) === (after.tags === undefined)
      ? []
      : [
          {
            rule: 'tags',
            part: ['tags'],
            before: before.tags !== undefined,
            after: after.tags !== undefined,
            effect: after.tags === undefined ? 'unclear' : 'narrows',
            toldBy: ['tags'],
          },
        ],
  diff(declared, live, context) {
    const desired = declared && withoutExpired(declared, context);
    if (desired) checkRole(desired, context);
    const hands = [desired, live].some(
      (one) => one && one.role !== null && isRunner(one.role, context.runsAs),
    );
    // Whoever is on an instance with it could do whatever rollcall can.
    if (hands && !desired) return [];
    const drafts = draftsOf(desired, live, context);
    return hands ? drafts.map(byHand) : drafts;
  },
} satisfies Kind<InstanceProfile, ProfileChange>;

function draftsOf(
  desired: InstanceProfile | undefined,
  live: InstanceProfile | undefined,
  context: Context,
): Draft<ProfileChange>[] {
  if (!live) return desired ? [create(desired)] : [];
  return desired ? update(desired, live, context) : [remove(live, context)];
}

/** A role that ended on its day is in no profile any more. */
function withoutExpired(profile: InstanceProfile, context: Context): InstanceProfile {
  const { name, role } = profile;
  if (role === null || context.desired.roles.has(role)) return profile;
  if (context.expiry(objectRef('role', role)) === undefined) return profile;
  context.note(`instance-profile ${name}: its role ${role} expired, so it has none any more`);
  return { ...profile, role: null };
}

/** IAM would refuse it in the middle of an apply. */
function checkRole({ name, role }: InstanceProfile, context: Context): void {
  const { desired, live, inScope } = context;
  if (role === null || desired.roles.has(role)) return;
  const spelled = [desired, live].flatMap(({ roles }) => new NameMap(roles).get(role)?.name ?? [])[0];
  const stays = spelled === role && !inScope('role', role);
  if (stays) return;
  const at = objectRef(about.name, name);
  if (spelled === undefined)
    context.problem(
      `instance-profile ${name}: there is no role ${role}`,
      'declare it under roles, or mend the name',
      at,
    );
  else if (spelled !== role)
    context.problem(
      `instance-profile ${name}: the role ${role} is called ${spelled}`,
      `write role: ${spelled}`,
      at,
    );
  else
    context.problem(
      `instance-profile ${name}: the role ${role} is in no file any more and would be removed`,
      `declare it under roles, or drop role: ${role}`,
      at,
    );
}

const refOf = ({ name }: InstanceProfile): Ref => objectRef(about.name, name);

const roleFacts = (before: string | null, after: string | null): ProfileRoleFact[] =>
  before === after ? [] : [{ fact: 'profile-role', before, after }];

const snapshot = ({ path, role, tags }: InstanceProfile) => ({
  path,
  role,
  ...(tags ? { tags: { ...tags } } : {}),
});

/** Instances get what the role may do: it waits for all that keeps the role harmless, and for the role itself. */
const addRole = (profile: InstanceProfile, role: string): StepDraft => ({
  op: 'AddRoleToInstanceProfile',
  input: { InstanceProfileName: profile.name, RoleName: role },
  about: profileRoleRef(profile.name, role),
  purpose: 'join-profile',
  cls: 'grant',
  creates: [profileRoleRef(profile.name, role)],
  uses: [refOf(profile), objectRef('role', role)],
  affects: objectRef('role', role),
});

/** Nothing, where the role goes: its own removal takes it out, once it is closed. */
const takeOut = (profile: string, role: string | null, context: Context): StepDraft[] =>
  role === null || goes(role, context)
    ? []
    : [
        {
          op: 'RemoveRoleFromInstanceProfile',
          input: { InstanceProfileName: profile, RoleName: role },
          about: profileRoleRef(profile, role),
          purpose: 'leave-profile',
          uses: [objectRef(about.name, profile), objectRef('role', role)],
          removes: [profileRoleRef(profile, role)],
          cls: 'revoke',
          affects: objectRef('role', role),
        },
      ];

const goes = (role: string, { desired, inScope }: Context): boolean =>
  !desired.roles.has(role) && inScope('role', role);

function create(profile: InstanceProfile): Draft<ProfileChange> {
  const { name, path, role, tags = {} } = profile;
  const change = makeChange({
    kind: about.name,
    name,
    action: 'create',
    aspect: 'object',
    effect: 'none',
    reasons: [{ code: role === null ? 'has-no-role' : 'not-launched' }],
    facts: [...pathFacts(path), ...roleFacts(null, role), ...tagFacts(tags)],
    before: null,
    after: snapshot(profile),
  });
  const step: StepDraft = {
    op: 'CreateInstanceProfile',
    input: {
      InstanceProfileName: name,
      Path: path,
      ...(Object.keys(tags).length > 0 ? { Tags: tagList(tags) } : {}),
    },
    about: refOf(profile),
    purpose: 'create',
    cls: 'neutral',
    creates: [refOf(profile)],
  };
  return { change, steps: [step, ...(role === null ? [] : [addRole(profile, role)])] };
}

/** IAM refuses to delete one that has a role. Whether instances have it, it does not look. */
function remove(profile: InstanceProfile, context: Context): Draft<ProfileChange> {
  const { name, path, role, tags = {} } = profile;
  const change = makeChange({
    kind: about.name,
    name,
    action: 'delete',
    aspect: 'object',
    ...expiredOn(refOf(profile), context),
    effect: role === null ? 'none' : 'narrows',
    reasons: [{ code: 'instances-lose', role }],
    facts: [
      ...pathFacts(path).map((fact) => ({ ...fact, before: fact.after, after: null })),
      ...roleFacts(role, null),
      ...tagFacts(tags).map((fact) => ({ ...fact, before: fact.after, after: null })),
    ],
    before: snapshot(profile),
    after: null,
  });
  const step: StepDraft = {
    op: 'DeleteInstanceProfile',
    input: { InstanceProfileName: name },
    about: refOf(profile),
    purpose: 'delete',
    cls: 'cleanup',
    removes: [refOf(profile)],
    after: role === null ? [] : [profileRoleRef(name, role)],
  };
  return { change, steps: [...takeOut(name, role, context), step] };
}

function update(desired: InstanceProfile, live: InstanceProfile, context: Context): Draft<ProfileChange>[] {
  const { name } = live;
  if (desired.isShort !== true && desired.path !== live.path) {
    context.problem(
      `instance-profile ${name} has the path ${live.path}, and not ${desired.path}: IAM cannot move a profile`,
      `write path: ${live.path}, or declare one of another name and take this one out once no instance has it`,
      objectRef(about.name, desired.name),
    );
  }
  const calls = {
    tag: (Tags: Tag[]) => ({ op: 'TagInstanceProfile', input: { InstanceProfileName: name, Tags } }) as const,
    untag: (TagKeys: string[]) =>
      ({ op: 'UntagInstanceProfile', input: { InstanceProfileName: name, TagKeys } }) as const,
  };
  return [
    ...(desired.role === live.role ? [] : [changeRole(desired, live, context)]),
    ...(desired.tags ? tagDrafts({ kind: about.name, name }, calls, desired.tags, live.tags ?? {}) : []),
  ];
}

/** One role at a time: the other one has to be out before. */
function changeRole(desired: InstanceProfile, live: InstanceProfile, context: Context): Draft<ProfileChange> {
  const [before, after] = [live.role, desired.role];
  const add = after === null ? [] : [addRole(live, after)];
  return {
    change: makeChange({
      kind: about.name,
      name: live.name,
      aspect: 'role',
      action: 'update',
      ...roleImpact(before, after, context),
      facts: roleFacts(before, after),
      before: { role: before },
      after: { role: after },
    }),
    steps: [
      ...takeOut(live.name, before, context),
      ...add.map((step) => ({
        ...step,
        after: before === null ? [] : [profileRoleRef(live.name, before)],
      })),
    ],
  };
}

const roleIn = ({ roles }: AccountState, name: string | null): Role | undefined =>
  name === null ? undefined : roles.get(name);

/** What instances may do by the one role and by the other. */
function roleImpact(
  before: string | null,
  after: string | null,
  { live, desired }: Pick<Context, 'live' | 'desired'>,
): Pick<ProfileChange, 'effect' | 'reasons' | 'dangers'> {
  const told: ProfileChange['reasons'] =
    after === null ? [{ code: 'instances-lose', role: before }] : [{ code: 'instances-get', role: after }];
  const was = roleIn(live, before);
  const is = roleIn(desired, after) ?? roleIn(live, after);
  if ((before !== null && !was) || (after !== null && !is)) return { effect: 'unclear', reasons: told };
  if (!is) return { effect: 'narrows', reasons: told };
  const impact = dangerousEffect(
    was ? identityDocument(live, was) : null,
    identityDocument(roleIn(desired, after) ? desired : live, is),
  );
  const isBounded = [was, is].some((role) => (role?.boundary ?? null) !== null);
  return {
    ...impact,
    ...(isBounded && impact.effect !== 'widens' ? { effect: 'unclear' as const } : {}),
    reasons: [...told, ...impact.reasons, ...(isBounded ? [{ code: 'bounded' as const }] : [])],
  };
}
