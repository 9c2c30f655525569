import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseRepository, repositoryOfRemote } from '../../src/app/setup/github.ts';
import { applyOperations, applyPolicy, planOperations, planPolicy } from '../../src/aws/permissions.ts';
import type { Policy } from '../../src/aws/permissions.ts';
import { createIam } from '../../src/sandbox/index.ts';
import { accountId, run, scratch, write } from '../support/cli.ts';
import type { WorkflowYaml } from './runner.ts';

const root = resolve(import.meta.dirname, '../..');

describe('init --github', () => {
  const init = async (dir: string, ...more: string[]) =>
    await run(['init', '--github', '--account', accountId, ...more], { cwd: dir });
  const json = (dir: string, name: string): unknown =>
    JSON.parse(readFileSync(join(dir, 'iam', name), 'utf8')) as unknown;

  test('writes manifests, workflows, the action and two roles', async () => {
    const dir = scratch();
    const { code, stdout, stderr } = await init(dir, '--repo', 'octo-org/access');
    expect(code).toBe(0);
    expect(stdout.trim().split('\n').sort()).toEqual([
      '.github/actions/rollcall/action.yml',
      '.github/workflows/rollcall-apply.yml',
      '.github/workflows/rollcall-drift.yml',
      '.github/workflows/rollcall-plan.yml',
      '.gitignore',
      'iam/rollcall-apply-policy.json',
      'iam/rollcall-apply-role.json',
      'iam/rollcall-plan-policy.json',
      'iam/rollcall-plan-role.json',
      'manifests/account.yaml',
      'manifests/groups.yaml',
      'manifests/manifest.schema.json',
      'manifests/users.yaml',
    ]);
    expect(stderr).toContain('aws iam create-role --role-name rollcall-apply');
    expect(stderr).toContain('gh api repos/octo-org/access');
  });

  test('the roles trust this repository: pull requests and the branch for plan, the environment for apply', async () => {
    const dir = scratch();
    const { stderr } = await init(
      dir,
      '--repo',
      'octo-org@123/access@456',
      '--environment',
      'prod',
      '--branch',
      'trunk',
    );
    expect(stderr).not.toContain('Repositories made since');
    const condition = (subjects: string | string[]) => ({
      Statement: [
        {
          Action: 'sts:AssumeRoleWithWebIdentity',
          Principal: {
            Federated: `arn:aws:iam::${accountId}:oidc-provider/token.actions.githubusercontent.com`,
          },
          Condition: {
            StringEquals: {
              'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
              'token.actions.githubusercontent.com:sub': subjects,
            },
          },
        },
      ],
    });
    expect(json(dir, 'rollcall-plan-role.json')).toMatchObject(
      condition([
        'repo:octo-org@123/access@456:pull_request',
        'repo:octo-org@123/access@456:ref:refs/heads/trunk',
      ]),
    );
    expect(json(dir, 'rollcall-apply-role.json')).toMatchObject(
      condition('repo:octo-org@123/access@456:environment:prod'),
    );
    const apply = readFileSync(join(dir, '.github/workflows/rollcall-apply.yml'), 'utf8');
    expect(apply).toContain('environment: prod\n');
    expect(apply).toContain('branches: [trunk]\n');
    expect(apply).toContain("github.ref == 'refs/heads/trunk'");
    expect(apply).not.toMatch(/uses: \.\/$|aws-iam|main/m);
  });

  test('never overwrites, and keeps manifests that are there', async () => {
    const dir = write(scratch(), {
      'manifests/all.yaml': `account: '${accountId}'\nrails: { protect: { users: [break-glass] } }\nusers: { break-glass: {} }\n`,
      '.github/workflows/rollcall-plan.yml': 'mine\n',
    });
    const { code, stdout, stderr } = await init(dir, '--repo', 'octo-org/access');
    expect(code).toBe(0);
    expect(stdout).not.toContain('manifests/');
    expect(stderr).toContain('kept .github/workflows/rollcall-plan.yml, which exists');
    expect(readFileSync(join(dir, '.github/workflows/rollcall-plan.yml'), 'utf8')).toBe('mine\n');
    expect(JSON.stringify(json(dir, 'rollcall-apply-policy.json'))).toContain('user/break-glass');
    const again = await init(dir, '--repo', 'octo-org/access');
    expect(again.stdout).toBe('');
  });

  describe('a second account of a repository', () => {
    const prod = '210987654321';
    const both = async (): Promise<{
      dir: string;
      second: Awaited<ReturnType<typeof init>>;
      before: string[];
    }> => {
      const dir = scratch();
      const first = await run(
        ['init', '--github', '--account', prod, '-m', 'accounts/prod', '--repo', 'octo-org/access'],
        { cwd: dir },
      );
      expect(first.code).toBe(0);
      const before = first.stdout.trim().split('\n');
      const second = await init(dir, '-m', 'accounts/dev', '--repo', 'octo-org/access');
      return { dir, second, before };
    };
    const workflow = (dir: string, name: string): WorkflowYaml & { name: string } =>
      parse(readFileSync(join(dir, '.github/workflows', name), 'utf8')) as WorkflowYaml & { name: string };

    test('has files of its own, and every file of the first stays', async () => {
      const { dir, second, before } = await both();
      expect(second.code).toBe(0);
      expect(second.stdout.trim().split('\n').sort()).toEqual([
        '.github/workflows/rollcall-apply-dev.yml',
        '.github/workflows/rollcall-drift-dev.yml',
        '.github/workflows/rollcall-plan-dev.yml',
        'accounts/dev/account.yaml',
        'accounts/dev/groups.yaml',
        'accounts/dev/manifest.schema.json',
        'accounts/dev/users.yaml',
        'iam/rollcall-apply-dev-policy.json',
        'iam/rollcall-apply-dev-role.json',
        'iam/rollcall-plan-dev-policy.json',
        'iam/rollcall-plan-dev-role.json',
      ]);
      for (const file of before.filter((name) => name.startsWith('iam/')))
        expect(readFileSync(join(dir, file), 'utf8')).not.toContain(accountId);
      expect(JSON.stringify(json(dir, 'rollcall-apply-dev-role.json'))).toContain(
        `arn:aws:iam::${accountId}:oidc-provider`,
      );
      expect(JSON.stringify(json(dir, 'rollcall-apply-dev-role.json'))).toContain(
        ':environment:aws-iam-dev"',
      );
      expect(JSON.stringify(json(dir, 'rollcall-apply-dev-policy.json'))).toContain(
        `${accountId}:role/rollcall-apply-dev`,
      );
    });

    test('is told steps that overwrite nothing of the first', async () => {
      const { second } = await both();
      expect(second.stderr).toContain(
        'This repository has other workflows of rollcall, which stay as they are',
      );
      expect(second.stderr).toContain(`with credentials of account ${accountId}`);
      expect(second.stderr).toContain('create-role --role-name rollcall-plan-dev ');
      expect(second.stderr).toContain(
        `gh variable set ROLLCALL_APPLY_ROLE_DEV --repo octo-org/access --body arn:aws:iam::${accountId}:role/rollcall-apply-dev`,
      );
      expect(second.stderr).toContain('give the environment aws-iam-dev its reviewers');
      expect(second.stderr).not.toMatch(
        /ROLLCALL_(?:PLAN|APPLY)_ROLE\b|--role-name rollcall-(?:plan|apply) /,
      );
    });

    test('shares no name that GitHub knows in the whole repository', async () => {
      const { dir } = await both();
      for (const name of ['plan', 'apply', 'drift']) {
        const first = workflow(dir, `rollcall-${name}.yml`);
        const second = workflow(dir, `rollcall-${name}-dev.yml`);
        expect(second.name).toBe(`${first.name} dev`);
        expect(second.concurrency!.group).not.toBe(first.concurrency!.group);
        expect(second.concurrency!.group).toContain(`rollcall-${name}-dev`);
        expect(Object.keys(second.jobs)).toEqual(Object.keys(first.jobs));
        const text = readFileSync(join(dir, '.github/workflows', `rollcall-${name}-dev.yml`), 'utf8');
        expect(text).toContain('manifests: accounts/dev\n');
        expect(text).not.toMatch(/\baws-iam\b(?!-dev)/);
        expect(text).not.toMatch(/accounts\/prod|vars\.ROLLCALL_(?:PLAN|APPLY)_ROLE\b/);
        for (const [job, body] of Object.entries(second.jobs))
          expect(body).toMatchObject({ name: `${job} dev` });
      }
      expect(workflow(dir, 'rollcall-apply-dev.yml').jobs['apply']!.environment).toBe('aws-iam-dev');
      expect(workflow(dir, 'rollcall-apply.yml').jobs['apply']!.environment).toBe('aws-iam');
    });

    test('again, of either: nothing is written', async () => {
      const { dir } = await both();
      for (const manifests of ['accounts/prod', 'accounts/dev/', './accounts/dev'])
        expect((await init(dir, '-m', manifests, '--repo', 'octo-org/access')).stdout).toBe('');
    });

    test('of the same last word is named by its whole directory, and what is no word by the account', async () => {
      const { dir } = await both();
      const wrote = async (manifests: string): Promise<string> =>
        (await init(dir, '-m', manifests, '--repo', 'octo-org/access')).stdout;
      expect(await wrote('teams/dev')).toContain('.github/workflows/rollcall-plan-teams-dev.yml\n');
      expect(await wrote('konten/東京')).toContain('.github/workflows/rollcall-plan-konten.yml\n');
      expect(await wrote('東京')).toContain(`.github/workflows/rollcall-plan-${accountId}.yml\n`);
    });

    test('takes the environment that is given', async () => {
      const { dir } = await both();
      const { stderr } = await init(
        dir,
        '-m',
        'accounts/test',
        '--environment',
        'qa',
        '--repo',
        'octo-org/access',
      );
      expect(stderr).toContain('give the environment qa its reviewers');
      expect(workflow(dir, 'rollcall-apply-test.yml').jobs['apply']!.environment).toBe('qa');
    });
  });

  test('notes protected users whose groups are not protected', async () => {
    const text = (groups: string): string => `account: '${accountId}'
rails: { protect: { users: [break-glass, buzzo, gone], groups: [${groups}] } }
users: { break-glass: { groups: [owners, admins] }, buzzo: {} }
groups: { owners: {}, admins: {} }
`;
    const notes = async (groups: string): Promise<string[]> => {
      const dir = write(scratch(), { 'manifests/all.yaml': text(groups) });
      const { code, stderr } = await init(dir, '--repo', 'octo-org/access');
      expect(code).toBe(0);
      return stderr.split('\n').filter((line) => line.startsWith('note: '));
    };
    expect(await notes('owners')).toEqual([
      expect.stringMatching(/^note: break-glass is protected, but its groups are not \(admins\): /),
    ]);
    expect(await notes('owners, admins')).toEqual([]);
  });

  test.each([
    ['no repository', [], /add --repo OWNER\/NAME/],
    ['a repository that is none', ['--repo', 'access'], /is not a repository/],
    ['one id of two', ['--repo', 'octo-org@1/access'], /is not a repository/],
    [
      'manifests elsewhere',
      ['--repo', 'octo-org/access', '--manifests', '../manifests'],
      /below this directory/,
    ],
    ['a branch that is no word', ['--repo', 'octo-org/access', '--branch', "x' || true"], /letters, digits/],
  ])('%s', async (_, more, expected) => {
    const { code, stderr } = await init(join(write(scratch(), { 'here/x': '' }), 'here'), ...more);
    expect(code).toBe(1);
    expect(stderr).toMatch(expected);
  });

  // The secret of `-m` would be in the job's log, and in an argument of a command.
  test.each([
    ...[
      '${{ secrets.X }}',
      '$(id)',
      '`id`',
      "a'b",
      'a*',
      '!a',
      'a: b',
      'a #b',
      '{a}',
      '&a',
      '-x',
      'a\nb',
    ].map((text) => ['--manifests', text] as const),
    ['--branch', 'a${{github.token}}b'],
    ['--environment', '${{ secrets.X }}'],
    ['--repo', 'octo-org/${{ secrets.X }}'],
  ] as const)('what is no plain name is refused before anything is written: %s %j', async (option, text) => {
    const dir = scratch();
    const { code, stderr } = await init(dir, '--repo', 'octo-org/access', `${option}=${text}`);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: /);
    expect(readdirSync(dir)).toEqual([]);
  });

  test('a directory of many words is written as it is', async () => {
    const dir = scratch();
    expect((await init(dir, '--repo', 'octo-org/access', '-m', 'Zugänge/prod 1')).code).toBe(0);
    const workflow = readFileSync(join(dir, '.github/workflows/rollcall-plan.yml'), 'utf8');
    expect(workflow).toContain("manifests: 'Zugänge/prod 1'\n");
  });

  test('knows the repository by its remote', () => {
    for (const url of [
      'git@github.com:octo-org/access.git',
      'https://github.com/octo-org/access',
      'https://token@github.com/octo-org/access.git\n',
      'ssh://git@github.com/octo-org/access.git',
    ])
      expect(repositoryOfRemote(url)).toBe('octo-org/access');
    expect(repositoryOfRemote('https://example.com/octo-org/access')).toBeNull();
    expect(parseRepository('octo-org@1/access@2')).toEqual({
      subject: 'octo-org@1/access@2',
      immutable: true,
    });
  });
});

describe('permissions', () => {
  /** Operations of IAM that a source file names. */
  const named = (file: string): string[] => {
    const source = readFileSync(join(root, 'src', file), 'utf8');
    if (!/@aws-sdk\/client-iam|aws\/commands|live\.ts'/.test(source)) return [];
    return [
      ...[...source.matchAll(/\biam\.\w+\('([A-Z]\w+)'/g)].map(([, op]) => op!),
      ...[...source.matchAll(/new (?:sdk\.)?([A-Z]\w+)Command\(/g)].map(([, op]) => op!),
      ...[...source.matchAll(/\bsend\([\w.#]+, '([A-Z]\w+)'/g)].map(([, op]) => op!),
    ].filter((op) => op !== 'GetCallerIdentity');
  };

  test('are exactly what the code calls', () => {
    const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.ts') && !file.startsWith('sandbox/'),
    );
    const reading = files.filter((file) => /^(?:aws\/(?:read|credential-report)|kinds\/)/.test(file));
    expect([...new Set(reading.flatMap(named))].sort()).toEqual(planOperations);
    const all = new Set(files.flatMap(named));
    expect(all.size).toBeGreaterThan(15);
    expect([...all].filter((op) => !applyOperations.includes(op))).toEqual([]);
  });

  test('of planning: reads only', () => {
    for (const op of planOperations) expect(op).toMatch(/^(?:Get|List|GenerateCredentialReport$)/);
    expect(planPolicy().Statement).toHaveLength(1);
  });

  const protect = { users: ['break-glass'], groups: ['owners'], policies: ['guard-rails'] };
  const policy: Policy = applyPolicy({
    account: accountId,
    roles: ['rollcall-plan', 'rollcall-apply'],
    providers: ['token.actions.githubusercontent.com'],
    protect,
  });
  const arn = (rest: string): string => `arn:aws:iam::${accountId}:${rest}`;

  const iam = createIam({ account: accountId });
  // Too long for one managed policy; as the set-up has it, it is an inline policy of a role.
  iam.call('CreateUser', { UserName: 'applier' });
  for (const Effect of ['Allow', 'Deny'] as const) {
    const Statement = policy.Statement.filter((one) => one.Effect === Effect);
    const PolicyDocument = JSON.stringify({ ...policy, Statement });
    const made = iam.call('CreatePolicy', { PolicyName: Effect, PolicyDocument });
    iam.call('AttachUserPolicy', { UserName: 'applier', PolicyArn: made.Policy!.Arn! });
  }

  test.each([
    ['PutUserPolicy', 'user/dale', true],
    ['PutUserPolicy', 'user/partners/melvins', true],
    ['CreatePolicyVersion', 'policy/read-reports', true],
    ['DeleteVirtualMFADevice', 'mfa/dale', true],
    // Never itself, by role or by policy.
    ['PutRolePolicy', 'role/rollcall-apply', false],
    ['UpdateAssumeRolePolicy', 'role/rollcall-plan', false],
    ['CreatePolicyVersion', 'policy/rollcall-apply', false],
    ['CreatePolicyVersion', 'policy/ci/rollcall-apply', false],
    ['DeletePolicy', 'policy/rollcall-plan', false],
    ['UpdateOpenIDConnectProviderThumbprint', 'oidc-provider/token.actions.githubusercontent.com', false],
    // Any other role, which an instance profile may hand to instances, too.
    ['PutRolePolicy', 'role/web', true],
    ['CreateRole', 'role/web', true],
    ['PassRole', 'role/web', true],
    // Nor whatever the rails protect.
    ['DeleteUser', 'user/break-glass', false],
    ['CreateAccessKey', 'user/staff/break-glass', false],
    ['AddUserToGroup', 'group/owners', false],
    // Memberships are authorised on the group: a protected user's are covered where the group is protected.
    ['RemoveUserFromGroup', 'group/admins', true],
    ['CreatePolicyVersion', 'policy/guard-rails', false],
  ])('of applying: %s on %s: %s', (action, resource, allowed) => {
    expect(iam.allows('applier', `iam:${action}`, arn(resource))).toBe(allowed);
  });

  test('fit where they go: an inline policy of a role', () => {
    // Source: IAM quotas: 10,240 characters of a role's inline policies, white space not counted.
    expect(JSON.stringify(policy).length).toBeLessThan(10_240);
  });

  test('IAM takes the roles', () => {
    const { Role } = iam.call('CreateRole', {
      RoleName: 'rollcall-apply',
      AssumeRolePolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { Federated: arn('oidc-provider/x') },
            Action: 'sts:AssumeRoleWithWebIdentity',
          },
        ],
      }),
    });
    const RoleName = Role!.RoleName!;
    iam.call('PutRolePolicy', { RoleName, PolicyName: RoleName, PolicyDocument: JSON.stringify(policy) });
    expect(iam.call('ListRolePolicies', { RoleName }).PolicyNames).toEqual(['rollcall-apply']);
  });
});
