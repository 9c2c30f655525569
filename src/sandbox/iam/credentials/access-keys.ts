import { noSuchEntity, overQuota } from '../../wire/errors.ts';
import { userOrCaller, type Context, type Handlers } from '../context.ts';
import { pageFields, paginateUnsorted } from '../paginate.ts';
import type { AccessKeyRecord, UserRecord } from '../records.ts';
import { toStatus } from './status.ts';

function keyOf(ctx: Context, user: UserRecord, id: string): AccessKeyRecord {
  const key = ctx.state.accessKeys.get(id);
  if (key?.userId !== user.id) throw noSuchEntity(`The Access Key with id ${id} cannot be found.`);
  return key;
}

/** If an update or delete names no user, IAM takes the key's owner. */
function ownerOf(ctx: Context, name: string | undefined, keyId: string): UserRecord {
  if (name === undefined && !ctx.caller.user) {
    const key = ctx.state.accessKeys.get(keyId);
    const user = key && ctx.state.users.get(key.userId);
    if (!user) throw noSuchEntity(`The Access Key with id ${keyId} cannot be found.`);
    return user;
  }
  return userOrCaller(ctx, name);
}

export const accessKeyHandlers = {
  CreateAccessKey(input, ctx) {
    const user = userOrCaller(ctx, input.UserName);
    if (ctx.state.accessKeys.ownedBy(user.id).length >= ctx.quotas.accessKeysPerUser) {
      throw overQuota('AccessKeysPerUser', ctx.quotas.accessKeysPerUser);
    }
    const id = ctx.mint.id('AKIA', 20);
    const secret = ctx.mint.text(40);
    const createdAt = ctx.now();
    ctx.state.accessKeys.put({
      id,
      userId: user.id,
      status: 'Active',
      createdAt,
      changedAt: createdAt,
      lastUsed: null,
    });
    ctx.secrets.set(id, secret);
    return {
      AccessKey: {
        UserName: user.name,
        AccessKeyId: id,
        Status: 'Active',
        SecretAccessKey: secret,
        CreateDate: new Date(createdAt),
      },
    };
  },

  UpdateAccessKey(input, ctx) {
    const user = ownerOf(ctx, input.UserName, input.AccessKeyId);
    const key = keyOf(ctx, user, input.AccessKeyId);
    const status = toStatus(input.Status);
    ctx.state.accessKeys.put({ ...key, status, changedAt: ctx.now() });
  },

  DeleteAccessKey(input, ctx) {
    const user = ownerOf(ctx, input.UserName, input.AccessKeyId);
    const key = keyOf(ctx, user, input.AccessKeyId);
    ctx.state.accessKeys.delete(key.id);
    ctx.state.retiredKeys.put({ id: key.id });
    ctx.secrets.delete(key.id);
  },

  ListAccessKeys(input, ctx) {
    const user = userOrCaller(ctx, input.UserName);
    const keys = ctx.state.accessKeys.ownedBy(user.id);
    const page = paginateUnsorted(ctx, input, keys, (key) => key.id, user.id);
    return {
      AccessKeyMetadata: page.items.map((key) => ({
        UserName: user.name,
        AccessKeyId: key.id,
        Status: key.status,
        CreateDate: new Date(key.createdAt),
      })),
      ...pageFields(page),
    };
  },

  GetAccessKeyLastUsed(input, ctx) {
    const key = ctx.state.accessKeys.get(input.AccessKeyId);
    const user = key && ctx.state.users.get(key.userId);
    if (!key || !user) throw noSuchEntity(`The Access Key with id ${input.AccessKeyId} cannot be found.`);
    return {
      UserName: user.name,
      AccessKeyLastUsed: key.lastUsed
        ? {
            LastUsedDate: new Date(key.lastUsed.at),
            ServiceName: key.lastUsed.service,
            Region: key.lastUsed.region,
          }
        : { LastUsedDate: undefined, ServiceName: 'N/A', Region: 'N/A' },
    };
  },
} satisfies Handlers;
