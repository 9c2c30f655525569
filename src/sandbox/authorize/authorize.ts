import type { Caller } from '../iam/caller.ts';
import { awsPolicy, awsPolicyDocument } from '../iam/policies/aws.ts';
import { isAwsManaged, policyArnParts } from '../../core/arn.ts';
import type { HolderRecord, RoleRecord, UserRecord } from '../iam/records.ts';
import type { State } from '../iam/state.ts';
import { IamError } from '../wire/errors.ts';
import { evaluate, type Decision } from './evaluate.ts';
import { targetOf } from './resources.ts';
import {
  callerValues,
  contextOf,
  prefixOf,
  requestValues,
  resourceValues,
  type Values,
  type Environment,
} from './values.ts';

function documentOf({ state, partition }: Environment, arn: string): string | null {
  if (isAwsManaged(arn)) {
    const policy = awsPolicy(partition, arn);
    return policy ? awsPolicyDocument(policy) : null;
  }
  const policy = state.policies.taken(policyArnParts(arn)?.name ?? '');
  return policy?.versions.find((version) => version.id === policy.defaultVersion)?.document ?? null;
}

const documentsAt = (env: Environment, arns: readonly string[]): string[] =>
  arns.map((arn) => documentOf(env, arn)).filter((document) => document !== null);

/** The policies that apply to a user or role: its own, and those of a user's groups. */
function* documentsOf(env: Environment, principal: UserRecord | RoleRecord): Generator<string> {
  const groups = 'groups' in principal ? principal.groups.map((id) => env.state.groups.get(id)) : [];
  for (const holder of [
    principal,
    ...groups.filter((group) => group !== undefined),
  ] as readonly HolderRecord[]) {
    yield* Object.values(holder.policies);
    yield* documentsAt(env, holder.attached);
  }
}

/** Null for the operator, who may do everything. */
function decide(
  env: Environment,
  caller: Caller,
  action: string,
  resource: string,
  extra: Values,
): Decision | null {
  const { session } = caller;
  const principal = caller.role ?? caller.user;
  if (!principal) return null;
  const context = contextOf({ ...callerValues(env, caller), ...resourceValues(env, resource), ...extra });
  const says = (documents: Iterable<string>) => evaluate(documents, action, resource, context);
  const narrowed = session !== null && session.documents.length + session.policyArns.length > 0;
  return {
    identity: says(documentsOf(env, principal)),
    boundary: principal.boundary === null ? null : says(documentsAt(env, [principal.boundary])),
    session: narrowed ? says([...session.documents, ...documentsAt(env, session.policyArns)]) : null,
  };
}

/** The kinds of policies in the order in which a denial names them, in AWS's words. */
const kinds = [
  ['identity', 'identity-based policy'],
  ['boundary', 'permissions boundary'],
  ['session', 'session policy'],
] as const;

/** Why a decision is no access, as AWS ends its texts; null if it is one. */
export function denialOf(decision: Decision, action: string): string | null {
  const denies = kinds.find(([kind]) => decision[kind] === 'deny');
  if (denies) return `with an explicit deny in ${denies[1].startsWith('i') ? 'an' : 'a'} ${denies[1]}`;
  const silent = kinds.find(([kind]) => decision[kind] === 'none');
  return silent ? `because no ${silent[1]} allows the ${action} action` : null;
}

/** @param because empty where AWS gives no reason. */
export const notAuthorized = (caller: Caller, action: string, shown: string, because = ''): IamError =>
  new IamError(
    'AccessDenied',
    `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${shown} ${because}`.trimEnd(),
  );

export type Authorizer = ReturnType<typeof createAuthorizer>;

export function createAuthorizer(state: State, account: string, partition: string, clock: () => Date) {
  const env = { state, account, partition, clock };
  const demand = (caller: Caller, action: string, arn: string, shown: string, values: Values): void => {
    const decision = decide(env, caller, action, arn, values);
    const because = decision && denialOf(decision, action);
    if (because !== null) throw notAuthorized(caller, action, shown, because);
  };
  return {
    /** Whether the user's policies allow the action on the resource. An unknown user may do nothing. */
    allows(userName: string, action: string, resource: string): boolean {
      const user = state.users.taken(userName);
      if (!user) return false;
      const arn = `${prefixOf(env)}user${user.path}${user.name}`;
      const caller = { arn, accessKeyId: '', user, role: null, session: null };
      return denialOf(decide(env, caller, action, resource, {})!, action) === null;
    },

    /** The condition keys that say who calls, and when. */
    valuesOf: (caller: Caller): Values => callerValues(env, caller),

    judge: (caller: Caller, action: string, resource: string, extra: Values): Decision | null =>
      decide(env, caller, action, resource, extra),

    /** Throws AccessDenied unless the caller's policies allow the call. */
    check(caller: Caller, op: string, service: string, input: Readonly<Record<string, unknown>>): void {
      const target = targetOf(state, prefixOf(env), caller.user?.name, op, input);
      demand(caller, `${service}:${op}`, target.arn, target.shown, requestValues(input));
      if (op !== 'AddRoleToInstanceProfile') return;
      // API Reference, AddRoleToInstanceProfile: "The caller of this operation must be granted the PassRole permission".
      const { arn: role } = targetOf(state, prefixOf(env), undefined, 'PassRole', {
        RoleName: input['RoleName'],
      });
      demand(caller, 'iam:PassRole', role, role, { 'iam:passedtoservice': ['ec2.amazonaws.com'] });
    },
  };
}
