import type { Caller } from '../iam/context.ts';
import { awsPolicy, awsPolicyDocument } from '../iam/policies/aws.ts';
import { isAwsManaged, policyArnParts } from '../../core/arn.ts';
import type { HolderRecord, UserRecord } from '../iam/records.ts';
import type { State } from '../iam/state.ts';
import { IamError } from '../wire/errors.ts';
import { evaluate, type Verdict } from './evaluate.ts';
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

/** The policies that apply to a user: its own and those of its groups. */
function* documentsOf(env: Environment, user: UserRecord): Generator<string> {
  const groups = user.groups.map((id) => env.state.groups.get(id)).filter((group) => group !== undefined);
  for (const holder of [user, ...groups] as readonly HolderRecord[]) {
    yield* Object.values(holder.policies);
    for (const arn of holder.attached) {
      const document = documentOf(env, arn);
      if (document !== null) yield document;
    }
  }
}

interface Decision {
  readonly identity: Verdict;
  /** Null if the user has no boundary. */
  readonly boundary: Verdict | null;
}

function decide(
  env: Environment,
  user: UserRecord,
  action: string,
  resource: string,
  extra: Values,
): Decision {
  const context = contextOf({ ...callerValues(env, user), ...resourceValues(env, resource), ...extra });
  const identity = evaluate(documentsOf(env, user), action, resource, context);
  if (user.boundary === null) return { identity, boundary: null };
  const document = documentOf(env, user.boundary);
  return { identity, boundary: evaluate(document === null ? [] : [document], action, resource, context) };
}

export type Authorizer = ReturnType<typeof createAuthorizer>;

export function createAuthorizer(state: State, account: string, partition: string, clock: () => Date) {
  const env = { state, account, partition, clock };
  return {
    /** Whether the user's policies allow the action on the resource. An unknown user may do nothing. */
    allows(userName: string, action: string, resource: string): boolean {
      const user = state.users.taken(userName);
      if (!user) return false;
      const { identity, boundary } = decide(env, user, action, resource, {});
      return identity === 'allow' && (boundary === null || boundary === 'allow');
    },

    /** Throws AccessDenied unless the caller's policies allow the call. */
    check(caller: Caller, op: string, service: string, input: Readonly<Record<string, unknown>>): void {
      // The operator may do everything, and GetCallerIdentity cannot be denied.
      if (!caller.user || op === 'GetCallerIdentity') return;
      const target = targetOf(state, prefixOf(env), caller.user, op, input);
      const action = `${service}:${op}`;
      const { identity, boundary } = decide(env, caller.user, action, target.arn, requestValues(input));
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
