import { Ajv2020 } from 'ajv/dist/2020.js';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import schema from '../../schemas/receipt.schema.json' with { type: 'json' };
import { applyPlan } from '../../src/app/apply.ts';
import { startReceipts } from '../../src/app/receipts/index.ts';
import type { Receipt, Receipts } from '../../src/app/receipts/index.ts';
import { planAccount } from '../../src/app/session.ts';
import type { StepResult } from '../../src/aws/execute.ts';
import { certificatePem } from '../sandbox/fixtures.ts';
import { accountId, aGroup, allRails, aUser, desiredOf, testAccount } from '../support/account.ts';
import type { TestAccount } from '../support/account.ts';

export const start = new Date('2027-01-31T08:00:00Z');

export async function anAccount(options: Parameters<typeof testAccount>[0] = {}): Promise<TestAccount> {
  const account = await testAccount({ start, transport: 'direct', ...options });
  onTestFinished(() => account.close());
  return account;
}

export function scratch(): string {
  const dir = mkdtempSync(join(tmpdir(), 'rollcall-receipts-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

const sshKey =
  'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7+Rl4gKBc2N8cq8/UaQwNTNwkWv5WYFRmM8imVg2Ou1Dda8foJaDnE+xEZi9kt1qCA4utLOybW44pvl+tTdIJ2GGsqFxcCOXavTU892cADqMNE+EGbL4KXYmQJGp4kN3Ynx3AN3FKQfLFuIT2jM2wsyQo83QUiVDlBZNPMlCPGe5bwSdA2/QIo+AW5rS3852BiJmqnURMvOAO8yQMN+OzyQhvL+tHNz47pgP+dJqoZVlgztoanWPL/+M5Qr4lhi6aHSIKMkTJxLoHdKWGMn0TQBMyG/bY7ytxCEhliTpXDxOd5YgyBL39YXirhx6pnAirMktUAkPtKkJEpBm2dqMH lorax';

export const document = (Action: string, Effect = 'Allow') => ({
  Version: '2012-10-17',
  Statement: [{ Effect, Action, Resource: '*' }],
});

const trusting = (principal: unknown, condition?: unknown): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: principal,
        Action: 'sts:AssumeRole',
        ...(condition ? { Condition: condition } : {}),
      },
    ],
  });

export const loraxArn = `arn:aws:iam::${accountId}:user/trees/lorax`;

/** lorax with every credential type, and roles that let lorax in. Answers all secrets that were made. */
export async function settle(account: TestAccount): Promise<string[]> {
  const call: TestAccount['call'] = (op, input) => account.call(op, input);
  const UserName = 'lorax';
  const secrets: string[] = ['Truffula-Tree-1971!'];
  const secretOf = async (answer: Promise<unknown>): Promise<void> => {
    const found = JSON.stringify(await answer).match(
      /"(?:SecretAccessKey|ServicePassword|ServiceCredentialSecret)":"([^"]+)"/,
    );
    secrets.push(found![1]!);
  };
  await call('CreateGroup', { GroupName: 'admins' });
  await call('PutGroupPolicy', {
    GroupName: 'admins',
    PolicyName: 'allow_all',
    PolicyDocument: JSON.stringify(document('*')),
  });
  await call('CreateUser', { UserName: 'dale' });
  await call('AddUserToGroup', { GroupName: 'admins', UserName: 'dale' });
  await call('CreateUser', {
    UserName,
    Path: '/trees/',
    PermissionsBoundary: 'arn:aws:iam::aws:policy/PowerUserAccess',
    Tags: [{ Key: 'team', Value: 'trees and leaves' }],
  });
  await call('AddUserToGroup', { GroupName: 'admins', UserName });
  await call('PutUserPolicy', {
    UserName,
    PolicyName: 'speaks',
    PolicyDocument: JSON.stringify(document('s3:*')),
  });
  await call('AttachUserPolicy', { UserName, PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' });
  await secretOf(call('CreateAccessKey', { UserName }));
  await account.aws.wait(40 * 24 * 60 * 60 * 1000);
  await secretOf(call('CreateAccessKey', { UserName }));
  await call('CreateLoginProfile', { UserName, Password: secrets[0]! });
  await call('CreateVirtualMFADevice', { VirtualMFADeviceName: 'lorax' });
  for (const SerialNumber of [`arn:aws:iam::${accountId}:mfa/lorax`, 'GAHT12345678']) {
    await call('EnableMFADevice', {
      UserName,
      SerialNumber,
      AuthenticationCode1: '123456',
      AuthenticationCode2: '654321',
    });
  }
  await call('UploadSSHPublicKey', { UserName, SSHPublicKeyBody: sshKey });
  await call('UploadSigningCertificate', { UserName, CertificateBody: certificatePem });
  for (const ServiceName of ['codecommit', 'cassandra', 'bedrock', 'logs']) {
    await secretOf(
      call('CreateServiceSpecificCredential', { UserName, ServiceName: `${ServiceName}.amazonaws.com` }),
    );
  }
  for (const [RoleName, AssumeRolePolicyDocument] of [
    ['gardener', trusting({ AWS: loraxArn })],
    ['everybody', trusting({ AWS: `arn:aws:iam::${accountId}:root` })],
    ['service', trusting({ Service: 'ec2.amazonaws.com' })],
  ] as const) {
    await call('CreateRole', { RoleName, AssumeRolePolicyDocument });
  }
  return secrets;
}

/** Everybody but lorax. */
const others = desiredOf(
  {
    users: [aUser('dale', { groups: ['admins'] })],
    groups: [aGroup('admins', { policies: { allow_all: document('*') } })],
  },
  { hash: '0a1b' },
);

export interface Left extends ReturnType<Receipts['finish']> {
  readonly results: readonly StepResult[];
}

/** Applies manifests without lorax. `stopAfter`: the run is killed after so many steps. */
export async function leave(
  { aws }: TestAccount,
  dir: string,
  options: {
    readonly manifestsDir?: string;
    readonly stopAfter?: number;
    /** Users who are left alone. */
    readonly ignore?: readonly string[];
  } = {},
): Promise<Left> {
  const ignore = { ...others.ignore, users: options.ignore ?? [] };
  const planning = await planAccount({ ...others, ignore }, aws, { overrides: allRails });
  const receipts = await startReceipts(planning.plan, {
    dir,
    manifestsDir: options.manifestsDir ?? dir,
    env: process.env,
    manifests: planning.manifests.hash,
    live: planning.live,
    caller: planning.caller,
    startedAt: aws.now().toISOString(),
    rollcall: '0.1.0',
  });
  let left = options.stopAfter ?? Number.POSITIVE_INFINITY;
  const { results } = await applyPlan(planning.plan, aws, {
    deliveries: join(dir, 'deliveries'),
    onEnd: (result) => {
      if (left > 0) receipts.record(result);
      left -= 1;
    },
  });
  if (options.stopAfter !== undefined) return { results, written: [], unwritten: [] };
  return { ...receipts.finish(), results };
}

export const validate = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true }).compile(schema);

/** Every receipt of a directory by file name, each as its schema wants it. */
export function receiptsIn(dir: string): { readonly [file: string]: Receipt } {
  const names = readdirSync(dir).filter((name) => name.endsWith('.json'));
  return Object.fromEntries(
    names.sort().map((name) => {
      const receipt: unknown = JSON.parse(readFileSync(join(dir, name), 'utf8'));
      validate(receipt);
      expect(validate.errors ?? []).toEqual([]);
      return [name, receipt as Receipt];
    }),
  );
}

export const loraxFile = `2027-03-12-${accountId}-lorax`;
