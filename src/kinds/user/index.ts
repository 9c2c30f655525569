import { objectRef, policyArnRef, partRef } from '../../core/references.ts';
import type { Json } from '../../core/json.ts';
import type { Detail } from '../../core/plan.ts';
import type { User } from '../../core/state.ts';
import {
  combine,
  denyAll,
  documentOf,
  effectOf,
  identityDocument,
  limitEffect,
  suspendedDeny,
} from '../access.ts';
import type { Told } from '../access.ts';
import { join } from '../group/index.ts';
import {
  attachmentEffect,
  canonicalDocuments,
  diffPolicies,
  grantAll,
  policyDetails,
  policyLabel,
  putInline,
} from '../identity.ts';
import { makeChange } from '../kind.ts';
import type { Context, Draft, Kind, StepDraft } from '../kind.ts';
import { diffTags, tagList } from '../tags.ts';
import { about } from './about.ts';
import { readUsers } from './manifest/index.ts';
import schema from './schema.json' with { type: 'json' };
import { createAccessKeys, createLoginProfile, diffCredentials } from './credentials.ts';
import { isAwsDenyAll, isLeaving, isSuspended, suspendedInline, withoutDeny, withoutMarks } from './marks.ts';
import { denyStep, offboard } from './offboard.ts';
import { userIdentity } from './identity.ts';
import { lostPins } from './pins.ts';
import { deliveryText } from './recipient.ts';
import { forbidServiceCredentials, noteServiceCredentials } from './service-credentials.ts';
import { clearRecord, suspend } from './suspend.ts';

const of = userIdentity;

/** Users. Memberships of users that exist on both sides are told by their groups (kinds/group). */
export const userKind = {
  ...about,
  schema,
  of: (state) => state.users,
  put: (state, users) => ({ ...state, users }),
  read: readUsers,
  documents: 'policies.*',
  settings: ['serviceCredentials'],
  survey: noteServiceCredentials,
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
        ...update(desired, withoutDeny(desired, live, denyName(live, context)), context),
      ];
    }
    if (desired) {
      return [
        ...update(desired, live, context),
        ...diffCredentials(desired, live, context),
        ...forbidServiceCredentials(desired, live),
        ...clearRecord(desired, live),
      ];
    }
    if (!credentials) throw new Error(`the credentials of ${live.name} were not read`);
    return [
      offboard(
        { ...live, credentials },
        context.live.partition,
        context.expiry(objectRef('user', live.name)),
      ),
    ];
  },
} satisfies Kind<User>;

/** Name of the inline policy in which a suspended user has the deny, or will have it; a boundary needs none. */
const denyName = (live: User, { live: { partition } }: Context): string | undefined =>
  isSuspended(live) ? suspendedInline(live) : denyStep(live, partition, suspendedDeny).inline;

function create(user: User, context: Context): Draft {
  const credentials = user.suspended
    ? []
    : [
        ...Array.from(
          { length: user.accessKey?.count ?? 0 },
          () => `access key, ${deliveryText(user.accessKey)}`,
        ),
        ...(user.console ? [`login profile (console password), ${deliveryText(user.console)}`] : []),
      ];
  const groups = user.groups.flatMap((name) => context.desired.groups.get(name) ?? []);
  const { dangers = [], ...told } = combine([
    ...groups.map((group) => effectOf(null, identityDocument(context.desired, group))),
    ...Object.values(user.policies).map((document) => effectOf(null, document)),
    ...user.attachedPolicyArns.map((arn) => attachmentEffect(context, arn, 'desired')),
  ]);
  const all = [...lostPins(user, context), ...dangers];
  const change = makeChange({
    kind: 'user',
    name: user.name,
    action: 'create',
    summary: 'create',
    ...told,
    ...(all.length > 0 ? { dangers: all } : {}),
    details: [
      ...(user.path === '/' ? [] : [{ sign: '+' as const, text: `path ${user.path}` }]),
      ...tagList(user.tags).map(({ Key, Value }): Detail => ({ sign: '+', text: `tag ${Key}: ${Value}` })),
      ...user.groups.map((group): Detail => ({ sign: '+', text: `member of ${group}` })),
      ...policyDetails(user, '+'),
      ...(user.boundary
        ? [{ sign: '+' as const, text: `permissions boundary ${policyLabel(user.boundary)}` }]
        : []),
      ...credentials.map((text): Detail => ({ sign: '+', text })),
      ...(user.suspended ? [{ sign: ' ' as const, text: 'suspended: everything is denied' }] : []),
    ],
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

function update(desired: User, live: User, context: Context): Draft[] {
  const drafts: Draft[] = [];
  const add = (
    aspect: string,
    summary: string,
    told: Told & { details?: readonly Detail[] },
    before: Json,
    after: Json,
    steps: readonly StepDraft[],
  ): void => {
    const change = makeChange({
      kind: 'user',
      name: desired.name,
      aspect,
      action: 'update',
      summary,
      ...told,
      before: { [aspect]: before },
      after: { [aspect]: after },
    });
    drafts.push({ change, steps });
  };
  const target = { UserName: desired.name };

  if (desired.path !== live.path) {
    add(
      'path',
      `path ${live.path} → ${desired.path}`,
      { effect: 'unclear', reason: 'policies may match on the path' },
      live.path,
      desired.path,
      [
        {
          op: 'UpdateUser',
          input: { ...target, NewPath: desired.path },
          about: partRef(objectRef('user', desired.name), 'path'),
          purpose: 'move',
          cls: 'neutral',
          uses: [objectRef('user', desired.name)],
        },
      ],
    );
  }
  const tags = diffTags(
    {
      tag: (Tags) => ({ op: 'TagUser', input: { ...target, Tags } }),
      untag: (TagKeys) => ({ op: 'UntagUser', input: { ...target, TagKeys } }),
    },
    objectRef('user', desired.name),
    desired.tags,
    withoutMarks(live.tags),
  );
  if (tags) {
    const told = { effect: 'unclear', reason: 'policies may match on tags', details: tags.details } as const;
    add('tags', tags.summary, told, withoutMarks(live.tags), { ...desired.tags }, tags.steps);
  }
  if (desired.boundary !== live.boundary) {
    const label = (arn: string | null): string => (arn ? policyLabel(arn) : 'none');
    add(
      'boundary',
      `permissions boundary ${label(live.boundary)} → ${label(desired.boundary)}`,
      boundaryEffect(desired, live, context),
      live.boundary,
      desired.boundary,
      [boundaryStep(desired, live)],
    );
  }
  return [...drafts, ...diffPolicies(of, desired, live, context)];
}

/** A boundary only ever takes access away: its coming narrows, its going widens. */
function boundaryEffect(desired: User, live: User, context: Context): Told {
  if (!live.boundary) return { effect: 'narrows', reason: 'a boundary comes' };
  if (!desired.boundary) return { effect: 'widens', reason: 'the boundary goes' };
  return limitEffect(documentOf(context.live, live.boundary), documentOf(context.desired, desired.boundary));
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
        purpose: isAwsDenyAll(live.boundary) ? 'lift-deny' : 'set-boundary',
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
