import {
  AddUserToGroupCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateUserCommand,
  DeleteUserCommand,
  GetAccountAuthorizationDetailsCommand,
  GetGroupCommand,
  GetUserCommand,
  GetUserPolicyCommand,
  ListGroupsForUserCommand,
  PutGroupPolicyCommand,
  PutUserPolicyCommand,
  RemoveUserFromGroupCommand,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, it } from 'vitest';
import { documentOf, policy, sandboxFor } from './helpers.ts';

const houdini = policy('Allow', 's3:*', 'arn:aws:s3:::houdini/*');
const allowAll = policy('Allow', '*');

describe('the demo story', () => {
  it('is told by the SDK over HTTP', async () => {
    const { sandbox, client } = await sandboxFor();
    const { User: melvins } = await client.send(
      new CreateUserCommand({
        UserName: 'melvins',
        Path: '/partners/',
        Tags: [{ Key: 'team', Value: 'images' }],
      }),
    );
    expect(melvins).toMatchObject({
      Arn: 'arn:aws:iam::123456789012:user/partners/melvins',
      UserId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/) as string,
    });
    await client.send(
      new PutUserPolicyCommand({
        UserName: 'melvins',
        PolicyName: 'allow_access_houdini',
        PolicyDocument: houdini,
      }),
    );
    const { AccessKey } = await client.send(new CreateAccessKeyCommand({ UserName: 'melvins' }));
    expect(AccessKey?.AccessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/);
    expect(AccessKey?.SecretAccessKey).toHaveLength(40);
    await client.send(new CreateGroupCommand({ GroupName: 'admins' }));
    await client.send(
      new PutGroupPolicyCommand({ GroupName: 'admins', PolicyName: 'allow_all', PolicyDocument: allowAll }),
    );
    for (const UserName of ['buzzo', 'lorax', 'dale']) {
      await client.send(new CreateUserCommand({ UserName }));
      await client.send(new AddUserToGroupCommand({ UserName, GroupName: 'admins' }));
    }
    const { Users } = await client.send(new GetGroupCommand({ GroupName: 'admins' }));
    expect(Users?.map((user) => user.UserName)).toEqual(['buzzo', 'dale', 'lorax']);
    const read = await client.send(
      new GetUserPolicyCommand({ UserName: 'melvins', PolicyName: 'allow_access_houdini' }),
    );
    expect(read.PolicyDocument).toMatch(/^%7B%22Version%22%3A/);
    expect(documentOf(read.PolicyDocument)).toEqual(JSON.parse(houdini));

    expect(sandbox.allows('lorax', 'ec2:RunInstances', '*')).toBe(true);
    expect(sandbox.allows('melvins', 's3:GetObject', 'arn:aws:s3:::houdini/a')).toBe(true);
    expect(sandbox.allows('melvins', 's3:GetObject', 'arn:aws:s3:::other/a')).toBe(false);

    // Offboard lorax.
    await expect(client.send(new DeleteUserCommand({ UserName: 'lorax' }))).rejects.toMatchObject({
      name: 'DeleteConflictException',
      message: 'Cannot delete entity, must remove users from group first.',
      $metadata: { httpStatusCode: 409 },
    });
    await client.send(new RemoveUserFromGroupCommand({ UserName: 'lorax', GroupName: 'admins' }));
    expect((await client.send(new ListGroupsForUserCommand({ UserName: 'lorax' }))).Groups).toEqual([]);
    await client.send(new DeleteUserCommand({ UserName: 'lorax' }));
    await expect(client.send(new GetUserCommand({ UserName: 'lorax' }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      message: 'The user with name lorax cannot be found.',
    });
    expect(sandbox.allows('lorax', 'ec2:RunInstances', '*')).toBe(false);
    const details = await client.send(new GetAccountAuthorizationDetailsCommand({}));
    expect(details.UserDetailList?.map((user) => user.UserName)).toEqual(['buzzo', 'dale', 'melvins']);
  });

  it('knows who calls', async () => {
    const { sandbox, client } = await sandboxFor({ account: '000000000042' });
    const config = { endpoint: sandbox.url, region: 'us-east-1' };
    const operator = new STSClient({ ...config, credentials: sandbox.operator });
    expect(await operator.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: '000000000042',
      Arn: 'arn:aws:iam::000000000042:user/sandbox-operator',
    });
    const { User } = await client.send(new CreateUserCommand({ UserName: 'dale', Path: '/x/' }));
    const { AccessKey } = await client.send(new CreateAccessKeyCommand({ UserName: 'dale' }));
    const credentials = {
      accessKeyId: AccessKey!.AccessKeyId!,
      secretAccessKey: AccessKey!.SecretAccessKey!,
    };
    const dale = new STSClient({ ...config, credentials });
    expect(await dale.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Arn: 'arn:aws:iam::000000000042:user/x/dale',
      UserId: User?.UserId,
    });
    operator.destroy();
    dale.destroy();
  });
});
