import * as sdk from '@aws-sdk/client-iam';
import { describe, expect, it } from 'vitest';
import { documentOf, policy, sandboxFor, trust } from './helpers.ts';

describe('users', () => {
  it('keep everything when renamed and moved', async () => {
    const { sandbox, client } = await sandboxFor();
    const { User: before } = sandbox.call('CreateUser', { UserName: 'lorax' });
    sandbox.call('CreateGroup', { GroupName: 'admins' });
    sandbox.call('AddUserToGroup', { UserName: 'lorax', GroupName: 'admins' });
    sandbox.call('CreateAccessKey', { UserName: 'lorax' });
    await client.send(new sdk.UpdateUserCommand({ UserName: 'lorax', NewUserName: 'Dale', NewPath: '/x/' }));
    const { User: after } = await client.send(new sdk.GetUserCommand({ UserName: 'dale' }));
    expect(after).toMatchObject({ UserId: before?.UserId, Arn: 'arn:aws:iam::123456789012:user/x/Dale' });
    expect((await client.send(new sdk.ListGroupsForUserCommand({ UserName: 'dale' }))).Groups).toHaveLength(
      1,
    );
    expect(
      (await client.send(new sdk.ListAccessKeysCommand({ UserName: 'dale' }))).AccessKeyMetadata,
    ).toMatchObject([{ UserName: 'Dale' }]);
    await expect(client.send(new sdk.GetUserCommand({ UserName: 'lorax' }))).rejects.toThrow(
      'cannot be found',
    );
  });

  it('are not renamed to another case of their own name, nor are groups', async () => {
    const { sandbox, client } = await sandboxFor();
    sandbox.call('CreateUser', { UserName: 'dale' });
    sandbox.call('CreateGroup', { GroupName: 'admins' });
    await expect(
      client.send(new sdk.UpdateUserCommand({ UserName: 'dale', NewUserName: 'Dale' })),
    ).rejects.toMatchObject({ name: 'EntityAlreadyExistsException' });
    await expect(
      client.send(new sdk.UpdateGroupCommand({ GroupName: 'admins', NewGroupName: 'Admins' })),
    ).rejects.toMatchObject({ name: 'EntityAlreadyExistsException' });
    expect((await client.send(new sdk.GetUserCommand({ UserName: 'DALE' }))).User?.UserName).toBe('dale');
  });

  it('get another id when made again', async () => {
    const { sandbox } = await sandboxFor();
    const { User: first } = sandbox.call('CreateUser', { UserName: 'lorax' });
    sandbox.call('DeleteUser', { UserName: 'lorax' });
    const { User: second } = sandbox.call('CreateUser', { UserName: 'lorax' });
    expect(second?.UserId).not.toBe(first?.UserId);
  });

  it('have tags with one spelling per key', async () => {
    const { sandbox, client } = await sandboxFor();
    sandbox.call('CreateUser', { UserName: 'dale', Tags: [{ Key: 'Team', Value: 'a' }] });
    await client.send(new sdk.TagUserCommand({ UserName: 'dale', Tags: [{ Key: 'team', Value: 'b' }] }));
    const { Tags } = await client.send(new sdk.ListUserTagsCommand({ UserName: 'dale' }));
    expect(Tags).toEqual([{ Key: 'Team', Value: 'b' }]);
    await client.send(new sdk.UntagUserCommand({ UserName: 'dale', TagKeys: ['TEAM'] }));
    expect((await client.send(new sdk.GetUserCommand({ UserName: 'dale' }))).User?.Tags).toBeUndefined();
  });

  it('have a boundary only in GetUser, not in lists', async () => {
    const { sandbox, client } = await sandboxFor();
    const PermissionsBoundary = 'arn:aws:iam::aws:policy/PowerUserAccess';
    sandbox.call('CreateUser', { UserName: 'dale', PermissionsBoundary });
    const { User } = await client.send(new sdk.GetUserCommand({ UserName: 'dale' }));
    expect(User?.PermissionsBoundary?.PermissionsBoundaryArn).toBe(PermissionsBoundary);
    const { Users } = await client.send(new sdk.ListUsersCommand({}));
    expect(Users?.[0]?.PermissionsBoundary).toBeUndefined();
    await client.send(new sdk.DeleteUserPermissionsBoundaryCommand({ UserName: 'dale' }));
    await expect(
      client.send(new sdk.DeleteUserPermissionsBoundaryCommand({ UserName: 'dale' })),
    ).rejects.toThrow('does not have a permissions boundary');
  });
});

describe('groups', () => {
  it('keep their members when renamed', async () => {
    const { sandbox, client } = await sandboxFor();
    sandbox.call('CreateGroup', { GroupName: 'admins' });
    sandbox.call('CreateUser', { UserName: 'dale' });
    sandbox.call('AddUserToGroup', { UserName: 'dale', GroupName: 'admins' });
    await client.send(
      new sdk.UpdateGroupCommand({ GroupName: 'admins', NewGroupName: 'staff', NewPath: '/x/' }),
    );
    const { Group, Users } = await client.send(new sdk.GetGroupCommand({ GroupName: 'staff' }));
    expect(Group?.Arn).toBe('arn:aws:iam::123456789012:group/x/staff');
    expect(Users).toHaveLength(1);
  });

  it('do not mind who is in twice, or out twice', async () => {
    const { sandbox, client } = await sandboxFor();
    sandbox.call('CreateGroup', { GroupName: 'admins' });
    sandbox.call('CreateUser', { UserName: 'dale' });
    const member = { UserName: 'dale', GroupName: 'admins' };
    await client.send(new sdk.AddUserToGroupCommand(member));
    await client.send(new sdk.AddUserToGroupCommand(member));
    expect((await client.send(new sdk.GetGroupCommand(member))).Users).toHaveLength(1);
    await client.send(new sdk.RemoveUserFromGroupCommand(member));
    await client.send(new sdk.RemoveUserFromGroupCommand(member));
    expect((await client.send(new sdk.GetGroupCommand(member))).Users).toEqual([]);
  });
});

describe('managed policies', () => {
  it('have versions, whose numbers are never used again', async () => {
    const { client } = await sandboxFor();
    const { Policy } = await client.send(
      new sdk.CreatePolicyCommand({
        PolicyName: 'reports',
        Path: '/team/',
        Description: 'May read reports',
        PolicyDocument: policy('Allow', 's3:GetObject'),
      }),
    );
    const PolicyArn = Policy!.Arn!;
    expect(PolicyArn).toBe('arn:aws:iam::123456789012:policy/team/reports');
    expect(Policy?.PolicyId).toMatch(/^ANPA/);
    const { PolicyVersion } = await client.send(
      new sdk.CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: policy('Allow', 's3:*') }),
    );
    expect(PolicyVersion).toMatchObject({ VersionId: 'v2', IsDefaultVersion: false });
    await client.send(new sdk.SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: 'v2' }));
    await client.send(new sdk.DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v1' }));
    const third = await client.send(
      new sdk.CreatePolicyVersionCommand({
        PolicyArn,
        PolicyDocument: policy('Deny', 's3:*'),
        SetAsDefault: true,
      }),
    );
    expect(third.PolicyVersion).toMatchObject({ VersionId: 'v3', IsDefaultVersion: true });
    await client.send(new sdk.DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v2' }));
    const fourth = await client.send(
      new sdk.CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: policy('Allow', 's3:*') }),
    );
    expect(fourth.PolicyVersion?.VersionId).toBe('v4');
    const { Versions } = await client.send(new sdk.ListPolicyVersionsCommand({ PolicyArn }));
    expect(Versions?.map((item) => item.VersionId)).toEqual(['v4', 'v3']);
    const read = await client.send(new sdk.GetPolicyVersionCommand({ PolicyArn, VersionId: 'v3' }));
    expect(documentOf(read.PolicyVersion?.Document)).toEqual(JSON.parse(policy('Deny', 's3:*')));
    expect((await client.send(new sdk.GetPolicyCommand({ PolicyArn }))).Policy).toMatchObject({
      Description: 'May read reports',
      DefaultVersionId: 'v3',
    });
  });

  it("include AWS's own, with their documents", async () => {
    const { client } = await sandboxFor();
    const PolicyArn = 'arn:aws:iam::aws:policy/job-function/ViewOnlyAccess';
    expect((await client.send(new sdk.GetPolicyCommand({ PolicyArn }))).Policy?.PolicyName).toBe(
      'ViewOnlyAccess',
    );
    const denyAll = await client.send(
      new sdk.GetPolicyVersionCommand({ PolicyArn: 'arn:aws:iam::aws:policy/AWSDenyAll', VersionId: 'v1' }),
    );
    expect(documentOf(denyAll.PolicyVersion?.Document)).toMatchObject({
      Statement: [{ Effect: 'Deny', Action: ['*'] }],
    });
    const { Policies, IsTruncated } = await client.send(
      new sdk.ListPoliciesCommand({ Scope: 'AWS', MaxItems: 1000 }),
    );
    expect(Policies).toHaveLength(1000);
    expect(IsTruncated).toBe(true);
    const attached = await client.send(new sdk.ListPoliciesCommand({ OnlyAttached: true }));
    expect(attached.Policies).toEqual([]);
  });

  it('know who holds them', async () => {
    const { sandbox, client } = await sandboxFor();
    sandbox.call('CreateUser', { UserName: 'dale' });
    sandbox.call('CreateGroup', { GroupName: 'admins' });
    sandbox.call('CreateRole', { RoleName: 'deployer', AssumeRolePolicyDocument: trust });
    const PolicyArn = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
    sandbox.call('AttachGroupPolicy', { GroupName: 'admins', PolicyArn });
    sandbox.call('AttachRolePolicy', { RoleName: 'deployer', PolicyArn });
    sandbox.call('PutUserPermissionsBoundary', { UserName: 'dale', PermissionsBoundary: PolicyArn });
    expect(await client.send(new sdk.ListEntitiesForPolicyCommand({ PolicyArn }))).toMatchObject({
      PolicyUsers: [{ UserName: 'dale' }],
      PolicyGroups: [{ GroupName: 'admins' }],
      PolicyRoles: [{ RoleName: 'deployer' }],
    });
    const boundaries = new sdk.ListEntitiesForPolicyCommand({
      PolicyArn,
      PolicyUsageFilter: 'PermissionsBoundary',
    });
    expect(await client.send(boundaries)).toMatchObject({
      PolicyUsers: [{ UserName: 'dale' }],
      PolicyGroups: [],
      PolicyRoles: [],
    });
    expect((await client.send(new sdk.GetPolicyCommand({ PolicyArn }))).Policy).toMatchObject({
      AttachmentCount: 2,
      PermissionsBoundaryUsageCount: 1,
    });
  });

  it('come back as they were written', async () => {
    const { client } = await sandboxFor();
    const text = `{\n  "Version": "2012-10-17",\n  "Statement": {"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::a b/*'(ü)~!"}\n}`;
    const { Policy } = await client.send(
      new sdk.CreatePolicyCommand({ PolicyName: 'p', PolicyDocument: text }),
    );
    const { PolicyVersion } = await client.send(
      new sdk.GetPolicyVersionCommand({ PolicyArn: Policy!.Arn!, VersionId: 'v1' }),
    );
    expect(decodeURIComponent(PolicyVersion!.Document!)).toBe(text);
    // RFC 3986: nothing but letters, digits and -_.~ stays as it is.
    expect(PolicyVersion!.Document).toMatch(/^(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})+$/);
  });
});

describe('roles', () => {
  it('have a trust policy and settings', async () => {
    const { client } = await sandboxFor();
    const RoleName = 'deployer';
    await client.send(
      new sdk.CreateRoleCommand({
        RoleName,
        Path: '/ci/',
        AssumeRolePolicyDocument: trust,
        MaxSessionDuration: 7200,
      }),
    );
    await client.send(new sdk.UpdateRoleCommand({ RoleName, Description: 'Deploys' }));
    const other = trust.replace('ec2', 'lambda');
    await client.send(new sdk.UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: other }));
    await client.send(
      new sdk.PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument: policy('Allow', 's3:*') }),
    );
    const { Role } = await client.send(new sdk.GetRoleCommand({ RoleName }));
    expect(Role).toMatchObject({
      Arn: 'arn:aws:iam::123456789012:role/ci/deployer',
      RoleId: expect.stringMatching(/^AROA/) as string,
      MaxSessionDuration: 7200,
      Description: 'Deploys',
    });
    expect(documentOf(Role?.AssumeRolePolicyDocument)).toEqual(JSON.parse(other));
    await client.send(new sdk.DeleteRolePolicyCommand({ RoleName, PolicyName: 'p' }));
    await client.send(new sdk.DeleteRoleCommand({ RoleName }));
  });
});

describe('the account', () => {
  it('has one alias', async () => {
    const { client } = await sandboxFor();
    await client.send(new sdk.CreateAccountAliasCommand({ AccountAlias: 'acme-dev' }));
    await client.send(new sdk.CreateAccountAliasCommand({ AccountAlias: 'acme' }));
    expect((await client.send(new sdk.ListAccountAliasesCommand({}))).AccountAliases).toEqual(['acme']);
  });

  it('cannot have the alias of another account', async () => {
    const { client } = await sandboxFor({ takenAliases: ['security'] });
    await client.send(new sdk.CreateAccountAliasCommand({ AccountAlias: 'acme' }));
    await expect(
      client.send(new sdk.CreateAccountAliasCommand({ AccountAlias: 'security' })),
    ).rejects.toMatchObject({
      name: 'EntityAlreadyExistsException',
      message: 'The account alias security already exists.',
    });
    expect((await client.send(new sdk.ListAccountAliasesCommand({}))).AccountAliases).toEqual(['acme']);
    await client.send(new sdk.DeleteAccountAliasCommand({ AccountAlias: 'acme' }));
    expect((await client.send(new sdk.ListAccountAliasesCommand({}))).AccountAliases).toEqual([]);
  });

  it('loses from its password policy what an update leaves out', async () => {
    const { client } = await sandboxFor();
    const get = async () => (await client.send(new sdk.GetAccountPasswordPolicyCommand({}))).PasswordPolicy;
    await client.send(
      new sdk.UpdateAccountPasswordPolicyCommand({
        MinimumPasswordLength: 14,
        RequireSymbols: true,
        RequireNumbers: true,
        RequireUppercaseCharacters: true,
        RequireLowercaseCharacters: true,
        AllowUsersToChangePassword: true,
        MaxPasswordAge: 90,
        PasswordReusePrevention: 24,
        HardExpiry: true,
      }),
    );
    expect(await get()).toEqual({
      MinimumPasswordLength: 14,
      RequireSymbols: true,
      RequireNumbers: true,
      RequireUppercaseCharacters: true,
      RequireLowercaseCharacters: true,
      AllowUsersToChangePassword: true,
      ExpirePasswords: true,
      MaxPasswordAge: 90,
      PasswordReusePrevention: 24,
      HardExpiry: true,
    });
    await client.send(new sdk.UpdateAccountPasswordPolicyCommand({ RequireNumbers: true }));
    expect(await get()).toEqual({
      MinimumPasswordLength: 6,
      RequireSymbols: false,
      RequireNumbers: true,
      RequireUppercaseCharacters: false,
      RequireLowercaseCharacters: false,
      AllowUsersToChangePassword: false,
      ExpirePasswords: false,
    });
    await client.send(new sdk.DeleteAccountPasswordPolicyCommand({}));
    await expect(get()).rejects.toMatchObject({ name: 'NoSuchEntityException' });
  });

  it('has a summary', async () => {
    const { sandbox, client } = await sandboxFor();
    sandbox.call('CreateUser', { UserName: 'dale' });
    const { SummaryMap } = await client.send(new sdk.GetAccountSummaryCommand({}));
    expect(SummaryMap).toMatchObject({ Users: 1, UsersQuota: 5000, GroupsPerUserQuota: 10, Policies: 0 });
  });

  it('has a password policy that passwords must meet', async () => {
    const { sandbox, client } = await sandboxFor();
    sandbox.call('CreateUser', { UserName: 'dale' });
    await client.send(
      new sdk.UpdateAccountPasswordPolicyCommand({ MinimumPasswordLength: 14, RequireSymbols: true }),
    );
    expect((await client.send(new sdk.GetAccountPasswordPolicyCommand({}))).PasswordPolicy).toMatchObject({
      MinimumPasswordLength: 14,
      RequireSymbols: true,
      RequireNumbers: false,
      ExpirePasswords: false,
    });
    const weak = new sdk.CreateLoginProfileCommand({ UserName: 'dale', Password: 'aaaaaaaaaaaaaaaa' });
    await expect(client.send(weak)).rejects.toMatchObject({
      name: 'PasswordPolicyViolationException',
      message: 'Password should have at least one symbol',
    });
    await client.send(new sdk.DeleteAccountPasswordPolicyCommand({}));
  });
});
