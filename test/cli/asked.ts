/** An account for `who-can` and `explain`, and how they are called on it. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import type { SandboxOptions } from '../../src/sandbox/index.ts';
import { credentials, run, scratch, stage, write } from '../support/cli.ts';
import type { Ended, Stage } from '../support/cli.ts';

export const people = `account: '123456789012'
users:
  anna: { groups: [admins], console: {} }
  ben:
    groups: [analysts]
    accessKey: {}
    policies:
      own: { Statement: [{ Sid: Mine, Effect: Allow, Action: 's3:*', Resource: 'arn:aws:s3:::ben/*' }] }
  carl: { groups: [admins], boundary: limits }
  dora: { groups: [admins], suspended: true }
  emil:
    groups: [{ name: analysts, expires: 2027-06-30 }]
    policies:
      office: { Statement: [{ Effect: Deny, Action: '*', Resource: '*', Condition: { NotIpAddress: { 'aws:SourceIp': 10.0.0.0/8 } } }] }
  finn: {}
groups:
  admins: { attach: [aws:AdministratorAccess] }
  analysts: { attach: [read-reports] }
policies:
  limits:
    document: { Statement: [{ Effect: Allow, Action: ['ec2:*', 's3:Get*'], Resource: '*' }] }
  read-reports:
    document:
      Statement:
        - { Sid: Read, Effect: Allow, Action: ['s3:Get*', 's3:List*'], Resource: 'arn:aws:s3:::reports/*' }
        - { Sid: NotSecret, Effect: Deny, Action: 's3:*', Resource: 'arn:aws:s3:::reports/secret/*' }
`;

export const policy = (...Statement: object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement });

export interface Asking extends Stage {
  readonly cwd: string;
  /** Runs a command there, on these manifests. */
  readonly ask: (...args: string[]) => Promise<Ended>;
  /** The same for its JSON. */
  readonly json: <T>(...args: string[]) => Promise<T>;
}

/** An account without anything, and these manifests in `people.yaml`. */
export async function asking(yaml: string, sandboxOptions: SandboxOptions = {}): Promise<Asking> {
  const there = await stage(sandboxOptions);
  const cwd = write(scratch(), { 'people.yaml': yaml });
  const options = { env: there.env, cwd, now: new Date('2027-01-05T12:00:00Z') };
  const ask = (...args: string[]): Promise<Ended> => run([...args, '-m', '.', ...there.there], options);
  const json = async <T>(...args: string[]): Promise<T> => {
    const { code, stdout, stderr } = await ask(...args, '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout) as T;
  };
  return { ...there, cwd, ask, json };
}

/** With those people in it, and two roles that no file knows. */
export async function applied(): Promise<Asking> {
  const there = await asking(people);
  const { sandbox, ask } = there;
  const role = (RoleName: string, trust: object, statement: object): void => {
    sandbox.call('CreateRole', { RoleName, AssumeRolePolicyDocument: policy(trust) });
    sandbox.call('PutRolePolicy', { RoleName, PolicyName: 'own', PolicyDocument: policy(statement) });
  };
  role(
    'deploy',
    { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::123456789012:root' }, Action: 'sts:AssumeRole' },
    { Effect: 'Allow', Action: 's3:PutObject', Resource: 'arn:aws:s3:::reports/*' },
  );
  role(
    'reader',
    { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
    {
      Effect: 'Allow',
      Action: 's3:GetObject',
      Resource: '*',
      Condition: { Bool: { 'aws:SecureTransport': 'true' } },
    },
  );
  expect((await ask('apply', '--yes', '--keys-to', 'keys.txt')).code).toBe(0);
  sandbox.clearJournal();
  return there;
}

/** The environment of a new user with these permissions. */
export function hired({ sandbox }: Stage, ...actions: string[]): Readonly<Record<string, string>> {
  const UserName = 'auditor';
  sandbox.call('CreateUser', { UserName });
  const PolicyDocument = policy({ Effect: 'Allow', Action: actions, Resource: '*' });
  sandbox.call('PutUserPolicy', { UserName, PolicyName: 'audit', PolicyDocument });
  const { AccessKey } = sandbox.call('CreateAccessKey', { UserName });
  return credentials({
    accessKeyId: AccessKey?.AccessKeyId ?? '',
    secretAccessKey: AccessKey?.SecretAccessKey ?? '',
  });
}

/** What of a value is not as its schema says. */
export function misfits(schema: object, value: unknown): unknown {
  const validate = new Ajv2020({ strict: false }).compile(schema);
  return validate(value) ? [] : validate.errors;
}
