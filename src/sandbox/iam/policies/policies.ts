import { extendedEncodeURIComponent } from '@smithy/core/protocols';
import type { Policy, PolicyVersion } from '@aws-sdk/client-iam';
import { documentSize } from '../../../core/policy-language.ts';
import { byText } from '../../../core/json.ts';
import { nameKey } from '../../../core/names.ts';
import { alreadyExists, deleteConflict, IamError, noSuchEntity, overQuota } from '../../wire/errors.ts';
import { checkArn } from '../arn.ts';
import { arnOf, type Context, type Handlers } from '../context.ts';
import { checkDocument } from '../grammar.ts';
import { pageFields, paginate, paginateUnsorted } from '../paginate.ts';
import type { PolicyRecord, VersionRecord } from '../records.ts';
import { usageOf } from '../state.ts';
import { listTags, taggingOf, toTags } from '../tags.ts';
import { awsPolicies, awsPolicyDocument, type AwsPolicy } from './aws.ts';
import { findPolicy } from './find.ts';

const isLocal = (policy: PolicyRecord | AwsPolicy): policy is PolicyRecord => 'versions' in policy;

const noVersion = (arn: string, id: string): IamError =>
  noSuchEntity(`Policy ${arn} version ${id} does not exist or is not attachable.`);

/** Where a version is asked for, IAM tells a policy that is not there as the version. */
function anyPolicy(ctx: Context, arn: string, version?: string): PolicyRecord | AwsPolicy {
  checkArn(ctx, arn);
  const policy = findPolicy(ctx, arn);
  if (policy) return policy;
  throw version === undefined ? noSuchEntity(`Policy ${arn} was not found.`) : noVersion(arn, version);
}

/** A policy of the account itself; AWS's policies cannot be changed. */
function localPolicy(ctx: Context, arn: string, version?: string): PolicyRecord {
  const policy = anyPolicy(ctx, arn, version);
  if (isLocal(policy)) return policy;
  throw new IamError(
    'AccessDenied',
    `User: ${ctx.caller.arn} is not authorized to perform: iam:${ctx.op} on resource: policy ${arn}`,
  );
}

function checkManaged(ctx: Context, document: string): void {
  checkDocument(document, { use: 'managed', partition: ctx.partition });
  if (documentSize(document) > ctx.quotas.managedPolicy) {
    throw overQuota('PolicySize', ctx.quotas.managedPolicy);
  }
}

/** The form in lists; GetPolicy adds description and tags. */
export function policyShape(ctx: Context, policy: PolicyRecord | AwsPolicy): Policy {
  const usage = usageOf(ctx.state, policy.arn);
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: isLocal(policy) ? policy.defaultVersion : 'v1',
    AttachmentCount: usage.attached,
    PermissionsBoundaryUsageCount: usage.boundaries,
    IsAttachable: true,
    CreateDate: new Date(policy.createdAt),
    UpdateDate: new Date(isLocal(policy) ? policy.updatedAt : policy.createdAt),
  };
}

export const versionShape = (
  version: VersionRecord,
  isDefault: boolean,
  withDocument: boolean,
): PolicyVersion => ({
  ...(withDocument ? { Document: extendedEncodeURIComponent(version.document) } : {}),
  VersionId: version.id,
  IsDefaultVersion: isDefault,
  CreateDate: new Date(version.createdAt),
});

/** Newest first, as IAM lists them. */
export const versionsOf = (policy: PolicyRecord | AwsPolicy): VersionRecord[] =>
  isLocal(policy)
    ? policy.versions.toReversed()
    : [{ id: 'v1', document: awsPolicyDocument(policy), createdAt: policy.createdAt }];

export const defaultOf = (policy: PolicyRecord | AwsPolicy): string =>
  isLocal(policy) ? policy.defaultVersion : 'v1';

function versionNamed(policy: PolicyRecord | AwsPolicy, id: string): VersionRecord {
  const version = versionsOf(policy).find((item) => item.id === id);
  if (!version) throw noVersion(policy.arn, id);
  return version;
}

const tagging = taggingOf((state) => state.policies);

export const policyHandlers = {
  CreatePolicy(input, ctx) {
    checkManaged(ctx, input.PolicyDocument);
    if (ctx.state.policies.taken(input.PolicyName)) {
      throw alreadyExists(
        `A policy called ${input.PolicyName} already exists. Duplicate names are not allowed.`,
      );
    }
    if (ctx.state.policies.size >= ctx.quotas.policiesPerAccount) {
      throw overQuota('PoliciesPerAccount', ctx.quotas.policiesPerAccount);
    }
    const path = input.Path ?? '/';
    const now = ctx.now();
    const policy: PolicyRecord = {
      id: ctx.mint.id('ANPA'),
      name: input.PolicyName,
      path,
      arn: arnOf(ctx, 'policy', path, input.PolicyName),
      description: input.Description ?? null,
      createdAt: now,
      updatedAt: now,
      tags: tagging.initial(input.Tags),
      versions: [{ id: 'v1', document: input.PolicyDocument, createdAt: now }],
      defaultVersion: 'v1',
      nextVersion: 2,
    };
    ctx.state.policies.put(policy);
    return {
      Policy: {
        ...policyShape(ctx, policy),
        ...(policy.tags.length === 0 ? {} : { Tags: toTags(policy.tags) }),
      },
    };
  },

  GetPolicy(input, ctx) {
    const policy = anyPolicy(ctx, input.PolicyArn);
    const description = isLocal(policy) ? policy.description : null;
    return {
      Policy: {
        ...policyShape(ctx, policy),
        ...(description === null ? {} : { Description: description }),
        Tags: isLocal(policy) ? toTags(policy.tags) : [],
      },
    };
  },

  ListPolicies(input, ctx) {
    const scope = input.Scope ?? 'All';
    const prefix = input.PathPrefix ?? '/';
    const usage = input.PolicyUsageFilter;
    const candidates: (PolicyRecord | AwsPolicy)[] = [];
    if (scope !== 'AWS') candidates.push(...ctx.state.policies.sorted());
    if (scope !== 'Local') candidates.push(...awsPolicies(ctx.partition));
    const kept = candidates.filter((policy) => {
      if (!policy.path.startsWith(prefix)) return false;
      // The filter by usage narrows what OnlyAttached shows; alone it does nothing (seen on AWS).
      if (!input.OnlyAttached) return true;
      const { attached, boundaries } = usageOf(ctx.state, policy.arn);
      if (usage === 'PermissionsPolicy') return attached > 0;
      if (usage === 'PermissionsBoundary') return boundaries > 0;
      return attached + boundaries > 0;
    });
    const key = (policy: PolicyRecord | AwsPolicy): string => `${isLocal(policy) ? 0 : 1}${policy.name}`;
    const filters = `${scope} ${prefix} ${usage} ${input.OnlyAttached}`;
    const page = paginateUnsorted(ctx, input, kept, key, filters);
    return { Policies: page.items.map((policy) => policyShape(ctx, policy)), ...pageFields(page) };
  },

  DeletePolicy(input, ctx) {
    const policy = localPolicy(ctx, input.PolicyArn);
    const { attached, boundaries } = usageOf(ctx.state, policy.arn);
    if (attached + boundaries > 0) throw deleteConflict('Cannot delete a policy attached to entities.');
    if (policy.versions.length > 1) {
      throw deleteConflict(
        "This policy has more than one version. Before you delete a policy, you must delete the policy's " +
          'versions. The default version is deleted with the policy.',
      );
    }
    ctx.state.policies.delete(policy.id);
  },

  CreatePolicyVersion(input, ctx) {
    const policy = localPolicy(ctx, input.PolicyArn);
    checkManaged(ctx, input.PolicyDocument);
    if (policy.versions.length >= ctx.quotas.policyVersions) {
      throw new IamError(
        'LimitExceeded',
        `A managed policy can have up to ${ctx.quotas.policyVersions} versions. Before you create a new ` +
          'version, you must delete an existing version.',
      );
    }
    const now = ctx.now();
    const version = { id: `v${policy.nextVersion}`, document: input.PolicyDocument, createdAt: now };
    const isDefault = input.SetAsDefault === true;
    ctx.state.policies.put({
      ...policy,
      versions: [...policy.versions, version],
      defaultVersion: isDefault ? version.id : policy.defaultVersion,
      nextVersion: policy.nextVersion + 1,
      updatedAt: now,
    });
    return { PolicyVersion: versionShape(version, isDefault, false) };
  },

  GetPolicyVersion(input, ctx) {
    const policy = anyPolicy(ctx, input.PolicyArn, input.VersionId);
    const version = versionNamed(policy, input.VersionId);
    return { PolicyVersion: versionShape(version, version.id === defaultOf(policy), true) };
  },

  ListPolicyVersions(input, ctx) {
    const policy = anyPolicy(ctx, input.PolicyArn);
    // Newest first, so the highest number gets the smallest key.
    const key = (version: VersionRecord): string =>
      String(1e9 - Number(version.id.slice(1))).padStart(10, '0');
    const page = paginateUnsorted(ctx, input, versionsOf(policy), key, policy.arn);
    return {
      Versions: page.items.map((version) => versionShape(version, version.id === defaultOf(policy), false)),
      ...pageFields(page),
    };
  },

  DeletePolicyVersion(input, ctx) {
    const policy = localPolicy(ctx, input.PolicyArn);
    const version = versionNamed(policy, input.VersionId);
    if (version.id === policy.defaultVersion) {
      throw deleteConflict('Cannot delete the default version of a policy.');
    }
    ctx.state.policies.put({ ...policy, versions: policy.versions.filter((item) => item !== version) });
  },

  SetDefaultPolicyVersion(input, ctx) {
    const policy = localPolicy(ctx, input.PolicyArn, input.VersionId);
    const version = versionNamed(policy, input.VersionId);
    ctx.state.policies.put({ ...policy, defaultVersion: version.id, updatedAt: ctx.now() });
  },

  TagPolicy: (input, ctx) => tagging.add(ctx, localPolicy(ctx, input.PolicyArn), input.Tags),
  UntagPolicy: (input, ctx) => tagging.remove(ctx, localPolicy(ctx, input.PolicyArn), input.TagKeys),

  ListPolicyTags(input, ctx) {
    const policy = anyPolicy(ctx, input.PolicyArn);
    return listTags(ctx, input, { id: policy.arn, tags: isLocal(policy) ? policy.tags : [] });
  },

  ListEntitiesForPolicy(input, ctx) {
    const policy = anyPolicy(ctx, input.PolicyArn);
    const { state } = ctx;
    const prefix = input.PathPrefix ?? '/';
    const filter = input.EntityFilter;
    // The filters of the model that name policies are taken, and find nobody (seen on AWS).
    const asBoundary = input.PolicyUsageFilter !== 'PermissionsPolicy';
    const asPolicy = input.PolicyUsageFilter !== 'PermissionsBoundary';
    const entities = [
      ...state.groups.sorted().map((holder) => ({ kind: 'Group', holder, boundary: null })),
      ...state.roles.sorted().map((holder) => ({ kind: 'Role', holder, boundary: holder.boundary })),
      ...state.users.sorted().map((holder) => ({ kind: 'User', holder, boundary: holder.boundary })),
    ].filter(
      ({ kind, holder, boundary }) =>
        (filter === undefined || filter === kind) &&
        holder.path.startsWith(prefix) &&
        ((asPolicy && holder.attached.includes(policy.arn)) || (asBoundary && boundary === policy.arn)),
    );
    const key = ({ kind, holder }: (typeof entities)[number]): string => `${kind} ${nameKey(holder.name)}`;
    entities.sort((a, b) => byText(key(a), key(b)));
    const scope = `${policy.arn} ${prefix} ${filter} ${input.PolicyUsageFilter}`;
    const page = paginate(ctx, input, entities, key, { scope });
    const of = (kind: string) => page.items.filter((item) => item.kind === kind).map((item) => item.holder);
    return {
      PolicyGroups: of('Group').map(({ name, id }) => ({ GroupName: name, GroupId: id })),
      PolicyUsers: of('User').map(({ name, id }) => ({ UserName: name, UserId: id })),
      PolicyRoles: of('Role').map(({ name, id }) => ({ RoleName: name, RoleId: id })),
      ...pageFields(page),
    };
  },
} satisfies Handlers;
