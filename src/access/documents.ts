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

/** AWS attaches these to users with leaked keys: never drift (IAM User Guide, "Managed policies for quarantine"). */
export const isQuarantine = (arn: string): boolean =>
  isAwsManaged(arn) && /\/AWSCompromisedKeyQuarantine(V\d+)?$/.test(arn);

/** What must be named when it is given. */
const known: { readonly [name: string]: string } = { AdministratorAccess: '*', IAMFullAccess: 'iam:*' };

/**
 * The document of a managed policy. What AWS manages is not read from the account: it stands for an Allow of which
 * only the name is known, and for such a Deny too where AWS's document may hold one.
 */
export function documentOf(state: AccountState, arn: string): PolicyDocument {
  const parts = policyArnParts(arn);
  if (parts?.account === 'aws') {
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
  if (name === 'AWSDenyAll' || isQuarantine(arn)) return denyAll;
  const action = own(known, name);
  const Statement = [
    ...(action === undefined ? [] : [{ Effect: 'Allow', Action: action, Resource: '*' }]),
    ...(action === '*' ? [] : [awsDefined('Allow', name)]),
    ...(mayDeny(name) ? [awsDefined('Deny', name)] : []),
  ];
  return { Version: '2012-10-17', Statement };
}
