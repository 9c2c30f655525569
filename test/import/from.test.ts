import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run, scratch, stage, write } from '../support/cli.ts';
import type { Ended } from '../support/cli.ts';
import { filesIn } from './support.ts';

/** The files of another tool, and what becomes of them. */
async function convert(
  tool: string,
  files: Readonly<Record<string, string>>,
  ...more: string[]
): Promise<Ended & { cwd: string; manifests: Record<string, string> }> {
  const cwd = write(scratch(), files);
  const ended = await run(['import', '--from', tool, 'old', ...more], { cwd });
  const manifests = ended.code === 0 ? filesIn(join(cwd, 'manifests')) : {};
  return { ...ended, cwd, manifests };
}

const content = (text: string | undefined): string => (text ?? '').replace(/^#.*\n/gm, '');

describe('iamy', () => {
  const files = {
    'old/prod-123456789012/iam/user/people/anna.yaml': `Groups:
- readers
- gone
InlinePolicies:
- Name: own-bucket
  Policy:
    Statement:
    - Action: s3:GetObject
      Effect: Allow
      Resource: arn:aws:s3:::anna/*
    Version: 2012-10-17
Policies:
- team/reports
- arn:aws:iam::aws:policy/job-function/Billing
- legacy
Tags:
  team: images
  floor: 3
`,
    'old/prod-123456789012/iam/user/ben.yaml': 'Groups: []\n',
    'old/prod-123456789012/iam/group/readers.yaml': 'Policies:\n- arn:aws:iam::aws:policy/ReadOnlyAccess\n',
    'old/prod-123456789012/iam/policy/team/reports.yaml': `Description: Reads the reports
Policy:
  Version: 2012-10-17
  Statement:
  - Effect: Allow
    Action: s3:GetObject
    Resource: arn:aws:s3:::reports/*
`,
    'old/prod-123456789012/iam/policy/broken.yaml': `Policy:
  Version: 2012-10-17
  Statement: [{ Effect: Permit, Action: '*', Resource: '*' }]
`,
    'old/prod-123456789012/iam/role/web.yaml': 'AssumeRolePolicyDocument: {}\n',
    'old/prod-123456789012/s3/reports.yaml': 'Policy: {}\n',
    'old/notes.yaml': 'hello: world\n',
  };

  test('users, groups, policies, paths and tags come over; the rest is told with its place', async () => {
    const { code, stdout, stderr, manifests } = await convert('iamy', files);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: ['account', 'groups', 'policies', 'users']
        .map((name) => `manifests/${name}.yaml\n`)
        .concat('manifests/manifest.schema.json\n')
        .join(''),
    });
    expect(content(manifests['users.yaml'])).toBe(`users:
  anna:
    path: /people/
    tags: { floor: '3', team: images }
    groups: [readers]
    policies:
      own-bucket:
        Statement:
          - Action: s3:GetObject
            Effect: Allow
            Resource: 'arn:aws:s3:::anna/*'
    attach: [reports, aws:job-function/Billing]
  ben: {}
`);
    expect(content(manifests['groups.yaml'])).toBe('groups:\n  readers: { attach: [aws:ReadOnlyAccess] }\n');
    expect(content(manifests['policies.yaml'])).toContain(
      "  reports:\n    path: /team/\n    description: 'Reads the reports'",
    );
    const at = 'old/prod-123456789012';
    expect(stderr.split('\n').filter((line) => line.startsWith('warning: '))).toEqual([
      'warning: old/notes.yaml:1:1: no file of iamy: its name tells no user, group or policy',
      expect.stringMatching(
        `^warning: ${at}/iam/policy/broken.yaml:1:1: policy broken: left out: its document: `,
      ),
      `warning: ${at}/iam/role/web.yaml:1:1: role web: not managed by rollcall`,
      `warning: ${at}/iam/user/people/anna.yaml:3:3: user anna: membership of gone left out: the group is in no file that was read`,
      `warning: ${at}/iam/user/people/anna.yaml:15:3: user anna: attached policy arn:aws:iam::123456789012:policy/legacy left out: it is in no file that was read`,
      `warning: ${at}/s3/reports.yaml:1:1: bucket policy of reports: not managed by rollcall`,
    ]);
    expect(stderr).toContain(
      'Taken from the files of iamy, of account 123456789012: 2 users, 1 group, 1 policy.\n',
    );
    expect(stderr).toContain('write `accessKey: {}` and `console: {}` where they are to\nstay');
  });

  test('what it wrote applies, and then there is nothing to change', async () => {
    const { cwd } = await convert('iamy', files);
    const there = await stage();
    const dir = join(cwd, 'manifests');
    expect((await there.rollcall('apply', dir, '--yes')).code).toBe(0);
    expect((await there.rollcall('plan', dir)).code).toBe(0);
    expect(there.sandbox.call('GetUser', { UserName: 'anna' }).User).toMatchObject({ Path: '/people/' });
  });

  test('of several accounts, one is named; what is declared already is kept', async () => {
    const two = { ...files, 'old/dev-210987654321/iam/user/zoe.yaml': '{}\n' };
    const { code, stderr } = await convert('iamy', two);
    expect(code).toBe(1);
    expect(stderr).toContain('the files are of several accounts (123456789012, 210987654321)');
    expect(stderr).toContain('hint: name the account: --account 123456789012');
    const dev = await convert('iamy', two, '--account', '210987654321');
    expect(content(dev.manifests['users.yaml'])).toBe('users:\n  zoe: {}\n');
    const mine = 'account: "123456789012"\nusers: { ben: { tags: { a: b } } } # mine\n';
    const kept = await convert('iamy', { ...files, 'manifests/all.yaml': mine });
    expect(kept.stderr).toContain('Declared already, and kept as they are: user ben.');
    expect(kept.manifests['all.yaml']).toBe(mine);
    expect(content(kept.manifests['users.yaml'])).not.toContain('ben');
    const other = await convert('iamy', {
      ...files,
      'manifests/all.yaml': mine.replace('123456789012', '210987654321'),
    });
    expect(other.code).toBe(1);
    expect(other.stderr).toContain('the files are of account 123456789012, not of 210987654321');
  });

  test.each([
    ['the directory of the account', 'old-123456789012/user/anna.yaml', 'old-123456789012', []],
    ['an older layout', 'old/123456789012/user/anna.yaml', 'old', []],
    [
      'files without an account, which is named',
      'old/iam/user/anna.yml',
      'old',
      ['--account', '123456789012'],
    ],
  ])('reads %s', async (_, file, source, more) => {
    const cwd = write(scratch(), { [file]: 'Groups: []\n' });
    const { code, stdout } = await run(['import', '--from', 'iamy', source, '--json', ...more], { cwd });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      account: '123456789012',
      added: { users: ['anna'], groups: [], policies: [] },
      left: [],
    });
  });

  test('--only takes some, and what they need', async () => {
    const { manifests, stderr } = await convert('iamy', files, '--only', 'anna');
    expect(content(manifests['users.yaml'])).not.toContain('ben');
    expect(stderr).toContain('of account 123456789012: 1 user, 1 group, 1 policy.');
  });
});

describe('IAMbic', () => {
  const config = `template_type: NOQ::Core::Config
aws:
  accounts:
    - account_id: '123456789012'
      account_name: prod
      org_id: o-1
      variables: [{ key: bucket, value: lorax-reports }]
    - account_id: '210987654321'
      account_name: dev
`;
  const anna = `template_type: NOQ::AWS::IAM::User
identifier: anna_{{var.account_name}}
expires_at: 2027-03-01
included_accounts: [prod]
owner: images
properties:
  user_name: anna_{{var.account_name}}
  path: /people/
  permissions_boundary: { policy_arn: 'arn:aws:iam::{{var.account_id}}:policy/limits' }
  tags:
    - { key: team, value: images }
    - { key: stage, value: dev, included_accounts: [dev] }
  groups:
    - { group_name: readers, expires_at: 2027-02-01T12:00 UTC }
    - { group_name: writers, included_accounts: [dev] }
  managed_policies:
    - { policy_arn: arn:aws:iam::aws:policy/ReadOnlyAccess, expires_at: 2027-01-15 }
    - { policy_arn: arn:aws:iam::aws:policy/job-function/Billing, expires_at: in 3 days }
  inline_policies:
    - policy_name: reports
      statement:
        - effect: Allow
          action: [s3:GetObject]
          resource: arn:aws:s3:::{{bucket}}/*
          condition: { string_equals: { aws:PrincipalTag/team: images } }
          sid: Reports
        - { effect: Allow, action: '*', resource: '*', included_accounts: [dev] }
      version: '2012-10-17'
    - policy_name: soon-gone
      expires_at: 2027-01-20
      statement: [{ effect: Allow, action: 's3:*', resource: '*' }]
`;
  const files = {
    'old/config/iambic_config.yaml': config,
    'old/resources/aws/iam/user/anna.yaml': anna,
    'old/resources/aws/iam/user/old.yaml':
      'template_type: NOQ::AWS::IAM::User\nidentifier: old\ndeleted: true\nproperties: { user_name: old }\n',
    'old/resources/aws/iam/user/unknown.yaml':
      "template_type: NOQ::AWS::IAM::User\nidentifier: x\nproperties: { user_name: 'x_{{var.nobody}}' }\n",
    'old/resources/aws/iam/group/readers.yaml':
      'template_type: NOQ::AWS::IAM::Group\nidentifier: readers\nproperties: { group_name: readers }\n',
    'old/resources/aws/iam/managed_policy/limits.yaml': `template_type: NOQ::AWS::IAM::ManagedPolicy
identifier: limits
properties:
  policy_name: limits
  policy_document:
    version: '2012-10-17'
    statement: [{ effect: Allow, not_action: 'iam:*', resource: '*' }]
`,
    'old/resources/aws/iam/role/web.yaml':
      'template_type: NOQ::AWS::IAM::Role\nidentifier: web_{{var.account_name}}\nproperties: { role_name: web }\n',
    'old/resources/okta/app.yaml': 'template_type: NOQ::Okta::App\nidentifier: slack\nproperties: {}\n',
  };

  test('templates of the account come over, with variables filled in and what ends', async () => {
    const { code, stderr, manifests } = await convert('iambic', files, '--account', '123456789012');
    expect({ code, users: content(manifests['users.yaml']) }).toEqual({
      code: 0,
      users: `users:
  anna_prod:
    path: /people/
    tags: { team: images }
    groups:
      - name: readers
        expires: '2027-02-01T12:00:00Z'
    policies:
      reports:
        Statement:
          - Effect: Allow
            Action: [s3:GetObject]
            Resource: 'arn:aws:s3:::lorax-reports/*'
            Condition:
              StringEquals: { 'aws:PrincipalTag/team': images }
            Sid: Reports
    attach:
      - policy: aws:ReadOnlyAccess
        expires: '2027-01-15T00:00:00Z'
    boundary: limits
    expires: '2027-03-01T00:00:00Z'
`,
    });
    expect(content(manifests['policies.yaml'])).toContain("NotAction: 'iam:*'");
    const at = 'old/resources/aws/iam';
    expect(stderr.split('\n').filter((line) => line.startsWith('warning: '))).toEqual([
      `warning: ${at}/role/web.yaml:1:1: web_prod: not managed by rollcall (NOQ::AWS::IAM::Role)`,
      `warning: ${at}/user/anna.yaml:5:1: user anna_prod: owner has no counterpart`,
      `warning: ${at}/user/anna.yaml:18:67: user anna_prod: attached policy arn:aws:iam::aws:policy/job-function/Billing: left out, as in 3 days is no date (IAMbic turns it into one when it is applied)`,
      `warning: ${at}/user/anna.yaml:30:7: user anna_prod: inline policy soon-gone: left out, as manifests cannot say that it ends`,
      `warning: ${at}/user/unknown.yaml:1:1: x: {{var.nobody}} has no value for account 123456789012`,
      'warning: old/resources/okta/app.yaml:1:1: slack: not managed by rollcall (NOQ::Okta::App)',
    ]);
  });

  test('which account is meant must be clear', async () => {
    const { code, stderr } = await convert('iambic', files);
    expect({ code, stderr }).toMatchObject({ code: 1 });
    expect(stderr).toContain('the files are of several accounts');
    const none = await convert('iambic', { 'old/a.yaml': files['old/resources/aws/iam/group/readers.yaml'] });
    expect(none.stderr).toContain('the files do not say which account they are of');
  });

  test('what it wrote applies, and then there is nothing to change', async () => {
    const { cwd } = await convert('iambic', files, '--account', '123456789012');
    const there = await stage();
    const dir = join(cwd, 'manifests');
    const { code, stderr } = await there.rollcall('apply', dir, '--yes');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect((await there.rollcall('plan', dir)).code).toBe(0);
  });
});

test.each([
  [
    'a broken file',
    { 'old/prod-123456789012/user/a.yaml': 'Groups: [a\n' },
    /a.yaml:\d+:\d+: error: not valid YAML/,
  ],
  ['no such directory', {}, /cannot read the directory "old"/],
  ['no account', { 'old/user/a.yaml': '{}\n' }, /add|name the account/],
])('%s: nothing is written', async (_, files, expected) => {
  const { code, stderr, cwd } = await convert('iamy', files);
  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringMatching(expected) as string });
  expect(Object.keys(filesIn(cwd)).filter((name) => name.startsWith('manifests'))).toEqual([]);
});

test('--from needs a directory, and nothing else takes one', async () => {
  const cwd = scratch();
  expect((await run(['import', '--from', 'iamy'], { cwd })).stderr).toContain(
    '--from iamy needs the directory',
  );
  const { code, stderr } = await run(['import', 'old'], { cwd });
  expect(code).toBe(1);
  expect(stderr).toContain('import takes no directory but with --from: old');
});
