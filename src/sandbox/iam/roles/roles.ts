import { extendedEncodeURIComponent } from '@smithy/core/protocols';
import type { Role } from '@aws-sdk/client-iam';
import { documentSize } from '../../../core/policy-language.ts';
import { IamError, noSuchEntity, overQuota } from '../../wire/errors.ts';
import { roleNamed, type Context, type Handlers } from '../context.ts';
import { checkDocument } from '../grammar.ts';
import { checkBoundary, checkDeletable, policyObstacles } from '../holders.ts';
import { inTable, pageFields, paginate } from '../paginate.ts';
import type { RoleRecord } from '../records.ts';
import { listTags, taggingOf, toTags, withoutCase } from '../tags.ts';
import { storedTrust } from '../trust.ts';
import { boundaryShape } from '../users/shape.ts';
import { createRole } from './create.ts';
import { profilesOf } from './instance-profiles.ts';
import { describable, modifiable, servicePath } from './protect.ts';
import { briefRoleShape, lastUsedShape, roleShape } from './shape.ts';

const markedShape = (role: RoleRecord): Pick<Role, 'PermissionsBoundary' | 'Tags'> => ({
  ...boundaryShape(role),
  ...(role.tags.length === 0 ? {} : { Tags: toTags(role.tags) }),
});

const fullRoleShape = (ctx: Context, role: RoleRecord): Role => ({
  ...roleShape(ctx, role),
  ...markedShape(role),
  RoleLastUsed: lastUsedShape(role),
});

/** The trust as IAM stores it. Throws MalformedPolicyDocument and LimitExceeded. */
function trustOf(ctx: Context, document: string): string {
  checkDocument(document, { use: 'trust' });
  if (documentSize(document) > ctx.quotas.trustPolicy) {
    throw overQuota('ACLSizePerRole', ctx.quotas.trustPolicy);
  }
  return storedTrust(ctx, document);
}

const tagging = taggingOf((state) => state.roles, withoutCase('TagsPerRole'));

export const roleHandlers = {
  CreateRole(input, ctx) {
    const path = input.Path ?? '/';
    if (path.startsWith(servicePath)) {
      throw new IamError(
        'AccessDenied',
        `User: ${ctx.caller.arn} is not authorized to perform: iam:CreateRole on resource: ` +
          `arn:${ctx.partition}:iam::${ctx.account}:role${path}${input.RoleName}`,
      );
    }
    const trust = trustOf(ctx, input.AssumeRolePolicyDocument);
    if (input.PermissionsBoundary !== undefined) checkBoundary(ctx, input.PermissionsBoundary);
    const role = createRole(ctx, {
      name: input.RoleName,
      path,
      trust,
      tags: tagging.initial(input.Tags),
      boundary: input.PermissionsBoundary ?? null,
      description: input.Description ?? null,
      maxSession: input.MaxSessionDuration ?? 3600,
    });
    // Longest session and description are left out, even where the call gives them (recorded from AWS).
    const { Description: _, ...shape } = { ...briefRoleShape(ctx, role), ...markedShape(role) };
    // As it was sent: only later answers show what is stored (recorded from AWS).
    const sent = extendedEncodeURIComponent(input.AssumeRolePolicyDocument);
    return { Role: { ...shape, AssumeRolePolicyDocument: sent } };
  },

  GetRole: (input, ctx) => ({ Role: fullRoleShape(ctx, roleNamed(ctx, input.RoleName)) }),

  /** Only the description of a service-linked role can be changed. */
  UpdateRole(input, ctx) {
    const role = (input.MaxSessionDuration === undefined ? describable : modifiable)(ctx, input.RoleName);
    ctx.state.roles.put({
      ...role,
      description: input.Description ?? role.description,
      maxSession: input.MaxSessionDuration ?? role.maxSession,
    });
  },

  UpdateRoleDescription(input, ctx) {
    const role = { ...describable(ctx, input.RoleName), description: input.Description };
    ctx.state.roles.put(role);
    return { Role: briefRoleShape(ctx, role) };
  },

  UpdateAssumeRolePolicy(input, ctx) {
    const role = modifiable(ctx, input.RoleName);
    ctx.state.roles.put({ ...role, trust: trustOf(ctx, input.PolicyDocument) });
  },

  DeleteRole(input, ctx) {
    const role = modifiable(ctx, input.RoleName);
    checkDeletable([
      [profilesOf(ctx, role).length > 0, 'remove roles from instance profile'],
      ...policyObstacles(role),
    ]);
    ctx.state.roles.delete(role.id);
  },

  ListRoles(input, ctx) {
    const prefix = input.PathPrefix ?? '/';
    const page = paginate(ctx, input, ctx.state.roles.sorted(), inTable, {
      scope: prefix,
      keep: (role) => role.path.startsWith(prefix),
    });
    return { Roles: page.items.map((role) => roleShape(ctx, role)), ...pageFields(page) };
  },

  /** Tags of service-linked roles are the account's own. */
  TagRole: (input, ctx) => tagging.add(ctx, describable(ctx, input.RoleName), input.Tags),
  UntagRole: (input, ctx) => tagging.remove(ctx, describable(ctx, input.RoleName), input.TagKeys),
  ListRoleTags: (input, ctx) => listTags(ctx, input, roleNamed(ctx, input.RoleName)),

  PutRolePermissionsBoundary(input, ctx) {
    const role = modifiable(ctx, input.RoleName);
    checkBoundary(ctx, input.PermissionsBoundary);
    ctx.state.roles.put({ ...role, boundary: input.PermissionsBoundary });
  },

  DeleteRolePermissionsBoundary(input, ctx) {
    const role = modifiable(ctx, input.RoleName);
    if (role.boundary === null) throw noSuchEntity(`Role ${role.name} does not have a permissions boundary.`);
    ctx.state.roles.put({ ...role, boundary: null });
  },
} satisfies Handlers;
