import { extendedEncodeURIComponent } from '@smithy/core/protocols';
import type { AttachedPolicy } from '@aws-sdk/client-iam';
import { documentSize } from '../../core/policy-language.ts';
import { isOfServiceRoles, policyArnParts } from '../../core/arn.ts';
import { byText } from '../../core/json.ts';
import { spellingIn } from '../../core/names.ts';
import { deleteConflict, IamError, invalidInput, noSuchEntity, overQuota } from '../wire/errors.ts';
import { checkArn } from './arn.ts';
import type { Context } from './context.ts';
import { checkDocument } from './grammar.ts';
import { pageFields, paginateUnsorted, type PageRequest } from './paginate.ts';
import { findPolicy } from './policies/find.ts';
import type { HolderRecord } from './records.ts';
import type { State } from './state.ts';
import type { Table } from './table.ts';

/** Users, groups and roles have policies in the same way; these rules apply to all three. */
type IdentityKind = 'user' | 'group' | 'role';

const inlineQuota = { user: 'inlineUser', group: 'inlineGroup', role: 'inlineRole' } as const;
const attachQuota = {
  user: ['PoliciesPerUser', 'attachedPerUser'],
  group: ['PoliciesPerGroup', 'attachedPerGroup'],
  role: ['PoliciesPerRole', 'attachedPerRole'],
} as const;

/** The name under which an identity has an inline policy: the first spelling is kept (observed on AWS). */
const spelled = (holder: HolderRecord, name: string): string | undefined =>
  spellingIn(Object.keys(holder.policies), name);

function inlineNamed(
  kind: IdentityKind,
  holder: HolderRecord,
  asked: string,
): { readonly name: string; readonly document: string } {
  const name = spelled(holder, asked);
  if (name === undefined) throw noSuchEntity(`The ${kind} policy with name ${asked} cannot be found.`);
  return { name, document: holder.policies[name]! };
}

export const inlineNames = (holder: HolderRecord): string[] => Object.keys(holder.policies).sort(byText);

interface InlinePolicy {
  readonly PolicyName: string;
  readonly PolicyDocument: string;
}

/** The operations on the inline policies of one kind of identity; kinds differ only in names and quotas. */
export const inlinePolicies = <Holder extends HolderRecord>(
  kind: IdentityKind,
  tableOf: (state: State) => Table<Holder>,
) => ({
  /** Throws MalformedPolicyDocument, LimitExceeded. */
  put(ctx: Context, holder: Holder, { PolicyName, PolicyDocument }: InlinePolicy): void {
    checkDocument(PolicyDocument, { use: 'inline', partition: ctx.partition });
    const policies = { ...holder.policies, [spelled(holder, PolicyName) ?? PolicyName]: PolicyDocument };
    const size = Object.values(policies).reduce((sum, text) => sum + documentSize(text), 0);
    const quota = ctx.quotas[inlineQuota[kind]];
    if (size > quota) {
      throw new IamError(
        'LimitExceeded',
        `Maximum policy size of ${quota} bytes exceeded for ${kind} ${holder.name}`,
      );
    }
    tableOf(ctx.state).put({ ...holder, policies });
  },

  get(holder: Holder, asked: string): InlinePolicy {
    const { document } = inlineNamed(kind, holder, asked);
    // The name as it was asked for, though lists keep the first spelling (seen on AWS); documents encoded as RFC 3986 says.
    return { PolicyName: asked, PolicyDocument: extendedEncodeURIComponent(document) };
  },

  delete(ctx: Context, holder: Holder, asked: string): void {
    const { [inlineNamed(kind, holder, asked).name]: _, ...policies } = holder.policies;
    tableOf(ctx.state).put({ ...holder, policies });
  },

  list(ctx: Context, holder: Holder, input: PageRequest) {
    const page = paginateUnsorted(ctx, input, inlineNames(holder), (name) => name, holder.id);
    return { PolicyNames: page.items, ...pageFields(page) };
  },
});

/** The operations on the managed policies that are attached to one kind of identity. */
export const attachments = <Holder extends HolderRecord>(
  kind: IdentityKind,
  tableOf: (state: State) => Table<Holder>,
) => ({
  /** Attaching twice is no error. */
  attach(ctx: Context, holder: Holder, arn: string): void {
    checkArn(ctx, arn);
    const policy = findPolicy(ctx, arn);
    if (!policy) throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
    if (isOfServiceRoles(arn)) {
      throw new IamError(
        'PolicyNotAttachable',
        `Cannot attach a Service Role Policy to a Customer ${kindTitle[kind]}.`,
      );
    }
    if (holder.attached.includes(arn)) return;
    const [quotaName, key] = attachQuota[kind];
    if (holder.attached.length >= ctx.quotas[key]) throw overQuota(quotaName, ctx.quotas[key]);
    tableOf(ctx.state).put({ ...holder, attached: [...holder.attached, arn] });
  },

  detach(ctx: Context, holder: Holder, arn: string): void {
    checkArn(ctx, arn);
    if (!holder.attached.includes(arn)) throw noSuchEntity(`Policy ${arn} was not found.`);
    tableOf(ctx.state).put({ ...holder, attached: holder.attached.filter((item) => item !== arn) });
  },

  list(ctx: Context, holder: Holder, input: PageRequest & { readonly PathPrefix?: string | undefined }) {
    const prefix = input.PathPrefix ?? '/';
    const kept = toAttached(holder.attached).filter((item) =>
      (policyArnParts(item.PolicyArn ?? '')?.path ?? '/').startsWith(prefix),
    );
    // AWS's policies and the account's own may have the same names, so the key includes the owner.
    const key = (item: AttachedPolicy): string =>
      `${item.PolicyName} ${policyArnParts(item.PolicyArn ?? '')?.account}`;
    const page = paginateUnsorted(ctx, input, kept, key, `${holder.id} ${prefix}`);
    return { AttachedPolicies: page.items, ...pageFields(page) };
  },
});

const kindTitle = { user: 'User', group: 'Group', role: 'Role' } as const;

export const toAttached = (arns: readonly string[]): AttachedPolicy[] =>
  arns.map((arn) => ({ PolicyName: policyArnParts(arn)?.name ?? arn, PolicyArn: arn }));

/** Throws InvalidInput, NoSuchEntity or PolicyNotAttachable if the ARN cannot be a boundary. */
export function checkBoundary(ctx: Context, arn: string): void {
  checkArn(ctx, arn);
  if (!policyArnParts(arn)) throw invalidInput(`ARN ${arn} is not valid.`);
  if (!findPolicy(ctx, arn)) {
    throw noSuchEntity(`Scope ARN: ${arn} does not exist or is not attachable.`);
  }
  // In the words of the API Reference.
  if (isOfServiceRoles(arn)) {
    throw new IamError(
      'PolicyNotAttachable',
      'AWS service role policies can only be attached to the service-linked role for that service.',
    );
  }
}

/** Something that prevents a deletion while it is there, and what to do about it first. */
type Obstacle = readonly [isThere: boolean, first: string];

/** @throws DeleteConflict for the first obstacle that is there. */
export function checkDeletable(obstacles: readonly Obstacle[]): void {
  const found = obstacles.find(([isThere]) => isThere);
  if (found) throw deleteConflict(`Cannot delete entity, must ${found[1]} first.`);
}

export const policyObstacles = ({ attached, policies }: HolderRecord): readonly Obstacle[] => [
  [attached.length > 0, 'detach all policies'],
  [Object.keys(policies).length > 0, 'delete policies'],
];
