/** The documents of managed policies. */
import { isAwsManaged, policyArnParts } from '../core/arn.ts';
import { mayDeny } from '../core/aws-managed-policies.ts';
import { own } from '../core/json.ts';
import type { AccountState, PolicyDocument } from '../core/state.ts';
import { awsDefined } from '../policy/index.ts';

export const denyAll: PolicyDocument = {
  Version: '2012-10-17',
  Statement: { Effect: 'Deny', Action: '*', Resource: '*' },
};

/** The inline policy in which a suspended user has that. */
export const suspendedDeny = 'rollcall-suspended';

/** AWS attaches these to users with leaked keys: never drift (IAM User Guide, "Managed policies for quarantine"). */
export const isQuarantine = (arn: string): boolean =>
  isAwsManaged(arn) && /\/AWSCompromisedKeyQuarantine(V\d+)?$/.test(arn);

/** What must be named when it is given. */
const known: { readonly [name: string]: string } = { AdministratorAccess: '*', IAMFullAccess: 'iam:*' };

/**
 * The document of a managed policy. Where that of one that AWS manages was not looked at, it is an Allow of which only
 * the name is known, and such a Deny too where AWS's document may hold one: either is equal to itself alone.
 */
export function documentOf(state: AccountState, arn: string): PolicyDocument {
  const parts = policyArnParts(arn);
  if (parts?.account === 'aws') {
    const seen = state.awsPolicies?.get(arn);
    if (seen) return seen;
    const document = awsDocuments.get(arn) ?? awsDocument(arn, parts.name);
    awsDocuments.set(arn, document);
    return document;
  }
  const custom = parts && state.policies.get(parts.name);
  return custom && custom.arn === arn ? custom.document : { Version: '2012-10-17', Statement: [] };
}

/** The same one each time, so that what is found out about it is found out once. */
const awsDocuments = new Map<string, PolicyDocument>();

function awsDocument(arn: string, name: string): PolicyDocument {
  if (name === 'AWSDenyAll') return denyAll;
  // It denies some actions, and to take it for a Deny of all would hide what its holder may do.
  if (isQuarantine(arn)) return { Version: '2012-10-17', Statement: awsDefined('Deny', name) };
  const action = own(known, name);
  const Statement = [
    ...(action === undefined ? [] : [{ Effect: 'Allow', Action: action, Resource: '*' }]),
    ...(action === '*' ? [] : [awsDefined('Allow', name)]),
    ...(mayDeny(name) ? [awsDefined('Deny', name)] : []),
  ];
  return { Version: '2012-10-17', Statement };
}

/** The manifests' side, which does not say what AWS's policies say: that is the same on both sides. */
export const withAwsPolicies = (desired: AccountState, { awsPolicies }: AccountState): AccountState =>
  awsPolicies ? { ...desired, awsPolicies } : desired;
