import * as sdk from '@aws-sdk/client-iam';
import { describe, expect, it, vi } from 'vitest';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { policy, sandboxFor, trust } from './helpers.ts';

const commands = sdk as unknown as Record<string, new (input: object) => never>;

interface ListCase {
  readonly op: string;
  readonly input?: object;
  readonly field: string;
  readonly size: number;
}

function fill(sandbox: Sandbox): void {
  for (let index = 0; index < 7; index++) {
    const name = `item${index}`;
    sandbox.call('CreateUser', { UserName: name });
    sandbox.call('CreateGroup', { GroupName: name });
    sandbox.call('CreateRole', { RoleName: name, AssumeRolePolicyDocument: trust });
    sandbox.call('CreatePolicy', { PolicyName: name, PolicyDocument: policy('Allow', 's3:*') });
    sandbox.call('AddUserToGroup', { UserName: name, GroupName: 'item0' });
    sandbox.call('CreateVirtualMFADevice', { VirtualMFADeviceName: name });
    const PolicyArn = `arn:aws:iam::123456789012:policy/${name}`;
    sandbox.call('AttachUserPolicy', { UserName: 'item0', PolicyArn });
    sandbox.call('AttachUserPolicy', { UserName: name, PolicyArn: 'arn:aws:iam::123456789012:policy/item0' });
    sandbox.call('PutUserPolicy', {
      UserName: 'item0',
      PolicyName: name,
      PolicyDocument: policy('Allow', 's3:*'),
    });
    sandbox.call('TagUser', { UserName: 'item0', Tags: [{ Key: name, Value: 'x' }] });
    if (index > 0) sandbox.call('AddUserToGroup', { UserName: 'item0', GroupName: name });
  }
  for (let index = 0; index < 2; index++) sandbox.call('CreateAccessKey', { UserName: 'item0' });
  for (let index = 0; index < 4; index++) {
    sandbox.call('CreatePolicyVersion', {
      PolicyArn: 'arn:aws:iam::123456789012:policy/item0',
      PolicyDocument: policy('Allow', 's3:*'),
    });
  }
}

const cases: ListCase[] = [
  { op: 'ListUsers', field: 'Users', size: 7 },
  { op: 'ListGroups', field: 'Groups', size: 7 },
  { op: 'ListRoles', field: 'Roles', size: 7 },
  { op: 'ListPolicies', input: { Scope: 'Local' }, field: 'Policies', size: 7 },
  { op: 'GetGroup', input: { GroupName: 'item0' }, field: 'Users', size: 7 },
  { op: 'ListGroupsForUser', input: { UserName: 'item0' }, field: 'Groups', size: 7 },
  { op: 'ListAttachedUserPolicies', input: { UserName: 'item0' }, field: 'AttachedPolicies', size: 7 },
  { op: 'ListUserPolicies', input: { UserName: 'item0' }, field: 'PolicyNames', size: 7 },
  { op: 'ListUserTags', input: { UserName: 'item0' }, field: 'Tags', size: 7 },
  { op: 'ListVirtualMFADevices', field: 'VirtualMFADevices', size: 7 },
  { op: 'ListAccessKeys', input: { UserName: 'item0' }, field: 'AccessKeyMetadata', size: 2 },
  {
    op: 'ListEntitiesForPolicy',
    input: { PolicyArn: 'arn:aws:iam::123456789012:policy/item0' },
    field: 'PolicyUsers',
    size: 7,
  },
  {
    op: 'ListPolicyVersions',
    input: { PolicyArn: 'arn:aws:iam::123456789012:policy/item0' },
    field: 'Versions',
    size: 5,
  },
];

interface Page {
  readonly IsTruncated?: boolean;
  readonly Marker?: string;
  readonly [field: string]: unknown;
}

describe('lists come in pages', () => {
  it.each(cases)('$op', async ({ op, input, field, size }) => {
    const { sandbox, client } = await sandboxFor();
    fill(sandbox);
    for (const MaxItems of [1, 3, 7, 100]) {
      const items: unknown[] = [];
      let Marker: string | undefined;
      let pages = 0;
      do {
        const page = (await client.send(
          new commands[`${op}Command`]!({ ...input, MaxItems, ...(Marker ? { Marker } : {}) }),
        )) as unknown as Page;
        const part = page[field] as unknown[];
        expect(part.length).toBeLessThanOrEqual(MaxItems);
        expect(page.IsTruncated).toBe(page.Marker !== undefined);
        items.push(...part);
        Marker = page.Marker;
        pages += 1;
      } while (Marker !== undefined);
      expect(items).toHaveLength(size);
      expect(new Set(items.map((item) => JSON.stringify(item))).size).toBe(size);
      expect(pages).toBe(Math.ceil(size / MaxItems));
    }
  });

  it('has pages of a hundred where nobody says otherwise', async () => {
    const { sandbox, client } = await sandboxFor();
    for (let index = 0; index < 101; index++) sandbox.call('CreateUser', { UserName: `u${index}` });
    const page = await client.send(new sdk.ListUsersCommand({}));
    expect(page.Users).toHaveLength(100);
    expect(page.IsTruncated).toBe(true);
  });

  it('neither repeats nor skips others when somebody writes between two pages', async () => {
    const { sandbox, client } = await sandboxFor();
    for (const name of ['a', 'b', 'c', 'd', 'e']) sandbox.call('CreateUser', { UserName: name });
    const first = await client.send(new sdk.ListUsersCommand({ MaxItems: 2 }));
    sandbox.call('DeleteUser', { UserName: 'b' });
    sandbox.call('CreateUser', { UserName: 'aa' });
    const second = await client.send(new sdk.ListUsersCommand({ Marker: first.Marker }));
    expect([...first.Users!, ...second.Users!].map((user) => user.UserName)).toEqual([
      'a',
      'b',
      'c',
      'd',
      'e',
    ]);
  });

  it('takes no marker of another list', async () => {
    const { sandbox, client } = await sandboxFor();
    fill(sandbox);
    const { Marker } = await client.send(new sdk.ListUsersCommand({ MaxItems: 1 }));
    await expect(client.send(new sdk.ListGroupsCommand({ Marker }))).rejects.toThrow('Invalid Marker.');
    await expect(client.send(new sdk.ListUsersCommand({ Marker, PathPrefix: '/x/' }))).rejects.toThrow(
      'Invalid Marker.',
    );
  });

  it('filters by path', async () => {
    const { sandbox, client } = await sandboxFor();
    sandbox.call('CreateUser', { UserName: 'melvins', Path: '/partners/' });
    sandbox.call('CreateUser', { UserName: 'dale' });
    const { Users } = await client.send(new sdk.ListUsersCommand({ PathPrefix: '/part' }));
    expect(Users?.map((user) => user.UserName)).toEqual(['melvins']);
  });
});

describe('GetAccountAuthorizationDetails', () => {
  const arn = 'arn:aws:iam::123456789012:policy/reports';
  function account(sandbox: Sandbox): void {
    for (const name of ['buzzo', 'lorax', 'dale']) sandbox.call('CreateUser', { UserName: name });
    sandbox.call('CreateGroup', { GroupName: 'admins' });
    sandbox.call('CreateRole', { RoleName: 'deployer', AssumeRolePolicyDocument: trust });
    sandbox.call('CreateInstanceProfile', { InstanceProfileName: 'web' });
    sandbox.call('AddRoleToInstanceProfile', { InstanceProfileName: 'web', RoleName: 'deployer' });
    sandbox.call('CreatePolicy', {
      PolicyName: 'reports',
      Description: 'May read reports',
      PolicyDocument: policy('Allow', 's3:GetObject'),
    });
    sandbox.call('CreatePolicyVersion', {
      PolicyArn: arn,
      PolicyDocument: policy('Allow', 's3:*'),
      SetAsDefault: true,
    });
    sandbox.call('AttachGroupPolicy', {
      GroupName: 'admins',
      PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
    });
    sandbox.call('AttachUserPolicy', { UserName: 'dale', PolicyArn: arn });
    sandbox.call('AddUserToGroup', { UserName: 'dale', GroupName: 'admins' });
    sandbox.call('PutUserPermissionsBoundary', {
      UserName: 'dale',
      PermissionsBoundary: 'arn:aws:iam::aws:policy/PowerUserAccess',
    });
    sandbox.call('PutUserPolicy', {
      UserName: 'dale',
      PolicyName: 'p1',
      PolicyDocument: policy('Deny', 's3:*'),
    });
    sandbox.call('TagUser', { UserName: 'dale', Tags: [{ Key: 'team', Value: 'images' }] });
  }

  it('shows everything of everybody', async () => {
    const { sandbox, client } = await sandboxFor();
    account(sandbox);
    const all = await client.send(new sdk.GetAccountAuthorizationDetailsCommand({}));
    expect(all.IsTruncated).toBe(false);
    const dale = all.UserDetailList?.find((user) => user.UserName === 'dale');
    expect(dale).toMatchObject({
      GroupList: ['admins'],
      AttachedManagedPolicies: [{ PolicyName: 'reports', PolicyArn: arn }],
      PermissionsBoundary: {
        PermissionsBoundaryType: 'Policy',
        PermissionsBoundaryArn: 'arn:aws:iam::aws:policy/PowerUserAccess',
      },
      Tags: [{ Key: 'team', Value: 'images' }],
      UserPolicyList: [{ PolicyName: 'p1' }],
    });
    expect(decodeURIComponent(dale?.UserPolicyList?.[0]?.PolicyDocument ?? '')).toBe(policy('Deny', 's3:*'));
    expect(all.GroupDetailList).toMatchObject([{ GroupName: 'admins' }]);
    expect(all.RoleDetailList).toMatchObject([
      { RoleName: 'deployer', InstanceProfileList: [{ InstanceProfileName: 'web' }] },
    ]);
    const reports = all.Policies?.find((item) => item.Arn === arn);
    expect(reports).toMatchObject({
      DefaultVersionId: 'v2',
      AttachmentCount: 1,
      PermissionsBoundaryUsageCount: 0,
      PolicyVersionList: [
        { VersionId: 'v2', IsDefaultVersion: true },
        { VersionId: 'v1', IsDefaultVersion: false },
      ],
    });
    // Of AWS's own those in use.
    expect(all.Policies?.map((item) => item.PolicyName)).toEqual([
      'reports',
      'AdministratorAccess',
      'PowerUserAccess',
    ]);
  });

  it('counts the items of all kinds together', async () => {
    const { sandbox, client } = await sandboxFor();
    account(sandbox);
    const names: (string | undefined)[] = [];
    let Marker: string | undefined;
    do {
      const page: sdk.GetAccountAuthorizationDetailsCommandOutput = await client.send(
        new sdk.GetAccountAuthorizationDetailsCommand({ MaxItems: 2, Marker }),
      );
      names.push(
        ...page.UserDetailList!.map((item) => item.UserName),
        ...page.RoleDetailList!.map((item) => item.RoleName),
        ...page.GroupDetailList!.map((item) => item.GroupName),
        ...page.Policies!.map((item) => item.PolicyName),
      );
      expect(names.length % 2 === 0 || !page.IsTruncated).toBe(true);
      ({ Marker } = page);
    } while (Marker !== undefined);
    expect(names).toEqual([
      'buzzo',
      'dale',
      'lorax',
      'deployer',
      'admins',
      'reports',
      'AdministratorAccess',
      'PowerUserAccess',
    ]);
  });

  it('filters by kind', async () => {
    const { sandbox, client } = await sandboxFor();
    account(sandbox);
    const page = await client.send(
      new sdk.GetAccountAuthorizationDetailsCommand({ Filter: ['Group', 'AWSManagedPolicy'] }),
    );
    expect(page.UserDetailList).toEqual([]);
    expect(page.GroupDetailList).toHaveLength(1);
    expect(page.Policies).toHaveLength(2);
  });

  it('looks through five thousand users a few times, however many it answers', async () => {
    const { sandbox, client } = await sandboxFor();
    for (let index = 0; index < 5000; index++) {
      sandbox.call('CreateUser', { UserName: `user-${index}` });
      sandbox.call('PutUserPolicy', {
        UserName: `user-${index}`,
        PolicyName: 'p',
        PolicyDocument: policy('Allow', 's3:*', 'arn:aws:s3:::houdini/*'),
      });
    }
    let users = 0;
    let Marker: string | undefined;
    const looks = vi.spyOn(sandbox.state.users, 'sorted');
    do {
      const page: sdk.GetAccountAuthorizationDetailsCommandOutput = await client.send(
        new sdk.GetAccountAuthorizationDetailsCommand({ MaxItems: 1000, Marker }),
      );
      users += page.UserDetailList!.length;
      ({ Marker } = page);
    } while (Marker !== undefined);
    expect(users).toBe(5000);
    // Once per page, and once to count how often each policy is attached: not once per user or policy.
    expect(looks).toHaveBeenCalledTimes(sandbox.journal.filter(({ readOnly }) => readOnly).length + 1);
  });
});
