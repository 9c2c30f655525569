import { policyArnParts } from '../../core/arn.ts';
import { attachmentRef, documentRef, objectRef, policyArnRef, partRef } from '../../core/references.ts';
import { byText } from '../../core/json.ts';
import { limits } from '../../core/limits.ts';
import { isLock } from '../../core/lock.ts';
import type { AccountState, Identity, ManagedPolicy, PolicyDocument } from '../../core/state.ts';
import { canonical, formatted, sameMeaning, sameText } from '../../policy/index.ts';
import type { PolicyDanger } from '../../access/dangers.ts';
import type { Impact } from '../change.ts';
import { pathFacts } from '../facts.ts';
import { effectOf, limitEffect, unique, updateClass } from '../access.ts';
import type { AccessImpact } from '../access.ts';
import { makeChange } from '../change.ts';
import type { Holder } from '../change-schema.ts';
import { holders, isStrangersPolicy, strangersHolding } from '../holders.ts';
import type { ObjectRule } from '../rule.ts';
import type { Context, Draft, Kind, StepDraft } from '../kind.ts';
import { tagDrafts, tagFacts, tagList } from '../tags.ts';
import { about } from './about.ts';
import { documentIn } from '../live.ts';
import { live } from './live.ts';
import { readPolicies } from './manifest.ts';
import { policyToManifest } from './to-manifest.ts';
import schema from './schema.json' with { type: 'json' };
import { policyWords } from './words.ts';
import type { DocumentFact, PolicyChange } from './words.ts';

/** Customer managed policies. */
export const policyKind = {
  ...about,
  schema,
  of: (state) => state.policies,
  put: (state, policies) => ({ ...state, policies }),
  read: readPolicies,
  live,
  toManifest: policyToManifest,
  documents: 'document',
  calls: {
    CreatePolicy: 'policy',
    CreatePolicyVersion: 'policy',
    DeletePolicy: 'policy',
    DeletePolicyVersion: 'policy',
    SetDefaultPolicyVersion: 'policy',
    TagPolicy: 'policy',
    UntagPolicy: 'policy',
  },
  reads: { GetPolicy: 'policy', GetPolicyVersion: 'policy' },
  isOurs: isLock,
  isStrangers: (name, sides) => isStrangersPolicy(sides, name),
  rules: policyRules,
  words: policyWords,
  ofCall: ({ policyArn }) => (typeof policyArn === 'string' ? policyArnParts(policyArn)?.name : undefined),
  diff(desired, live, context) {
    if (!live) return desired ? [create(desired)] : [];
    if (!desired) return [remove(live, context)];
    return desired.arn === live.arn ? update(desired, live, context) : [replace(desired, live, context)];
  },
} satisfies Kind<ManagedPolicy, PolicyChange>;

/** What no call carries out: IAM cannot change a description, and tags that no file has are not compared. */
function policyRules(before: ManagedPolicy, after: ManagedPolicy): ObjectRule[] {
  const [was, is] = [before, after].map(({ description = null }) => description);
  const [tagged, stays] = [before, after].map(({ tags }) => tags !== undefined);
  return [
    ...(was === is
      ? []
      : ([
          { rule: 'description', part: ['description'], before: was!, after: is!, effect: 'none' },
        ] as const)),
    ...(tagged === stays
      ? []
      : ([
          {
            rule: 'tags',
            part: ['tags'],
            before: tagged!,
            after: stays!,
            effect: tagged ? 'unclear' : 'narrows',
            toldBy: ['tags'],
          },
        ] as const)),
  ];
}

/** A boundary grants nothing by itself, whatever it allows. */
const onlyBounds = (held: readonly Holder[]): boolean =>
  held.length > 0 && held.every((identity) => identity.as === 'boundary');

const boundsAnybody = (state: AccountState, arn: string): boolean =>
  holders(state, arn).some(({ as }) => as === 'boundary');

const documentFact = (before: PolicyDocument | null, after: PolicyDocument | null): DocumentFact => ({
  fact: 'document',
  before,
  after,
});

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

function create(policy: ManagedPolicy): Draft<PolicyChange> {
  const { name, path, description, tags = {}, document } = policy;
  const change = makeChange({
    kind: 'policy',
    name,
    action: 'create',
    aspect: 'object',
    effect: 'none',
    reasons: [{ code: 'not-held-yet' }],
    facts: [
      ...pathFacts(path),
      ...(description ? [{ fact: 'description', before: null, after: description } as const] : []),
      ...tagFacts(tags),
      documentFact(null, document),
    ],
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

/** A file may attach what it does not declare, where that is not managed: then it cannot go too. */
function refuseIfWanted(policy: ManagedPolicy, context: Context): void {
  const [holder] = holders(context.desired, policy.arn);
  if (!holder) return;
  const owner = objectRef(holder.kind, holder.name);
  context.problem(
    `policy ${policy.name} is in no file any more and would be removed, but a file gives it to ${holder.kind} ${holder.name}`,
    `declare it under policies, or drop it from ${holder.as === 'boundary' ? 'boundary' : 'attach'} of ${holder.kind} ${holder.name}`,
    holder.as === 'boundary' ? partRef(owner, 'boundary') : attachmentRef(owner, policy.arn),
  );
}

function remove(policy: ManagedPolicy, context: Context): Draft<PolicyChange> {
  refuseIfWanted(policy, context);
  const left = strangersHolding(context, policy.arn);
  const change = makeChange({
    kind: 'policy',
    name: policy.name,
    action: 'delete',
    aspect: 'object',
    ...(left.length > 0 ? { left } : {}),
    effect: 'none',
    reasons: [{ code: 'told-by-holders' }],
    facts: [documentFact(policy.document, null)],
    before: snapshot(policy),
    after: null,
  });
  // IAM would answer DeleteConflict.
  return { change, steps: left.length > 0 ? [] : removeSteps(policy) };
}

/** IAM cannot move a policy: the path is part of its ARN. Names are unique whatever the path, so the old goes first. */
function replace(desired: ManagedPolicy, live: ManagedPolicy, context: Context): Draft<PolicyChange> {
  const change = makeChange({
    kind: 'policy',
    name: desired.name,
    action: 'update',
    aspect: 'path',
    part: [],
    ...documentImpact(live.document, desired.document, holders(context.desired, desired.arn)),
    facts: [
      { fact: 'path', before: live.path, after: desired.path },
      ...(sameMeaning(live.document, desired.document)
        ? []
        : [documentFact(live.document, desired.document)]),
    ],
    before: snapshot(live),
    after: snapshot(desired),
  });
  return {
    change,
    steps: [...removeSteps(live), { ...createStep(desired), after: [policyArnRef(live.arn)] }],
  };
}

/**
 * Policies that the manifests want at another path and that cannot go there, as somebody does not let go of them in this
 * plan: the desired state with each at the path that it has, and a change of each that is left. A boundary may not be
 * gone for a moment, whoever has it.
 */
export function keepPaths(
  desired: AccountState,
  sides: Pick<Context, 'live' | 'inScope'>,
): { desired: AccountState; drafts: Draft<PolicyChange>[] } {
  const kept = [...desired.policies.values()].flatMap((wanted) => {
    const live = sides.live.policies.get(wanted.name);
    if (!live || live.arn === wanted.arn) return [];
    const strangers = strangersHolding({ ...sides, desired }, live.arn);
    const left = holders(sides.live, live.arn).filter(
      (holder) => holder.as === 'boundary' || strangers.includes(holder),
    );
    return left.length > 0 ? [{ live, wanted, left }] : [];
  });
  if (kept.length === 0) return { desired, drafts: [] };
  const arns = new Map(kept.map(({ wanted, live }) => [wanted.arn, live.arn]));
  const policies = new Map(desired.policies);
  for (const { wanted, live } of kept)
    policies.set(wanted.name, { ...wanted, path: live.path, arn: live.arn });
  return { desired: withArns({ ...desired, policies }, arns), drafts: kept.map(leftInPlace) };
}

function leftInPlace({
  live,
  wanted,
  left,
}: {
  readonly live: ManagedPolicy;
  readonly wanted: ManagedPolicy;
  readonly left: readonly Holder[];
}): Draft<PolicyChange> {
  const change = makeChange({
    kind: 'policy',
    name: wanted.name,
    action: 'update',
    aspect: 'path',
    left,
    effect: 'none',
    reasons: [{ code: 'no-effect' }],
    facts: [{ fact: 'path', before: live.path, after: wanted.path }],
    before: { path: live.path },
    after: { path: wanted.path },
  });
  return { change, steps: [] };
}

/** Whoever is to hold a policy by the one ARN holds it by the other. */
function withArns(state: AccountState, arns: ReadonlyMap<string, string>): AccountState {
  const respelled = <T extends Identity & { readonly boundary?: string | null }>(
    identities: ReadonlyMap<string, T>,
  ): ReadonlyMap<string, T> =>
    new Map(
      [...identities].map(([name, one]) => [
        name,
        {
          ...one,
          attachedPolicyArns: one.attachedPolicyArns.map((arn) => arns.get(arn) ?? arn).sort(byText),
          ...(one.boundary ? { boundary: arns.get(one.boundary) ?? one.boundary } : {}),
        },
      ]),
    );
  return { ...state, users: respelled(state.users), groups: respelled(state.groups) };
}

function documentImpact(
  before: PolicyDocument,
  after: PolicyDocument,
  by: readonly Holder[],
): Impact<PolicyChange['reasons'][number], PolicyDanger> {
  if (by.length === 0) return { effect: 'none', reasons: [{ code: 'not-held' }] };
  const impact = judgeHeld(before, after, by);
  return { ...impact, reasons: [...impact.reasons, { code: 'held-by', by }] };
}

/** What a document that changes does to whoever holds it. */
export const judgeHeld = (
  before: PolicyDocument | null,
  after: PolicyDocument | null,
  by: readonly Holder[],
  judge: typeof effectOf = effectOf,
): AccessImpact => (onlyBounds(by) ? limitEffect : judge)(before, after);

const tagCalls = (PolicyArn: string): Parameters<typeof tagDrafts>[1] => ({
  tag: (Tags) => ({ op: 'TagPolicy', input: { PolicyArn, Tags } }),
  untag: (TagKeys) => ({ op: 'UntagPolicy', input: { PolicyArn, TagKeys } }),
});

function update(desired: ManagedPolicy, live: ManagedPolicy, context: Context): Draft<PolicyChange>[] {
  const drafts: Draft<PolicyChange>[] = [];
  const isSame = sameMeaning(desired.document, live.document);
  if (
    !isSame ||
    (!sameText(desired.document, live.document) && context.writesLabels(`policy ${desired.name}`))
  )
    drafts.push(changeDocument(desired, live, context));
  if (desired.tags) {
    const policy = { kind: 'policy', name: desired.name, ref: policyArnRef(live.arn) } as const;
    drafts.push(...tagDrafts(policy, tagCalls(live.arn), desired.tags, live.tags ?? {}));
  }
  if (
    desired.description !== undefined &&
    live.description !== undefined &&
    desired.description !== live.description
  ) {
    context.note(
      `policy ${desired.name}: the description differs, and IAM cannot change a policy's description; it stays as it is`,
    );
  }
  return drafts;
}

function changeDocument(desired: ManagedPolicy, live: ManagedPolicy, context: Context): Draft<PolicyChange> {
  const held = unique([...holders(context.live, live.arn), ...holders(context.desired, live.arn)]);
  const bounds = [context.live, context.desired].some((state) => boundsAnybody(state, live.arn));
  const cls = held.length === 0 ? 'neutral' : updateClass(live.document, desired.document);
  const isLabel = sameMeaning(live.document, desired.document);
  const shown = isLabel ? formatted : canonical;
  const { restored, pruned, prunedIfSplit } = planVersions(desired, live, cls === 'swap');
  const write = restored
    ? ({ op: 'SetDefaultPolicyVersion', input: { PolicyArn: live.arn, VersionId: restored.id } } as const)
    : ({
        op: 'CreatePolicyVersion',
        input: {
          PolicyArn: live.arn,
          PolicyDocument: JSON.stringify(desired.document),
          SetAsDefault: true,
        },
      } as const);
  const prunes = [
    ...pruned.map(({ id }) => deleteVersion(live.arn, id, 'neutral')),
    ...prunedIfSplit.map(({ id }) => ({ ...deleteVersion(live.arn, id, 'neutral'), ifSplit: true }) as const),
  ];
  return {
    change: makeChange({
      kind: 'policy',
      name: desired.name,
      aspect: 'document',
      action: 'update',
      ...(isLabel
        ? { effect: 'none', reasons: [{ code: 'labels' }] }
        : documentImpact(live.document, desired.document, held)),
      facts: [
        ...pruned.map(({ id }) => ({ fact: 'version', id, before: true, after: false }) as const),
        ...prunedIfSplit.map(
          ({ id }) => ({ fact: 'version', id, before: true, after: false, ifSplit: true }) as const,
        ),
        ...(restored
          ? [{ fact: 'default-version', before: inForce(live), after: restored.id } as const]
          : []),
        documentFact(live.document, desired.document),
      ],
      before: { document: shown(live.document) },
      after: { document: shown(desired.document) },
    }),
    steps: [
      ...prunes.map((step, index) => ({ ...step, chained: index > 0 })),
      {
        ...write,
        about: documentRef(live.arn),
        purpose: 'update-policy',
        cls: !bounds ? cls : cls === 'revoke' ? 'restrain' : cls === 'grant' ? 'release' : cls,
        uses: [policyArnRef(live.arn)],
        creates: [documentRef(live.arn)],
        chained: prunes.length > 0,
        affects: policyArnRef(live.arn),
        swap: { before: live.document, after: desired.document },
      },
    ],
  };
}

type Version = NonNullable<ManagedPolicy['versions']>[number];

const inForce = ({ versions = [] }: ManagedPolicy): string =>
  versions.find(({ isDefault }) => isDefault)?.id ?? '';

/**
 * The version that comes into force if one says already what is wanted, and what goes to make room for others: the oldest,
 * and no more than IAM asks for. A document in between (plan/transition.ts) takes a version as well.
 */
function planVersions(
  desired: ManagedPolicy,
  { versions = [] }: ManagedPolicy,
  maySplit: boolean,
): {
  readonly restored: Version | undefined;
  readonly pruned: readonly Version[];
  readonly prunedIfSplit: readonly Version[];
} {
  const old = versions.filter(({ isDefault }) => !isDefault);
  const restored = old.findLast(({ encoded }) => {
    const document = encoded === undefined ? null : documentIn(encoded);
    return document !== null && sameText(document, desired.document);
  });
  const free = limits.policyVersions - versions.length - (restored ? 0 : 1);
  const gone = (room: number): number => Math.max(0, -room);
  const prunable = old.filter((version) => version !== restored);
  return {
    restored,
    pruned: prunable.slice(0, gone(free)),
    prunedIfSplit: maySplit ? prunable.slice(gone(free), gone(free - 1)) : [],
  };
}

const snapshot = (policy: ManagedPolicy) => ({
  path: policy.path,
  ...(policy.description ? { description: policy.description } : {}),
  ...(policy.tags ? { tags: { ...policy.tags } } : {}),
  document: canonical(policy.document),
});
