import { isDeepStrictEqual } from 'node:util';
import type { ManagedPolicyDetail } from '@aws-sdk/client-iam';
import type { ManagedPolicy, Tags } from '../../core/state.ts';
import { inOtherCase, isSince, iso, toDocument, toTags } from '../live.ts';
import type { Iam, LiveReader, Part } from '../live.ts';

export const live: LiveReader<ManagedPolicy> = {
  details: { filter: 'LocalManagedPolicy', of: (page) => (page.Policies ?? []).map(toPolicy) },

  async isAsMade(call, { policies, users, groups, roles }, { iam, since }) {
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
      (policy.description ?? '') === Description &&
      isDeepStrictEqual(policy.document, JSON.parse(PolicyDocument)) &&
      isDeepStrictEqual(await readTags(iam, policy.arn), toTags(Tags))
    );
  },

  /** Tags only where they are declared: they cost a call for each policy. */
  async forPlan(details, { iam, manifests }) {
    const declared = manifests.state.policies;
    const { policies } = await details.whole;
    return await tagsOf(
      [...policies.values()].filter(({ name }) => declared.get(name)?.tags !== undefined),
      iam,
    );
  },

  async forImport({ policies }, { iam, names, tags }) {
    if (!tags) return undefined;
    return await tagsOf(
      names.map((name) => policies.get(name)!),
      iam,
    );
  },
};

async function tagsOf(policies: readonly ManagedPolicy[], iam: Iam): Promise<Part> {
  const read = async (policy: ManagedPolicy): Promise<[string, ManagedPolicy]> => [
    policy.name,
    { ...policy, tags: await readTags(iam, policy.arn) },
  ];
  const tagged = await iam.each(policies, read, 'tags of policies');
  return (account) => ({ ...account, policies: new Map([...account.policies, ...tagged]) });
}

export async function readTags(iam: Iam, arn: string): Promise<Tags> {
  const answers = await iam.list('ListPolicyTags', { PolicyArn: arn });
  return toTags(answers.flatMap(({ Tags }) => Tags ?? []));
}

function toPolicy(detail: ManagedPolicyDetail): ManagedPolicy {
  const versions = (detail.PolicyVersionList ?? []).map((version) => ({
    id: version.VersionId ?? '',
    isDefault: version.IsDefaultVersion ?? false,
    createdAt: iso(version.CreateDate),
    document: version.Document,
  }));
  const current = versions.find(({ isDefault }) => isDefault);
  return {
    name: detail.PolicyName ?? '',
    path: detail.Path ?? '/',
    arn: detail.Arn ?? '',
    ...(detail.Description ? { description: detail.Description } : {}),
    document: toDocument(current?.document, `policy ${detail.PolicyName}`),
    versions: versions
      .map(({ id, isDefault, createdAt }) => ({ id, isDefault, createdAt }))
      .sort((a, b) => Number(a.id.slice(1)) - Number(b.id.slice(1))),
  };
}
