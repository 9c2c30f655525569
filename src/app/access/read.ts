import { documentOf, withAwsPolicies } from '../../access/documents.ts';
import type { Aws } from '../../aws/client.ts';
import { iamOver, readAccount, readCaller } from '../../aws/read.ts';
import { isAwsManaged, policyArnParts } from '../../core/arn.ts';
import type { Desired } from '../../core/desired.ts';
import { statementsOf } from '../../core/policy-language.ts';
import type { AccountState, ManagedPolicy } from '../../core/state.ts';
import type { Unread } from '../../kinds/access-answer.ts';
import { policyArnsIn, readAwsPolicies } from '../../kinds/index.ts';
import { awsDefined, awsDefinedName } from '../../policy/index.ts';
import { pinAccount } from '../session.ts';

/** An account that is asked about. */
export interface Asked {
  readonly from: 'live' | 'files';
  readonly state: AccountState;
  /** What the files declare; null: there are none, or none that can be used. */
  readonly desired: Desired | null;
  readonly unread: Unread;
}

/**
 * The account as it is: two calls, one more for each further thousand of users, groups, roles and policies, and two for
 * each policy of AWS's of which these do not tell what it says.
 *
 * @throws RollcallError for another account than that of the files (exit 3), or a failed read.
 */
export async function askLive(aws: Aws, desired: Desired | null): Promise<Asked> {
  const caller = desired ? await pinAccount(desired, aws) : await readCaller(aws);
  const account = await readAccount(aws, caller);
  const state = (await readAwsPolicies([account], iamOver(aws)))(account);
  return {
    from: 'live',
    state,
    // What AWS's policies say the files do not tell: it is the same on both sides.
    desired: desired && { ...desired, state: withAwsPolicies(desired.state, state) },
    unread: { sentences: state.unseen ?? [], byName: [], undeclared: [] },
  };
}

/** The account as the files would have it. Of policies that they attach and do not declare nobody knows what they say. */
export function askFiles(desired: Desired): Asked {
  const arns = policyArnsIn(desired.state);
  const isOpen = (arn: string): boolean =>
    statementsOf(documentOf(desired.state, arn)).some((one) => awsDefinedName(one) !== undefined);
  const known = new Set([...desired.state.policies.values()].map(({ arn }) => arn));
  const undeclared = arns.filter((arn) => !isAwsManaged(arn) && !known.has(arn));
  const policies = new Map([...desired.state.policies, ...undeclared.map(nameOnly)]);
  const state = { ...desired.state, policies };
  return {
    from: 'files',
    state,
    desired: { ...desired, state },
    unread: { sentences: [], byName: arns.filter((arn) => isAwsManaged(arn) && isOpen(arn)), undeclared },
  };
}

/** A policy that may allow and deny anything. */
function nameOnly(arn: string): [name: string, policy: ManagedPolicy] {
  const { path = '/', name = arn } = policyArnParts(arn) ?? {};
  const Statement = [awsDefined('Allow', name), awsDefined('Deny', name)];
  return [name, { name, path, arn, document: { Version: '2012-10-17', Statement } }];
}
