import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { whoCanSchema } from '../../src/kinds/access-answer.ts';
import type { WhoCan } from '../../src/kinds/access-answer.ts';
import { answering, caller } from '../support/answers.ts';
import { run, scratch } from '../support/cli.ts';
import { applied, asking, hired, misfits, people, policy } from './asked.ts';

const object = 'arn:aws:s3:::reports/q1.csv';
const decisions = ({ principals }: WhoCan): Record<string, string> =>
  Object.fromEntries(principals.map(({ principal, decision }) => [principal, decision]));

describe('of the account', () => {
  test('tells everybody who may do it, through which statement, policy and group, and where these are declared', async () => {
    const { ask, sandbox } = await applied();
    const { code, stdout, stderr } = await ask('who-can', 's3:GetObject', object);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`Who can s3:GetObject on ${object} in account 123456789012, as it is

user anna: allowed
    * on *
        by the policy aws:AdministratorAccess through group admins (attached: people.yaml:17:22; member: people.yaml:3:20)
user ben: allowed
    s3:Get* and s3:List* on arn:aws:s3:::reports/*
        by statement Read of the policy read-reports through group analysts (people.yaml:22:3; attached: people.yaml:18:24; member: people.yaml:5:14)
user carl: allowed
    * on *
        by the policy aws:AdministratorAccess through group admins (attached: people.yaml:17:22; member: people.yaml:9:20)
        within: ec2:* and s3:Get* on *, by the boundary limits (people.yaml:20:3; attached: people.yaml:9:29)
user emil: depends on conditions
    s3:Get* and s3:List* on arn:aws:s3:::reports/*
        by statement Read of the policy read-reports through group analysts (people.yaml:22:3; attached: people.yaml:18:24; member: people.yaml:12:14)
        but denied: * on * if NotIpAddress aws:SourceIp 10.0.0.0/8, by the inline policy office (people.yaml:14:7)
role reader: depends on conditions
    s3:GetObject on * if Bool aws:SecureTransport true
        by the inline policy own
By roles that they may assume
    service lambda.amazonaws.com → role reader: depends on conditions
        role reader trusts service lambda.amazonaws.com

5 of 8 users and roles. Through roles: 1 more. A Deny keeps it from user dora.
note: not read: policies of buckets, keys and other resources, of the organisation and of sessions, which may give or take access
`);
    expect(sandbox.journal.map(({ op }) => op)).toEqual([
      'GetCallerIdentity',
      'GetAccountAuthorizationDetails',
    ]);
  });

  test('what is known of the request decides conditions', async () => {
    const { json } = await applied();
    const of = async (...context: string[]): Promise<Record<string, string>> =>
      decisions(
        await json<WhoCan>(
          'who-can',
          's3:GetObject',
          object,
          ...context.flatMap((one) => ['--context', one]),
        ),
      );
    expect(await of()).toMatchObject({ 'user:emil': 'conditional', 'role:reader': 'conditional' });
    expect(await of('aws:SourceIp=10.1.2.3', 'aws:SecureTransport=true')).toMatchObject({
      'user:emil': 'allowed',
      'role:reader': 'allowed',
    });
    const outside = await of('aws:SourceIp=192.0.2.1', 'aws:SecureTransport=false');
    expect(Object.keys(outside)).toEqual(['user:anna', 'user:ben', 'user:carl']);
  });

  test('of a pattern it tells what of it', async () => {
    const { ask, json } = await applied();
    const found = await json<WhoCan>('who-can', 's3:*', 'arn:aws:s3:::reports/*');
    expect(misfits(whoCanSchema, found)).toEqual([]);
    expect(decisions(found)).toEqual({
      'user:anna': 'allowed',
      'user:ben': 'partly',
      'user:carl': 'partly',
      'user:emil': 'partly',
      'role:deploy': 'partly',
      'role:reader': 'partly',
    });
    expect(found.others).toEqual({ explicitDeny: ['user:dora'], implicitDeny: 1 });
    const { stdout } = await ask('who-can', 's3:*', 'arn:aws:s3:::reports/*');
    expect(stdout).toContain(`user ben: allowed in part
    s3:Get*, s3:List* on arn:aws:s3:::reports/*
        by statement Read of the policy read-reports through group analysts (people.yaml:22:3; attached: people.yaml:18:24; member: people.yaml:5:14)
        but denied: s3:* on arn:aws:s3:::reports/secret/*, by statement NotSecret of the policy read-reports through group analysts (`);
    expect(stdout).toContain(`role deploy: allowed in part
    s3:PutObject on arn:aws:s3:::reports/*
        by the inline policy own
`);
    const any = await json<WhoCan>('who-can', 'ec2:RunInstances');
    expect(decisions(any)).toEqual({ 'user:anna': 'allowed', 'user:carl': 'allowed' });
    expect(any.request).toEqual({ action: 'ec2:RunInstances', resource: '*', context: {} });
  });

  test('what the files do not declare the same has no place, and what they declare and nobody has does not count', async () => {
    const { ask, json, sandbox } = await applied();
    const changed = { Effect: 'Allow', Action: 's3:*', Resource: 'arn:aws:s3:::ben/*' };
    const UserName = 'ben';
    sandbox.call('PutUserPolicy', {
      UserName,
      PolicyName: 'own',
      PolicyDocument: policy({ ...changed, Sid: 'Two' }),
    });
    sandbox.call('PutUserPolicy', { UserName, PolicyName: 'extra', PolicyDocument: policy(changed) });
    sandbox.call('RemoveUserFromGroup', { UserName: 'anna', GroupName: 'admins' });
    const found = await json<WhoCan>('who-can', 's3:PutObject', 'arn:aws:s3:::ben/x');
    const places = found.principals.flatMap(({ parts }) =>
      parts.map(({ allow: { inline, at } }) => [inline, at]),
    );
    // A Sid means nothing.
    expect(places).toEqual([
      ['extra', {}],
      ['own', { policy: 'people.yaml:8:7' }],
    ]);
    sandbox.call('PutUserPolicy', {
      UserName,
      PolicyName: 'own',
      PolicyDocument: policy({ ...changed, Action: '*' }),
    });
    const { stdout } = await ask('who-can', 's3:PutObject', 'arn:aws:s3:::ben/x');
    expect(stdout).toContain('by the inline policy own\n');
    expect(stdout).not.toContain('anna');
  });

  test('an empty account, and one without manifests', async () => {
    const { ask, there, env } = await asking(people);
    const nobody = await ask('who-can', '*');
    expect(nobody).toMatchObject({ code: 0, stderr: '' });
    expect(nobody.stdout).toContain('Nobody of 0 users and roles.\n');
    const bare = await run(['who-can', '*', ...there], { env, cwd: scratch() });
    expect(bare).toMatchObject({
      code: 0,
      stdout: nobody.stdout,
      stderr: 'note: there are no manifests (--manifests), so no places in files are told\n',
    });
  });

  test('manifests with errors do not keep it from answering, those of another account do', async () => {
    const { ask, cwd } = await applied();
    writeFileSync(join(cwd, 'people.yaml'), people.replace('suspended', 'suspendid'));
    const { code, stdout, stderr } = await ask('who-can', 's3:GetObject', object);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr:
        'warning: the manifests have 1 error, so no places in files are told: rollcall validate shows them\n',
    });
    expect(stdout).toContain('by the policy aws:AdministratorAccess through group admins\n');
    writeFileSync(join(cwd, 'people.yaml'), people.replace('123456789012', '210987654321'));
    expect(await ask('who-can', 's3:GetObject', object)).toMatchObject({ code: 3, stdout: '' });
  });

  test('the read of the account is permission enough', async () => {
    const there = await asking("account: '123456789012'\n", { enforce: true });
    const env = hired(there, 'iam:GetAccountAuthorizationDetails');
    const { code, stdout } = await run(['who-can', 'iam:GetUser', ...there.there], { env, cwd: there.cwd });
    expect(code).toBe(0);
    expect(stdout).toContain('Nobody of 1 user or role.\n');
  });

  test('a policy of AWS that nobody tells of is unknown, and a note says so', async () => {
    const { url, calls } = await answering((op, _, response) => {
      if (op === 'GetCallerIdentity') return caller;
      if (op === 'GetAccountAuthorizationDetails')
        return `<IsTruncated>false</IsTruncated><UserDetailList><member><UserName>ben</UserName><Path>/</Path>
<UserId>AIDA</UserId><Arn>arn:aws:iam::123456789012:user/ben</Arn><CreateDate>2027-01-01T00:00:00Z</CreateDate>
<AttachedManagedPolicies><member><PolicyName>PowerUserAccess</PolicyName>
<PolicyArn>arn:aws:iam::aws:policy/PowerUserAccess</PolicyArn></member></AttachedManagedPolicies></member></UserDetailList>`;
      response
        .writeHead(403, { 'Content-Type': 'text/xml' })
        .end('<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code></Error></ErrorResponse>');
      return undefined;
    });
    const env = { AWS_ACCESS_KEY_ID: 'AKIA2222222222222222', AWS_SECRET_ACCESS_KEY: 'x' };
    const ended = await run(['who-can', 'iam:CreateUser', '--endpoint-url', url], { env, cwd: scratch() });
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain(`user ben: not known
    depends on what was not read: the policy aws:PowerUserAccess
`);
    expect(ended.stdout).toContain(
      'note: documents of AWS managed policies (PowerUserAccess) were not looked at: GetPolicy: access denied',
    );
    expect(calls).toEqual(['GetCallerIdentity', 'GetAccountAuthorizationDetails', 'GetPolicy']);
  });
});

describe('of the files', () => {
  test('tells what they would give, without any call', async () => {
    const { ask, sandbox } = await asking(people);
    const { code, stdout, stderr } = await ask('who-can', 's3:GetObject', object, '--files');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Who can s3:GetObject on .* in account 123456789012, by the files\n/);
    for (const line of ['user anna: allowed\n', 'user ben: allowed\n', 'user carl: allowed\n'])
      expect(stdout).toContain(line);
    expect(stdout).toContain('user emil: depends on conditions\n');
    expect(stdout).toContain('4 of 6 users and roles. A Deny keeps it from user dora.\n');
    expect(stdout).toContain('note: of roles, only those that the files declare are known\n');
    // Its name says all.
    expect(stdout).not.toContain('AWS');
    expect(sandbox.journal).toEqual([]);
  });

  test('of policies whose documents are elsewhere it is not known', async () => {
    const { ask, json } = await asking(`account: '123456789012'
ignore: { policies: [other] }
users:
  anna: { attach: [aws:ReadOnlyAccess] }
  ben: { attach: ['arn:aws:iam::123456789012:policy/other'] }
  carl: {}
`);
    const found = await json<WhoCan>('who-can', 's3:GetObject', '--files');
    expect(decisions(found)).toEqual({ 'user:anna': 'unknown', 'user:ben': 'unknown' });
    expect(misfits(whoCanSchema, found)).toEqual([]);
    const { stdout } = await ask('who-can', 's3:GetObject', '--files');
    expect(stdout).toContain(`user anna: not known
    depends on what was not read: the policy aws:ReadOnlyAccess (attached: people.yaml:4:20)
user ben: not known
    depends on what was not read: the policy other (attached: people.yaml:5:19)
`);
    expect(found.notes.slice(1, 3)).toEqual([
      "without the account it is not known what AWS's policies say: of aws:ReadOnlyAccess only the name counts",
      'no file declares other: what it says is not known',
    ]);
  });

  test('files with errors are an error', async () => {
    const { ask } = await asking(people.replace('suspended', 'suspendid'));
    const { code, stdout, stderr } = await ask('who-can', '*', '--files');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('the manifests have 1 error');
  });
});

describe('formats', () => {
  test('CSV has a row for each person and statement', async () => {
    const { ask } = await applied();
    const { code, stdout, stderr } = await ask(
      'who-can',
      's3:*',
      'arn:aws:s3:::reports/*',
      '--format',
      'csv',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n').slice(0, 4)).toEqual([
      'account,kind,name,decision,effect,actions,resources,conditions,policy_type,policy,statement,group,policy_at,attached_at,member_at',
      '123456789012,user,anna,allowed,allow,s3:*,arn:aws:s3:::reports/*,,managed,arn:aws:iam::aws:policy/AdministratorAccess,#1,admins,,people.yaml:17:22,people.yaml:3:20',
      '123456789012,user,ben,partly,allow,s3:Get* s3:List*,arn:aws:s3:::reports/*,,managed,arn:aws:iam::123456789012:policy/read-reports,Read,analysts,people.yaml:22:3,people.yaml:18:24,people.yaml:5:14',
      '123456789012,user,ben,partly,deny,s3:*,arn:aws:s3:::reports/secret/*,,managed,arn:aws:iam::123456789012:policy/read-reports,NotSecret,analysts,people.yaml:22:3,people.yaml:18:24,people.yaml:5:14',
    ]);
    expect(stdout).toContain(
      '123456789012,user,emil,partly,deny,*,*,NotIpAddress aws:SourceIp 10.0.0.0/8,inline,office,#1,,people.yaml:14:7,,\n',
    );
  });

  test('what a spreadsheet would run, and what would break a row, does neither', async () => {
    const { ask } = await asking(`account: '123456789012'
users:
  '=cmd': { policies: { '@x,y': { Statement: { Effect: Allow, Action: 's3:*', Resource: 'arn:aws:s3:::a"b' } } } }
`);
    const { stdout } = await ask('who-can', 's3:*', '--files', '--format', 'csv');
    expect(stdout.split('\n')[1]).toBe(
      `123456789012,user,'=cmd,partly,allow,s3:*,"arn:aws:s3:::a""b",,inline,"'@x,y",#1,,people.yaml:3:25,,`,
    );
  });

  test('Markdown has what is not ours in code', async () => {
    const { ask } = await applied();
    const { stdout } = await ask('who-can', 's3:PutObject', object, '--format', 'markdown');
    expect(stdout).toContain(`## \`Who can s3:PutObject on ${object} in account 123456789012, as it is\`\n`);
    expect(stdout).toContain(
      '- **`role deploy: allowed`**\n  - `s3:PutObject on arn:aws:s3:::reports/*`\n    - `by the inline policy own`\n',
    );
  });
});

describe('what makes no sense is an error that says what to do', () => {
  test.each([
    [['s3'], 'the action "s3" names no service\n  hint: write service:Name, such as s3:GetObject'],
    [['s3:GetObject:x'], 'the action "s3:GetObject:x" has more than one colon\n  hint: write service:Name'],
    [['s3:Get Object'], 'the action "s3:Get Object" has white space'],
    [['s3:GetObject', 'reports'], 'the resource "reports" is not an ARN\n  hint: write arn:partition:'],
    [['s3:GetObject', 'arn:aws:s3'], 'the resource "arn:aws:s3" is cut short\n  hint: write all six parts'],
    [
      ['s3:GetObject', '--context', 'aws:SourceIp'],
      'Expected a condition key and its value, such as aws:SourceIp=',
    ],
    [['s3:GetObject', '--context', 'SourceIp=10.0.0.1'], 'Expected a condition key and its value'],
    [['s3:GetObject', '--live', '--files'], "option '--live' cannot be used with option '--files'"],
    [['s3:GetObject', '--format', 'html'], 'Allowed choices are terminal, json, markdown, csv'],
    [['s3:GetObject', '--json', '--format', 'csv'], '--json cannot be used with --format csv'],
    [[], "missing required argument 'action'"],
  ])('%j: %s', async (args, message) => {
    const { ask, sandbox } = await asking(people);
    const { code, stdout, stderr } = await ask('who-can', ...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(message);
    expect(sandbox.journal).toEqual([]);
  });

  test('what AWS does not have is only a warning', async () => {
    const { ask } = await asking(people);
    const queue = 'arn:aws:sqs:eu-west-1:123456789012:q';
    const { code, stderr } = await ask('who-can', 's3:GetObjct', queue, '--context', 'aws:SorceIp=1');
    expect(code).toBe(0);
    expect(stderr).toContain(
      'warning: AWS has no action "s3:GetObjct" [policy-unknown-action]\n  hint: did you mean "s3:GetObject"?',
    );
    expect(stderr).toContain('warning: AWS has no condition key "aws:SorceIp" [policy-condition-key]');
  });
});
