import { userIdOf, type Caller } from '../iam/caller.ts';
import type { TagRecord } from '../iam/records.ts';
import type { State } from '../iam/state.ts';
import type { Session } from '../sts/session.ts';
import type { RequestContext } from './conditions.ts';

/** The data that the values of condition keys come from. */
export interface Environment {
  readonly state: State;
  readonly account: string;
  readonly partition: string;
  readonly clock: () => Date;
}

type Place = Pick<Environment, 'account' | 'partition'>;

export const prefixOf = ({ account, partition }: Place): string => `arn:${partition}:iam::${account}:`;

export type Values = Readonly<Record<string, readonly string[]>>;

/**
 * Keys that are known to be absent unless somebody gives them a value: they come with users alone (`aws:username`), with
 * sessions alone, with some calls, or from within AWS, an organization or a VPC. Source: IAM User Guide, "AWS global
 * condition context keys", which says of each key when it is there.
 */
const absent = new Set(
  `
  aws:username aws:multifactorauthpresent aws:multifactorauthage aws:tokenissuetime aws:federatedprovider
  aws:sourceidentity aws:assumedroot aws:chatbotsourcearn aws:ec2instancesourcevpc
  aws:ec2instancesourceprivateipv4 ec2:roledelivery ec2:sourceinstancearn lambda:sourcefunctionarn
  ssm:sourceinstancearn aws:sourcevpc aws:sourcevpce aws:sourcevpcarn aws:vpcsourceip aws:vpceaccount
  aws:vpceorgid aws:vpceorgpaths aws:principalorgid aws:principalorgpaths aws:resourceorgid
  aws:resourceorgpaths aws:principalservicename aws:principalservicenameslist aws:sourceaccount
  aws:sourcearn aws:sourceorgid aws:sourceorgpaths aws:calledvia aws:calledviafirst aws:calledvialast
  aws:referer sts:externalid sts:rolesessionname sts:sourceidentity sts:transitivetagkeys iam:policyarn
  iam:permissionsboundary iam:associatedresourcearn iam:passedtoservice iam:awsservicename aws:tagkeys
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

/** Context keys that say who calls. */
export function callerValues(env: Environment, caller: Caller): Values {
  const { account } = env;
  const { arn, user, role, session } = caller;
  const isNobody = arn === '';
  return {
    ...environmentValues(env),
    ...(isNobody
      ? {}
      : {
          ...principalValues(
            role ? `${prefixOf(env)}role${role.path}${role.name}` : arn,
            role ?? user ?? undefined,
          ),
          'aws:userid': [userIdOf(account, caller)],
        }),
    ...(session ? sessionValues(session, env.clock()) : {}),
    'aws:resourceaccount': [account],
  };
}

/** Context keys of a session. Source: IAM User Guide, "AWS global condition context keys". */
const sessionValues = ({ issuedAt, mfaAt, sourceIdentity, provider, tags }: Session, now: Date): Values => ({
  'aws:tokenissuetime': [issuedAt],
  ...mfaValues(mfaAt, now),
  ...(sourceIdentity === null ? {} : { 'aws:sourceidentity': [sourceIdentity] }),
  ...(provider === null ? {} : { 'aws:federatedprovider': [provider] }),
  // Those of the session count before those of the role.
  ...tagValues('aws:principaltag', tags),
});

/** With temporary credentials the key is always there. */
export const mfaValues = (at: string | null, now: Date): Values =>
  at === null
    ? { 'aws:multifactorauthpresent': ['false'] }
    : {
        'aws:multifactorauthpresent': ['true'],
        'aws:multifactorauthage': [String(Math.floor((now.getTime() - Date.parse(at)) / 1000))],
      };

/** Context keys that do not depend on the caller. */
function environmentValues(env: Environment): Values {
  const now = env.clock();
  return {
    'aws:principalisawsservice': ['false'],
    'aws:viaawsservice': ['false'],
    'aws:requestedregion': ['us-east-1'],
    'aws:currenttime': [now.toISOString()],
    'aws:epochtime': [String(Math.floor(now.getTime() / 1000))],
    'aws:securetransport': ['true'],
    'aws:sourceip': ['127.0.0.1'],
    'aws:useragent': ['sandbox'],
  };
}

/** Tags of the IAM object that an ARN names. */
export function resourceValues(env: Place & Pick<Environment, 'state'>, arn: string): Values {
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
