import {
  DeleteGroupPolicyCommand,
  DeleteRolePolicyCommand,
  DeleteUserPolicyCommand,
  GetGroupPolicyCommand,
  GetRolePolicyCommand,
  GetUserPolicyCommand,
  ListGroupPoliciesCommand,
  ListRolePoliciesCommand,
  ListUserPoliciesCommand,
  PutGroupPolicyCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import type { IAMClient } from '@aws-sdk/client-iam';
import { expect, test } from 'vitest';
import { sandboxFor } from './helpers.ts';

const allow = (Action: string): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });
const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});

/** The same four calls on each kind of holder. */
const holders = {
  user: (client: IAMClient, UserName: string) => ({
    put: (PolicyName: string, PolicyDocument: string) =>
      client.send(new PutUserPolicyCommand({ UserName, PolicyName, PolicyDocument })),
    get: (PolicyName: string) => client.send(new GetUserPolicyCommand({ UserName, PolicyName })),
    remove: (PolicyName: string) => client.send(new DeleteUserPolicyCommand({ UserName, PolicyName })),
    list: () => client.send(new ListUserPoliciesCommand({ UserName })),
  }),
  group: (client: IAMClient, GroupName: string) => ({
    put: (PolicyName: string, PolicyDocument: string) =>
      client.send(new PutGroupPolicyCommand({ GroupName, PolicyName, PolicyDocument })),
    get: (PolicyName: string) => client.send(new GetGroupPolicyCommand({ GroupName, PolicyName })),
    remove: (PolicyName: string) => client.send(new DeleteGroupPolicyCommand({ GroupName, PolicyName })),
    list: () => client.send(new ListGroupPoliciesCommand({ GroupName })),
  }),
  role: (client: IAMClient, RoleName: string) => ({
    put: (PolicyName: string, PolicyDocument: string) =>
      client.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument })),
    get: (PolicyName: string) => client.send(new GetRolePolicyCommand({ RoleName, PolicyName })),
    remove: (PolicyName: string) => client.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })),
    list: () => client.send(new ListRolePoliciesCommand({ RoleName })),
  }),
};

test.each(['user', 'group', 'role'] as const)(
  'an inline policy of a %s has one spelling, the first, and is found and deleted in any case',
  async (kind) => {
    const { sandbox, client } = await sandboxFor();
    sandbox.call('CreateUser', { UserName: 'holder' });
    sandbox.call('CreateGroup', { GroupName: 'holder' });
    sandbox.call('CreateRole', { RoleName: 'holder', AssumeRolePolicyDocument: trust });
    const { put, get, remove, list } = holders[kind](client, 'holder');
    await put('MixedName', allow('s3:GetObject'));
    await put('MIXEDNAME', allow('s3:PutObject'));
    expect((await list()).PolicyNames).toEqual(['MixedName']);
    const answer = await get('mixedname');
    // As it was asked for (seen on AWS).
    expect(answer.PolicyName).toBe('mixedname');
    expect(decodeURIComponent(answer.PolicyDocument!)).toBe(allow('s3:PutObject'));
    await remove('mIXEDnAME');
    expect((await list()).PolicyNames).toEqual([]);
    await expect(get('MixedName')).rejects.toMatchObject({ name: 'NoSuchEntityException' });
  },
);
