import { describe, expect, it } from 'vitest';
import type { KeyPair } from './client.ts';
import { hasBoto, hasCli, runBoto, runCli } from './foreign.ts';
import * as given from './given.ts';
import { mismatch } from './match.ts';
import { asDocumented } from './run.ts';
import { sandboxServer } from './servers.ts';
import { table } from './table.ts';

const unless = (there: boolean, what: string): string => (there ? '' : ` (skipped: no ${what})`);
const all = new Map(table.map(({ name }) => [name, asDocumented]));

describe.skipIf(!hasBoto)(`boto3${unless(hasBoto, 'boto3')}`, () => {
  it('gets the same answers from the sandbox', { timeout: 180_000 }, async () => {
    expect(await runBoto(table)).toEqual(all);
  });
});

describe.skipIf(!hasCli)(`the AWS CLI${unless(hasCli, 'AWS CLI')}`, () => {
  const { lorax, admins, reports } = given;
  it('gets the same answers from the sandbox', { timeout: 120_000 }, async () => {
    const server = await sandboxServer({});
    const calls: readonly (readonly [string, object, string | object])[] = [
      ['CreateUser', { ...lorax, Path: '/partners/' }, { User: { Arn: given.arn('user/partners/lorax') } }],
      ['CreateUser', { UserName: 'LORAX' }, 'EntityAlreadyExists'],
      ['CreateUser', { UserName: 'a b' }, 'ValidationError'],
      ['CreateGroup', admins, { Group: admins }],
      ['AddUserToGroup', { ...lorax, ...admins }, {}],
      ['DeleteGroup', admins, 'DeleteConflict'],
      [
        'CreatePolicy',
        { PolicyName: 'reports', PolicyDocument: given.anyDocument },
        { Policy: { Arn: reports.PolicyArn } },
      ],
      ['CreatePolicy', { PolicyName: 'p', PolicyDocument: '{' }, 'MalformedPolicyDocument'],
      ['GetPolicyVersion', { ...reports, VersionId: 'v1' }, { PolicyVersion: { IsDefaultVersion: true } }],
      ['GetUser', given.nobody, 'NoSuchEntity'],
      ['AttachUserPolicy', { ...lorax, ...given.notAnArn }, 'ValidationError'],
      ['ListUsers', {}, { Users: [lorax] }],
      [
        'SimulatePrincipalPolicy',
        { PolicySourceArn: given.arn('user/partners/lorax'), ActionNames: ['s3:GetObject'] },
        { EvaluationResults: [{ EvalDecision: 'implicitDeny' }] },
      ],
    ];
    try {
      for (const [op, input, expected] of calls) {
        const answer = await runCli(server, op, input);
        const got =
          typeof expected === 'string' ? answer : (mismatch(expected, JSON.parse(answer)) ?? expected);
        expect([op, got]).toEqual([op, expected]);
      }
    } finally {
      await server.close();
    }
  });

  it('opens a session and calls with it', { timeout: 120_000 }, async () => {
    const server = await sandboxServer({});
    const answer = async (...call: readonly [string, object, KeyPair?]): Promise<unknown> => {
      const text = await runCli(server, ...call);
      return text.startsWith('{') ? JSON.parse(text) : text;
    };
    const role = { RoleArn: given.arn('role/ci/deployer'), RoleSessionName: 'night' };
    const trust = given.trust.replace('{"Service":"ec2.amazonaws.com"}', `{"AWS":"${given.account}"}`);
    try {
      const made = { ...given.deployer, Path: '/ci/', AssumeRolePolicyDocument: trust };
      await answer('CreateRole', made);
      expect(await answer('AssumeRole', { ...role, DurationSeconds: 7200 })).toBe('ValidationError');
      const { Credentials: keys } = (await answer('AssumeRole', role)) as {
        Credentials: Record<'AccessKeyId' | 'SecretAccessKey' | 'SessionToken', string>;
      };
      const session = {
        accessKeyId: keys.AccessKeyId,
        secretAccessKey: keys.SecretAccessKey,
        sessionToken: keys.SessionToken,
      };
      const Arn = `arn:aws:sts::${given.account}:assumed-role/deployer/night`;
      expect(await answer('GetCallerIdentity', {}, session)).toMatchObject({ Arn });
      expect(await answer('ListUsers', {}, session)).toBe('AccessDenied');
      const PolicyDocument = given.document({ Action: 'iam:ListUsers' });
      await answer('PutRolePolicy', { ...given.deployer, PolicyName: 'p', PolicyDocument });
      expect(await answer('ListUsers', {}, session)).toEqual({ Users: [] });
    } finally {
      await server.close();
    }
  });
});
