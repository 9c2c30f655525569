import type { Caller } from '../iam/context.ts';
import { awsPolicy, awsPolicyDocument } from '../iam/policies/aws.ts';
import { isAwsManaged, policyArnParts } from '../../core/arn.ts';
import type { HolderRecord, State, TagRecord, UserRecord } from '../iam/state.ts';
import { IamError } from '../wire/errors.ts';
import type { RequestContext } from './conditions.ts';
import { evaluate, type Verdict } from './evaluate.ts';
import { targetOf } from './resources.ts';

export interface Authorizer {
  /** Whether the user's policies allow the action on the resource. Unknown users may do nothing. */
  allows(userName: string, action: string, resource: string): boolean;
  /** Throws AccessDenied unless the caller's policies allow the call. */
  check(caller: Caller, op: string, service: string, input: Readonly<Record<string, unknown>>): void;
}

type Values = Readonly<Record<string, readonly string[]>>;

/** Keys that the sandbox models as absent: calls with long-term keys from outside AWS do not have them. */
const absent = new Set([
  'aws:multifactorauthpresent',
  'aws:multifactorauthage',
  'aws:tokenissuetime',
  'aws:sourcevpc',
  'aws:sourcevpce',
  'aws:vpcsourceip',
  'aws:federatedprovider',
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:calledvia',
  'aws:calledviafirst',
  'aws:calledvialast',
  'aws:referer',
  'iam:policyarn',
  'iam:permissionsboundary',
  'iam:associatedresourcearn',
  'iam:passedtoservice',
  'iam:awsservicename',
  'aws:tagkeys',
]);
const absentPrefixes = ['aws:principaltag/', 'aws:requesttag/', 'aws:resourcetag/', 'iam:resourcetag/'];

function contextOf(values: Values): RequestContext {
  const get = (key: string): readonly string[] | null | undefined => {
    if (Object.hasOwn(values, key)) return values[key];
    return absent.has(key) || absentPrefixes.some((prefix) => key.startsWith(prefix)) ? null : undefined;
  };
  return { get, variables: (name) => get(name)?.[0] };
}

const tagValues = (prefix: string, tags: readonly TagRecord[]): Values =>
  Object.fromEntries(tags.map(({ key, value }) => [`${prefix}/${key.toLowerCase()}`, [value]]));

export function createAuthorizer(
  state: State,
  account: string,
  partition: string,
  clock: () => Date,
): Authorizer {
  const prefix = `arn:${partition}:iam::${account}:`;

  function documentOf(arn: string): string | null {
    if (isAwsManaged(arn)) {
      const policy = awsPolicy(partition, arn);
      return policy ? awsPolicyDocument(policy) : null;
    }
    const policy = state.policies.taken(policyArnParts(arn)?.name ?? '');
    return policy?.versions.find((version) => version.id === policy.defaultVersion)?.document ?? null;
  }

  function* documentsOf(user: UserRecord): Generator<string> {
    const groups = user.groups.map((id) => state.groups.get(id)).filter((group) => group !== undefined);
    for (const holder of [user, ...groups] as readonly HolderRecord[]) {
      yield* Object.values(holder.policies);
      for (const arn of holder.attached) {
        const document = documentOf(arn);
        if (document !== null) yield document;
      }
    }
  }

  function callerValues(user: UserRecord): Values {
    const now = clock();
    return {
      'aws:username': [user.name],
      'aws:userid': [user.id],
      'aws:principalarn': [`${prefix}user${user.path}${user.name}`],
      'aws:principalaccount': [account],
      'aws:principaltype': ['User'],
      'aws:principalisawsservice': ['false'],
      'aws:viaawsservice': ['false'],
      'aws:resourceaccount': [account],
      'aws:requestedregion': ['us-east-1'],
      'aws:currenttime': [now.toISOString()],
      'aws:epochtime': [String(Math.floor(now.getTime() / 1000))],
      'aws:securetransport': ['true'],
      'aws:sourceip': ['127.0.0.1'],
      'aws:useragent': ['sandbox'],
      ...tagValues('aws:principaltag', user.tags),
    };
  }

  /** Tags of the IAM object that an ARN names. */
  function resourceValues(arn: string): Values {
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

  interface Decision {
    readonly identity: Verdict;
    /** Null: the user has no boundary. */
    readonly boundary: Verdict | null;
  }

  function decide(user: UserRecord, action: string, resource: string, extra: Values): Decision {
    const context = contextOf({ ...callerValues(user), ...resourceValues(resource), ...extra });
    const identity = evaluate(documentsOf(user), action, resource, context);
    if (user.boundary === null) return { identity, boundary: null };
    const document = documentOf(user.boundary);
    return { identity, boundary: evaluate(document === null ? [] : [document], action, resource, context) };
  }

  return {
    allows(userName, action, resource) {
      const user = state.users.taken(userName);
      if (!user) return false;
      const { identity, boundary } = decide(user, action, resource, {});
      return identity === 'allow' && (boundary === null || boundary === 'allow');
    },

    check(caller, op, service, input) {
      // The operator may do everything; and nobody can be denied to ask who they are.
      if (!caller.user || op === 'GetCallerIdentity') return;
      const target = targetOf(state, prefix, caller.user, op, input);
      const action = `${service}:${op}`;
      const { identity, boundary } = decide(caller.user, action, target.arn, requestValues(input));
      const denied = (because: string): IamError =>
        new IamError(
          'AccessDenied',
          `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${target.shown} ${because}`,
        );
      if (identity === 'deny') throw denied('with an explicit deny in an identity-based policy');
      if (boundary === 'deny') throw denied('with an explicit deny in a permissions boundary');
      if (identity === 'none') {
        throw denied(`because no identity-based policy allows the ${action} action`);
      }
      if (boundary === 'none') {
        throw denied(`because no permissions boundary allows the ${action} action`);
      }
    },
  };
}

/** Context keys that come from the request itself. */
function requestValues(input: Readonly<Record<string, unknown>>): Values {
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
