import type { TagRecord, UserRecord } from '../iam/records.ts';
import type { State } from '../iam/state.ts';
import type { RequestContext } from './conditions.ts';

/** The data that the values of condition keys come from. */
export interface Environment {
  readonly state: State;
  readonly account: string;
  readonly partition: string;
  readonly clock: () => Date;
}

export const prefixOf = ({ account, partition }: Environment): string => `arn:${partition}:iam::${account}:`;

export type Values = Readonly<Record<string, readonly string[]>>;

/** Keys that are never present: calls with long-term keys from outside AWS do not have them. */
const absent = new Set(
  `
  aws:multifactorauthpresent aws:multifactorauthage aws:tokenissuetime aws:sourcevpc aws:sourcevpce
  aws:vpcsourceip aws:federatedprovider aws:principalorgid aws:principalorgpaths aws:calledvia
  aws:calledviafirst aws:calledvialast aws:referer iam:policyarn iam:permissionsboundary
  iam:associatedresourcearn iam:passedtoservice iam:awsservicename aws:tagkeys
  `.match(/\S+/g),
);
const absentPrefixes = ['aws:principaltag/', 'aws:requesttag/', 'aws:resourcetag/', 'iam:resourcetag/'];

export function contextOf(values: Values): RequestContext {
  const get = (key: string): readonly string[] | null | undefined => {
    if (Object.hasOwn(values, key)) return values[key];
    return absent.has(key) || absentPrefixes.some((prefix) => key.startsWith(prefix)) ? null : undefined;
  };
  return { get, variables: (name) => get(name)?.[0] };
}

const tagValues = (prefix: string, tags: readonly TagRecord[]): Values =>
  Object.fromEntries(tags.map(({ key, value }) => [`${prefix}/${key.toLowerCase()}`, [value]]));

/** Context keys that say who calls: a user, or somebody who assumed a role. */
export function principalValues(
  arn: string,
  record?: { readonly id: string; readonly tags: readonly TagRecord[] },
): Values {
  const [, account = '', kind = ''] = /^arn:[^:]*:iam::(\d*):(\w+)\//.exec(arn) ?? [];
  const isUser = kind === 'user';
  return {
    ...(isUser ? { 'aws:username': [arn.slice(arn.lastIndexOf('/') + 1)] } : {}),
    // Of a role it would go on with the name of the session, which nobody knows here.
    ...(isUser && record ? { 'aws:userid': [record.id] } : {}),
    'aws:principalarn': [arn],
    'aws:principalaccount': [account],
    'aws:principaltype': [isUser ? 'User' : 'AssumedRole'],
    ...tagValues('aws:principaltag', record?.tags ?? []),
  };
}

/** Context keys that come from the caller. */
export function callerValues(env: Environment, user: UserRecord): Values {
  const now = env.clock();
  const { account } = env;
  return {
    ...principalValues(`${prefixOf(env)}user${user.path}${user.name}`, user),
    'aws:principalisawsservice': ['false'],
    'aws:viaawsservice': ['false'],
    'aws:resourceaccount': [account],
    'aws:requestedregion': ['us-east-1'],
    'aws:currenttime': [now.toISOString()],
    'aws:epochtime': [String(Math.floor(now.getTime() / 1000))],
    'aws:securetransport': ['true'],
    'aws:sourceip': ['127.0.0.1'],
    'aws:useragent': ['sandbox'],
  };
}

/** Tags of the IAM object that an ARN names. */
export function resourceValues(env: Environment, arn: string): Values {
  const { state } = env;
  const prefix = prefixOf(env);
  const name = arn.slice(arn.lastIndexOf('/') + 1);
  const record = arn.startsWith(`${prefix}user/`)
    ? state.users.find(name)
    : arn.startsWith(`${prefix}role/`)
      ? state.roles.find(name)
      : arn.startsWith(`${prefix}policy/`)
        ? state.policies.find(name)
        : undefined;
  if (!record) return {};
  const boundary = 'boundary' in record ? record.boundary : null;
  return {
    ...tagValues('aws:resourcetag', record.tags),
    ...tagValues('iam:resourcetag', record.tags),
    ...(boundary === null ? {} : { 'iam:permissionsboundary': [boundary] }),
  };
}

/** Context keys that come from the request itself. */
export function requestValues(input: Readonly<Record<string, unknown>>): Values {
  const tags = (Array.isArray(input['Tags']) ? input['Tags'] : []) as { Key?: string; Value?: string }[];
  const keys = Array.isArray(input['TagKeys'])
    ? (input['TagKeys'] as string[])
    : tags.map((tag) => tag.Key ?? '');
  return {
    ...(typeof input['PolicyArn'] === 'string' ? { 'iam:policyarn': [input['PolicyArn']] } : {}),
    ...(typeof input['PermissionsBoundary'] === 'string'
      ? { 'iam:permissionsboundary': [input['PermissionsBoundary']] }
      : {}),
    ...(keys.length > 0 ? { 'aws:tagkeys': keys } : {}),
    ...tagValues(
      'aws:requesttag',
      tags.map(({ Key, Value }) => ({ key: Key ?? '', value: Value ?? '' })),
    ),
  };
}
