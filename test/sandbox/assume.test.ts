import * as iam from '@aws-sdk/client-iam';
import * as sts from '@aws-sdk/client-sts';
import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { manualClock, policy, sandboxFor } from './helpers.ts';
import { iamOf, keysOf, own, stsOf, trusting, userWithKey } from './sts.ts';

const RoleArn = `${own}role/ops/deployer`;
const asked = (fields: Partial<sts.AssumeRoleCommandInput> = {}): sts.AssumeRoleCommand =>
  new sts.AssumeRoleCommand({ RoleArn, RoleSessionName: 'night', ...fields });

function deployer(sandbox: Pick<Sandbox, 'call'>, trust: string, fields: object = {}): void {
  sandbox.call('CreateRole', {
    RoleName: 'deployer',
    Path: '/ops/',
    AssumeRolePolicyDocument: trust,
    ...fields,
  });
}

const dale = { AWS: `${own}user/dale` };
const account = { AWS: '123456789012' };
const mayAssume = (effect: 'Allow' | 'Deny' = 'Allow'): string => policy(effect, 'sts:*');
const put = (sandbox: Pick<Sandbox, 'call'>, PolicyDocument: string): unknown =>
  sandbox.call('PutUserPolicy', { UserName: 'dale', PolicyName: 'p', PolicyDocument });

/** A sandbox in which users' policies count, and dale calls. */
async function stage(options = {}) {
  const clock = manualClock();
  const { sandbox } = await sandboxFor({ enforce: true, clock, ...options });
  const keys = userWithKey(sandbox, 'dale');
  return { sandbox, clock, keys, client: stsOf(sandbox, keys) };
}

const denied = {
  Code: 'AccessDenied',
  message: `User: ${own}user/dale is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`,
};

describe('AssumeRole', () => {
  it('answers the keys of a session, and who it is', async () => {
    const { sandbox, client } = await stage();
    deployer(sandbox, trusting(dale));
    const { $metadata: _, ...answer } = await client.send(asked());
    const { id } = sandbox.state.roles.find('deployer')!;
    const Arn = 'arn:aws:sts::123456789012:assumed-role/deployer/night';
    expect(answer).toEqual({
      Credentials: {
        AccessKeyId: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/),
        SecretAccessKey: expect.stringMatching(/^.{40}$/),
        SessionToken: expect.any(String),
        Expiration: new Date('2026-03-01T13:00:00Z'),
      },
      AssumedRoleUser: { AssumedRoleId: `${id}:night`, Arn },
    });
    const session = stsOf(sandbox, keysOf(answer.Credentials));
    expect(await session.send(new sts.GetCallerIdentityCommand({}))).toMatchObject({
      UserId: `${id}:night`,
      Account: '123456789012',
      Arn,
    });
  });

  it.each<[string, string, string | null, object, true | object]>([
    ['a trust that names the user', trusting(dale), null, {}, true],
    [
      'a trust that names somebody else',
      trusting({ AWS: `${own}user/sandbox-operator` }),
      mayAssume(),
      {},
      denied,
    ],
    ['a trust in a service', trusting({ Service: 'ec2.amazonaws.com' }), mayAssume(), {}, denied],
    ['a trust in the account, of a user without policies', trusting(account), null, {}, denied],
    ['a trust in the account, of a user whose policies allow it', trusting(account), mayAssume(), {}, true],
    ['a trust in the root, which is the account', trusting({ AWS: `${own}root` }), mayAssume(), {}, true],
    ['a trust in another account', trusting({ AWS: '999999999999' }), mayAssume(), {}, denied],
    ['a trust in everybody', trusting('*'), null, {}, true],
    ['a trust in everybody with an identity', trusting({ AWS: '*' }), null, {}, true],
    [
      'a role that is not there',
      trusting(dale),
      null,
      { RoleArn: `${own}role/deployer` },
      { ...denied, message: denied.message.replace('ops/', '') },
    ],
    [
      'a policy that denies it to who is named',
      trusting(dale),
      mayAssume('Deny'),
      {},
      { ...denied, message: `${denied.message} with an explicit deny in an identity-based policy` },
    ],
    [
      'an action that is not trusted',
      trusting(dale, { Action: 'sts:AssumeRoleWithSAML' }),
      mayAssume(),
      {},
      denied,
    ],
    [
      'an external id',
      trusting(dale, { Condition: { StringEquals: { 'sts:ExternalId': 'x-1' } } }),
      null,
      { ExternalId: 'x-1' },
      true,
    ],
    [
      'another external id',
      trusting(dale, { Condition: { StringEquals: { 'sts:ExternalId': 'x-1' } } }),
      null,
      { ExternalId: 'x-2' },
      denied,
    ],
    [
      'no external id',
      trusting(dale, { Condition: { StringEquals: { 'sts:ExternalId': 'x-1' } } }),
      null,
      {},
      denied,
    ],
    [
      'a name of the session',
      trusting(dale, { Condition: { StringLike: { 'sts:RoleSessionName': '${aws:username}-*' } } }),
      null,
      { RoleSessionName: 'dale-1' },
      true,
    ],
    [
      'a name of somebody else',
      trusting(dale, { Condition: { StringLike: { 'sts:RoleSessionName': '${aws:username}-*' } } }),
      null,
      {},
      denied,
    ],
    [
      'the ARN of the caller',
      trusting(account, { Condition: { ArnEquals: { 'aws:PrincipalArn': `${own}user/dale` } } }),
      mayAssume(),
      {},
      true,
    ],
    [
      'another ARN',
      trusting(account, { Condition: { ArnEquals: { 'aws:PrincipalArn': `${own}user/x` } } }),
      mayAssume(),
      {},
      denied,
    ],
    [
      'a tag of the caller',
      trusting(account, { Condition: { StringEquals: { 'aws:PrincipalTag/team': 'web' } } }),
      mayAssume(),
      {},
      true,
    ],
    [
      'another tag',
      trusting(account, { Condition: { StringEquals: { 'aws:PrincipalTag/team': 'db' } } }),
      mayAssume(),
      {},
      denied,
    ],
    [
      'MFA, without',
      trusting(dale, { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }),
      null,
      {},
      denied,
    ],
    [
      'MFA, with the code of a device',
      trusting(dale, { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }),
      null,
      { SerialNumber: `${own}mfa/phone`, TokenCode: '123456' },
      true,
    ],
    [
      "MFA, with somebody else's device",
      trusting(dale),
      null,
      { SerialNumber: `${own}mfa/other`, TokenCode: '123456' },
      {
        Code: 'AccessDenied',
        message:
          'MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.',
      },
    ],
    [
      'MFA, without the code',
      trusting(dale),
      null,
      { SerialNumber: `${own}mfa/phone` },
      {
        Code: 'AccessDenied',
        message:
          'MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.',
      },
    ],
    [
      'a source identity that may not be set',
      trusting(dale),
      null,
      { SourceIdentity: 'dale' },
      { Code: 'AccessDenied', message: denied.message.replace('AssumeRole', 'SetSourceIdentity') },
    ],
    [
      'a source identity',
      trusting(dale, { Action: ['sts:AssumeRole', 'sts:SetSourceIdentity'] }),
      null,
      { SourceIdentity: 'dale' },
      true,
    ],
    [
      'tags that may not be passed',
      trusting(dale),
      null,
      { Tags: [{ Key: 'a', Value: 'b' }] },
      { Code: 'AccessDenied', message: denied.message.replace('AssumeRole', 'TagSession') },
    ],
    ['tags', trusting(dale, { Action: 'sts:*' }), null, { Tags: [{ Key: 'a', Value: 'b' }] }, true],
    [
      'no ARN',
      trusting(dale),
      null,
      { RoleArn: 'arn:aws:iam:role/deployer' },
      { Code: 'ValidationError', message: 'arn:aws:iam:role/deployer is invalid' },
    ],
  ])('%s', async (_, trust, userPolicy, fields, expected) => {
    const { sandbox, client } = await stage();
    sandbox.call('TagUser', { UserName: 'dale', Tags: [{ Key: 'team', Value: 'web' }] });
    sandbox.call('CreateVirtualMFADevice', { VirtualMFADeviceName: 'phone' });
    sandbox.call('EnableMFADevice', {
      UserName: 'dale',
      SerialNumber: `${own}mfa/phone`,
      AuthenticationCode1: '123456',
      AuthenticationCode2: '654321',
    });
    deployer(sandbox, trust);
    if (userPolicy !== null) put(sandbox, userPolicy);
    const outcome = await client.send(asked(fields)).then(
      () => true,
      (error: unknown) => error,
    );
    expect([outcome]).toMatchObject([expected]);
  });

  it('needs a trust of the operator, too', async () => {
    const { sandbox } = await sandboxFor();
    deployer(sandbox, trusting(account));
    await expect(stsOf(sandbox).send(asked())).resolves.toBeDefined();
    sandbox.call('UpdateAssumeRolePolicy', {
      RoleName: 'deployer',
      PolicyDocument: trusting({ Service: 'ec2.amazonaws.com' }),
    });
    await expect(stsOf(sandbox).send(asked())).rejects.toMatchObject({ Code: 'AccessDenied' });
  });

  it('an explicit deny of the trust counts', async () => {
    const { sandbox, client } = await stage();
    const statement = (Effect: string, Principal: object) => ({
      Effect,
      Principal,
      Action: 'sts:AssumeRole',
    });
    deployer(
      sandbox,
      JSON.stringify({
        Version: '2012-10-17',
        Statement: [statement('Allow', dale), statement('Deny', account)],
      }),
    );
    await expect(client.send(asked())).rejects.toMatchObject(denied);
  });

  it('somebody made anew under the name of a named user is somebody else', async () => {
    const { sandbox } = await sandboxFor();
    const first = userWithKey(sandbox, 'dale');
    deployer(sandbox, trusting(dale));
    sandbox.call('DeleteAccessKey', { UserName: 'dale', AccessKeyId: first.accessKeyId });
    sandbox.call('DeleteUser', { UserName: 'dale' });
    const again = userWithKey(sandbox, 'dale');
    await expect(stsOf(sandbox, again).send(asked())).rejects.toMatchObject(denied);
  });
});

describe('how long a session lasts', () => {
  it('an hour unless asked, and as long as the role lets it', async () => {
    const { sandbox, client, clock } = await stage();
    deployer(sandbox, trusting(dale), { MaxSessionDuration: 7200 });
    const { Credentials } = await client.send(asked({ DurationSeconds: 7200 }));
    expect(Credentials!.Expiration).toEqual(new Date('2026-03-01T14:00:00Z'));
    await expect(client.send(asked({ DurationSeconds: 7201 }))).rejects.toMatchObject({
      Code: 'ValidationError',
      message: 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    });
    await expect(client.send(asked({ DurationSeconds: 899 }))).rejects.toMatchObject({
      Code: 'ValidationError',
      message: expect.stringContaining('Member must have value greater than or equal to 900'),
    });
    const session = stsOf(sandbox, keysOf(Credentials));
    const who = new sts.GetCallerIdentityCommand({});
    clock.advance(7_199_000);
    await session.send(who);
    clock.advance(1000);
    await expect(session.send(who)).rejects.toMatchObject({
      Code: 'ExpiredToken',
      message: 'The security token included in the request is expired',
      $metadata: { httpStatusCode: 403 },
    });
  });

  it('an hour at most from another session', async () => {
    const { sandbox, client } = await stage();
    deployer(sandbox, trusting(dale));
    sandbox.call('CreateRole', {
      RoleName: 'second',
      MaxSessionDuration: 43_200,
      AssumeRolePolicyDocument: trusting({ AWS: RoleArn }),
    });
    const { Credentials } = await client.send(asked());
    const second = { RoleArn: `${own}role/second`, RoleSessionName: 'night' };
    const session = stsOf(sandbox, keysOf(Credentials));
    await expect(
      session.send(new sts.AssumeRoleCommand({ ...second, DurationSeconds: 3601 })),
    ).rejects.toMatchObject({
      Code: 'ValidationError',
      message:
        'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    });
    await expect(session.send(new sts.AssumeRoleCommand(second))).resolves.toBeDefined();
  });
});

/** Opens a session of the deployer and gives clients on it. */
async function session(
  fields: Partial<sts.AssumeRoleCommandInput> = {},
  options = {},
  trust = trusting(dale),
) {
  const made = await stage(options);
  deployer(made.sandbox, trust);
  const { Credentials, ...answer } = await made.client.send(asked(fields));
  const keys = keysOf(Credentials);
  return { ...made, answer, keys, iam: iamOf(made.sandbox, keys), sts: stsOf(made.sandbox, keys) };
}

const allow = (sandbox: Pick<Sandbox, 'call'>, PolicyName: string, PolicyDocument: string): unknown =>
  sandbox.call('PutRolePolicy', { RoleName: 'deployer', PolicyName, PolicyDocument });
const list = new iam.ListUsersCommand({});
const sessionArn = 'arn:aws:sts::123456789012:assumed-role/deployer/night';
const mayNot = (because: string): object => ({
  Code: 'AccessDenied',
  message: `User: ${sessionArn} is not authorized to perform: iam:ListUsers on resource: ${own}user/ ${because}`,
});

describe('a session may do what its role may', () => {
  it.each([true, false])('whether or not users are judged (enforce: %s)', async (enforce) => {
    const { sandbox, iam: client } = await session({}, { enforce });
    await expect(client.send(list)).rejects.toMatchObject(
      mayNot('because no identity-based policy allows the iam:ListUsers action'),
    );
    allow(sandbox, 'p', policy('Allow', 'iam:List*'));
    await expect(client.send(list)).resolves.toBeDefined();
    allow(sandbox, 'q', policy('Deny', '*'));
    await expect(client.send(list)).rejects.toMatchObject(
      mayNot('with an explicit deny in an identity-based policy'),
    );
  });

  it('within its boundary', async () => {
    const { sandbox, iam: client } = await session();
    allow(sandbox, 'p', policy('Allow', '*'));
    sandbox.call('CreatePolicy', { PolicyName: 'b', PolicyDocument: policy('Allow', 's3:*') });
    const PermissionsBoundary = `${own}policy/b`;
    sandbox.call('PutRolePermissionsBoundary', { RoleName: 'deployer', PermissionsBoundary });
    await expect(client.send(list)).rejects.toMatchObject(
      mayNot('because no permissions boundary allows the iam:ListUsers action'),
    );
  });

  it('and what its session policies say', async () => {
    const { sandbox, iam: client, answer } = await session({ Policy: policy('Allow', 'iam:ListUsers') });
    allow(sandbox, 'p', policy('Allow', 'iam:*'));
    expect(answer.PackedPolicySize).toBeGreaterThan(0);
    await expect(client.send(list)).resolves.toBeDefined();
    await expect(client.send(new iam.ListGroupsCommand({}))).rejects.toMatchObject({
      message: expect.stringContaining('because no session policy allows the iam:ListGroups action'),
    });
  });

  it('which may be managed ones', async () => {
    const arn = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
    const { sandbox, iam: client } = await session({ PolicyArns: [{ arn }] });
    allow(sandbox, 'p', policy('Allow', 'iam:*'));
    await expect(client.send(list)).rejects.toMatchObject(
      mayNot('because no session policy allows the iam:ListUsers action'),
    );
  });

  it.each<[string, Partial<sts.AssumeRoleCommandInput>, string]>([
    ['no JSON', { Policy: '{' }, 'MalformedPolicyDocument'],
    [
      'too large',
      { Policy: policy('Allow', 's3:Get*', [`arn:aws:s3:::${'x'.repeat(2048)}`]) },
      'PackedPolicyTooLarge',
    ],
    ['not there', { PolicyArns: [{ arn: `${own}policy/none` }] }, 'ValidationError'],
  ])('a session policy that is %s is refused', async (_, fields, Code) => {
    const { sandbox, client } = await stage();
    deployer(sandbox, trusting(dale));
    await expect(client.send(asked(fields))).rejects.toMatchObject({ Code });
  });

  it('until its sessions are revoked: older ones end, newer ones work', async () => {
    const { sandbox, client, iam: old, clock } = await session();
    allow(sandbox, 'p', policy('Allow', 'iam:*'));
    await old.send(list);
    clock.advance(60_000);
    allow(
      sandbox,
      'AWSRevokeOlderSessions',
      JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Deny',
            Action: ['*'],
            Resource: ['*'],
            Condition: { DateLessThan: { 'aws:TokenIssueTime': '2026-03-01T12:01:00.000Z' } },
          },
        ],
      }),
    );
    await expect(old.send(list)).rejects.toMatchObject(
      mayNot('with an explicit deny in an identity-based policy'),
    );
    const { Credentials } = await client.send(asked());
    await expect(iamOf(sandbox, keysOf(Credentials)).send(list)).resolves.toBeDefined();
  });

  it.each([
    ['aws:PrincipalArn', 'ArnEquals', RoleArn],
    ['aws:PrincipalType', 'StringEquals', 'AssumedRole'],
    ['aws:PrincipalTag/team', 'StringEquals', 'web'],
    ['aws:PrincipalTag/stage', 'StringEquals', 'prod'],
    ['aws:userid', 'StringLike', 'AROA*:night'],
    ['aws:SourceIdentity', 'StringEquals', 'dale'],
    ['aws:MultiFactorAuthPresent', 'Bool', 'false'],
  ])('and by %s of its session', async (key, operator, value) => {
    const { sandbox, iam: client } = await session(
      { Tags: [{ Key: 'stage', Value: 'prod' }], SourceIdentity: 'dale' },
      {},
      trusting(dale, { Action: 'sts:*' }),
    );
    sandbox.call('TagRole', {
      RoleName: 'deployer',
      Tags: [
        { Key: 'team', Value: 'web' },
        { Key: 'stage', Value: 'dev' },
      ],
    });
    const when = (expected: string): string =>
      JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: '*', Resource: '*', Condition: { [operator]: { [key]: expected } } },
        ],
      });
    // To Bool all but true is false.
    allow(sandbox, 'p', when(operator === 'Bool' ? 'true' : 'arn:aws:iam::123456789012:role/else'));
    await expect(client.send(list)).rejects.toMatchObject({ Code: 'AccessDenied' });
    allow(sandbox, 'p', when(value));
    await expect(client.send(list)).resolves.toBeDefined();
  });

  it.each<[string, 'Allow' | 'Deny', object, boolean]>([
    ['allowed to equal one', 'Allow', { StringEquals: { 'aws:username': 'lorax' } }, false],
    ['allowed to be absent', 'Allow', { Null: { 'aws:username': 'true' } }, true],
    ['allowed to be unlike every one', 'Allow', { StringNotLike: { 'aws:username': '*' } }, true],
    ['allowed if there', 'Allow', { StringEqualsIfExists: { 'aws:username': 'lorax' } }, true],
    ['denied to equal one', 'Deny', { StringEquals: { 'aws:username': 'lorax' } }, true],
    ['denied to be like any', 'Deny', { StringLike: { 'aws:username': '*' } }, true],
    ['denied to be there', 'Deny', { Null: { 'aws:username': 'false' } }, true],
    ['denied to be unlike one', 'Deny', { StringNotEquals: { 'aws:username': 'lorax' } }, false],
  ])('and has no name of a user: %s', async (_, Effect, Condition, expected) => {
    const { sandbox, iam: client } = await session();
    const any = { Effect: 'Allow', Action: '*', Resource: '*' };
    const Statement = [...(Effect === 'Deny' ? [any] : []), { ...any, Effect, Condition }];
    allow(sandbox, 'p', JSON.stringify({ Version: '2012-10-17', Statement }));
    const outcome = await client.send(list).then(
      () => true,
      (error: { Code?: string }) => error.Code !== 'AccessDenied',
    );
    expect(outcome).toBe(expected);
    const { EvaluationResults } = sandbox.call('SimulatePrincipalPolicy', {
      PolicySourceArn: RoleArn,
      ActionNames: ['iam:ListUsers'],
    });
    expect(EvaluationResults![0]!.EvalDecision === 'allowed').toBe(expected);
  });

  it.each([
    'aws:MultiFactorAuthAge',
    'aws:SourceIdentity',
    'aws:FederatedProvider',
    'aws:PrincipalTag/team',
    'aws:PrincipalServiceName',
    'aws:SourceArn',
    'ec2:RoleDelivery',
  ])('and has no %s unless something gave it one', async (key) => {
    const { sandbox, iam: client } = await session();
    allow(sandbox, 'p', policy('Allow', '*'));
    const deny = { Effect: 'Deny', Action: '*', Resource: '*', Condition: { StringLike: { [key]: '*' } } };
    allow(sandbox, 'q', JSON.stringify({ Version: '2012-10-17', Statement: [deny] }));
    await expect(client.send(list)).resolves.toBeDefined();
  });

  it('and is no user', async () => {
    const { sandbox, iam: client } = await session();
    allow(sandbox, 'p', policy('Allow', 'iam:*'));
    await expect(client.send(new iam.ListAccessKeysCommand({}))).rejects.toMatchObject({
      Code: 'ValidationError',
      message: 'Must specify userName when calling with non-User credentials',
    });
  });
});

describe('roles that open roles', () => {
  const second = { RoleArn: `${own}role/second`, RoleSessionName: 'two' };
  const chain = async (principal: object | string, boundary: boolean, fields = {}) => {
    const made = await session(fields, {}, trusting(dale, { Action: 'sts:*' }));
    const { sandbox } = made;
    sandbox.call('CreateRole', {
      RoleName: 'second',
      AssumeRolePolicyDocument: trusting(principal, { Action: 'sts:*' }),
    });
    sandbox.call('CreatePolicy', { PolicyName: 'b', PolicyDocument: policy('Allow', 's3:*') });
    const PermissionsBoundary = `${own}policy/b`;
    if (boundary) sandbox.call('PutRolePermissionsBoundary', { RoleName: 'deployer', PermissionsBoundary });
    return made;
  };
  it.each([
    ['a named role', { AWS: RoleArn }, false, true],
    ['a named role within a boundary that is silent', { AWS: RoleArn }, true, false],
    ['a named session within a boundary that is silent', { AWS: sessionArn }, true, true],
    ['a named session of another name', { AWS: sessionArn.replace('night', 'day') }, false, false],
    ['an account', { AWS: '123456789012' }, false, false],
  ] as const)('%s', async (_, principal, boundary, expected) => {
    const { sts: client } = await chain(principal, boundary);
    const outcome = await client.send(new sts.AssumeRoleCommand(second)).then(
      () => true,
      (error: { Code?: string }) => error.Code !== 'AccessDenied',
    );
    expect(outcome).toBe(expected);
  });

  it('a trust that denies a user denies no role', async () => {
    const { sandbox, sts: client } = await chain({ AWS: RoleArn }, false);
    const statement = (Effect: string, fields = {}) => ({
      Effect,
      Principal: { AWS: RoleArn },
      Action: 'sts:AssumeRole',
      ...fields,
    });
    const deny = (Condition: object): unknown =>
      sandbox.call('UpdateAssumeRolePolicy', {
        RoleName: 'second',
        PolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: [statement('Allow'), statement('Deny', { Condition })],
        }),
      });
    deny({ StringEquals: { 'aws:username': 'lorax' } });
    await expect(client.send(new sts.AssumeRoleCommand(second))).resolves.toBeDefined();
    deny({ Null: { 'aws:username': 'true' } });
    await expect(client.send(new sts.AssumeRoleCommand(second))).rejects.toMatchObject({
      Code: 'AccessDenied',
    });
  });

  it('a role does not trust itself unless it says so', async () => {
    const { sandbox, sts: client } = await session();
    allow(sandbox, 'p', policy('Allow', '*'));
    await expect(client.send(asked())).rejects.toMatchObject({ Code: 'AccessDenied' });
    sandbox.call('UpdateAssumeRolePolicy', {
      RoleName: 'deployer',
      PolicyDocument: trusting({ AWS: RoleArn }),
    });
    await expect(client.send(asked())).resolves.toBeDefined();
  });

  it('transitive tags go along, and cannot be set again', async () => {
    const tags = {
      Tags: [
        { Key: 'Team', Value: 'web' },
        { Key: 'x', Value: 'y' },
      ],
      TransitiveTagKeys: ['Team'],
    };
    const { sandbox, sts: client } = await chain({ AWS: RoleArn }, false, tags);
    const refused = {
      Code: 'InvalidParameterValue',
      message: expect.stringContaining('conflicts with a transitive tag key'),
    };
    await expect(
      client.send(new sts.AssumeRoleCommand({ ...second, Tags: [{ Key: 'team', Value: 'db' }] })),
    ).rejects.toMatchObject(refused);
    const { Credentials } = await client.send(new sts.AssumeRoleCommand(second));
    sandbox.call('PutRolePolicy', {
      RoleName: 'second',
      PolicyName: 'p',
      PolicyDocument: policy('Allow', 'iam:*', `${own}user/\${aws:PrincipalTag/team}`),
    });
    const user = (UserName: string): Promise<unknown> =>
      iamOf(sandbox, keysOf(Credentials)).send(new iam.CreateUserCommand({ UserName }));
    await expect(user('web')).resolves.toBeDefined();
    await expect(user('y')).rejects.toMatchObject({ Code: 'AccessDenied' });
  });

  const given = {
    SourceIdentity: 'dale',
    Tags: [{ Key: 'Team', Value: 'web' }],
    TransitiveTagKeys: ['Team'],
  };
  it.each([
    ['sts:SetSourceIdentity', { SourceIdentity: given.SourceIdentity }],
    ['sts:TagSession', { Tags: given.Tags, TransitiveTagKeys: given.TransitiveTagKeys }],
  ])('what is passed on needs %s in the trust and in the policies of the caller', async (action, fields) => {
    const { sandbox, sts: client } = await chain({ AWS: RoleArn }, false, fields);
    const open = (): Promise<unknown> => client.send(new sts.AssumeRoleCommand(second));
    const trusts = (principal: object, Action: string[]): unknown =>
      sandbox.call('UpdateAssumeRolePolicy', {
        RoleName: 'second',
        PolicyDocument: trusting(principal, { Action }),
      });
    const refused = {
      Code: 'AccessDenied',
      message: `User: ${sessionArn} is not authorized to perform: ${action} on resource: ${second.RoleArn}`,
    };
    await expect(open()).resolves.toBeDefined();
    trusts({ AWS: RoleArn }, ['sts:AssumeRole']);
    await expect(open()).rejects.toMatchObject(refused);
    trusts(account, ['sts:AssumeRole', action]);
    allow(sandbox, 'p', policy('Allow', 'sts:AssumeRole'));
    await expect(open()).rejects.toMatchObject(refused);
    allow(sandbox, 'p', policy('Allow', ['sts:AssumeRole', action]));
    await expect(open()).resolves.toBeDefined();
  });

  it('tags that are not transitive need no permission of the next role', async () => {
    const { sandbox, sts: client } = await chain({ AWS: RoleArn }, false, { Tags: given.Tags });
    const PolicyDocument = trusting({ AWS: RoleArn });
    sandbox.call('UpdateAssumeRolePolicy', { RoleName: 'second', PolicyDocument });
    await expect(client.send(new sts.AssumeRoleCommand(second))).resolves.toBeDefined();
  });

  it('a source identity goes along, and cannot be changed', async () => {
    const { sts: client } = await chain({ AWS: RoleArn }, false, { SourceIdentity: 'dale' });
    for (const fields of [{}, { SourceIdentity: 'dale' }]) {
      await expect(client.send(new sts.AssumeRoleCommand({ ...second, ...fields }))).resolves.toMatchObject({
        SourceIdentity: 'dale',
      });
    }
    await expect(
      client.send(new sts.AssumeRoleCommand({ ...second, SourceIdentity: 'lorax' })),
    ).rejects.toMatchObject({
      Code: 'AccessDenied',
      message: `User: ${sessionArn} is not authorized to perform: sts:SetSourceIdentity on resource: ${second.RoleArn}`,
    });
  });

  const reserved = {
    Code: 'InvalidParameterValue',
    message: 'Caller does not have permission to create tags with reserved prefix aws:',
  };
  it.each(['aws:team', 'AWS:team'])('a tag %s is refused, which is reserved', async (Key) => {
    const Tags = [{ Key, Value: 'web' }];
    const { sandbox, client } = await stage();
    deployer(sandbox, trusting(dale, { Action: 'sts:*' }));
    put(sandbox, mayAssume());
    await expect(client.send(asked({ Tags }))).rejects.toMatchObject(reserved);
    await expect(
      client.send(new sts.GetFederationTokenCommand({ Name: 'guest', Tags })),
    ).rejects.toMatchObject(reserved);
  });

  it.each([
    [
      'a key twice',
      {
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'A', Value: '2' },
        ],
      },
      'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    ],
    [
      'a transitive key that is no tag',
      { Tags: [], TransitiveTagKeys: ['a'] },
      'The specified transitive tag key must be included in the requested tags.',
    ],
  ])('%s is refused', async (_, fields, message) => {
    const { sandbox, client } = await stage();
    deployer(sandbox, trusting(dale, { Action: 'sts:*' }));
    await expect(client.send(asked(fields))).rejects.toMatchObject({
      Code: 'InvalidParameterValue',
      message,
    });
  });
});

describe('the keys of a session are checked', () => {
  const who = new sts.GetCallerIdentityCommand({});
  const invalid = {
    Code: 'InvalidClientTokenId',
    message: 'The security token included in the request is invalid.',
  };
  it('its secret', async () => {
    const { sandbox, keys } = await session();
    const client = stsOf(sandbox, { ...keys, secretAccessKey: 'x'.repeat(40) });
    await expect(client.send(who)).rejects.toMatchObject({ Code: 'SignatureDoesNotMatch' });
  });

  it('its token', async () => {
    const { sandbox, keys, client } = await session();
    const other = keysOf((await client.send(asked())).Credentials);
    for (const sessionToken of [other.sessionToken!, 'AAAA', keys.sessionToken!.replace(/.{4}$/, 'AAAA')])
      await expect(stsOf(sandbox, { ...keys, sessionToken }).send(who)).rejects.toMatchObject(invalid);
    const { sessionToken: _, ...without } = keys;
    await expect(stsOf(sandbox, without).send(who)).rejects.toMatchObject(invalid);
  });

  it('whether its role is there, though another has its name', async () => {
    const { sandbox, sts: client } = await session();
    sandbox.call('DeleteRole', { RoleName: 'deployer' });
    deployer(sandbox, trusting(dale));
    await expect(client.send(who)).rejects.toMatchObject(invalid);
  });

  it('and noted with the role, of which IAM says so', async () => {
    const { sandbox, sts: client } = await session();
    const last = (): unknown => sandbox.call('GetRole', { RoleName: 'deployer' }).Role!.RoleLastUsed;
    expect(last()).toEqual({});
    await client.send(who);
    expect(last()).toEqual({ LastUsedDate: new Date('2026-03-01T12:00:00Z'), Region: 'us-east-1' });
    const { RoleDetailList } = sandbox.call('GetAccountAuthorizationDetails', {});
    expect(RoleDetailList![0]!.RoleLastUsed).toEqual(last());
  });
});

const whenMfa = (value: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: '*',
        Resource: '*',
        Condition: { Bool: { 'aws:MultiFactorAuthPresent': value } },
      },
    ],
  });

describe('GetSessionToken', () => {
  const open = new sts.GetSessionTokenCommand({});
  const device = { SerialNumber: `${own}mfa/phone`, TokenCode: '123456' };
  const withPhone = async () => {
    const made = await stage({ enforce: false });
    made.sandbox.call('CreateVirtualMFADevice', { VirtualMFADeviceName: 'phone' });
    made.sandbox.call('EnableMFADevice', {
      UserName: 'dale',
      SerialNumber: device.SerialNumber,
      AuthenticationCode1: '123456',
      AuthenticationCode2: '654321',
    });
    return made;
  };

  it('gives twelve hours as the user, who may not call IAM', async () => {
    const { sandbox, client } = await withPhone();
    const { Credentials } = await client.send(open);
    expect(Credentials!.Expiration).toEqual(new Date('2026-03-02T00:00:00Z'));
    const keys = keysOf(Credentials);
    expect(await stsOf(sandbox, keys).send(new sts.GetCallerIdentityCommand({}))).toMatchObject({
      Arn: `${own}user/dale`,
      UserId: sandbox.state.users.find('dale')!.id,
    });
    await expect(iamOf(sandbox, keys).send(list)).rejects.toMatchObject({ Code: 'InvalidClientTokenId' });
    await expect(stsOf(sandbox, keys).send(open)).rejects.toMatchObject({
      Code: 'AccessDenied',
      message: 'Cannot call GetSessionToken with session credentials',
    });
  });

  it('with MFA may call IAM, and open roles that want it', async () => {
    const { sandbox, client } = await withPhone();
    deployer(sandbox, trusting(dale, { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }));
    const { Credentials } = await client.send(new sts.GetSessionTokenCommand(device));
    const keys = keysOf(Credentials);
    await expect(iamOf(sandbox, keys).send(list)).resolves.toBeDefined();
    const { Credentials: role } = await stsOf(sandbox, keys).send(asked());
    await expect(client.send(asked())).rejects.toMatchObject(denied);
    // The session of the role does not have it.
    allow(sandbox, 'p', whenMfa('true'));
    await expect(iamOf(sandbox, keysOf(role)).send(list)).rejects.toMatchObject({ Code: 'AccessDenied' });
    allow(sandbox, 'p', whenMfa('false'));
    await expect(iamOf(sandbox, keysOf(role)).send(list)).resolves.toBeDefined();
  });

  it('ends with the user', async () => {
    const { sandbox, client, keys } = await stage();
    const { Credentials } = await client.send(open);
    sandbox.call('DeleteAccessKey', { UserName: 'dale', AccessKeyId: keys.accessKeyId });
    const session = stsOf(sandbox, keysOf(Credentials));
    const who = new sts.GetCallerIdentityCommand({});
    // The key may go before its sessions do: they are the user's.
    await expect(session.send(who)).resolves.toBeDefined();
    sandbox.call('DeleteUser', { UserName: 'dale' });
    await expect(session.send(who)).rejects.toMatchObject({ Code: 'InvalidClientTokenId' });
  });

  it('is not for the session of a role', async () => {
    const { sts: client } = await session();
    await expect(client.send(open)).rejects.toMatchObject({
      message: 'Cannot call GetSessionToken with session credentials',
    });
  });
});

describe('GetFederationToken', () => {
  const asGuest = new sts.GetFederationTokenCommand({ Name: 'guest', Policy: policy('Allow', 'iam:*') });
  const arn = 'arn:aws:sts::123456789012:federated-user/guest';

  it('gives twelve hours to somebody who may call neither IAM nor STS', async () => {
    const { sandbox, client } = await stage();
    put(sandbox, policy('Allow', '*'));
    const { Credentials, FederatedUser } = await client.send(asGuest);
    expect(FederatedUser).toEqual({ Arn: arn, FederatedUserId: '123456789012:guest' });
    expect(Credentials!.Expiration).toEqual(new Date('2026-03-02T00:00:00Z'));
    const keys = keysOf(Credentials);
    expect(await stsOf(sandbox, keys).send(new sts.GetCallerIdentityCommand({}))).toMatchObject({
      Arn: arn,
      UserId: '123456789012:guest',
    });
    await expect(iamOf(sandbox, keys).send(list)).rejects.toMatchObject({ Code: 'InvalidClientTokenId' });
    await expect(stsOf(sandbox, keys).send(asked())).rejects.toMatchObject({
      message: 'Cannot call AssumeRole with session credentials',
    });
  });

  it('needs a policy of the user, and is not for sessions', async () => {
    const { client, sts: opened } = await session();
    await expect(client.send(asGuest)).rejects.toMatchObject({
      Code: 'AccessDenied',
      message: `User: ${own}user/dale is not authorized to perform: sts:GetFederationToken on resource: ${arn} because no identity-based policy allows the sts:GetFederationToken action`,
    });
    await expect(opened.send(asGuest)).rejects.toMatchObject({
      message: 'Cannot call GetFederationToken with session credentials',
    });
  });
});

it('GetAccessKeyInfo tells the account of a key', async () => {
  const { sandbox, keys } = await session();
  for (const AccessKeyId of [keys.accessKeyId, 'AKIAIOSFODNN7EXAMPLE'])
    expect(await stsOf(sandbox).send(new sts.GetAccessKeyInfoCommand({ AccessKeyId }))).toMatchObject({
      Account: '123456789012',
    });
});

it('operations of STS that are missing say so', async () => {
  const { sandbox } = await sandboxFor();
  await expect(
    stsOf(sandbox).send(new sts.DecodeAuthorizationMessageCommand({ EncodedMessage: 'x' })),
  ).rejects.toMatchObject({
    Code: 'NotImplemented',
    message: expect.stringContaining('DecodeAuthorizationMessage is an operation of STS'),
  });
});

it('sessions outlive a restart of the sandbox', async () => {
  const { sandbox, keys } = await session();
  const again = await sandboxFor({ clock: manualClock() });
  again.sandbox.state.roles.put(sandbox.state.roles.find('deployer')!);
  await expect(stsOf(again.sandbox, keys).send(new sts.GetCallerIdentityCommand({}))).resolves.toMatchObject({
    Arn: sessionArn,
  });
});
