import { GetPolicyCommand, GetPolicyVersionCommand } from '@aws-sdk/client-iam';
import type { InputOf } from '../core/operations.ts';
import type { Aws } from './client.ts';
import { send } from './commands.ts';
import type { Answer } from './commands.ts';
import { untilKnown } from './once.ts';
import type { Permit } from './permit.ts';

/**
 * CreatePolicyVersion must not be repeated blindly: it would make a second version, or find no room for one. After a
 * call without an answer, the default version tells whether the first try succeeded.
 */
export async function createPolicyVersion(
  aws: Aws,
  input: InputOf<'CreatePolicyVersion'>,
  permit?: Permit,
): Promise<Answer> {
  return await untilKnown(
    aws,
    () => send(aws.once, { op: 'CreatePolicyVersion', input }, permit),
    async () => {
      const { PolicyArn } = input;
      const { Policy } = await aws.iam.send(new GetPolicyCommand({ PolicyArn }));
      const VersionId = Policy?.DefaultVersionId;
      const answer = await aws.iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId }));
      const document = decodeURIComponent(answer.PolicyVersion?.Document ?? '');
      return document === input.PolicyDocument ? (answer as unknown as Answer) : null;
    },
  );
}
