import { isDeepStrictEqual } from 'node:util';
import type { GetAccountAuthorizationDetailsCommandOutput, ManagedPolicyDetail } from '@aws-sdk/client-iam';
import { isAwsManaged, policyArnParts } from '../../core/arn.ts';
import type { ManageRule } from '../../core/desired.ts';
import { byText } from '../../core/json.ts';
import type { Made } from '../../core/made.ts';
import { isSelected } from '../../core/selection.ts';
import type { AccountState, ManagedPolicy, PolicyDocument } from '../../core/state.ts';
import { listWords } from '../../core/text.ts';
import {
  documentIn,
  inOtherCase,
  isSince,
  iso,
  notLookedAt,
  together,
  toDocument,
  toMade,
  toTags,
  withParts,
} from '../live.ts';
import type { Iam, LiveReader, OutputOf, Part, Refused } from '../live.ts';

export const live: LiveReader<ManagedPolicy> = {
  details: {
    filter: 'LocalManagedPolicy',
    of: ({ Policies = [] }) => Policies.filter(({ Arn = '' }) => !isAwsManaged(Arn)).map(toPolicy),
  },

  async asMade(call, { policies, users, groups, roles }, { iam, since }) {
    if (call.op !== 'CreatePolicy') return undefined;
    const {
      PolicyName: name = '',
      Path = '/',
      Description = '',
      PolicyDocument = '',
      Tags = [],
    } = call.input;
    const policy = policies.get(name);
    if (!policy) return inOtherCase(policies, name);
    const held = [users, groups, roles].some((identities) =>
      [...identities.values()].some(({ attachedPolicyArns }) => attachedPolicyArns.includes(policy.arn)),
    );
    const [version, ...more] = policy.versions ?? [];
    return (
      !held &&
      more.length === 0 &&
      isSince(version?.createdAt, since) &&
      policy.path === Path &&
      isDeepStrictEqual(policy.document, JSON.parse(PolicyDocument)) &&
      isDeepStrictEqual(await readMore(iam, policy), { description: Description, tags: toTags(Tags) }) &&
      policyMade(policy)
    );
  },

  made({ op, input }, answer) {
    if (op === 'CreatePolicy') {
      const { PolicyName, Path, Arn, PolicyId, DefaultVersionId, CreateDate } =
        (answer as OutputOf<'CreatePolicy'>).Policy ?? {};
      const facts = { name: PolicyName, path: Path, arn: Arn, id: PolicyId, createdAt: iso(CreateDate) };
      return toMade({ kind: 'policy', ...facts, versionId: DefaultVersionId });
    }
    if (op !== 'CreatePolicyVersion') return undefined;
    const { VersionId, CreateDate } = (answer as OutputOf<'CreatePolicyVersion'>).PolicyVersion ?? {};
    const { PolicyArn: arn = '' } = input;
    const { name } = policyArnParts(arn) ?? {};
    return toMade({ kind: 'policy-version', name, arn, versionId: VersionId, createdAt: iso(CreateDate) });
  },

  /**
   * Tags and description only where tags are declared or decide what is managed, and what AWS's policies say only where the account's details do
   * not tell: they cost calls for each policy.
   */
  async forPlan(details, { iam, manifests }) {
    const declared = manifests.state.policies;
    const account = await details.whole;
    const rule = manifests.manage['policies'];
    const tagged = [...account.policies.values()].filter(
      (policy) => declared.get(policy.name)?.tags !== undefined || maySelect(policy, rule),
    );
    const parts = await together(
      iam,
      () => withMore(tagged, iam, true),
      () => readAwsPolicies([account, manifests.state], iam),
    );
    return (whole) => withParts(whole, parts);
  },

  /** Descriptions always, as only GetPolicy tells them; tags where they were asked for. */
  async forImport({ policies }, { iam, names, tags }) {
    return await withMore(
      names.map((name) => policies.get(name)!),
      iam,
      tags,
    );
  },
};

const policyMade = ({ name, path, arn, id, createdAt, versions }: ManagedPolicy): Made =>
  toMade({ kind: 'policy', name, path, arn, id, createdAt, versionId: versions?.[0]?.id });
/** Whether its tags decide if a policy is managed. */
function maySelect(policy: ManagedPolicy, rule: ManageRule | undefined): boolean {
  if (typeof rule !== 'object' || rule.tags === undefined) return false;
  const { tags: _, ...others } = rule;
  return isSelected(others, policy);
}

async function withMore(policies: readonly ManagedPolicy[], iam: Iam, withTags: boolean): Promise<Part> {
  const read = async (policy: ManagedPolicy): Promise<[string, ManagedPolicy]> => {
    const { description, tags } = await readMore(iam, policy);
    return [policy.name, { ...policy, description, ...(withTags ? { tags } : {}) }];
  };
  const found = await iam.each(policies, read, 'descriptions and tags of policies');
  return (account) => ({ ...account, policies: new Map([...account.policies, ...found]) });
}

/** What the account's details do not tell of a policy, as far as AWS was recorded (docs/conformance.md). */
async function readMore(
  iam: Iam,
  { arn }: ManagedPolicy,
): Promise<Required<Pick<ManagedPolicy, 'description' | 'tags'>>> {
  const { Policy: { Description = '', Tags = [] } = {} } = await iam.get('GetPolicy', { PolicyArn: arn });
  return { description: Description, tags: toTags(Tags) };
}

/** What AWS's policies in use say, by ARN. Of one that cannot be read only the name is known. */
export const awsPoliciesOf = ({
  Policies = [],
}: GetAccountAuthorizationDetailsCommandOutput): [arn: string, PolicyDocument][] =>
  Policies.flatMap(({ Arn = '', PolicyVersionList = [] }): [string, PolicyDocument][] => {
    if (!isAwsManaged(Arn)) return [];
    const document = documentIn(PolicyVersionList.find(({ IsDefaultVersion }) => IsDefaultVersion)?.Document);
    return document ? [[Arn, document]] : [];
  });

/** ARNs of managed policies that somebody holds or has as the boundary, each once. */
export const policyArnsIn = ({ users, groups, roles }: AccountState): string[] =>
  [
    ...new Set(
      [users, groups, roles].flatMap((identities) =>
        [...identities.values()].flatMap(({ attachedPolicyArns, ...identity }) => {
          const { boundary = null } = identity as { readonly boundary?: string | null };
          return boundary === null ? attachedPolicyArns : [...attachedPolicyArns, boundary];
        }),
      ),
    ),
  ].sort(byText);

/** What AWS's policies say that some side has, and that the details of the account, which is the first, do not tell. */
export async function readAwsPolicies(
  sides: readonly [AccountState, ...AccountState[]],
  iam: Iam,
): Promise<Part> {
  const [{ awsPolicies: known = new Map<string, PolicyDocument>() }] = sides;
  const arns = [...new Set(sides.flatMap(policyArnsIn))]
    .filter((arn) => isAwsManaged(arn) && !known.has(arn))
    .sort(byText);
  const read = async (arn: string) => [arn, await readAwsPolicy(arn, iam)] as const;
  const found = await iam.each(arns, read, 'policies of AWS');
  const seen = new Map(known);
  for (const [arn, answer] of found) if (answer && 'document' in answer) seen.set(arn, answer.document);
  const refused = found.flatMap(([arn, answer]) =>
    answer && 'refused' in answer ? [{ arn, ...answer }] : [],
  );
  const [first] = refused;
  if (!first) return (account) => ({ ...account, awsPolicies: seen });
  const unseenPolicies = refused.map(({ arn }) => arn);
  return ({ unseen = [], ...account }) => ({
    ...account,
    awsPolicies: seen,
    unseenPolicies,
    unseen: [...unseen, notLookedAt(documentsOf(unseenPolicies), first.refused)],
  });
}

const mostNames = 3;

function documentsOf(arns: readonly string[]): string {
  const names = arns.map((arn) => policyArnParts(arn)?.name ?? arn);
  const more = names.length - mostNames;
  const list = [...names.slice(0, mostNames), ...(more > 0 ? [`${more} more`] : [])];
  return `documents of AWS managed policies (${listWords(list, 'and')}) were`;
}

/** Null: there is no such policy, or its answer holds no document. */
async function readAwsPolicy(
  arn: string,
  iam: Iam,
): Promise<{ readonly document: PolicyDocument } | Refused | null> {
  const policy = await iam.tryFind('GetPolicy', { PolicyArn: arn });
  if (!policy || 'refused' in policy) return policy;
  const VersionId = policy.Policy?.DefaultVersionId;
  const version = await iam.tryFind('GetPolicyVersion', { PolicyArn: arn, VersionId });
  if (!version || 'refused' in version) return version;
  const document = documentIn(version.PolicyVersion?.Document);
  return document && { document };
}

function toPolicy(detail: ManagedPolicyDetail): ManagedPolicy {
  const versions = (detail.PolicyVersionList ?? []).map((version) => ({
    id: version.VersionId ?? '',
    isDefault: version.IsDefaultVersion ?? false,
    createdAt: iso(version.CreateDate),
    document: version.Document,
  }));
  const current = versions.find(({ isDefault }) => isDefault);
  // moto leaves the name out, which the ARN has as well.
  const { Arn: arn = '' } = detail;
  const { name = '', path = '/' } = policyArnParts(arn) ?? {};
  return {
    name: detail.PolicyName ?? name,
    path: detail.Path ?? path,
    arn,
    id: detail.PolicyId ?? '',
    createdAt: iso(detail.CreateDate),
    document: toDocument(current?.document, `policy ${detail.PolicyName ?? name}`),
    versions: versions
      // Few of the old ones are ever looked at.
      .map(({ document, ...version }) =>
        version.isDefault || document === undefined ? version : { ...version, encoded: document },
      )
      .sort((a, b) => Number(a.id.slice(1)) - Number(b.id.slice(1))),
  };
}
