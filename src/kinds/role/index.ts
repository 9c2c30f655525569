import { awsPolicyArn } from '../../core/arn.ts';
import { limits } from '../../core/limits.ts';
import {
  attachmentRef,
  inlineRef,
  labelOf,
  namedRef,
  objectRef,
  partRef,
  policyArnRef,
  profileRoleRef,
  shutOutRef,
} from '../../core/references.ts';
import type { Ref } from '../../core/references.ts';
import { sortedKeys } from '../../core/json.ts';
import { listSome } from '../../core/text.ts';
import { timeOfCall } from '../../core/operations.ts';
import type { Json } from '../../core/json.ts';
import type { Role } from '../../core/state.ts';
import { canonicalTrust, nobodyTrust } from '../../policy/trust/index.ts';
import { combine, effectOf, inlineNamed, withoutInline } from '../access.ts';
import {
  attachmentImpact,
  boundaryImpact,
  canonicalDocuments,
  deleteInline,
  detach,
  diffPolicies,
  grantAll,
  ownPolicies,
  policyFacts,
  policyLikeness,
  putInline,
} from '../identity.ts';
import { expiredOn, makeChange } from '../change.ts';
import { pathFacts } from '../facts.ts';
import type { Context, Draft, Drifted, Kind, StepDraft } from '../kind.ts';
import { noteTrusts } from '../left-in-trusts.ts';
import { byHand, isPipelineRole, isRunner } from '../pipeline.ts';
import { providersFor } from '../providers.ts';
import { tagDrafts, tagFacts, tagList } from '../tags.ts';
import { about } from './about.ts';
import { isAwsPath } from './aws-roles.ts';
import { trustDangerLabels } from './danger-words.ts';
import type { RoleFacts } from './facts.ts';
import { roleIdentity } from './identity.ts';
import { live } from './live.ts';
import { readRoles } from './manifest.ts';
import {
  hasRoom,
  isOver,
  revocationIn,
  revocationName,
  revocationOf,
  revocationSize,
  withoutRevocation,
} from './revocation.ts';
import schema from './schema.json' with { type: 'json' };
import trustSchema from './trust.schema.json' with { type: 'json' };
import { roleToManifest } from './to-manifest.ts';
import {
  dangersOfTrust,
  diffTrust,
  driftedTrust,
  namedIn,
  refuseUnwritable,
  settled,
  trustStep,
  waitsForEachOther,
} from './trust.ts';
import { roleWords } from './words.ts';
import type { RoleChange } from './words.ts';

const of = roleIdentity;

const drifted: Drifted<RoleChange> = (_change, fact, sides) =>
  fact.fact === 'trust' && fact.before ? driftedTrust(fact.after, fact.before, sides) : undefined;

/** Roles. What they are handed to instances by is told by their instance profiles, but where they go. */
export const roleKind = {
  ...about,
  schema: { ...schema, $defs: { ...schema.$defs, ...trustSchema.$defs } },
  optIn: true,
  of: (state) => state.roles,
  put: (state, roles) => ({ ...state, roles }),
  read: readRoles,
  identity: roleIdentity,
  live,
  isAws: ({ path }) => isAwsPath(path),
  isOurs: isPipelineRole,
  needs: (role, state) => [
    ...ownPolicies([...role.attachedPolicyArns, ...(role.boundary === null ? [] : [role.boundary])], state),
    ...namedIn(role.trust, state),
  ],
  toManifest: roleToManifest,
  documents: 'policies.*',
  paths: ['trust'],
  fingerprint: ({ instanceProfiles, ...role }) => ({ ...role, instanceProfiles }),
  calls: {
    AttachRolePolicy: 'role',
    CreateRole: 'role',
    DeleteRole: 'role',
    DeleteRolePermissionsBoundary: 'role',
    DeleteRolePolicy: 'role',
    DetachRolePolicy: 'role',
    PutRolePermissionsBoundary: 'role',
    PutRolePolicy: 'role',
    RemoveRoleFromInstanceProfile: 'instance-profile',
    TagRole: 'role',
    UntagRole: 'role',
    UpdateAssumeRolePolicy: 'role',
    UpdateRole: 'role',
  },
  reads: { ListRoles: 'account' },
  rules: ({ revoke: was = false }, { revoke: is = false }) =>
    was === is
      ? []
      : [{ rule: 'revoke', part: ['revoke'], before: was, after: is, effect: is ? 'narrows' : 'widens' }],
  words: roleWords,
  drifted,
  dangerLabels: trustDangerLabels,
  sets: ['attach', 'policies'],
  ofCall: ({ roleName }) => (typeof roleName === 'string' ? roleName : undefined),
  likeness(role) {
    const facts = { ...policyLikeness(role), trust: canonicalTrust(role.trust) };
    return { facts };
  },
  diff(desired, live, context) {
    if (!isRunner((desired ?? live)?.name ?? '', context.runsAs)) return draftsOf(desired, live, context);
    return desired ? draftsOf(desired, live, context).map(byHand) : [];
  },
} satisfies Kind<Role, RoleChange>;

function draftsOf(desired: Role | undefined, live: Role | undefined, context: Context): Draft<RoleChange>[] {
  if (!desired) return live ? [remove(live, context)] : [];
  if (desired.revoke && Object.hasOwn(desired.policies, revocationName)) {
    context.problem(
      `role ${desired.name}: revoke ends its sessions by the inline policy ${revocationName}, which it declares itself`,
      `drop that policy, or revoke: true`,
      partRef(objectRef('role', desired.name), 'revoke'),
    );
  }
  const { trust, ...left } = settled(desired.trust, context, desired.name);
  const wanted = { ...desired, trust };
  if (!live) {
    if (left.without.length > 0)
      context.note(
        `role ${desired.name}: its trust names ${listSome(left.without.map(labelOf), 5)}, who goes by this plan: it is left out${
          left.unreachable ? ', and nobody may assume the role' : ''
        }`,
      );
    return [create(wanted, context)];
  }
  if (desired.path !== live.path) {
    context.problem(
      `role ${live.name} is at ${live.path}, and IAM cannot move a role to ${desired.path}`,
      `write path: ${live.path}, or declare a role of another name with renamedFrom: ${live.name}`,
      partRef(objectRef('role', live.name), 'path'),
    );
  }
  return update(wanted, live, left, context);
}

/** All that a role holds, as the steps make it. */
const refsOf = ({ name, policies, attachedPolicyArns }: Role): Ref[] => {
  const role = objectRef('role', name);
  return [
    role,
    ...Object.keys(policies).map((policy) => inlineRef(role, policy)),
    ...attachedPolicyArns.map((arn) => attachmentRef(role, arn)),
  ];
};

function create(role: Role, context: Context): Draft<RoleChange> {
  const { name, path, boundary, trust, description = '', maxSession = limits.shortestRoleSession } = role;
  const ref = objectRef('role', name);
  if (!isRunner(name, context.runsAs)) refuseUnwritable(role, context);
  const waits = waitsForEachOther(role, context);
  const { dangers = [], ...impact } = combine([
    ...Object.values(role.policies).map((document) => effectOf(null, document)),
    ...role.attachedPolicyArns.map((arn) => attachmentImpact(context, arn, 'desired')),
  ]);
  const all = [...dangers, ...dangersOfTrust(null, trust, context)];
  const from =
    role.renamedFrom !== undefined && context.live.roles.has(role.renamedFrom) ? role.renamedFrom : undefined;
  const change = makeChange({
    kind: 'role',
    name,
    action: 'create',
    aspect: 'object',
    ...impact,
    reasons: [...impact.reasons, ...(from === undefined ? [] : [{ code: 'made-anew', from } as const])],
    ...(all.length > 0 ? { dangers: all } : {}),
    facts: facts(role),
    before: null,
    after: snapshot(role),
  });
  return {
    change,
    steps: [
      {
        op: 'CreateRole',
        input: {
          RoleName: name,
          Path: path,
          AssumeRolePolicyDocument: JSON.stringify(waits ? nobodyTrust : trust),
          MaxSessionDuration: maxSession,
          ...(description === '' ? {} : { Description: description }),
          ...(boundary === null ? {} : { PermissionsBoundary: boundary }),
          ...(Object.keys(role.tags).length > 0 ? { Tags: tagList(role.tags) } : {}),
        },
        about: ref,
        purpose: 'create',
        cls: 'neutral',
        creates: [ref],
        uses: [
          ...(boundary === null ? [] : [policyArnRef(boundary)]),
          ...(waits ? [] : [...namedIn(trust, context.desired), ...providersFor(context, trust)]),
        ],
      },
      ...grantAll(of, role, context),
      ...(waits ? [trustStep(role, nobodyTrust, context)] : []),
    ],
  };
}

/** All that a new role gets. */
function facts(role: Role): RoleFacts['object'][] {
  const { path, description = '', maxSession = limits.shortestRoleSession, trust, boundary } = role;
  return [
    ...pathFacts(path),
    ...(description === '' ? [] : [{ fact: 'description', before: null, after: description } as const]),
    ...(maxSession === limits.shortestRoleSession
      ? []
      : [{ fact: 'max-session', before: null, after: maxSession } as const]),
    { fact: 'trust', before: null, after: trust },
    ...tagFacts(role.tags),
    ...policyFacts(role, true),
    ...(boundary === null ? [] : [{ fact: 'boundary', before: null, after: boundary } as const]),
  ];
}

/**
 * Nobody comes in any more and nobody's session goes on, before what it holds goes bit by bit: on the way a Deny may go
 * before an Allow.
 */
function remove(role: Role, context: Context): Draft<RoleChange> {
  const { name, trust } = role;
  const ref = objectRef('role', name);
  noteTrusts(ref, context);
  const successor = [...context.desired.roles.values()].find((one) => one.renamedFrom === name);
  const uses = successor ? refsOf(successor) : [];
  const profiles = role.instanceProfiles ?? [];
  const close: StepDraft = {
    ...trustStep({ ...role, trust: nobodyTrust }, trust, context),
    purpose: 'close-trust',
    cls: 'revoke',
  };
  const { step: revoke, policy: revocation, ends } = endSessions(role, context);
  const shut = [ends];
  const change = makeChange({
    kind: 'role',
    name,
    action: 'delete',
    aspect: 'object',
    effect: 'narrows',
    reasons: [
      { code: 'role-goes' },
      ...(successor ? [{ code: 'gives-way', to: successor.name } as const] : []),
    ],
    ...expiredOn(ref, context),
    facts: [
      { fact: 'trust', before: trust, after: null },
      ...profiles.map((profile) => ({ fact: 'profile', profile, before: true, after: false }) as const),
      ...policyFacts(role, false),
    ],
    before: snapshot(role),
    after: null,
  });
  const strip: StepDraft[] = [
    ...profiles.map((profile) => leaveProfile(profile, name)),
    ...role.attachedPolicyArns.map((arn) => detach(of, name, arn, { cls: 'cleanup' })),
    ...sortedKeys(withoutInline(role.policies, revocationName)).map((policy) =>
      deleteInline(of, name, policy, { cls: 'cleanup' }),
    ),
    ...(revocation === undefined
      ? []
      : [
          {
            ...deleteInline(of, name, revocation, { cls: 'cleanup', purpose: 'lift-deny' }),
            after: [namedRef(ref)],
          } as const,
        ]),
  ];
  return {
    change,
    steps: [
      { ...close, uses: [...(close.uses ?? []), ...uses] },
      { ...revoke, creates: [...(revoke.creates ?? []), shutOutRef(ref)], chained: true },
      ...strip.map((step): StepDraft => ({ ...step, uses: [...(step.uses ?? []), ...shut] })),
      {
        op: 'DeleteRole',
        input: { RoleName: name },
        about: ref,
        purpose: 'delete',
        cls: 'cleanup',
        removes: [ref],
        // IAM deletes no policy that bounds somebody.
        ...(role.boundary === null ? {} : { uses: [policyArnRef(role.boundary)] }),
      },
    ],
  };
}

const leaveProfile = (profile: string, name: string): StepDraft => ({
  op: 'RemoveRoleFromInstanceProfile',
  input: { InstanceProfileName: profile, RoleName: name },
  about: profileRoleRef(profile, name),
  purpose: 'leave-profile',
  cls: 'cleanup',
  uses: [objectRef('role', name)],
  removes: [profileRoleRef(profile, name)],
});

/** Sessions that began before the call are denied everything. */
const revokeStep = (name: string, policy = revocationName): StepDraft =>
  putInline(of, name, policy, revocationOf(timeOfCall), { purpose: 'revoke-sessions', cls: 'restrain' });

/**
 * Ends the sessions of a role that goes: by a revocation, or where no inline room is left by AWS's deny-all as its
 * permissions boundary, which there is always room for.
 */
function endSessions(
  { name, policies, boundary }: Role,
  { live: { partition } }: Context,
): { readonly step: StepDraft; readonly policy?: string; readonly ends: Ref } {
  const ref = objectRef('role', name);
  if (hasRoom(policies)) {
    const policy = inlineNamed(policies, revocationName)?.name ?? revocationName;
    return { step: revokeStep(name, policy), policy, ends: inlineRef(ref, policy) };
  }
  const denyAll = awsPolicyArn(partition, 'AWSDenyAll');
  const ends = partRef(ref, 'boundary', denyAll);
  return {
    step: {
      op: 'PutRolePermissionsBoundary',
      input: { RoleName: name, PermissionsBoundary: denyAll },
      about: ends,
      purpose: 'revoke-sessions',
      cls: 'restrain',
      creates: [ends],
      uses: [ref, ...(boundary === null ? [] : [policyArnRef(boundary)])],
      affects: ref,
    },
    ends,
  };
}

const tagCalls = (RoleName: string): Parameters<typeof tagDrafts>[1] => ({
  tag: (Tags) => ({ op: 'TagRole', input: { RoleName, Tags } }),
  untag: (TagKeys) => ({ op: 'UntagRole', input: { RoleName, TagKeys } }),
});

function update(
  desired: Role,
  live: Role,
  left: Omit<ReturnType<typeof settled>, 'trust'>,
  context: Context,
): Draft<RoleChange>[] {
  const { name } = desired;
  const drafts: Draft<RoleChange>[] = [
    ...diffSettings(desired, live),
    ...diffTrust(desired, live, left, context),
  ];
  drafts.push(...tagDrafts({ kind: about.name, name }, tagCalls(name), desired.tags, live.tags));
  if (desired.boundary !== live.boundary) drafts.push(diffBoundary(desired, live, context));
  const held = revocationIn(live.policies);
  const keeps = held && !(revocationName in desired.policies);
  const seen = keeps ? { ...live, policies: withoutRevocation(live.policies) } : live;
  drafts.push(...diffPolicies(of, desired, seen, context));
  return [...drafts, ...diffRevocation(desired, live, drafts, context)];
}

/** Sessions are revoked where access narrows, and that stays until none of them can be left. */
function diffRevocation(
  desired: Role,
  live: Role,
  drafts: readonly Draft<RoleChange>[],
  context: Context,
): Draft<RoleChange>[] {
  const { name } = desired;
  const place = partRef(objectRef('role', name), 'revoke');
  if (Object.hasOwn(desired.policies, revocationName)) return [];
  const held = revocationIn(live.policies);
  const common = { kind: 'role', name, action: 'update', aspect: 'revocation' } as const;
  const narrows = drafts.some(({ change }) => change.effect === 'narrows' || change.effect === 'unclear');
  if (desired.revoke && narrows && drafts.some(({ steps }) => steps.length > 0)) {
    const other = held ? undefined : inlineNamed(live.policies, revocationName);
    if (other) {
      context.problem(
        `role ${name}: its sessions cannot be ended, as its inline policy ${other.name} has the name that a revocation gets, and says something else`,
        `take that policy away first, by a change that leaves out revoke`,
        place,
      );
    } else if (!hasRoom(live.policies, desired.policies)) {
      context.problem(
        `role ${name}: its access narrows, and its inline policies leave no room for the policy ${revocationName} of ${revocationSize} characters that ends its sessions: together they may have ${limits.inlineRole}`,
        `move one of its policies into a managed policy, or leave out revoke and let sessions run out by themselves`,
        place,
      );
    }
    return [
      {
        change: makeChange({
          ...common,
          effect: 'narrows',
          reasons: [{ code: 'sessions-end' }],
          facts: [{ fact: 'revocation', before: false, after: true }],
          before: { revocation: held?.before.toISOString() ?? null },
          after: { revocation: timeOfCall },
        }),
        steps: [revokeStep(name, held?.name)],
      },
    ];
  }
  const longest = Math.max(live.maxSession ?? limits.longestRoleSession, desired.maxSession ?? 0);
  // Another's, who may want to see it there, keeps nobody out any more.
  if (!desired.revoke || !held || !isOver(held.before, longest, context.now)) return [];
  const at = held.before.toISOString();
  return [
    {
      change: makeChange({
        ...common,
        effect: 'none',
        reasons: [{ code: 'sessions-over' }],
        facts: [{ fact: 'revocation', before: true, after: false, at }],
        before: { revocation: at },
        after: { revocation: null },
      }),
      steps: [deleteInline(of, name, held.name, { purpose: 'lift-deny', cls: 'release' })],
    },
  ];
}

/** Both are sent, since what an UpdateRole leaves out may become what IAM gives by itself. */
function diffSettings(desired: Role, live: Role): Draft<RoleChange>[] {
  const [was, is] = [live.description ?? '', desired.description ?? ''];
  const [before, after] = [
    live.maxSession ?? limits.shortestRoleSession,
    desired.maxSession ?? limits.shortestRoleSession,
  ];
  if (was === is && before === after) return [];
  const ref = objectRef('role', desired.name);
  return [
    {
      change: makeChange({
        kind: 'role',
        name: desired.name,
        action: 'update',
        aspect: 'settings',
        ...(before === after
          ? ({ effect: 'none', reasons: [{ code: 'no-effect' }] } as const)
          : after > before
            ? ({ effect: 'widens', reasons: [{ code: 'longer-sessions' }] } as const)
            : ({ effect: 'narrows', reasons: [{ code: 'shorter-sessions' }] } as const)),
        facts: [
          ...(was === is ? [] : [{ fact: 'description', before: was, after: is } as const]),
          ...(before === after ? [] : [{ fact: 'max-session', before, after } as const]),
        ],
        before: { description: was, maxSession: before },
        after: { description: is, maxSession: after },
      }),
      steps: [
        {
          op: 'UpdateRole',
          input: { RoleName: desired.name, Description: is, MaxSessionDuration: after },
          about: partRef(ref, 'settings'),
          purpose: 'configure',
          cls: 'neutral',
          uses: [ref],
        },
      ],
    },
  ];
}

/** A boundary only ever takes access away: its coming narrows, its going widens. */
function diffBoundary(desired: Role, live: Role, context: Context): Draft<RoleChange> {
  const [before, after] = [live.boundary, desired.boundary];
  const ref = objectRef('role', desired.name);
  const uses = [ref, ...[after, before].flatMap((arn) => (arn === null ? [] : [policyArnRef(arn)]))];
  const about = partRef(ref, 'boundary', ...(after === null ? [] : [after]));
  return {
    change: makeChange({
      kind: 'role',
      name: desired.name,
      action: 'update',
      aspect: 'boundary',
      ...boundaryImpact(before, after, context),
      facts: [{ fact: 'boundary', before, after }],
      before: { boundary: before },
      after: { boundary: after },
    }),
    steps: [
      after === null
        ? {
            op: 'DeleteRolePermissionsBoundary',
            input: { RoleName: desired.name },
            purpose: 'remove-boundary',
            cls: 'release',
            about,
            uses,
            affects: ref,
          }
        : {
            op: 'PutRolePermissionsBoundary',
            input: { RoleName: desired.name, PermissionsBoundary: after },
            purpose: 'set-boundary',
            cls: before === null ? 'restrain' : 'swap',
            about,
            uses,
            affects: ref,
          },
    ],
  };
}

const snapshot = (role: Role): Json => ({
  path: role.path,
  description: role.description ?? '',
  maxSession: role.maxSession ?? null,
  trust: canonicalTrust(role.trust),
  tags: tagList(role.tags),
  policies: canonicalDocuments(role.policies),
  attach: [...role.attachedPolicyArns],
  boundary: role.boundary,
});
