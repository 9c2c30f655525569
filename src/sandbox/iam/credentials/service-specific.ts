import type { ServiceSpecificCredential, ServiceSpecificCredentialMetadata } from '@aws-sdk/client-iam';
import { IamError, invalidInput, noSuchEntity, overQuota, validationError } from '../../wire/errors.ts';
import { userOrCaller, type Context, type Handlers } from '../context.ts';
import { pageFields, paginateUnsorted } from '../paginate.ts';
import type { ServiceCredentialRecord, UserRecord } from '../records.ts';
import { toStatus } from './status.ts';

/** Services with credentials of their own. True if it is an API key instead of a user name and a password. */
const services: Readonly<Record<string, boolean>> = {
  'codecommit.amazonaws.com': false,
  'cassandra.amazonaws.com': false,
  'bedrock.amazonaws.com': true,
  'logs.amazonaws.com': true,
};

function credentialOf(
  ctx: Context,
  userName: string | undefined,
  id: string,
): { user: UserRecord; record: ServiceCredentialRecord } {
  const record = ctx.state.serviceCredentials.get(id);
  // A caller who is not a user may leave out the name: the id is enough.
  const named = userName ?? ctx.caller.user?.name;
  const user = named === undefined ? record && ctx.state.users.get(record.userId) : userOrCaller(ctx, named);
  if (!record || !user || record.userId !== user.id) {
    throw noSuchEntity(`No such credential ${id} exists`);
  }
  return { user, record };
}

/** Not ServiceNotSupported, which is documented: recorded by LocalStack's tests. */
const notSupported = (service: string): IamError =>
  noSuchEntity(`No such service ${service} is supported for Service Specific Credentials`);

const metadata = (user: UserRecord, record: ServiceCredentialRecord): ServiceSpecificCredentialMetadata => ({
  UserName: user.name,
  Status: record.status,
  ...(record.apiKey ? { ServiceCredentialAlias: record.login } : { ServiceUserName: record.login }),
  CreateDate: new Date(record.createdAt),
  ...(record.expiresAt === null ? {} : { ExpirationDate: new Date(record.expiresAt) }),
  ServiceSpecificCredentialId: record.id,
  ServiceName: record.service,
});

/** With the secret, which only the answers to create and reset contain; it is not kept. */
const withSecret = (
  ctx: Context,
  user: UserRecord,
  record: ServiceCredentialRecord,
): ServiceSpecificCredential => ({
  ...metadata(user, record),
  ...(record.apiKey
    ? { ServiceCredentialSecret: ctx.mint.text(120) }
    : { ServicePassword: `${ctx.mint.text(43)}=` }),
});

function loginName(ctx: Context, user: UserRecord, own: readonly ServiceCredentialRecord[]): string {
  const base = `${user.name}-at-${ctx.account}`;
  let name = base;
  for (let next = 1; own.some((record) => record.login === name); next++) name = `${base}+${next}`;
  return name;
}

export const serviceCredentialHandlers = {
  CreateServiceSpecificCredential(input, ctx) {
    const user = userOrCaller(ctx, input.UserName);
    const apiKey = Object.hasOwn(services, input.ServiceName) ? services[input.ServiceName] : undefined;
    if (apiKey === undefined) throw notSupported(input.ServiceName);
    if (input.CredentialAgeDays !== undefined && !apiKey) {
      throw invalidInput(`CredentialAgeDays is not supported for service ${input.ServiceName}.`);
    }
    const own = ctx.state.serviceCredentials
      .ownedBy(user.id)
      .filter((item) => item.service === input.ServiceName);
    if (own.length >= ctx.quotas.serviceCredentialsPerUser) {
      throw overQuota('ServiceSpecificCredentialsPerUser', ctx.quotas.serviceCredentialsPerUser);
    }
    const createdAt = ctx.now();
    const record: ServiceCredentialRecord = {
      id: ctx.mint.id('ACCA'),
      userId: user.id,
      service: input.ServiceName,
      login: loginName(ctx, user, own),
      apiKey,
      status: 'Active',
      createdAt,
      expiresAt:
        input.CredentialAgeDays === undefined
          ? null
          : `${new Date(Date.parse(createdAt) + input.CredentialAgeDays * 86_400_000).toISOString().slice(0, 19)}Z`,
    };
    ctx.state.serviceCredentials.put(record);
    return { ServiceSpecificCredential: withSecret(ctx, user, record) };
  },

  ListServiceSpecificCredentials(input, ctx) {
    if (input.ServiceName !== undefined && !Object.hasOwn(services, input.ServiceName)) {
      throw notSupported(input.ServiceName);
    }
    const wanted = (record: ServiceCredentialRecord): boolean =>
      input.ServiceName === undefined || record.service === input.ServiceName;
    if (input.AllUsers) {
      if (input.UserName !== undefined)
        throw validationError('AllUsers cannot be specified together with UserName.');
      const all = ctx.state.serviceCredentials.sorted().filter(wanted);
      const page = paginateUnsorted(ctx, input, all, (record) => record.id, 'all');
      const shapes = page.items.flatMap((record) => {
        const user = ctx.state.users.get(record.userId);
        return user ? [metadata(user, record)] : [];
      });
      return { ServiceSpecificCredentials: shapes, ...pageFields(page) };
    }
    const user = userOrCaller(ctx, input.UserName);
    const own = ctx.state.serviceCredentials.ownedBy(user.id).filter(wanted);
    const page = paginateUnsorted(ctx, input, own, (record) => record.id, user.id);
    return {
      ServiceSpecificCredentials: page.items.map((record) => metadata(user, record)),
      // Whoever asks for no pages is not told that there are none (recorded).
      ...(page.IsTruncated || input.MaxItems !== undefined || input.Marker !== undefined
        ? pageFields(page)
        : {}),
    };
  },

  UpdateServiceSpecificCredential(input, ctx) {
    const { record } = credentialOf(ctx, input.UserName, input.ServiceSpecificCredentialId);
    ctx.state.serviceCredentials.put({ ...record, status: toStatus(input.Status) });
  },

  ResetServiceSpecificCredential(input, ctx) {
    const { user, record } = credentialOf(ctx, input.UserName, input.ServiceSpecificCredentialId);
    return { ServiceSpecificCredential: withSecret(ctx, user, record) };
  },

  DeleteServiceSpecificCredential(input, ctx) {
    const { record } = credentialOf(ctx, input.UserName, input.ServiceSpecificCredentialId);
    ctx.state.serviceCredentials.delete(record.id);
  },
} satisfies Handlers;
