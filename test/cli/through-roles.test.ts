import { expect, test } from 'vitest';
import { explanationSchema, whoCanSchema } from '../../src/kinds/access-answer.ts';
import type { Explanation, WhoCan } from '../../src/kinds/access-answer.ts';
import { asking, misfits, policy } from './asked.ts';
import type { Asking } from './asked.ts';

const arn = (rest: string): string => `arn:aws:iam::123456789012:${rest}`;
const object = 'arn:aws:s3:::reports/q1.csv';
const unread =
  'note: not read: policies of buckets, keys and other resources, of the organisation and of sessions, which may give or take access\n';

/** anna comes to `deploy` by name, ben through `first` and `second`, which trust each other, and carl by his account. */
async function account(): Promise<Asking> {
  const there = await asking(`account: '123456789012'\n`);
  const { sandbox } = there;
  for (const UserName of ['anna', 'ben', 'carl', 'dora']) sandbox.call('CreateUser', { UserName });
  const role = (RoleName: string, ...statements: object[]): void => {
    const trust = statements.map((one) => ({ Effect: 'Allow', Action: 'sts:AssumeRole', ...one }));
    sandbox.call('CreateRole', { RoleName, AssumeRolePolicyDocument: policy(...trust) });
  };
  role('first', { Principal: { AWS: arn('user/ben') } });
  role('second', { Principal: { AWS: arn('role/first') } });
  role(
    'deploy',
    { Principal: { AWS: [arn('user/anna'), arn('role/second')] } },
    { Principal: { AWS: arn('root') }, Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } },
    { Principal: { Service: 'lambda.amazonaws.com' } },
    {
      Principal: { AWS: '999999999999' },
      Condition: { StringEquals: { 'sts:ExternalId': 'acme-1' } },
    },
  );
  const circle = {
    Effect: 'Allow',
    Action: 'sts:AssumeRole',
    Principal: { AWS: [arn('user/ben'), arn('role/second')] },
  };
  sandbox.call('UpdateAssumeRolePolicy', { RoleName: 'first', PolicyDocument: policy(circle) });
  const allow = (Action: string, Resource: string): string => policy({ Effect: 'Allow', Action, Resource });
  sandbox.call('PutRolePolicy', {
    RoleName: 'deploy',
    PolicyName: 'own',
    PolicyDocument: allow('s3:GetObject', 'arn:aws:s3:::reports/*'),
  });
  sandbox.call('PutUserPolicy', {
    UserName: 'carl',
    PolicyName: 'own',
    PolicyDocument: allow('sts:AssumeRole', arn('role/dep*')),
  });
  sandbox.clearJournal();
  return there;
}

test('who-can tells who may do it through roles, by which way, and ends in circles', async () => {
  const { ask } = await account();
  const { code, stdout } = await ask('who-can', 's3:GetObject', object);
  expect(code).toBe(0);
  expect(stdout).toBe(`Who can s3:GetObject on ${object} in account 123456789012, as it is

role deploy: allowed
    s3:GetObject on arn:aws:s3:::reports/*
        by the inline policy own
By roles that they may assume
    user anna → role deploy: allowed
        role deploy trusts user anna
    user ben → role first → role second → role deploy: allowed
        role first trusts user ben
        role second trusts role first
        role deploy trusts role second
    user carl → role deploy: depends on conditions
        role deploy trusts the account if Bool aws:MultiFactorAuthPresent true, and the policies of user carl allow it: sts:AssumeRole on arn:aws:iam::123456789012:role/dep*, by the inline policy own
    role first → role second → role deploy: allowed
        role second trusts role first
        role deploy trusts role second
    role second → role deploy: allowed
        role deploy trusts role second
    service lambda.amazonaws.com → role deploy: allowed
        role deploy trusts service lambda.amazonaws.com
    account 999999999999 → role deploy: depends on conditions
        role deploy trusts account 999999999999 if StringEquals sts:ExternalId acme-1

1 of 7 users and roles. Through roles: 7 more.
${unread}`);
});

test('who-can tells it as JSON and as a table', async () => {
  const { ask, json } = await account();
  const found = await json<WhoCan>('who-can', 's3:GetObject', object);
  expect(misfits(whoCanSchema, found)).toEqual([]);
  expect(
    found.throughRoles.map(({ principal, outsider, steps }) => [principal ?? outsider, steps.length]),
  ).toEqual([
    ['user:anna', 1],
    ['user:ben', 3],
    ['user:carl', 1],
    ['role:first', 2],
    ['role:second', 1],
    [{ type: 'service', name: 'lambda.amazonaws.com' }, 1],
    [{ type: 'account', name: '999999999999' }, 1],
  ]);
  const { stdout } = await ask('who-can', 's3:GetObject', object, '--format', 'csv');
  expect(
    stdout
      .split('\n')
      .filter((line) => line.includes('through-role'))
      .slice(1, 3),
  ).toEqual([
    '123456789012,user,ben,allowed,through-role,sts:AssumeRole,role:first role:second role:deploy,,,,,,,,',
    '123456789012,user,carl,conditional,through-role,sts:AssumeRole,role:deploy,Bool aws:MultiFactorAuthPresent true,,,,,,,',
  ]);
  // Nobody comes to what no role may do.
  expect((await json<WhoCan>('who-can', 'ec2:RunInstances', '*')).throughRoles).toEqual([]);
});

test('explain tells the roles that somebody may assume, and of a request those that may do it', async () => {
  const { ask, json } = await account();
  const { stdout } = await ask('explain', 'ben');
  expect(stdout).toContain(`May assume
    user ben → role first
        role first trusts user ben
    user ben → role first → role second
`);
  const asked = await ask('explain', 'ben', 's3:GetObject', object);
  expect(asked.stdout).toContain(`By roles that they may assume
    user ben → role first → role second → role deploy: allowed
`);
  expect((await ask('explain', 'dora')).stdout).not.toContain('May assume');
  const found = await json<Explanation>('explain', 'role:deploy');
  expect(misfits(explanationSchema, found)).toEqual([]);
  expect(found.assumers!.map(({ principal, outsider }) => principal ?? outsider!.type)).toEqual([
    'user:anna',
    'user:carl',
    'role:second',
    'service',
    'account',
  ]);
  expect((await ask('explain', 'role:deploy')).stdout)
    .toContain(`Users and roles of the account who may assume it
    user anna
        role deploy trusts user anna
    user carl
        role deploy trusts the account if Bool aws:MultiFactorAuthPresent true, and the policies of user carl allow it`);
});
