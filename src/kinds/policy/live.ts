import { isDeepStrictEqual } from 'node:util';
import type { ManagedPolicyDetail } from '@aws-sdk/client-iam';
import type { AccountState, ManagedPolicy, Tags } from '../../core/state.ts';
import { eachLimited, inOtherCase, isSince, iso, toDocument, toTags } from '../live.ts';
import type { Iam, LiveReader } from '../live.ts';

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
  forPlan(account, { iam, manifests }) {
    const declared = manifests.state.policies;
    const names = [...account.policies.keys()].filter((name) => declared.get(name)?.tags !== undefined);
    return withTags(account, names, iam);
  },

  async forImport(account, { iam, names, tags }) {
    return tags ? await withTags(account, names, iam) : account;
  },
};

async function withTags(account: AccountState, names: readonly string[], iam: Iam): Promise<AccountState> {
  const policies = new Map(account.policies);
  await eachLimited(iam, 'tags of policies', names, async (name) => {
    const policy = account.policies.get(name)!;
    policies.set(name, { ...policy, tags: await readTags(iam, policy.arn) });
  });
  return { ...account, policies };
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
