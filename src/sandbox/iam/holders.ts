import type { AttachedPolicy } from '@aws-sdk/client-iam';
import { policyArnParts } from '../../core/arn.ts';
import { byText } from '../../core/json.ts';
import { spellingIn } from '../../core/names.ts';
import { IamError, invalidInput, noSuchEntity, overQuota } from '../wire/errors.ts';
import type { Context } from './context.ts';
import { documentSize } from './documents.ts';
import { checkDocument } from './grammar.ts';
import { pageFields, paginateUnsorted, type Page } from './paginate.ts';
import { findPolicy } from './policies/find.ts';
import type { HolderRecord } from './state.ts';

/** Users, groups and roles hold policies in the same way; these rules are theirs together. */
export type IdentityKind = 'user' | 'group' | 'role';

const inlineQuota = { user: 'inlineUser', group: 'inlineGroup', role: 'inlineRole' } as const;
const attachQuota = {
  user: ['PoliciesPerUser', 'attachedPerUser'],
  group: ['PoliciesPerGroup', 'attachedPerGroup'],
  role: ['PoliciesPerRole', 'attachedPerRole'],
} as const;

/** The name under which a holder has an inline policy: the first spelling stays (recorded from AWS). */
const spelled = (holder: HolderRecord, name: string): string | undefined =>
  spellingIn(Object.keys(holder.policies), name);

/** `policies` with one put in. Throws MalformedPolicyDocument, LimitExceeded. */
export function putInline(
  ctx: Context,
  kind: IdentityKind,
  holder: HolderRecord,
  name: string,
  document: string,
): Record<string, string> {
  checkDocument(document, 'inline');
  const policies = { ...holder.policies, [spelled(holder, name) ?? name]: document };
  const size = Object.values(policies).reduce((sum, text) => sum + documentSize(text), 0);
  const quota = ctx.quotas[inlineQuota[kind]];
  if (size > quota) {
    throw new IamError(
      'LimitExceeded',
      `Maximum policy size of ${quota} bytes exceeded for ${kind} ${holder.name}`,
    );
  }
  return policies;
}

export function inlineNamed(
  kind: IdentityKind,
  holder: HolderRecord,
  asked: string,
): { readonly name: string; readonly document: string } {
  const name = spelled(holder, asked);
  if (name === undefined) throw noSuchEntity(`The ${kind} policy with name ${asked} cannot be found.`);
  return { name, document: holder.policies[name]! };
}

export function withoutInline(
  kind: IdentityKind,
  holder: HolderRecord,
  asked: string,
): Record<string, string> {
  const { name } = inlineNamed(kind, holder, asked);
  const { [name]: _, ...rest } = holder.policies;
  return rest;
}

export const inlineNames = (holder: HolderRecord): string[] => Object.keys(holder.policies).sort(byText);

interface PageRequest {
  readonly MaxItems?: number | undefined;
  readonly Marker?: string | undefined;
}

export function listInline(
  ctx: Context,
  holder: HolderRecord,
  input: PageRequest,
): { PolicyNames: string[]; IsTruncated: boolean; Marker?: string } {
  const page = paginateUnsorted(ctx, input, inlineNames(holder), (name) => name, holder.id);
  return { PolicyNames: page.items, ...pageFields(page) };
}

/** `attached` with one more; attaching twice is no error. */
export function attach(
  ctx: Context,
  kind: IdentityKind,
  holder: HolderRecord,
  arn: string,
): readonly string[] {
  checkArn(arn);
  const policy = findPolicy(ctx, arn);
  if (!policy) throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
  if (policy.path === '/aws-service-role/') {
    throw new IamError(
      'PolicyNotAttachable',
      `Cannot attach a Service Role Policy to a Customer ${kindTitle[kind]}.`,
    );
  }
  if (holder.attached.includes(arn)) return holder.attached;
  const [quotaName, key] = attachQuota[kind];
  if (holder.attached.length >= ctx.quotas[key]) throw overQuota(quotaName, ctx.quotas[key]);
  return [...holder.attached, arn];
}

const kindTitle = { user: 'User', group: 'Group', role: 'Role' } as const;

export function detach(holder: HolderRecord, arn: string): readonly string[] {
  checkArn(arn);
  if (!holder.attached.includes(arn)) throw noSuchEntity(`Policy ${arn} was not found.`);
  return holder.attached.filter((item) => item !== arn);
}

export function checkArn(arn: string): void {
  if (!/^arn:[^:]+:[^:]+:[^:]*:[^:]*:.+/.test(arn)) throw invalidInput(`ARN ${arn} is not valid.`);
}

export const toAttached = (arns: readonly string[]): AttachedPolicy[] =>
  arns.map((arn) => ({ PolicyName: policyArnParts(arn)?.name ?? arn, PolicyArn: arn }));

export function listAttached(
  ctx: Context,
  holder: HolderRecord,
  input: PageRequest & { readonly PathPrefix?: string | undefined },
): { AttachedPolicies: AttachedPolicy[]; IsTruncated: boolean; Marker?: string } {
  const prefix = input.PathPrefix ?? '/';
  const kept = toAttached(holder.attached).filter((item) =>
    (policyArnParts(item.PolicyArn ?? '')?.path ?? '/').startsWith(prefix),
  );
  // Names may repeat between AWS's policies and the account's own, so the owner belongs to the key.
  const key = (item: AttachedPolicy): string =>
    `${item.PolicyName} ${policyArnParts(item.PolicyArn ?? '')?.account}`;
  const page: Page<AttachedPolicy> = paginateUnsorted(ctx, input, kept, key, `${holder.id} ${prefix}`);
  return { AttachedPolicies: page.items, ...pageFields(page) };
}

/** Throws NoSuchEntity unless the ARN can be a boundary. */
export function checkBoundary(ctx: Context, arn: string): void {
  checkArn(arn);
  if (!findPolicy(ctx, arn)) {
    throw noSuchEntity(`Scope ARN: ${arn} does not exist or is not attachable.`);
  }
}
