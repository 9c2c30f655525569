import {
  attachmentRef,
  inlineRef,
  memberRef,
  membershipRef,
  objectRef,
  takenNameRef,
} from '../../core/references.ts';
import { byText, sortedKeys } from '../../core/json.ts';
import type { AccountState, Group, PolicyDocument } from '../../core/state.ts';
import { additionClass, combine, effectOf, identityDocument, removalClass } from '../access.ts';
import type { AccessImpact } from '../access.ts';
import { mergeDocuments } from '../../policy/index.ts';
import {
  canonicalDocuments,
  deleteInline,
  detach,
  diffPath,
  diffPolicies,
  grantAll,
  guardReplaced,
  ownPolicies,
  policyFacts,
  policyLikeness,
} from '../identity.ts';
import { about } from './about.ts';
import { groupIdentity } from './identity.ts';
import { live } from './live.ts';
import { readGroups, readMinMembers } from './manifest.ts';
import { groupToManifest } from './to-manifest.ts';
import schema from './schema.json' with { type: 'json' };
import { makeChange } from '../change.ts';
import { isStrangersGroup, membersOf as memberSet, strangersIn } from '../holders.ts';
import type { Holder } from '../change-schema.ts';
import { pathFacts } from '../facts.ts';
import type { MembershipFact } from '../facts.ts';
import type { Context, Draft, Kind, StepDraft } from '../kind.ts';
import { noteStrangers } from './strangers.ts';
import { groupWords } from './words.ts';
import type { GroupChange } from './words.ts';

const of = groupIdentity;

/** Members in text order. */
const membersOf = (state: AccountState, group: string): string[] => [...memberSet(state, group)];

export const groupKind = {
  ...about,
  schema,
  of: (state) => state.groups,
  put: (state, groups) => ({ ...state, groups }),
  read: readGroups,
  identity: groupIdentity,
  live,
  needs: (group, state) => ownPolicies(group.attachedPolicyArns, state),
  toManifest: groupToManifest,
  readRails: (context) => ({ minMembers: readMinMembers(context) }),
  documents: 'policies.*',
  fingerprint: (group, live) => ({ ...group, members: membersOf(live, group.name) }),
  calls: {
    AddUserToGroup: 'group',
    AttachGroupPolicy: 'group',
    CreateGroup: 'group',
    DeleteGroup: 'group',
    DeleteGroupPolicy: 'group',
    DetachGroupPolicy: 'group',
    PutGroupPolicy: 'group',
    RemoveUserFromGroup: 'group',
    UpdateGroup: 'group',
  },
  reads: {},
  words: groupWords,
  sets: ['members', 'attach', 'policies'],
  isStrangers: (name, sides) => isStrangersGroup(sides, name),
  survey: noteStrangers,
  ofCall: ({ groupName }) => (typeof groupName === 'string' ? groupName : undefined),
  newNameIn: ({ newGroupName }) => (typeof newGroupName === 'string' ? newGroupName : undefined),
  likeness(group, side, context) {
    const members = membersOf(context[side], group.name);
    const facts = { ...policyLikeness(group), ...(members.length > 0 ? { members } : {}) };
    return Object.keys(facts).length > 0 ? { facts } : undefined;
  },
  diff(desired, live, context) {
    if (!live) return desired ? [create(desired, context)] : [];
    if (desired) return update(desired, live, context);
    const strangers = strangersIn(context, live.name);
    return strangers.length > 0 ? empty(live, strangers, context) : [remove(live, context)];
  },
} satisfies Kind<Group, GroupChange>;

/** All that a group grants and denies on the way: it and the policies that it holds may change in the same plan. */
function documentOnTheWay(name: string, context: Context): PolicyDocument {
  const sides = [context.live, context.desired] as const;
  return mergeDocuments(
    sides
      .flatMap((state) => state.groups.get(name) ?? [])
      .flatMap((group) => sides.map((state) => identityDocument(state, group))),
  );
}

function guarded(
  group: Group,
  context: Context,
  classify: typeof additionClass,
): ReturnType<typeof additionClass> {
  const document = documentOnTheWay(group.name, context);
  return guardReplaced(context, group.attachedPolicyArns, document, classify(document));
}

/** A user joins: everything that the group grants and denies, at once. */
export function join(user: string, group: Group, context: Context): StepDraft {
  const isNew = !context.live.groups.has(group.name);
  return {
    op: 'AddUserToGroup',
    input: { GroupName: group.name, UserName: user },
    about: membershipRef(user, group.name),
    purpose: 'join-group',
    creates: [membershipRef(user, group.name)],
    uses: [
      objectRef('user', user),
      objectRef('group', group.name),
      // A new group is filled before anyone joins it.
      ...(isNew ? Object.keys(group.policies) : []).map((policy) =>
        inlineRef(objectRef('group', group.name), policy),
      ),
      ...(isNew ? group.attachedPolicyArns : []).map((arn) =>
        attachmentRef(objectRef('group', group.name), arn),
      ),
    ],
    affects: objectRef('user', user),
    ...guarded(group, context, additionClass),
  };
}

function leave(user: string, group: Group, context: Context): StepDraft {
  return {
    op: 'RemoveUserFromGroup',
    input: { GroupName: group.name, UserName: user },
    about: membershipRef(user, group.name),
    purpose: 'leave-group',
    uses: [objectRef('user', user), objectRef('group', group.name)],
    removes: [membershipRef(user, group.name)],
    affects: objectRef('user', user),
    ...guarded(group, context, removalClass),
  };
}

const memberFacts = (group: string, users: readonly string[], after: boolean): MembershipFact[] =>
  users.map((user) => ({ fact: 'membership', user, group, before: !after, after }));

/** However the membership was declared. */
const withExpiry = (fact: MembershipFact, context: Context): MembershipFact => {
  const { user, group } = fact;
  const expired = context.expiry(membershipRef(user, group)) ?? context.expiry(memberRef(group, user));
  return expired === undefined ? fact : { ...fact, expired };
};

/** Joins of users that stay; a new user's are part of its own change, a leaving one's of its offboarding. */
function membership(group: string, context: Context): { added: string[]; removed: string[] } {
  const { desired, live } = context;
  const [wanted, present] = [memberSet(desired, group), memberSet(live, group)];
  return {
    added: [...wanted].filter((name) => !present.has(name) && live.users.has(name)).sort(byText),
    removed: [...present].filter((name) => !wanted.has(name) && desired.users.has(name)).sort(byText),
  };
}

const noMembers: AccessImpact = { effect: 'none', reasons: [{ code: 'no-members' }] };

function create(group: Group, context: Context): Draft<GroupChange> {
  const { added } = membership(group.name, context);
  const fill = grantAll(of, group, context).map((step): StepDraft => {
    // Nobody is in the group yet: what fills it changes nobody's access, who joins it does.
    const { guarded: _guarded, ...rest } = step;
    return { ...rest, cls: 'neutral' };
  });
  const members = membersOf(context.desired, group.name);
  const change = makeChange({
    kind: 'group',
    name: group.name,
    action: 'create',
    aspect: 'object',
    ...(members.length === 0 ? noMembers : effectOf(null, identityDocument(context.desired, group))),
    facts: [...pathFacts(group.path), ...policyFacts(group, true), ...memberFacts(group.name, members, true)],
    before: null,
    after: snapshot(group, members),
  });
  return {
    change,
    steps: [
      {
        op: 'CreateGroup',
        input: { GroupName: group.name, Path: group.path },
        about: objectRef('group', group.name),
        purpose: 'create',
        cls: 'neutral',
        creates: [objectRef('group', group.name)],
        after: [takenNameRef(objectRef('group', group.name))],
      },
      ...fill,
      ...added.map((user) => join(user, group, context)),
    ],
  };
}

function remove(group: Group, context: Context): Draft<GroupChange> {
  const members = membersOf(context.live, group.name);
  const staying = members.filter((name) => context.desired.users.has(name));
  const change = makeChange({
    kind: 'group',
    name: group.name,
    action: 'delete',
    aspect: 'object',
    ...(members.length === 0 ? noMembers : effectOf(identityDocument(context.live, group), null)),
    facts: [...memberFacts(group.name, members, false), ...policyFacts(group, false)],
    before: snapshot(group, members),
    after: null,
  });
  const leaves = staying.map((user) => leave(user, group, context));
  // Emptied before it is stripped: so only the leaving changes anyone's access.
  const emptied = members.map((user) => membershipRef(user, group.name));
  const strip = [
    ...sortedKeys(group.policies).map((policy) => deleteInline(of, group.name, policy, { cls: 'cleanup' })),
    ...group.attachedPolicyArns.map((arn) => detach(of, group.name, arn, { cls: 'cleanup' })),
  ];
  return {
    change,
    steps: [
      ...leaves,
      ...strip.map((step) => ({ ...step, after: emptied })),
      {
        op: 'DeleteGroup',
        input: { GroupName: group.name },
        about: objectRef('group', group.name),
        purpose: 'delete',
        cls: 'cleanup',
        removes: [objectRef('group', group.name)],
      },
    ],
  };
}

/** It cannot go from under members whom no plan takes out of it: everybody else leaves it. */
function empty(group: Group, left: readonly Holder[], context: Context): Draft<GroupChange>[] {
  return [
    ...diffMembers(group, group, context),
    {
      change: makeChange({
        kind: 'group',
        name: group.name,
        action: 'delete',
        aspect: 'object',
        left,
        effect: 'none',
        reasons: [{ code: 'no-effect' }],
        facts: [],
        before: snapshot(group, membersOf(context.live, group.name)),
        after: null,
      }),
      steps: [],
    },
  ];
}

/** Members who come and go: of those who stay in the account. */
function diffMembers(desired: Group, live: Group, context: Context): Draft<GroupChange>[] {
  const { added, removed } = membership(desired.name, context);
  if (added.length + removed.length === 0) return [];
  const change = makeChange({
    kind: 'group',
    name: desired.name,
    aspect: 'members',
    action: 'update',
    ...combine([
      ...(removed.length > 0 ? [effectOf(identityDocument(context.live, live), null)] : []),
      ...(added.length > 0 ? [effectOf(null, identityDocument(context.desired, desired))] : []),
    ]),
    facts: [
      ...memberFacts(desired.name, added, true),
      ...memberFacts(desired.name, removed, false).map((fact) => withExpiry(fact, context)),
    ],
    before: { members: membersOf(context.live, desired.name) },
    after: { members: membersOf(context.desired, desired.name) },
  });
  return [
    {
      change,
      steps: [
        ...removed.map((user) => leave(user, live, context)),
        ...added.map((user) => join(user, desired, context)),
      ],
    },
  ];
}

const update = (desired: Group, live: Group, context: Context): Draft<GroupChange>[] => [
  ...diffPath(of, desired, live),
  ...diffMembers(desired, live, context),
  ...diffPolicies(of, desired, live, context),
];

const snapshot = (group: Group, members: readonly string[]) => ({
  path: group.path,
  members: [...members],
  policies: canonicalDocuments(group.policies),
  attach: [...group.attachedPolicyArns],
});
