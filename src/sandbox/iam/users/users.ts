import { alreadyExists, noSuchEntity, overQuota } from '../../wire/errors.ts';
import { userNamed, userOrCaller, type Context, type Handlers } from '../context.ts';
import { checkBoundary, checkDeletable, policyObstacles } from '../holders.ts';
import { inTable, pageFields, paginate } from '../paginate.ts';
import type { UserRecord } from '../records.ts';
import { listTags, taggingOf, withoutCase } from '../tags.ts';
import { fullUserShape, userShape } from './shape.ts';

const nameFree = (ctx: Context, name: string): void => {
  if (ctx.state.users.taken(name)) throw alreadyExists(`User with name ${name} already exists.`);
};

const tagging = taggingOf((state) => state.users, withoutCase('TagsPerUser'));

export const userHandlers = {
  CreateUser(input, ctx) {
    nameFree(ctx, input.UserName);
    if (input.PermissionsBoundary !== undefined) checkBoundary(ctx, input.PermissionsBoundary);
    const tags = tagging.initial(input.Tags);
    if (ctx.state.users.size >= ctx.quotas.usersPerAccount) {
      throw overQuota('UsersPerAccount', ctx.quotas.usersPerAccount);
    }
    const user: UserRecord = {
      id: ctx.mint.id('AIDA'),
      name: input.UserName,
      path: input.Path ?? '/',
      createdAt: ctx.now(),
      policies: {},
      attached: [],
      tags,
      boundary: input.PermissionsBoundary ?? null,
      groups: [],
      passwordLastUsed: null,
      login: null,
    };
    ctx.state.users.put(user);
    return { User: fullUserShape(ctx, user) };
  },

  GetUser: (input, ctx) => ({ User: fullUserShape(ctx, userOrCaller(ctx, input.UserName)) }),

  UpdateUser(input, ctx) {
    const user = userNamed(ctx, input.UserName);
    const name = input.NewUserName ?? user.name;
    // A change of case alone is refused as well (seen on AWS: noobaa/noobaa-core#9323).
    if (name !== user.name) nameFree(ctx, name);
    ctx.state.users.put({ ...user, name, path: input.NewPath ?? user.path });
  },

  DeleteUser(input, ctx) {
    const user = userNamed(ctx, input.UserName);
    const { id } = user;
    const { state } = ctx;
    checkDeletable([
      ...policyObstacles(user),
      // Before the keys: of a user with both, AWS was seen to name these.
      [state.mfaDevices.ownedBy(id).length > 0, 'remove tokens from principal'],
      [state.accessKeys.ownedBy(id).length > 0, 'delete access keys'],
      [state.certificates.ownedBy(id).length > 0, 'delete certificates'],
      [user.login !== null, 'delete login profile'],
      [user.groups.length > 0, 'remove users from group'],
      // IAM names neither SSH keys nor service-specific credentials.
      [state.sshKeys.ownedBy(id).length > 0, 'remove referenced objects'],
      [state.serviceCredentials.ownedBy(id).length > 0, 'remove referenced objects'],
    ]);
    state.users.delete(id);
  },

  ListUsers(input, ctx) {
    const prefix = input.PathPrefix ?? '/';
    const page = paginate(ctx, input, ctx.state.users.sorted(), inTable, {
      scope: prefix,
      keep: (user) => user.path.startsWith(prefix),
    });
    return { Users: page.items.map((user) => userShape(ctx, user)), ...pageFields(page) };
  },

  TagUser: (input, ctx) => tagging.add(ctx, userNamed(ctx, input.UserName), input.Tags),
  UntagUser: (input, ctx) => tagging.remove(ctx, userNamed(ctx, input.UserName), input.TagKeys),
  ListUserTags: (input, ctx) => listTags(ctx, input, userNamed(ctx, input.UserName)),

  PutUserPermissionsBoundary(input, ctx) {
    const user = userNamed(ctx, input.UserName);
    checkBoundary(ctx, input.PermissionsBoundary);
    ctx.state.users.put({ ...user, boundary: input.PermissionsBoundary });
  },

  DeleteUserPermissionsBoundary(input, ctx) {
    const user = userNamed(ctx, input.UserName);
    if (user.boundary === null) throw noSuchEntity(`User ${user.name} does not have a permissions boundary.`);
    ctx.state.users.put({ ...user, boundary: null });
  },
} satisfies Handlers;
