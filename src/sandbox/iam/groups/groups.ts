import type { Group } from '@aws-sdk/client-iam';
import { alreadyExists, overQuota } from '../../wire/errors.ts';
import { groupArn, groupNamed, userNamed, type Context, type Handlers } from '../context.ts';
import { checkDeletable, policyObstacles } from '../holders.ts';
import { inTable, pageFields, paginate, paginateUnsorted } from '../paginate.ts';
import type { GroupRecord } from '../records.ts';
import { membersOf } from '../state.ts';
import { userShape } from '../users/shape.ts';

export const groupShape = (ctx: Context, group: GroupRecord): Group => ({
  Path: group.path,
  GroupName: group.name,
  GroupId: group.id,
  Arn: groupArn(ctx, group),
  CreateDate: new Date(group.createdAt),
});

const nameFree = (ctx: Context, name: string): void => {
  if (ctx.state.groups.taken(name)) throw alreadyExists(`Group with name ${name} already exists.`);
};

export const groupHandlers = {
  CreateGroup(input, ctx) {
    nameFree(ctx, input.GroupName);
    if (ctx.state.groups.size >= ctx.quotas.groupsPerAccount) {
      throw overQuota('GroupsPerAccount', ctx.quotas.groupsPerAccount);
    }
    const group: GroupRecord = {
      id: ctx.mint.id('AGPA'),
      name: input.GroupName,
      path: input.Path ?? '/',
      createdAt: ctx.now(),
      policies: {},
      attached: [],
    };
    ctx.state.groups.put(group);
    return { Group: groupShape(ctx, group) };
  },

  GetGroup(input, ctx) {
    const group = groupNamed(ctx, input.GroupName);
    const page = paginate(ctx, input, membersOf(ctx.state, group.id), inTable, { scope: group.id });
    return {
      Group: groupShape(ctx, group),
      Users: page.items.map((user) => userShape(ctx, user)),
      ...pageFields(page),
    };
  },

  UpdateGroup(input, ctx) {
    const group = groupNamed(ctx, input.GroupName);
    const name = input.NewGroupName ?? group.name;
    // A change of case only is refused, as for users.
    if (name !== group.name) nameFree(ctx, name);
    ctx.state.groups.put({ ...group, name, path: input.NewPath ?? group.path });
  },

  DeleteGroup(input, ctx) {
    const group = groupNamed(ctx, input.GroupName);
    const hasMembers = membersOf(ctx.state, group.id).length > 0;
    checkDeletable([[hasMembers, 'remove users from group'], ...policyObstacles(group)]);
    ctx.state.groups.delete(group.id);
  },

  ListGroups(input, ctx) {
    const prefix = input.PathPrefix ?? '/';
    const page = paginate(ctx, input, ctx.state.groups.sorted(), inTable, {
      scope: prefix,
      keep: (group) => group.path.startsWith(prefix),
    });
    return { Groups: page.items.map((group) => groupShape(ctx, group)), ...pageFields(page) };
  },

  /** Adding a member twice is no error. */
  AddUserToGroup(input, ctx) {
    const user = userNamed(ctx, input.UserName);
    const group = groupNamed(ctx, input.GroupName);
    if (user.groups.includes(group.id)) return;
    if (user.groups.length >= ctx.quotas.groupsPerUser) {
      throw overQuota('GroupsPerUser', ctx.quotas.groupsPerUser);
    }
    ctx.state.users.put({ ...user, groups: [...user.groups, group.id] });
  },

  /** Nor is removing somebody who is no member. */
  RemoveUserFromGroup(input, ctx) {
    const user = userNamed(ctx, input.UserName);
    const group = groupNamed(ctx, input.GroupName);
    if (user.groups.includes(group.id)) {
      ctx.state.users.put({ ...user, groups: user.groups.filter((id) => id !== group.id) });
    }
  },

  ListGroupsForUser(input, ctx) {
    const user = userNamed(ctx, input.UserName);
    const groups = user.groups.map((id) => ctx.state.groups.get(id)).filter((group) => group !== undefined);
    const page = paginateUnsorted(ctx, input, groups, inTable, user.id);
    return { Groups: page.items.map((group) => groupShape(ctx, group)), ...pageFields(page) };
  },
} satisfies Handlers;
