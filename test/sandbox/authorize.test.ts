import * as sdk from '@aws-sdk/client-iam';
import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fill, fits } from '../../src/sandbox/authorize/match.ts';
import { createIam, type Sandbox } from '../../src/sandbox/index.ts';
import { clientOf, manualClock, policy, sandboxFor } from './helpers.ts';

const houdini = 'arn:aws:s3:::houdini/*';
const statement = (fields: object): string => JSON.stringify({ Version: '2012-10-17', Statement: [fields] });
const old = (fields: object): string => JSON.stringify({ Version: '2008-10-17', Statement: [fields] });
const allowIf = (Condition: object): string =>
  statement({ Effect: 'Allow', Action: 's3:*', Resource: '*', Condition });
const denyIf = (Condition: object): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: '*', Resource: '*' },
      { Effect: 'Deny', Action: 's3:*', Resource: '*', Condition },
    ],
  });

/** A fresh account with dale, who holds these inline policies. */
function accountWith(...documents: string[]) {
  const iam = createIam({ seed: 1, clock: manualClock() });
  iam.call('CreateUser', { UserName: 'dale', Path: '/x/', Tags: [{ Key: 'team', Value: 'images' }] });
  documents.forEach((PolicyDocument, index) => {
    iam.call('PutUserPolicy', { UserName: 'dale', PolicyName: `p${index}`, PolicyDocument });
  });
  return iam;
}
const allows = (documents: string[], action: string, resource = '*'): boolean =>
  accountWith(...documents).allows('dale', action, resource);

describe('the policy evaluator', () => {
  it.each<[string, string[], string, string, boolean]>([
    ['nothing', [], 's3:GetObject', '*', false],
    ['an Allow', [policy('Allow', 's3:GetObject')], 's3:GetObject', 'arn:aws:s3:::a/b', true],
    ['actions in another case', [policy('Allow', 'S3:getobject')], 's3:GetObject', 'arn:aws:s3:::a/b', true],
    ['another action', [policy('Allow', 's3:GetObject')], 's3:PutObject', 'arn:aws:s3:::a/b', false],
    ['a star in the action', [policy('Allow', 's3:Get*')], 's3:GetObject', 'arn:aws:s3:::a/b', true],
    ['a question mark', [policy('Allow', 's3:?etObject')], 's3:GetObject', 'arn:aws:s3:::a/b', true],
    ['the resource', [policy('Allow', 's3:*', houdini)], 's3:GetObject', 'arn:aws:s3:::houdini/a/b', true],
    ['another resource', [policy('Allow', 's3:*', houdini)], 's3:GetObject', 'arn:aws:s3:::houdini', false],
    [
      'resources with their case',
      [policy('Allow', 's3:*', houdini)],
      's3:Get',
      'arn:aws:s3:::Houdini/a',
      false,
    ],
    ['a Deny over an Allow', [policy('Allow', '*'), policy('Deny', 's3:*')], 's3:GetObject', '*', false],
    [
      'a Deny of something else',
      [policy('Allow', '*'), policy('Deny', 's3:*')],
      'ec2:RunInstances',
      '*',
      true,
    ],
    [
      'NotAction',
      [statement({ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' })],
      'iam:CreateUser',
      '*',
      false,
    ],
    [
      'NotAction of others',
      [statement({ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' })],
      's3:Get',
      '*',
      true,
    ],
    [
      'NotResource',
      [statement({ Effect: 'Allow', Action: 's3:*', NotResource: houdini })],
      's3:Get',
      'arn:aws:s3:::houdini/a',
      false,
    ],
    [
      'NotResource of others',
      [statement({ Effect: 'Allow', Action: 's3:*', NotResource: houdini })],
      's3:Get',
      'arn:aws:s3:::other/a',
      true,
    ],
    [
      'a policy variable',
      [policy('Allow', 's3:*', 'arn:aws:s3:::home/${aws:username}/*')],
      's3:Get',
      'arn:aws:s3:::home/dale/a',
      true,
    ],
    [
      "a policy variable for somebody else's",
      [policy('Allow', 's3:*', 'arn:aws:s3:::home/${aws:username}/*')],
      's3:Get',
      'arn:aws:s3:::home/lorax/a',
      false,
    ],
    [
      'plain text, not a variable, in a document of 2008',
      [old({ Effect: 'Allow', Action: 's3:*', Resource: 'arn:aws:s3:::home/${aws:username}/*' })],
      's3:Get',
      'arn:aws:s3:::home/dale/a',
      false,
    ],
    [
      'plain text in a condition of 2008',
      [
        old({
          Effect: 'Allow',
          Action: 's3:*',
          Resource: '*',
          Condition: { StringEquals: { 'aws:username': '${aws:username}' } },
        }),
      ],
      's3:Get',
      'arn:aws:s3:::home/dale/a',
      false,
    ],
    [
      'a dollar sign that begins no variable',
      [policy('Allow', 's3:*', 'arn:aws:s3:::home/${$}{aws:username}/*')],
      's3:Get',
      'arn:aws:s3:::home/${aws:username}/a',
      true,
    ],
    [
      'a tag of the user as a variable',
      [policy('Allow', 's3:*', 'arn:aws:s3:::${aws:PrincipalTag/team}/*')],
      's3:Get',
      'arn:aws:s3:::images/a',
      true,
    ],
    [
      'a variable without a value but with a default',
      [policy('Allow', 's3:*', "arn:aws:s3:::${aws:PrincipalTag/none, 'public'}/*")],
      's3:Get',
      'arn:aws:s3:::public/a',
      true,
    ],
    [
      'a variable without a value',
      [policy('Allow', 's3:*', 'arn:aws:s3:::${aws:PrincipalTag/none}*')],
      's3:Get',
      'arn:aws:s3:::a',
      false,
    ],
    ['StringEquals', [allowIf({ StringEquals: { 'aws:username': ['buzzo', 'dale'] } })], 's3:Get', '*', true],
    [
      'StringEquals, not equal',
      [allowIf({ StringEquals: { 'aws:username': 'lorax' } })],
      's3:Get',
      '*',
      false,
    ],
    [
      'StringEquals without wildcards',
      [allowIf({ StringEquals: { 'aws:username': 'd*' } })],
      's3:Get',
      '*',
      false,
    ],
    ['StringLike', [allowIf({ StringLike: { 'aws:username': 'd*' } })], 's3:Get', '*', true],
    ['StringNotEquals', [allowIf({ StringNotEquals: { 'aws:username': 'dale' } })], 's3:Get', '*', false],
    [
      'two operators, one of which fails',
      [allowIf({ StringLike: { 'aws:username': 'd*' }, Bool: { 'aws:SecureTransport': 'false' } })],
      's3:Get',
      '*',
      false,
    ],
    ['an absent key', [allowIf({ Bool: { 'aws:MultiFactorAuthPresent': 'true' } })], 's3:Get', '*', false],
    [
      'a Deny without MFA',
      [denyIf({ BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } })],
      's3:Get',
      '*',
      false,
    ],
    [
      'Null of an absent key',
      [allowIf({ Null: { 'aws:MultiFactorAuthPresent': 'true' } })],
      's3:Get',
      '*',
      true,
    ],
    [
      'a date to come',
      [allowIf({ DateLessThan: { 'aws:CurrentTime': '2026-03-02T00:00:00Z' } })],
      's3:Get',
      '*',
      true,
    ],
    [
      'a date gone by',
      [allowIf({ DateLessThan: { 'aws:CurrentTime': '2026-02-01T00:00:00Z' } })],
      's3:Get',
      '*',
      false,
    ],
    [
      'an address in a network',
      [allowIf({ IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } })],
      's3:Get',
      '*',
      true,
    ],
    [
      'an address outside',
      [allowIf({ NotIpAddress: { 'aws:SourceIp': '127.0.0.0/8' } })],
      's3:Get',
      '*',
      false,
    ],
    [
      'ArnLike',
      [allowIf({ ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:user/x/*' } })],
      's3:Get',
      '*',
      true,
    ],
    [
      'ForAllValues of an absent key',
      [allowIf({ 'ForAllValues:StringEquals': { 'aws:TagKeys': 'a' } })],
      's3:Get',
      '*',
      true,
    ],
    [
      'ForAnyValue of an absent key',
      [allowIf({ 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'a' } })],
      's3:Get',
      '*',
      false,
    ],
    // Fail closed where nothing can be said.
    [
      'ForAnyValue with IfExists of an absent key, Allow',
      [allowIf({ 'ForAnyValue:StringEqualsIfExists': { 'aws:TagKeys': 'a' } })],
      's3:Get',
      '*',
      false,
    ],
    [
      'ForAnyValue with IfExists of an absent key, Deny',
      [denyIf({ 'ForAnyValue:StringEqualsIfExists': { 'aws:TagKeys': 'a' } })],
      's3:Get',
      '*',
      false,
    ],
    ['a key not modelled, Allow', [allowIf({ StringEquals: { 's3:prefix': 'a' } })], 's3:Get', '*', false],
    ['a key not modelled, Deny', [denyIf({ StringEquals: { 's3:prefix': 'a' } })], 's3:Get', '*', false],
    [
      'a key not modelled beside one that settles it',
      [denyIf({ StringEquals: { 's3:prefix': 'a', 'aws:username': 'lorax' } })],
      's3:Get',
      '*',
      true,
    ],
  ])('%s', (_name, documents, action, resource, expected) => {
    expect(allows(documents, action, resource)).toBe(expected);
  });

  it.each([
    'aws:MultiFactorAuthPresent',
    'aws:MultiFactorAuthAge',
    'aws:TokenIssueTime',
    'aws:FederatedProvider',
    'aws:SourceIdentity',
    'aws:PrincipalTag/none',
    'aws:PrincipalServiceName',
    'aws:SourceArn',
    'aws:SourceVpcArn',
    'ec2:RoleDelivery',
  ])('knows that %s is not there with long-term keys', (key) => {
    expect(allows([allowIf({ Null: { [key]: 'true' } })], 's3:Get')).toBe(true);
    expect(allows([denyIf({ StringLike: { [key]: '*' } })], 's3:Get')).toBe(true);
  });

  it('adds up inline, attached and group policies, and bounds them', () => {
    const iam = accountWith(policy('Allow', 's3:*'));
    iam.call('CreateGroup', { GroupName: 'admins' });
    iam.call('AddUserToGroup', { UserName: 'dale', GroupName: 'admins' });
    const may = (action: string): boolean => iam.allows('dale', action, '*');
    expect([may('s3:Get'), may('ec2:Run'), may('iam:GetUser')]).toEqual([true, false, false]);
    iam.call('PutGroupPolicy', {
      GroupName: 'admins',
      PolicyName: 'p',
      PolicyDocument: policy('Allow', 'ec2:*'),
    });
    expect([may('s3:Get'), may('ec2:Run'), may('iam:GetUser')]).toEqual([true, true, false]);
    iam.call('AttachGroupPolicy', {
      GroupName: 'admins',
      PolicyArn: 'arn:aws:iam::aws:policy/IAMReadOnlyAccess',
    });
    expect([may('s3:Get'), may('ec2:Run'), may('iam:GetUser')]).toEqual([true, true, true]);
    iam.call('PutUserPermissionsBoundary', {
      UserName: 'dale',
      PermissionsBoundary: 'arn:aws:iam::aws:policy/PowerUserAccess',
    });
    expect([may('s3:Get'), may('ec2:Run'), may('iam:GetUser')]).toEqual([true, true, false]);
    iam.call('AttachUserPolicy', { UserName: 'dale', PolicyArn: 'arn:aws:iam::aws:policy/AWSDenyAll' });
    expect([may('s3:Get'), may('ec2:Run'), may('iam:GetUser')]).toEqual([false, false, false]);
  });

  it('follows the default version of a managed policy', () => {
    const iam = accountWith();
    const PolicyArn = iam.call('CreatePolicy', { PolicyName: 'p', PolicyDocument: policy('Allow', 's3:*') })
      .Policy!.Arn!;
    iam.call('AttachUserPolicy', { UserName: 'dale', PolicyArn });
    iam.call('CreatePolicyVersion', { PolicyArn, PolicyDocument: policy('Allow', 'ec2:*') });
    expect(iam.allows('dale', 's3:Get', '*')).toBe(true);
    iam.call('SetDefaultPolicyVersion', { PolicyArn, VersionId: 'v2' });
    expect(iam.allows('dale', 's3:Get', '*')).toBe(false);
  });

  it('matches wildcards as a regular expression would', () => {
    const part = constantFrom('a', 'b', '*', '?');
    const text = array(constantFrom('a', 'b'), { maxLength: 12 });
    assert(
      property(array(part, { maxLength: 8 }), text, (pattern, letters) => {
        const source = pattern.map((char) => (char === '*' ? '.*' : char === '?' ? '.' : char)).join('');
        expect(fits(fill(pattern.join(''), null)!, letters.join(''))).toBe(
          new RegExp(`^${source}$`).test(letters.join('')),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('is not held up by hostile patterns', () => {
    const pattern = fill(`${'*a'.repeat(200)}b`, null)!;
    const letters = 'a'.repeat(2000);
    let reads = 0;
    const counting = new Proxy(Object(letters) as object, {
      get(text, key) {
        reads += 1;
        return Reflect.get(text, key) as unknown;
      },
    }) as unknown as string;
    expect(fits(pattern, counting)).toBe(false);
    expect(reads).toBeGreaterThan(letters.length);
    expect(reads).toBeLessThan(pattern.length * letters.length);
  });
});

describe('callers', () => {
  async function caller(sandbox: Sandbox, name: string, ...documents: string[]) {
    sandbox.call('CreateUser', { UserName: name });
    documents.forEach((PolicyDocument, index) => {
      sandbox.call('PutUserPolicy', { UserName: name, PolicyName: `p${index}`, PolicyDocument });
    });
    const { AccessKey } = sandbox.call('CreateAccessKey', { UserName: name });
    return clientOf(sandbox, {
      accessKeyId: AccessKey!.AccessKeyId!,
      secretAccessKey: AccessKey!.SecretAccessKey!,
    });
  }

  it('may do everything where policies are not enforced', async () => {
    const { sandbox } = await sandboxFor();
    const dale = await caller(sandbox, 'dale');
    await dale.send(new sdk.CreateUserCommand({ UserName: 'lorax' }));
    expect(sandbox.journal.at(-1)?.caller.arn).toBe('arn:aws:iam::123456789012:user/dale');
    dale.destroy();
  });

  it('may do what their policies allow where they are', async () => {
    const { sandbox, client } = await sandboxFor({ enforce: true });
    const dale = await caller(
      sandbox,
      'dale',
      policy('Allow', ['iam:GetUser', 'iam:CreateAccessKey'], 'arn:aws:iam::*:user/${aws:username}'),
      policy('Allow', 'iam:ListUsers'),
      policy('Deny', 'iam:ListGroups'),
    );
    await dale.send(new sdk.GetUserCommand({}));
    await dale.send(new sdk.GetUserCommand({ UserName: 'dale' }));
    await dale.send(new sdk.ListUsersCommand({}));
    const denied = (message: string) => ({
      name: 'AccessDenied',
      message,
      $metadata: { httpStatusCode: 403 },
    });
    const who = 'User: arn:aws:iam::123456789012:user/dale is not authorized to perform:';
    await expect(dale.send(new sdk.GetUserCommand({ UserName: 'lorax' }))).rejects.toMatchObject(
      denied(
        `${who} iam:GetUser on resource: user lorax because no identity-based policy allows the iam:GetUser action`,
      ),
    );
    await expect(
      dale.send(new sdk.CreateUserCommand({ UserName: 'lorax', Path: '/x/' })),
    ).rejects.toMatchObject(
      denied(
        `${who} iam:CreateUser on resource: arn:aws:iam::123456789012:user/x/lorax because no identity-based ` +
          'policy allows the iam:CreateUser action',
      ),
    );
    await expect(dale.send(new sdk.ListGroupsCommand({}))).rejects.toMatchObject(
      denied(
        `${who} iam:ListGroups on resource: arn:aws:iam::123456789012:group/ with an explicit deny in an ` +
          'identity-based policy',
      ),
    );
    expect(sandbox.journal.at(-1)).toMatchObject({ errorCode: 'AccessDenied', status: 403 });
    // Everybody may ask who they are; the operator may do everything.
    sandbox.call('PutUserPolicy', {
      UserName: 'dale',
      PolicyName: 'deny',
      PolicyDocument: policy('Deny', '*'),
    });
    expect(sandbox.call('GetCallerIdentity', {}, { as: 'dale' }).Arn).toBe(
      'arn:aws:iam::123456789012:user/dale',
    );
    await client.send(new sdk.CreateUserCommand({ UserName: 'lorax' }));
    dale.destroy();
  });

  it('may look at the providers and instance profiles that are theirs', async () => {
    const { sandbox } = await sandboxFor({ enforce: true });
    const dale = await caller(
      sandbox,
      'dale',
      policy('Allow', 'iam:*OpenIDConnectProvider', 'arn:aws:iam::*:oidc-provider/ci.example.com'),
      policy('Allow', 'iam:*InstanceProfile', 'arn:aws:iam::*:instance-profile/web/*'),
    );
    const allowed = [
      new sdk.CreateOpenIDConnectProviderCommand({ Url: 'https://ci.example.com' }),
      new sdk.CreateInstanceProfileCommand({ InstanceProfileName: 'front', Path: '/web/' }),
      new sdk.GetInstanceProfileCommand({ InstanceProfileName: 'front' }),
    ] as Parameters<typeof dale.send>[0][];
    for (const command of allowed) await dale.send(command);
    const denied = [
      new sdk.CreateOpenIDConnectProviderCommand({ Url: 'https://else.example.com' }),
      new sdk.CreateInstanceProfileCommand({ InstanceProfileName: 'back' }),
      new sdk.ListOpenIDConnectProvidersCommand({}),
      new sdk.ListSAMLProvidersCommand({}),
    ] as Parameters<typeof dale.send>[0][];
    for (const command of denied)
      await expect(dale.send(command)).rejects.toMatchObject({ name: 'AccessDenied' });
    dale.destroy();
  });

  it('must be allowed to pass the role that an instance profile takes', async () => {
    const { sandbox } = await sandboxFor({ enforce: true });
    const AssumeRolePolicyDocument = policy('Allow', 'sts:AssumeRole').replace(
      '"Resource":"*"',
      '"Principal":{"Service":"ec2.amazonaws.com"}',
    );
    for (const RoleName of ['web', 'admin'])
      sandbox.call('CreateRole', { RoleName, AssumeRolePolicyDocument });
    sandbox.call('CreateInstanceProfile', { InstanceProfileName: 'front' });
    const add = (RoleName: string) =>
      new sdk.AddRoleToInstanceProfileCommand({ InstanceProfileName: 'front', RoleName });
    const dale = await caller(
      sandbox,
      'dale',
      policy('Allow', 'iam:AddRoleToInstanceProfile'),
      statement({
        Effect: 'Allow',
        Action: 'iam:PassRole',
        Resource: 'arn:aws:iam::*:role/web',
        Condition: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
      }),
    );
    await expect(dale.send(add('admin'))).rejects.toMatchObject({
      name: 'AccessDenied',
      message:
        'User: arn:aws:iam::123456789012:user/dale is not authorized to perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/admin because no identity-based policy allows the iam:PassRole action',
    });
    await dale.send(add('web'));
    dale.destroy();
  });

  it('may attach only the policies that a condition names', async () => {
    const { sandbox } = await sandboxFor({ enforce: true });
    const PolicyArn = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
    const dale = await caller(
      sandbox,
      'dale',
      statement({
        Effect: 'Allow',
        Action: 'iam:AttachUserPolicy',
        Resource: '*',
        Condition: { ArnEquals: { 'iam:PolicyARN': PolicyArn } },
      }),
    );
    await dale.send(new sdk.AttachUserPolicyCommand({ UserName: 'dale', PolicyArn }));
    const other = { UserName: 'dale', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' };
    await expect(dale.send(new sdk.AttachUserPolicyCommand(other))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    dale.destroy();
  });

  it('must sign with the right secret', async () => {
    const { sandbox } = await sandboxFor();
    sandbox.call('CreateUser', { UserName: 'dale' });
    const { AccessKey } = sandbox.call('CreateAccessKey', { UserName: 'dale' });
    for (const accessKeyId of [sandbox.operator.accessKeyId, AccessKey!.AccessKeyId!]) {
      const forged = clientOf(sandbox, { accessKeyId, secretAccessKey: 'x'.repeat(40) });
      await expect(forged.send(new sdk.ListUsersCommand({}))).rejects.toMatchObject({
        name: 'SignatureDoesNotMatch',
        $metadata: { httpStatusCode: 403 },
      });
      forged.destroy();
    }
  });

  it('may have any credentials, unless the sandbox is strict', async () => {
    const anybody = { accessKeyId: 'AKIA2222222222222222', secretAccessKey: 'anything' };
    const lax = await sandboxFor();
    const one = clientOf(lax.sandbox, anybody);
    await one.send(new sdk.ListUsersCommand({}));
    expect(lax.sandbox.journal.at(-1)?.caller.arn).toBe('arn:aws:iam::123456789012:user/sandbox-operator');
    one.destroy();
    const strict = await sandboxFor({ strict: true });
    const other = clientOf(strict.sandbox, anybody);
    await expect(other.send(new sdk.ListUsersCommand({}))).rejects.toMatchObject({
      name: 'InvalidClientTokenId',
      message: 'The security token included in the request is invalid.',
    });
    other.destroy();
  });
});
