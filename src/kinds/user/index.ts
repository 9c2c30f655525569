import { objectRef, policyArnRef, partRef, takenNameRef } from '../../core/references.ts';
import type { Ref } from '../../core/references.ts';
import type { Json } from '../../core/json.ts';
import { limits } from '../../core/limits.ts';
import type { User } from '../../core/state.ts';
import { plural } from '../../core/text.ts';
import { denyAll } from '../../access/documents.ts';
import { combine, effectOf, identityDocument, suspendedDeny } from '../access.ts';
import { join } from '../group/index.ts';
import {
  attachmentImpact,
  boundaryImpact,
  canonicalDocuments,
  diffPath,
  diffPolicies,
  grantAll,
  ownPolicies,
  policyFacts,
  putInline,
} from '../identity.ts';
import { makeChange } from '../change.ts';
import { pathFacts } from '../facts.ts';
import type { Context, Draft, Kind, StepDraft } from '../kind.ts';
import { noteTrusts } from '../left-in-trusts.ts';
import { tagDrafts, tagFacts, tagList } from '../tags.ts';
import { about } from './about.ts';
import { calls, reads } from './calls.ts';
import { readDeny } from './deny.ts';
import { fingerprint } from './fingerprint.ts';
import { likeness } from './likeness.ts';
import { live } from './live.ts';
import { readUsers } from './manifest/index.ts';
import { userToManifest } from './to-manifest.ts';
import schema from './schema.json' with { type: 'json' };
import {
  createAccessKeys,
  createLoginProfile,
  diffCredentials,
  newKeyFacts,
  newPasswordFact,
} from './credentials.ts';
import {
  isAwsDenyAll,
  isKeyDescription,
  isLeaving,
  isSuspended,
  suspendedInline,
  withoutDeny,
  withoutStateTags,
} from './state-tags.ts';
import { denyStep, offboard } from './offboard.ts';
import { userIdentity } from './identity.ts';
import { lostPins } from './pins.ts';
import { forbidServiceCredentials, noteServiceCredentials } from './service-credentials.ts';
import { userRules } from './rules.ts';
import { clearRecord, inactiveRefs, recordRef, suspend } from './suspend.ts';
import type { UserFacts } from './facts.ts';
import { userDangerLabels, userWords } from './words.ts';
import type { UserChange } from './words.ts';

const of = userIdentity;

/** Users. Memberships of users that exist on both sides are told by their groups (kinds/group). */
export const userKind = {
  ...about,
  schema,
  of: (state) => state.users,
  readRails: (context) => ({ deny: readDeny(context) }),
  put: (state, users) => ({ ...state, users }),
  read: readUsers,
  identity: userIdentity,
  live,
  needs: (user, state) => [
    ...user.groups.map((group) => objectRef('group', group)),
    ...ownPolicies([...user.attachedPolicyArns, ...(user.boundary === null ? [] : [user.boundary])], state),
  ],
  toManifest: userToManifest,
  documents: 'policies.*',
  fingerprint,
  calls,
  reads,
  settings: ['serviceCredentials'],
  words: userWords,
  sets: ['attach', 'policies', 'accessKey', 'serviceCredentials'],
  ofCall: ({ userName }) => (typeof userName === 'string' ? userName : undefined),
  newNameIn: ({ newUserName }) => (typeof newUserName === 'string' ? newUserName : undefined),
  likeness,
  dangerLabels: userDangerLabels,
  survey: noteServiceCredentials,
  rules: userRules,
  diff(desired, live, context) {
    if (!live) return desired ? [create(desired, context)] : [];
    const { credentials } = live;
    if (desired?.suspended) {
      const suspension = credentials ? suspend(desired, { ...live, credentials }, context) : [];
      return [
        ...suspension,
        // What is about to be made inactive goes once it is.
        ...(suspension.length === 0 ? forbidServiceCredentials(desired, live) : []),
        ...(isLeaving(live) ? clearRecord(desired, live) : []),
        // With the deny of an offboarding goes what tells that nothing of the record comes back.
        ...liftAfter(
          [recordRef(live.name)],
          live,
          update(desired, withoutDeny(desired, live, denyName(live, context)), context),
        ),
      ];
    }
    if (desired) {
      return [
        // A run that finds no deny makes nothing active again.
        ...liftAfter(inactiveRefs(live), live, update(desired, live, context)),
        ...diffCredentials(desired, live, context),
        ...forbidServiceCredentials(desired, live),
        ...clearRecord(desired, live),
      ];
    }
    if (!credentials) throw new Error(`the credentials of ${live.name} were not read`);
    const ref = objectRef('user', live.name);
    noteTrusts(ref, context);
    return [offboard({ ...live, credentials }, context.live.partition, context.expiry(ref))];
  },
} satisfies Kind<User, UserChange>;

/** Whatever lifts the deny of an offboarding or a suspension waits until these are gone. */
const liftAfter = (
  after: readonly Ref[],
  { boundary }: User,
  drafts: readonly Draft<UserChange>[],
): Draft<UserChange>[] => {
  const lifts = ({ purpose }: StepDraft): boolean =>
    purpose === 'lift-deny' || (purpose === 'set-boundary' && isAwsDenyAll(boundary));
  return drafts.map(({ change, steps }) => ({
    change,
    steps: steps.map((step) => (lifts(step) ? { ...step, after: [...(step.after ?? []), ...after] } : step)),
  }));
};

/** Name of the inline policy in which a suspended user has the deny, or will have it; a boundary needs none. */
const denyName = (live: User, { live: { partition } }: Context): string | undefined =>
  isSuspended(live) ? suspendedInline(live) : denyStep(live, partition, suspendedDeny).inline;

function create(user: User, context: Context): Draft<UserChange> {
  const groups = user.groups.flatMap((name) => context.desired.groups.get(name) ?? []);
  const { dangers = [], ...impact } = combine([
    ...groups.map((group) => effectOf(null, identityDocument(context.desired, group))),
    ...Object.values(user.policies).map((document) => effectOf(null, document)),
    ...user.attachedPolicyArns.map((arn) => attachmentImpact(context, arn, 'desired')),
  ]);
  const all = [...lostPins(user, context), ...dangers];
  const change = makeChange({
    kind: 'user',
    name: user.name,
    action: 'create',
    aspect: 'object',
    ...impact,
    ...(all.length > 0 ? { dangers: all } : {}),
    facts: facts(user),
    before: null,
    after: snapshot(user),
  });
  return {
    change,
    steps: [
      {
        op: 'CreateUser',
        input: {
          UserName: user.name,
          Path: user.path,
          ...(user.boundary ? { PermissionsBoundary: user.boundary } : {}),
          ...(Object.keys(user.tags).length > 0 ? { Tags: tagList(user.tags) } : {}),
        },
        about: objectRef('user', user.name),
        purpose: 'create',
        cls: 'neutral',
        creates: [objectRef('user', user.name)],
        uses: user.boundary ? [policyArnRef(user.boundary)] : [],
        after: [takenNameRef(objectRef('user', user.name))],
      },
      ...grantAll(of, user, context),
      ...groups.map((group) => join(user.name, group, context)),
      ...(user.suspended
        ? [putInline(of, user.name, suspendedDeny, denyAll, { purpose: 'deny-everything', cls: 'restrain' })]
        : []),
      ...(user.accessKey && !user.suspended ? createAccessKeys(user, [], user.accessKey.count) : []),
      ...(user.console && !user.suspended ? [createLoginProfile(user)] : []),
    ],
  };
}

/** All that a new user gets. */
function facts(user: User): UserFacts['object'][] {
  const { name, boundary, suspended } = user;
  const keys = suspended ? 0 : (user.accessKey?.count ?? 0);
  return [
    ...pathFacts(user.path),
    ...tagFacts(user.tags),
    ...user.groups.map(
      (group) => ({ fact: 'membership', user: name, group, before: false, after: true }) as const,
    ),
    ...policyFacts(user, true),
    ...(boundary ? [{ fact: 'boundary', before: null, after: boundary } as const] : []),
    ...newKeyFacts(user, keys),
    ...(user.console && !suspended ? [newPasswordFact(user)] : []),
    ...(suspended ? [{ fact: 'suspension', before: false, after: true } as const] : []),
  ];
}

const tagCalls = (UserName: string): Parameters<typeof tagDrafts>[1] => ({
  tag: (Tags) => ({ op: 'TagUser', input: { UserName, Tags } }),
  untag: (TagKeys) => ({ op: 'UntagUser', input: { UserName, TagKeys } }),
});

function update(desired: User, live: User, context: Context): Draft<UserChange>[] {
  const drafts: Draft<UserChange>[] = diffPath(of, desired, live);
  const { name } = desired;
  const common = { kind: 'user', name, action: 'update' } as const;
  const tags = tagDrafts(common, tagCalls(name), desired.tags, withoutStateTags(live.tags));
  if (tags.length > 0) noteDescriptions(desired, live, context);
  drafts.push(...tags);
  if (desired.boundary !== live.boundary) {
    drafts.push({
      change: makeChange({
        ...common,
        aspect: 'boundary',
        ...boundaryImpact(live.boundary, desired.boundary, context),
        facts: [{ fact: 'boundary', before: live.boundary, after: desired.boundary }],
        before: { boundary: live.boundary },
        after: { boundary: desired.boundary },
      }),
      steps: [boundaryStep(desired, live)],
    });
  }
  return [...drafts, ...diffPolicies(of, desired, live, context)];
}

/** They take room that the files do not know of. */
function noteDescriptions({ name, tags }: User, live: User, { note }: Context): void {
  const described = Object.keys(live.tags).filter(isKeyDescription).length;
  const wanted = Object.keys(tags).length;
  if (described === 0 || wanted + described <= limits.tagsPerResource) return;
  note(
    `user ${name}: ${plural(wanted, 'tag')} and the descriptions of ${plural(described, 'access key')}, which are tags as well, ` +
      `are more than the ${limits.tagsPerResource} that IAM allows: it will refuse some`,
  );
}

function boundaryStep(desired: User, live: User): StepDraft {
  const uses = [
    objectRef('user', desired.name),
    ...(desired.boundary ? [policyArnRef(desired.boundary)] : []),
    ...(live.boundary ? [policyArnRef(live.boundary)] : []),
  ];
  const user = objectRef('user', desired.name);
  const about = partRef(user, 'boundary', ...(desired.boundary ? [desired.boundary] : []));
  return desired.boundary
    ? {
        op: 'PutUserPermissionsBoundary',
        input: { UserName: desired.name, PermissionsBoundary: desired.boundary },
        purpose: 'set-boundary',
        cls: live.boundary ? 'swap' : 'restrain',
        about,
        uses,
        affects: user,
      }
    : {
        op: 'DeleteUserPermissionsBoundary',
        input: { UserName: desired.name },
        purpose: isAwsDenyAll(live.boundary) ? 'lift-deny' : 'remove-boundary',
        cls: 'release',
        about,
        uses,
        affects: user,
      };
}

const snapshot = (user: User): Json => ({
  path: user.path,
  tags: tagList(user.tags),
  groups: [...user.groups],
  policies: canonicalDocuments(user.policies),
  attach: [...user.attachedPolicyArns],
  boundary: user.boundary,
  ...(user.accessKey ? { accessKeys: user.accessKey.count } : {}),
  ...(user.console ? { console: true } : {}),
});
