import { objectRef, policyArnRef, partRef } from '../../core/references.ts';
import { limits } from '../../core/limits.ts';
import { isLock } from '../../core/lock.ts';
import type { AccountState, ManagedPolicy, PolicyDocument } from '../../core/state.ts';
import { canonical, sameMeaning } from '../../policy/index.ts';
import { effectOf, limitEffect, updateClass } from '../access.ts';
import type { Told } from '../access.ts';
import { documentRef } from '../identity.ts';
import { makeChange } from '../kind.ts';
import type { Context, Draft, Kind, StepDraft } from '../kind.ts';
import { diffTags, tagList } from '../tags.ts';
import { about } from './about.ts';
import { readPolicies } from './manifest.ts';
import schema from './schema.json' with { type: 'json' };

/** Customer managed policies. */
export const policyKind = {
  ...about,
  schema,
  of: (state) => state.policies,
  put: (state, policies) => ({ ...state, policies }),
  read: readPolicies,
  documents: 'document',
  isOurs: isLock,
  diff(desired, live, context) {
    if (!live) return desired ? [create(desired)] : [];
    if (!desired) return [remove(live, context)];
    return desired.arn === live.arn ? update(desired, live, context) : [replace(desired, live, context)];
  },
} satisfies Kind<ManagedPolicy>;

/** Who holds a policy, and as what. */
export function holders(state: AccountState, arn: string): string[] {
  const attachedPolicyArns = [
    ...[...state.users.values()].map((one) => ['user', one] as const),
    ...[...state.groups.values()].map((one) => ['group', one] as const),
    ...[...state.roles.values()].map((one) => ['role', one] as const),
  ].filter(([, identity]) => identity.attachedPolicyArns.includes(arn));
  return [
    ...attachedPolicyArns.map(([kind, { name }]) => `${kind} ${name}`),
    ...boundaryOf(state, arn).map((name) => `${name}${asBoundary}`),
  ];
}

const asBoundary = ' (as boundary)';

/** A boundary grants nothing by itself, whatever it allows. */
export const onlyBounds = (held: readonly string[]): boolean =>
  held.length > 0 && held.every((identity) => identity.endsWith(asBoundary));

const boundaryOf = (state: AccountState, arn: string): string[] => [
  ...[...state.users.values()].filter((user) => user.boundary === arn).map(({ name }) => `user ${name}`),
  ...[...state.roles.values()].filter((role) => role.boundary === arn).map(({ name }) => `role ${name}`),
];

function createStep(policy: ManagedPolicy): StepDraft {
  return {
    op: 'CreatePolicy',
    input: {
      PolicyName: policy.name,
      Path: policy.path,
      PolicyDocument: JSON.stringify(policy.document),
      ...(policy.description ? { Description: policy.description } : {}),
      ...(policy.tags && Object.keys(policy.tags).length > 0 ? { Tags: tagList(policy.tags) } : {}),
    },
    about: policyArnRef(policy.arn),
    purpose: 'create',
    cls: 'neutral',
    creates: [policyArnRef(policy.arn)],
  };
}

function create(policy: ManagedPolicy): Draft {
  const change = makeChange({
    kind: 'policy',
    name: policy.name,
    action: 'create',
    summary: 'create',
    effect: 'none',
    reason: 'a policy grants nothing until something holds it',
    details: [
      ...(policy.path === '/' ? [] : [{ sign: '+' as const, text: `path ${policy.path}` }]),
      ...(policy.description ? [{ sign: '+' as const, text: `description ${policy.description}` }] : []),
      ...tagList(policy.tags ?? {}).map(({ Key, Value }) => ({
        sign: '+' as const,
        text: `tag ${Key}: ${Value}`,
      })),
    ],
    documents: [{ name: policy.name, before: null, after: policy.document }],
    before: null,
    after: snapshot(policy),
  });
  return { change, steps: [createStep(policy)] };
}

/** IAM removes a policy only when nothing holds it and one version is left. */
function removeSteps(policy: ManagedPolicy): StepDraft[] {
  const old = (policy.versions ?? []).filter(({ isDefault }) => !isDefault);
  return [
    ...old.map(({ id }) => deleteVersion(policy.arn, id, 'cleanup')),
    {
      op: 'DeletePolicy',
      input: { PolicyArn: policy.arn },
      about: policyArnRef(policy.arn),
      purpose: 'delete',
      cls: 'cleanup',
      removes: [policyArnRef(policy.arn)],
    },
  ];
}

const deleteVersion = (arn: string, id: string, cls: 'cleanup' | 'neutral'): StepDraft => ({
  op: 'DeletePolicyVersion',
  input: { PolicyArn: arn, VersionId: id },
  about: partRef(policyArnRef(arn), 'versions', id),
  purpose: 'prune-version',
  cls,
  uses: [policyArnRef(arn)],
});

/** Holders outside the scope will not let go, and DeletePolicy would answer DeleteConflict. */
function refuseIfHeldOutside(policy: ManagedPolicy, context: Context, what: string): void {
  const held = holders(context.live, policy.arn).filter((identity) => {
    const [kind, name] = identity.split(' ') as [string, string];
    return kind === 'role' || !context.inScope(kind, name);
  });
  if (held.length === 0) return;
  context.problem(
    `policy ${policy.name} ${what}, but is still held out of scope by ${held.join(', ')}`,
    'detach it there first, keep it in a file as it is, or add it to ignore.policies',
    objectRef('policy', policy.name),
  );
}

function remove(policy: ManagedPolicy, context: Context): Draft {
  refuseIfHeldOutside(policy, context, 'is in no file');
  const change = makeChange({
    kind: 'policy',
    name: policy.name,
    action: 'delete',
    summary: 'delete',
    effect: 'none',
    reason: 'what its holders lose is told by their own changes',
    details: [],
    documents: [{ name: policy.name, before: policy.document, after: null }],
    before: snapshot(policy),
    after: null,
  });
  return { change, steps: removeSteps(policy) };
}

/** IAM cannot move a policy: the path is part of its ARN. Names are unique whatever the path, so the old goes first. */
function replace(desired: ManagedPolicy, live: ManagedPolicy, context: Context): Draft {
  const summary = `path ${live.path} → ${desired.path} (deleted and made anew: IAM cannot move a policy)`;
  const bounded = boundaryOf(context.live, live.arn);
  if (bounded.length > 0) {
    context.problem(
      `policy ${live.name} cannot change its path while it is a permissions boundary (${bounded.join(', ')})`,
      'make a policy of another name at the new path, move the boundaries to it, then remove this one',
      objectRef('policy', live.name),
    );
  }
  refuseIfHeldOutside(live, context, 'changes its path');
  const change = makeChange({
    kind: 'policy',
    name: desired.name,
    action: 'update',
    summary,
    ...documentEffect(live.document, desired.document, holders(context.desired, desired.arn)),
    documents: sameMeaning(live.document, desired.document)
      ? []
      : [{ name: desired.name, before: live.document, after: desired.document }],
    before: snapshot(live),
    after: snapshot(desired),
  });
  return {
    change,
    steps: [...removeSteps(live), { ...createStep(desired), after: [policyArnRef(live.arn)] }],
  };
}

function documentEffect(before: PolicyDocument, after: PolicyDocument, held: readonly string[]): Told {
  if (held.length === 0) return { effect: 'none', reason: 'nothing holds it' };
  const { reason, ...told } = (onlyBounds(held) ? limitEffect : effectOf)(before, after);
  const who =
    held.length > 3 ? `${held.slice(0, 3).join(', ')} and ${held.length - 3} more` : held.join(', ');
  return { ...told, reason: `${reason}; held by ${who}` };
}

const tagCalls = (PolicyArn: string): Parameters<typeof diffTags>[0] => ({
  tag: (Tags) => ({ op: 'TagPolicy', input: { PolicyArn, Tags } }),
  untag: (TagKeys) => ({ op: 'UntagPolicy', input: { PolicyArn, TagKeys } }),
});

function update(desired: ManagedPolicy, live: ManagedPolicy, context: Context): Draft[] {
  const drafts: Draft[] = [];
  if (!sameMeaning(desired.document, live.document)) drafts.push(changeDocument(desired, live, context));
  const tags =
    desired.tags && diffTags(tagCalls(live.arn), policyArnRef(live.arn), desired.tags, live.tags ?? {});
  if (tags) {
    drafts.push({
      change: makeChange({
        kind: 'policy',
        name: desired.name,
        aspect: 'tags',
        action: 'update',
        summary: tags.summary,
        effect: 'unclear',
        reason: 'policies may match on tags',
        details: tags.details,
        before: { tags: { ...live.tags } },
        after: { tags: { ...desired.tags } },
      }),
      steps: tags.steps,
    });
  }
  if (desired.description !== undefined && desired.description !== (live.description ?? '')) {
    context.note(
      `policy ${desired.name}: the description differs, and IAM cannot change a policy's description; it stays as it is`,
    );
  }
  return drafts;
}

function changeDocument(desired: ManagedPolicy, live: ManagedPolicy, context: Context): Draft {
  const held = [...new Set([...holders(context.live, live.arn), ...holders(context.desired, live.arn)])];
  const bounds = boundaryOf(context.live, live.arn).length + boundaryOf(context.desired, live.arn).length > 0;
  const cls = held.length === 0 ? 'neutral' : updateClass(live.document, desired.document);
  // Room for the transition's version too where the change may need one (plan/transition.ts).
  const room = cls === 'swap' ? 2 : 1;
  const old = (live.versions ?? []).filter(({ isDefault }) => !isDefault);
  const surplus = Math.max(0, (live.versions ?? []).length + room - limits.policyVersions);
  const pruned = old.slice(0, surplus);
  return {
    change: makeChange({
      kind: 'policy',
      name: desired.name,
      aspect: 'document',
      action: 'update',
      summary: 'document',
      ...documentEffect(live.document, desired.document, held),
      details: pruned.map(({ id }) => ({
        sign: '-',
        text: `version ${id} (the oldest goes: IAM keeps ${limits.policyVersions})`,
      })),
      documents: [{ name: desired.name, before: live.document, after: desired.document }],
      before: { document: canonical(live.document) },
      after: { document: canonical(desired.document) },
    }),
    steps: [
      ...pruned.map(({ id }, index) => ({
        ...deleteVersion(live.arn, id, 'neutral'),
        chained: index > 0,
      })),
      {
        op: 'CreatePolicyVersion',
        input: {
          PolicyArn: live.arn,
          PolicyDocument: JSON.stringify(desired.document),
          SetAsDefault: true,
        },
        about: documentRef(live.arn),
        purpose: 'update-policy',
        cls: !bounds ? cls : cls === 'revoke' ? 'restrain' : cls === 'grant' ? 'release' : cls,
        uses: [policyArnRef(live.arn)],
        creates: [documentRef(live.arn)],
        chained: pruned.length > 0,
        affects: policyArnRef(live.arn),
        swap: { before: live.document, after: desired.document },
      },
    ],
  };
}

const snapshot = (policy: ManagedPolicy) => ({
  path: policy.path,
  ...(policy.description ? { description: policy.description } : {}),
  ...(policy.tags ? { tags: { ...policy.tags } } : {}),
  document: canonical(policy.document),
});
