import type { IAMClient } from '@aws-sdk/client-iam';
import * as sdk from '@aws-sdk/client-iam';
import { describe, expect, it } from 'vitest';
import { standingTrust } from '../support/standing.ts';
import { documentOf, sandboxFor } from './helpers.ts';

const own = 'arn:aws:iam::123456789012:';
const naming = (principal: object, rest: object = {}): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole', ...rest }],
  });

const create = (client: IAMClient, document: string): Promise<unknown> =>
  client.send(new sdk.CreateRoleCommand({ RoleName: 'ops', AssumeRolePolicyDocument: document }));

const shown = async (client: IAMClient): Promise<unknown> =>
  documentOf((await client.send(new sdk.GetRoleCommand({ RoleName: 'ops' }))).Role?.AssumeRolePolicyDocument);

describe('principals that IAM refuses, in its words', () => {
  it.each([
    [
      'a user that is not there',
      { AWS: `${own}user/dale` },
      `Invalid principal in policy: "AWS":"${own}user/dale"`,
    ],
    [
      'an id that nobody has',
      { AWS: ['*', 'AROAKSCDLFT9R5DQP782U'] },
      'Invalid principal in policy: "AWS":"AROAKSCDLFT9R5DQP782U"',
    ],
    ['a part of names', { AWS: `${own}role/*` }, `Invalid principal in policy: "AWS":"${own}role/*"`],
    ['a group', { AWS: `${own}group/admins` }, `Invalid principal in policy: "AWS":"${own}group/admins"`],
    [
      'another partition',
      { AWS: 'arn:aws-cn:iam::999999999999:root' },
      'Invalid principal in policy: "AWS":"arn:aws-cn:iam::999999999999:root"',
    ],
    [
      'a service without its name',
      { Service: 'amazonaws.com' },
      'Invalid principal in policy: "SERVICE":"amazonaws.com"',
    ],
    [
      'a provider that is no ARN',
      { Federated: 'https://gitlab.com' },
      'Federated principals must be valid domain names or SAML metadata ARNs',
    ],
  ])('%s', async (_, principal, message) => {
    const { client } = await sandboxFor();
    await expect(create(client, naming(principal))).rejects.toMatchObject({
      Code: 'MalformedPolicyDocument',
      message,
    });
  });
});

describe('principals are kept by id', () => {
  it('and not where a condition names them', async () => {
    const { sandbox, client } = await sandboxFor();
    sandbox.call('CreateUser', { UserName: 'dale' });
    const document = naming(
      { AWS: [`${own}user/dale`, '*'] },
      { Condition: { ArnEquals: { 'aws:PrincipalArn': `${own}user/dale` } } },
    );
    await create(client, document);
    sandbox.call('DeleteUser', { UserName: 'dale' });
    expect(await shown(client)).toMatchObject({
      Statement: [
        {
          Principal: { AWS: [expect.stringMatching(/^AIDA/), '*'] },
          Condition: { ArnEquals: { 'aws:PrincipalArn': `${own}user/dale` } },
        },
      ],
    });
  });

  it('in every list of roles', async () => {
    const { sandbox, client } = await sandboxFor();
    sandbox.call('CreateUser', { UserName: 'dale' });
    await create(client, naming({ AWS: `${own}user/dale` }));
    const trusts = async (): Promise<unknown[]> => {
      const listed = await client.send(new sdk.ListRolesCommand({}));
      const details = await client.send(new sdk.GetAccountAuthorizationDetailsCommand({ Filter: ['Role'] }));
      return [
        documentOf(listed.Roles![0]!.AssumeRolePolicyDocument),
        documentOf(details.RoleDetailList![0]!.AssumeRolePolicyDocument),
      ];
    };
    const [arn, id] = [`${own}user/dale`, sandbox.state.users.find('dale')!.id];
    expect(await trusts()).toEqual(Array<unknown>(2).fill(JSON.parse(naming({ AWS: arn }))));
    sandbox.call('DeleteUser', { UserName: 'dale' });
    expect(await trusts()).toEqual(Array<unknown>(2).fill(JSON.parse(naming({ AWS: id }))));
  });

  it('but the operator, who is no stored user, and sessions by their ARNs', async () => {
    const { client } = await sandboxFor();
    const document = naming({
      AWS: [`${own}user/sandbox-operator`, 'arn:aws:sts::123456789012:assumed-role/web/session'],
    });
    await create(client, document);
    expect(await shown(client)).toEqual(JSON.parse(document));
  });
});

describe('while eventual consistency is simulated', () => {
  it.each([['newHiddenCalls'], ['readsBehindCalls']] as const)(
    'trusts do not know somebody new yet (%s)',
    async (lag) => {
      const { sandbox, client } = await sandboxFor();
      sandbox.faults.consistency = { [lag]: 3 };
      sandbox.call('CreateUser', { UserName: 'dale' });
      const document = naming({ AWS: `${own}user/dale` });
      const codes: unknown[] = [];
      while (codes.at(-1) !== 'made') {
        const code = (error: { Code?: string }): unknown => error.Code;
        codes.push(await create(client, document).then(() => 'made', code));
      }
      expect(new Set(codes)).toEqual(new Set(['MalformedPolicyDocument', 'made']));
      expect(codes.length).toBeLessThan(6);
    },
  );
});

describe('issuers that many organizations share', () => {
  const of = (issuer: string, condition: object): string =>
    naming(
      { Federated: `${own}oidc-provider/${issuer}` },
      { Action: 'sts:AssumeRoleWithWebIdentity', Condition: condition },
    );
  const like = (key: string, value: string | string[]): object => ({ StringLike: { [key]: value } });
  it.each([
    ['gitlab.com', 'sub'],
    ['app.terraform.io', 'sub'],
    ['agent.buildkite.com', 'sub'],
    ['oidc.vercel.com', 'aud'],
    ['api.pulumi.com/oidc', 'aud'],
  ])('%s must say its %s', async (issuer, claim) => {
    const { client } = await sandboxFor();
    const refused = {
      Code: 'MalformedPolicyDocument',
      message: expect.stringContaining(`${issuer}:${claim}`),
    };
    await expect(create(client, of(issuer, like(`${issuer}:x`, 'y')))).rejects.toMatchObject(refused);
    await expect(create(client, of(issuer, like(`${issuer}:${claim}`, ['*', '?'])))).rejects.toMatchObject(
      refused,
    );
    await create(client, of(issuer, like(`${issuer}:${claim}`, 'acme')));
  });

  it('others need not', async () => {
    const { client } = await sandboxFor();
    await expect(create(client, of('idp.example.com', {}))).resolves.toBeDefined();
  });

  it('a trust that stood before stays, until it is written again', async () => {
    const { sandbox, client } = await sandboxFor();
    await create(client, naming({ Service: 'ec2.amazonaws.com' }));
    const open = of('token.actions.githubusercontent.com', {});
    standingTrust(sandbox, 'ops', open);
    expect(await shown(client)).toEqual(JSON.parse(open));
    const again = new sdk.UpdateAssumeRolePolicyCommand({ RoleName: 'ops', PolicyDocument: open });
    await expect(client.send(again)).rejects.toMatchObject({ Code: 'MalformedPolicyDocument' });
  });
});
