import { generateKeyPairSync, sign } from 'node:crypto';
import * as iam from '@aws-sdk/client-iam';
import * as sts from '@aws-sdk/client-sts';
import { assert, asyncProperty, constantFrom, dictionary, jsonValue, oneof, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { manualClock, policy, sandboxFor } from './helpers.ts';
import { iamOf, keysOf, own, stsOf, trusting } from './sts.ts';

const issuer = 'https://token.actions.githubusercontent.com';
const address = 'token.actions.githubusercontent.com';
const provider = `${own}oidc-provider/${address}`;
const sub = 'repo:acme/web:ref:refs/heads/main';
const RoleArn = `${own}role/ci/web-deploy`;

const github = (Condition: object, Action: string | string[] = 'sts:AssumeRoleWithWebIdentity'): string =>
  trusting({ Federated: provider }, { Condition, Action });
const bySub = { StringLike: { [`${address}:sub`]: 'repo:acme/web:*' } };

/** An account that trusts GitHub's tokens of a repository, as of March 1, 2026, noon. */
async function stage({
  trust = github(bySub),
  issuers = {},
}: { trust?: string; issuers?: Record<string, string> } = {}) {
  const clock = manualClock();
  const { sandbox } = await sandboxFor({ clock, issuers });
  sandbox.call('CreateOpenIDConnectProvider', { Url: issuer, ClientIDList: ['sts.amazonaws.com'] });
  sandbox.call('CreateRole', { RoleName: 'web-deploy', Path: '/ci/', AssumeRolePolicyDocument: trust });
  const assume = (WebIdentityToken: string, fields = {}): Promise<sts.AssumeRoleWithWebIdentityResponse> =>
    // Whoever calls has no keys of AWS.
    stsOf(sandbox, { accessKeyId: 'none', secretAccessKey: 'none' }).send(
      new sts.AssumeRoleWithWebIdentityCommand({
        RoleArn,
        RoleSessionName: 'web',
        WebIdentityToken,
        ...fields,
      }),
    );
  return { sandbox, clock, assume };
}

const notTrusted = {
  Code: 'AccessDenied',
  message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity',
  $metadata: { httpStatusCode: 403 },
};
const badToken = (message: string): object => ({
  Code: 'InvalidIdentityToken',
  message,
  $metadata: { httpStatusCode: 400 },
});

describe('AssumeRoleWithWebIdentity', () => {
  it('opens a session of the role, with which its policies count', async () => {
    const { sandbox, assume } = await stage();
    const answer = await assume(sandbox.token({ sub }));
    const Arn = 'arn:aws:sts::123456789012:assumed-role/web-deploy/web';
    expect(answer).toMatchObject({
      SubjectFromWebIdentityToken: sub,
      AssumedRoleUser: { Arn },
      Provider: provider,
      Audience: 'sts.amazonaws.com',
    });
    const client = iamOf(sandbox, keysOf(answer.Credentials));
    const list = new iam.ListUsersCommand({});
    await expect(client.send(list)).rejects.toMatchObject({ Code: 'AccessDenied' });
    sandbox.call('PutRolePolicy', {
      RoleName: 'web-deploy',
      PolicyName: 'p',
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: 'iam:*',
            Resource: '*',
            Condition: { StringEquals: { 'aws:FederatedProvider': provider } },
          },
        ],
      }),
    });
    await expect(client.send(list)).resolves.toBeDefined();
    expect(sandbox.journal.map(({ op, caller }) => [op, caller.arn]).slice(-1)).toEqual([['ListUsers', Arn]]);
    expect(JSON.stringify(sandbox.journal)).not.toContain(sandbox.token({ sub }).slice(0, 40));
  });

  it.each<[string, Record<string, unknown>, object]>([
    ['no subject', {}, badToken('Missing a required claim: sub')],
    ['another audience', { sub, aud: 'acme' }, badToken('Incorrect token audience')],
    ['no audience', { sub, aud: null }, badToken('Missing a required claim: aud')],
    [
      'an issuer without a provider',
      { sub, iss: 'https://gitlab.com' },
      badToken('No OpenIDConnect provider found in your account for https://gitlab.com'),
    ],
    [
      'an end that has passed',
      { sub, exp: Date.parse('2026-03-01T11:55:00Z') / 1000 },
      {
        Code: 'ExpiredTokenException',
        message:
          'Token expired: current date/time 1772366400 must be before the expiration date/time 1772366100',
      },
    ],
    [
      'a beginning that is to come',
      { sub, nbf: 1772370000 },
      badToken('The ID Token provided is not valid yet.'),
    ],
    ['another subject', { sub: 'repo:acme/other:ref:refs/heads/main' }, notTrusted],
  ])('a token with %s is refused', async (_, claims, expected) => {
    const { sandbox, assume } = await stage();
    await expect(assume(sandbox.token(claims))).rejects.toMatchObject(expected);
  });

  it('five minutes after its end a token is still good', async () => {
    const { sandbox, clock, assume } = await stage();
    const token = sandbox.token({ sub });
    clock.advance(599_000);
    await expect(assume(token)).resolves.toBeDefined();
    clock.advance(1000);
    await expect(assume(token)).rejects.toMatchObject({ Code: 'ExpiredTokenException' });
  });

  it.each([
    [
      'both forms of subjects',
      { StringLike: { [`${address}:sub`]: 'repo:acme@*/web@*:*' } },
      { sub: 'repo:acme@1/web@2:ref:refs/heads/main' },
      true,
    ],
    [
      'an environment',
      { StringEquals: { [`${address}:sub`]: 'repo:acme/web:environment:prod' } },
      { sub: 'repo:acme/web:environment:prod' },
      true,
    ],
    ['the audience', { ...bySub, StringEquals: { [`${address}:aud`]: 'sts.amazonaws.com' } }, { sub }, true],
    [
      'the other audience of two',
      { ...bySub, StringEquals: { [`${address}:aud`]: 'acme' } },
      { sub, azp: 'sts.amazonaws.com', aud: 'acme' },
      false,
    ],
    [
      'a claim',
      { ...bySub, StringEquals: { [`${address}:repository_id`]: '42' } },
      { sub, repository_id: 42 },
      true,
    ],
    [
      'a claim that is not there',
      { ...bySub, StringEquals: { [`${address}:repository_id`]: '42' } },
      { sub },
      false,
    ],
    [
      'the name of the session',
      { ...bySub, StringEquals: { 'sts:RoleSessionName': 'other' } },
      { sub },
      false,
    ],
  ] as const)('trusts judge %s', async (_, condition, claims, expected) => {
    const { sandbox, assume } = await stage({ trust: github(condition) });
    const outcome = await assume(sandbox.token(claims)).then(
      () => true,
      (error: { Code?: string }) => error.Code !== 'AccessDenied',
    );
    expect(outcome).toBe(expected);
  });

  it.each([
    ['a role that is not there', { RoleArn: `${own}role/web-deploy` }],
    ['a role that trusts somebody else', { RoleArn: `${own}role/other` }],
  ])('%s', async (_, fields) => {
    const { sandbox, assume } = await stage();
    sandbox.call('CreateRole', {
      RoleName: 'other',
      AssumeRolePolicyDocument: trusting('*', { Action: 'sts:*' }),
    });
    await expect(assume(sandbox.token({ sub }), fields)).rejects.toMatchObject(notTrusted);
  });

  it('as long as the role lets it, and with session policies', async () => {
    const { sandbox, assume } = await stage();
    const token = sandbox.token({ sub });
    await expect(assume(token, { DurationSeconds: 3601 })).rejects.toMatchObject({
      Code: 'ValidationError',
      message: 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    });
    const { Credentials } = await assume(token, { DurationSeconds: 900, Policy: policy('Allow', 's3:*') });
    expect(Credentials!.Expiration).toEqual(new Date('2026-03-01T12:15:00Z'));
    sandbox.call('PutRolePolicy', {
      RoleName: 'web-deploy',
      PolicyName: 'p',
      PolicyDocument: policy('Allow', 'iam:*'),
    });
    await expect(
      iamOf(sandbox, keysOf(Credentials)).send(new iam.ListUsersCommand({})),
    ).rejects.toMatchObject({ message: expect.stringContaining('no session policy allows') });
  });

  it('tags in the token need a trust that lets them be passed', async () => {
    const claims = { sub, 'https://aws.amazon.com/tags': { principal_tags: { team: ['web'] } } };
    const first = await stage();
    await expect(first.assume(first.sandbox.token(claims))).rejects.toMatchObject({
      Code: 'AccessDenied',
      message: 'Not authorized to perform sts:TagSession',
    });
    const { sandbox, assume } = await stage({
      trust: github(bySub, ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession']),
    });
    await expect(assume(sandbox.token(claims))).resolves.toBeDefined();
  });
});

describe('signatures of tokens', () => {
  const noToken = badToken(
    'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
  );
  const notSigned = badToken(
    'The web identity token that was passed could not be validated by AWS. Get a new identity token from the identity provider and then retry the request.',
  );
  const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const changed = (token: string, part: 0 | 1, fields: object): string => {
    const parts = token.split('.');
    const before = JSON.parse(Buffer.from(parts[part]!, 'base64url').toString()) as object;
    parts[part] = encoded({ ...before, ...fields });
    return parts.join('.');
  };

  it.each<[string, (token: string) => string, object]>([
    ['no JWT', () => 'abcd', noToken],
    ['parts that are no JSON', () => 'abcd.efgh.ijkl', noToken],
    ['claims that were changed', (token) => changed(token, 1, { sub: 'repo:acme/web:x' }), notSigned],
    ['no signature', (token) => token.replace(/\.[^.]*$/, '.'), notSigned],
    [
      'none as its algorithm',
      (token) => changed(token, 0, { alg: 'none' }).replace(/\.[^.]*$/, '.'),
      notSigned,
    ],
    [
      'another key',
      (token) => changed(token, 0, { kid: 'other' }),
      badToken(
        "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
      ),
    ],
  ])('%s', async (_, forge, expected) => {
    const { sandbox, assume } = await stage();
    await expect(assume(forge(sandbox.token({ sub })))).rejects.toMatchObject(expected);
  });

  it('an issuer with a key of its own signs alone', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const { sandbox, assume } = await stage({ issuers: { [issuer]: pem } });
    const now = Date.parse('2026-03-01T12:00:00Z') / 1000;
    const claims = { iss: issuer, sub, aud: 'sts.amazonaws.com', iat: now, exp: now + 60 };
    const signed = `${encoded({ alg: 'RS256', kid: 'k' })}.${encoded(claims)}`;
    const token = `${signed}.${sign('RSA-SHA256', Buffer.from(signed), privateKey).toString('base64url')}`;
    await expect(assume(token)).resolves.toBeDefined();
    await expect(assume(sandbox.token({ sub }))).rejects.toMatchObject(notSigned);
  });
});

it('whatever a token holds, it is an answer of STS', async () => {
  const { sandbox, assume } = await stage();
  const known = new Set(['InvalidIdentityToken', 'ExpiredTokenException', 'AccessDenied', 'ValidationError']);
  const claim = constantFrom('iss', 'aud', 'azp', 'sub', 'exp', 'iat', 'nbf', 'https://aws.amazon.com/tags');
  const token = oneof(
    string({ minLength: 4 }),
    dictionary(claim, jsonValue({ maxDepth: 2 })).map((claims) => sandbox.token({ sub, ...claims })),
  );
  await assert(
    asyncProperty(token, async (given) => {
      const code = await assume(given).then(
        () => null,
        (error: { Code?: string }) => error.Code,
      );
      return code === null || known.has(code ?? '');
    }),
    { numRuns: 100 },
  );
});

describe('GET /token', () => {
  it('gives a token as GitHub gives it to a workflow', async () => {
    const { sandbox, assume } = await stage();
    const url = `${sandbox.url}/token?sub=${encodeURIComponent(sub)}`;
    const response = await fetch(`${url}&audience=sts.amazonaws.com&environment=prod`, {
      headers: { authorization: 'Bearer anything' },
    });
    const { value } = (await response.json()) as { value: string };
    const claims: unknown = JSON.parse(Buffer.from(value.split('.')[1]!, 'base64url').toString());
    expect(claims).toMatchObject({ iss: issuer, sub, aud: 'sts.amazonaws.com', environment: 'prod' });
    await expect(assume(value)).resolves.toBeDefined();
  });

  it.each([
    ['no subject', '/token', 'A token needs a subject: /token?sub=repo:ORG/REPO:ref:refs/heads/main\n'],
    ['a broken address', '/token?sub=%zz', expect.stringContaining('syntax error')],
  ])('%s', async (_, path, text) => {
    const { sandbox } = await stage();
    const response = await fetch(`${sandbox.url}${path}`);
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
    expect(await response.text()).toEqual(text);
  });
});
