import { extendedEncodeURIComponent } from '@smithy/core/protocols';
import type { Role, RoleLastUsed } from '@aws-sdk/client-iam';
import { roleArn, type Context } from '../context.ts';
import type { RoleRecord } from '../records.ts';
import { shownTrust } from '../trust.ts';

/** Without the longest session, which only GetRole and ListRoles tell (recorded from AWS). */
export const briefRoleShape = (ctx: Context, role: RoleRecord): Role => ({
  Path: role.path,
  RoleName: role.name,
  RoleId: role.id,
  Arn: roleArn(ctx, role),
  CreateDate: new Date(role.createdAt),
  AssumeRolePolicyDocument: extendedEncodeURIComponent(shownTrust(ctx, role.trust)),
  ...(role.description === null ? {} : { Description: role.description }),
});

export const roleShape = (ctx: Context, role: RoleRecord): Role => ({
  ...briefRoleShape(ctx, role),
  MaxSessionDuration: role.maxSession,
});

export const lastUsedShape = ({ lastUsed }: RoleRecord): RoleLastUsed =>
  lastUsed ? { LastUsedDate: new Date(lastUsed.at), Region: lastUsed.region } : {};
