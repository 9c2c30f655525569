import type { AttachedPermissionsBoundary, User } from '@aws-sdk/client-iam';
import { userArn, type Context } from '../context.ts';
import type { UserRecord } from '../records.ts';
import { toTags } from '../tags.ts';

/**
 * A user as lists show it. Tags and the boundary are left out there, as IAM does; GetUser shows them.
 * `PasswordLastUsed` only ever appears in reads, never in the answer to CreateUser.
 */
export const userShape = (ctx: Context, user: UserRecord): User => ({
  ...userNames(ctx, user),
  ...(user.passwordLastUsed === null ? {} : { PasswordLastUsed: new Date(user.passwordLastUsed) }),
});

export const userNames = (ctx: Context, user: UserRecord) => ({
  Path: user.path,
  UserName: user.name,
  UserId: user.id,
  Arn: userArn(ctx, user),
  CreateDate: new Date(user.createdAt),
});

export function fullUserShape(ctx: Context, user: UserRecord): User {
  return { ...userShape(ctx, user), ...boundaryShape(user), ...tagsShape(user) };
}

export const boundaryShape = (
  holder: Pick<UserRecord, 'boundary'>,
): { PermissionsBoundary?: AttachedPermissionsBoundary } =>
  holder.boundary === null
    ? {}
    : {
        PermissionsBoundary: {
          // The service answers `Policy`, whatever its model says.
          PermissionsBoundaryType: 'Policy' as 'PermissionsBoundaryPolicy',
          PermissionsBoundaryArn: holder.boundary,
        },
      };

const tagsShape = (user: UserRecord): Pick<User, 'Tags'> =>
  user.tags.length === 0 ? {} : { Tags: toTags(user.tags) };
