/** An account that other tools filled: 127 users, 13 groups, 11 policies and 30 roles, made by the SDK over HTTP. */
import {
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateLoginProfileCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import type { Sandbox } from '../../src/sandbox/index.ts';

const allow = (Action: string): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });
const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
const numbered = (count: number, name: string): string[] =>
  Array.from({ length: count }, (_, index) => `${name}-${String(index + 1).padStart(3, '0')}`);

export const arnOf = (policy: string): string => `arn:aws:iam::123456789012:policy/${policy}`;

/** Who is adopted, among so many. */
export const adopted = ['anna.berg', 'ben.dubois', 'carla.eng'] as const;

export async function fillAccount(sandbox: Sandbox): Promise<void> {
  const { accessKeyId, secretAccessKey } = sandbox.operator;
  const iam = new IAMClient({
    region: 'us-east-1',
    endpoint: sandbox.url,
    credentials: { accessKeyId, secretAccessKey },
  });
  const each = async <T>(items: readonly T[], work: (item: T, index: number) => Promise<unknown>) => {
    await Promise.all(items.map(work));
  };
  const [groups, policies] = [numbered(13, 'team'), numbered(11, 'app')];
  const users = [...adopted, ...numbered(124, 'user')];
  await each(groups, (GroupName) => iam.send(new CreateGroupCommand({ GroupName })));
  await each(policies, (PolicyName, index) =>
    iam.send(
      new CreatePolicyCommand({ PolicyName, PolicyDocument: allow(`s3:Get${'*'.repeat(1 + (index % 2))}`) }),
    ),
  );
  await each(groups, (GroupName, index) =>
    iam.send(new AttachGroupPolicyCommand({ GroupName, PolicyArn: arnOf(policies[index % 5]!) })),
  );
  await each(numbered(30, 'service'), async (RoleName, index) => {
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
    const PolicyArn = arnOf(policies[5 + (index % 5)]!);
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
  });
  await each(users, async (UserName, index) => {
    const Path = index < adopted.length ? '/people/' : '/';
    await iam.send(
      new CreateUserCommand({ UserName, Path, Tags: [{ Key: 'team', Value: `t${index % 7}` }] }),
    );
    await iam.send(new AddUserToGroupCommand({ UserName, GroupName: groups[index % 13]! }));
    if (index % 3 === 0) {
      const PolicyDocument = allow('sqs:ListQueues');
      await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'own', PolicyDocument }));
    }
    if (index % 4 === 1)
      await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: arnOf(policies[10]!) }));
    if (index % 2 === 1) await iam.send(new CreateAccessKeyCommand({ UserName }));
    if (index % 5 === 2)
      await iam.send(new CreateLoginProfileCommand({ UserName, Password: 'Correct-horse-1-battery' }));
  });
  iam.destroy();
  sandbox.call('GenerateCredentialReport', {});
  sandbox.clearJournal();
}

/** The adopted as IAM has them, each in a file of their own. */
export const declaredUsers: { readonly [name in (typeof adopted)[number]]: string } = {
  'anna.berg': `users:
  anna.berg:
    path: /people/
    tags: { team: t0 }
    policies: { own: { Version: '2012-10-17', Statement: [{ Effect: Allow, Action: 'sqs:ListQueues', Resource: '*' }] } }
`,
  'ben.dubois': `users:
  ben.dubois: { path: /people/, tags: { team: t1 }, attach: ['${arnOf('app-011')}'], accessKey: {} }
`,
  'carla.eng': `users:
  carla.eng: { path: /people/, tags: { team: t2 }, console: {} }
`,
};
