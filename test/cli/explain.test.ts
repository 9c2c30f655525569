import { describe, expect, test } from 'vitest';
import { explanationSchema } from '../../src/kinds/access-answer.ts';
import type { Explanation } from '../../src/kinds/access-answer.ts';
import { run } from '../support/cli.ts';
import { applied, asking, hired, misfits, people, policy } from './asked.ts';

const object = 'arn:aws:s3:::reports/q1.csv';
const unread =
  'note: not read: policies of buckets, keys and other resources, of the organisation and of sessions, which may give or take access\n';

describe('all that somebody may do', () => {
  test('of a user, by service, with what denies, what expires and the credentials', async () => {
    const { ask, sandbox } = await applied();
    const { code, stdout, stderr } = await ask('explain', 'ben');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.replace(/AKIA\w+/, 'AKIA')).toBe(`user ben in account 123456789012, as it is

May do in s3
    s3:* on arn:aws:s3:::ben/*
        by statement Mine of the inline policy own (people.yaml:8:7)
    s3:Get*, s3:List* on arn:aws:s3:::reports/*
        by statement Read of the policy read-reports through group analysts (people.yaml:22:3; attached: people.yaml:18:24; member: people.yaml:5:14)

Denied
    s3:* on arn:aws:s3:::reports/secret/*
        by statement NotSecret of the policy read-reports through group analysts (people.yaml:22:3; attached: people.yaml:18:24; member: people.yaml:5:14)

Credentials
    access key AKIA: active, made 2027-01-01 (4 days ago), never used
    no console password

${unread}`);
    // Two for the account, six for a user's credentials, and one for the key.
    expect(sandbox.journal.map(({ op }) => op).sort()).toEqual([
      'GetAccessKeyLastUsed',
      'GetAccountAuthorizationDetails',
      'GetCallerIdentity',
      'GetLoginProfile',
      'ListAccessKeys',
      'ListMFADevices',
      'ListSSHPublicKeys',
      'ListServiceSpecificCredentials',
      'ListSigningCertificates',
    ]);
  });

  test('of a role, with who may assume it; a role has no credentials, so none are read', async () => {
    const { ask, sandbox } = await applied();
    const { stdout } = await ask('explain', 'role:reader');
    expect(stdout).toBe(`role reader in account 123456789012, as it is

May do in s3
    s3:GetObject on * if Bool aws:SecureTransport true
        by the inline policy own

Who may assume it
    allow sts:AssumeRole for Service lambda.amazonaws.com

${unread}`);
    expect(sandbox.journal.map(({ op }) => op)).toEqual([
      'GetCallerIdentity',
      'GetAccountAuthorizationDetails',
    ]);
  });

  test('within a boundary, of a suspended user, with a password, and of somebody without anything', async () => {
    const { ask } = await applied();
    const carl = (await ask('explain', 'carl')).stdout;
    expect(carl).toContain(`May do in ec2
    ec2:* on *
        by the policy aws:AdministratorAccess through group admins (`);
    expect(carl).toContain('        within: ec2:* and s3:Get* on *, by the boundary limits (');
    expect(carl).toContain('Permissions boundary\n    limits\n');
    const dora = (await ask('explain', 'dora')).stdout;
    expect(dora).toContain(`Suspended
    everything is denied

May do
    nothing

Denied
    * on *
        by the inline policy rollcall-suspended

Allowed to no avail: denied
    * on *
        by the policy aws:AdministratorAccess through group admins (`);
    const anna = (await ask('explain', 'anna')).stdout;
    expect(anna).toContain('May do in several services\n    * on *\n');
    expect(anna).toContain(
      '    no access key\n    console password: made 2027-01-01 (4 days ago)\n    no MFA device\n',
    );
    const finn = (await ask('explain', 'finn')).stdout;
    expect(finn).toContain('May do\n    nothing\n');
    const emil = (await ask('explain', 'emil')).stdout;
    expect(emil).toContain(
      'Expires\n    membership of user "emil" in group "analysts": 2027-06-30T23:59:59.999Z\n',
    );
  });

  test('JSON has all of it, and no secret', async () => {
    const { json, sandbox } = await applied();
    sandbox.call('CreateVirtualMFADevice', { VirtualMFADeviceName: 'anna' });
    for (const who of ['anna', 'ben', 'carl', 'dora', 'emil', 'finn', 'deploy', 'reader']) {
      const found = await json<Explanation>('explain', who);
      expect(misfits(explanationSchema, found)).toEqual([]);
      expect(found).not.toHaveProperty('decision');
      expect(misfits(explanationSchema, await json('explain', who, 's3:GetObject', object))).toEqual([]);
    }
    const { credentials, services = [] } = await json<Explanation>('explain', 'ben');
    expect(Object.keys(credentials?.accessKeys[0] ?? {})).toEqual([
      'id',
      'status',
      'createdAt',
      'lastUsedAt',
    ]);
    expect(
      services.map(({ service, parts }) => [service, parts.map(({ actions }) => actions.patterns)]),
    ).toEqual([['s3', [['s3:*'], ['s3:Get*', 's3:List*']]]]);
  });

  test('what is known of requests decides conditions there, too', async () => {
    const { ask } = await applied();
    const { stdout } = await ask('explain', 'reader', '--context', 'aws:SecureTransport=true');
    expect(stdout).toContain('May do in s3 with aws:SecureTransport=true\n    s3:GetObject on *\n');
    const none = (await ask('explain', 'reader', '--context', 'aws:SecureTransport=false')).stdout;
    expect(none).toContain('May do\n    nothing\n');
  });
});

describe('the verdict of one request', () => {
  test('in a word', async () => {
    const { json } = await applied();
    const secret = 'arn:aws:s3:::reports/secret/x';
    for (const [who, action, resource, decision] of [
      ['user:ben', 's3:GetObject', object, 'allowed'],
      ['user:ben', 's3:PutObject', object, 'implicitDeny'],
      ['user:ben', 's3:GetObject', secret, 'explicitDeny'],
      ['user:ben', 's3:*', 'arn:aws:s3:::reports/*', 'partly'],
      ['user:carl', 's3:GetObject', object, 'allowed'],
      ['user:carl', 's3:PutObject', object, 'implicitDeny'],
      ['user:dora', 's3:GetObject', object, 'explicitDeny'],
      ['user:emil', 's3:GetObject', object, 'conditional'],
      ['user:finn', 's3:GetObject', object, 'implicitDeny'],
      ['role:reader', 's3:GetObject', object, 'conditional'],
      ['role:deploy', 's3:PutObject', object, 'allowed'],
    ] as const) {
      const found = await json<Explanation>('explain', who, action, resource);
      expect([who, action, resource, found.decision]).toEqual([who, action, resource, decision]);
    }
  });

  test('with the statements that decide it', async () => {
    const { ask } = await applied();
    const of = async (...args: string[]): Promise<string> => (await ask('explain', ...args)).stdout;
    expect(await of('ben', 's3:GetObject', object)).toContain(`s3:GetObject on ${object}: allowed
    s3:Get* and s3:List* on arn:aws:s3:::reports/*
        by statement Read of the policy read-reports through group analysts (people.yaml:22:3; attached: people.yaml:18:24; member: people.yaml:5:14)
`);
    expect(await of('ben', 's3:GetObject', 'arn:aws:s3:::reports/secret/x'))
      .toContain(`s3:GetObject on arn:aws:s3:::reports/secret/x: denied
    denied: s3:* on arn:aws:s3:::reports/secret/*
        by statement NotSecret of the policy read-reports through group analysts (people.yaml:22:3; attached: people.yaml:18:24; member: people.yaml:5:14)
    allowed to no avail: s3:Get* and s3:List* on arn:aws:s3:::reports/*
        by statement Read of the policy read-reports through group analysts (`);
    expect(await of('carl', 's3:PutObject', object))
      .toContain(`s3:PutObject on ${object}: not allowed: outside the permissions boundary limits
    allowed to no avail: * on *
        by the policy aws:AdministratorAccess through group admins (attached: people.yaml:17:22; member: people.yaml:9:20)
    the permissions boundary limits lets nothing of it through
`);
    expect(await of('finn', 's3:PutObject', object)).toContain(
      `s3:PutObject on ${object}: not allowed: no policy allows it\n    no statement is about it\n`,
    );
    const emil = await of('emil', 's3:GetObject', object);
    expect(emil).toContain(`s3:GetObject on ${object}: depends on conditions\n`);
    expect(emil).toContain(
      '        but denied: * on * if NotIpAddress aws:SourceIp 10.0.0.0/8, by the inline policy office (people.yaml:14:7)\n',
    );
    expect(await of('emil', 's3:GetObject', object, '--context', 'aws:SourceIp=10.9.9.9')).toContain(
      `s3:GetObject on ${object} with aws:SourceIp=10.9.9.9: allowed\n`,
    );
    expect(await of('emil', 's3:GetObject', object, '--context', 'aws:SourceIp=192.0.2.1')).toContain(
      `s3:GetObject on ${object} with aws:SourceIp=192.0.2.1: denied\n`,
    );
  });

  test('as a table and as Markdown', async () => {
    const { ask } = await applied();
    const secret = ['explain', 'ben', 's3:GetObject', 'arn:aws:s3:::reports/secret/x'];
    const csv = (await ask(...secret, '--format', 'csv')).stdout.split('\n');
    expect(csv.slice(1)).toEqual([
      '123456789012,user,ben,explicitDeny,deny,s3:*,arn:aws:s3:::reports/secret/*,,managed,arn:aws:iam::123456789012:policy/read-reports,NotSecret,analysts,people.yaml:22:3,people.yaml:18:24,people.yaml:5:14',
      '123456789012,user,ben,explicitDeny,withheld,s3:Get* s3:List*,arn:aws:s3:::reports/*,,managed,arn:aws:iam::123456789012:policy/read-reports,Read,analysts,people.yaml:22:3,people.yaml:18:24,people.yaml:5:14',
      '',
    ]);
    const { stdout } = await ask(...secret, '--format', 'markdown');
    expect(stdout).toContain(
      '- **`s3:GetObject on arn:aws:s3:::reports/secret/x: denied`**\n  - `denied: s3:* on arn:aws:s3:::reports/secret/*`\n    - `by statement NotSecret of',
    );
  });
});

describe('of the files', () => {
  test('tells what they give and declare, without any call', async () => {
    const { ask, sandbox } = await asking(people);
    const { code, stdout, stderr } = await ask('explain', 'user:dora', '--files');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`user dora in account 123456789012, by the files

Suspended
    everything is denied

May do
    nothing

Denied
    * on *
        by the inline policy rollcall-suspended (people.yaml:10:29)
`);
    expect((await ask('explain', 'ben', '--files')).stdout).toContain(
      'Credentials that the files declare\n    1 access key\n    no console password\n',
    );
    expect(sandbox.journal).toEqual([]);
  });
});

test('credentials that the caller may not list are left out, and a note says so', async () => {
  const there = await asking("account: '123456789012'\nusers: { auditor: {} }\n", { enforce: true });
  const env = hired(there, 'iam:GetAccountAuthorizationDetails');
  const { code, stdout } = await run(['explain', 'auditor', ...there.there], { env, cwd: there.cwd });
  expect(code).toBe(0);
  expect(stdout).toContain('May do in iam\n    iam:GetAccountAuthorizationDetails on *\n');
  expect(stdout).not.toContain('no access key');
  expect(stdout).toMatch(/^note: credentials of user auditor were not looked at: \w+: access denied.*$/m);
});

describe('whom somebody means', () => {
  test('a name, a reference or an ARN, in whichever case', async () => {
    const { json } = await applied();
    const of = async (who: string): Promise<string> => (await json<Explanation>('explain', who)).principal;
    expect(await of('Ben')).toBe('user:ben');
    expect(await of('user:ben')).toBe('user:ben');
    expect(await of('arn:aws:iam::123456789012:user/ben')).toBe('user:ben');
    expect(await of('arn:aws:iam::123456789012:role/deploy')).toBe('role:deploy');
  });

  test('nobody, or more than one, is an error that says what to do', async () => {
    const { ask, sandbox } = await applied();
    const trust = policy({ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' });
    sandbox.call('CreateRole', { RoleName: 'ben', AssumeRolePolicyDocument: trust });
    const cases: [string[], string][] = [
      [['bne'], 'there is no user or role "bne" in account 123456789012\n  hint: did you mean "ben"?\n'],
      [['user:deploi'], 'there is no user "deploi" in account 123456789012\n'],
      [
        ['role:deploi'],
        'there is no role "deploi" in account 123456789012\n  hint: did you mean "deploy"?\n',
      ],
      [['ben'], 'there are user:ben and role:ben\n  hint: write which of them\n'],
      [
        ['group:admins'],
        '"group:admins" is neither a user nor a role\n  hint: write user:NAME or role:NAME\n',
      ],
      [['arn:aws:iam::210987654321:user/ben'], 'is neither a user nor a role'],
      [['role:deploy', '--files'], 'there is no role "deploy" in the files'],
      [['ben', 's3'], 'the action "s3" names no service'],
      [['ben', 's3:GetObject', 'x'], 'the resource "x" is not an ARN'],
    ];
    for (const [args, message] of cases) {
      const { code, stdout, stderr } = await ask('explain', ...args);
      expect({ args, code, stdout }).toEqual({ args, code: 1, stdout: '' });
      expect(stderr).toContain(`error: `);
      expect(stderr).toContain(message);
    }
  });
});
