import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { expect, test } from 'vitest';
import { accountId, run, scratch, stage, write, type Stage } from '../support/cli.ts';

/**
 * The set-up of docs/github.md on the sandbox, as the page and `init --github` say it: the provider and both roles are
 * made by the commands that are printed, jobs take the roles with tokens as GitHub gives them, and plan and apply run
 * with what the roles may do and no more.
 */
const hasCli = spawnSync('aws', ['--version'], { stdio: 'ignore' }).status === 0;
const skipped = hasCli ? '' : ' (skipped: no AWS CLI)';

const issuer = 'https://token.actions.githubusercontent.com';
const repository = 'repo:acme/access';
const branch = `${repository}:ref:refs/heads/main`;
const environment = `${repository}:environment:aws-iam`;

/** The commands for AWS and GitHub in what somebody is told, without the indentation. */
function commandsIn(text: string): string {
  const lines = text.split('\n');
  const first = lines.findIndex((line) => line.trim().startsWith('aws iam create-open-id-connect-provider'));
  const last = lines.findIndex((line) => line.trim().startsWith('gh variable set ROLLCALL_APPLY_ROLE'));
  expect([first, last]).not.toContain(-1);
  const block = lines.slice(first, last + 1);
  const indent = /^ */.exec(block[0]!)![0].length;
  return block.map((line) => line.slice(indent)).join('\n');
}

const page = readFileSync(resolve(import.meta.dirname, '../../docs/github.md'), 'utf8');

/** A job's credentials, taken as `aws-actions/configure-aws-credentials` takes them. */
async function job({ sandbox }: Stage, role: string, sub: string): Promise<Record<string, string>> {
  const claims = new URLSearchParams({ audience: 'sts.amazonaws.com', sub, repository: 'acme/access' });
  const answer = (await (await fetch(`${sandbox.url}/token?${claims.toString()}`)).json()) as {
    value: string;
  };
  const client = new STSClient({ endpoint: sandbox.url, region: 'us-east-1', maxAttempts: 1 });
  try {
    const { Credentials } = await client.send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn: `arn:aws:iam::${accountId}:role/${role}`,
        RoleSessionName: 'GitHubActions',
        WebIdentityToken: answer.value,
      }),
    );
    return {
      AWS_ACCESS_KEY_ID: Credentials!.AccessKeyId!,
      AWS_SECRET_ACCESS_KEY: Credentials!.SecretAccessKey!,
      AWS_SESSION_TOKEN: Credentials!.SessionToken!,
    };
  } finally {
    client.destroy();
  }
}

/** A repository with the set-up, and an account that has it too. */
async function setUp(commandsOf: (printed: string) => string) {
  const staged = await stage({ enforce: true, strict: true });
  const dir = write(scratch(), {
    'manifests/account.yaml': `account: '${accountId}'\nusers:\n  lorax: { path: /partners/, attach: [aws:ReadOnlyAccess] }\n`,
  });
  const init = await run(['init', '--github', '--repo', 'acme/access', '--account', accountId], { cwd: dir });
  expect(init).toMatchObject({ code: 0 });
  const script = `set -eu\ngh() { echo "gh $*"; }\n${commandsOf(init.stderr)}`;
  const { stdout: made } = await promisify(execFile)('bash', ['-c', script], {
    cwd: dir,
    env: {
      PATH: process.env['PATH'],
      HOME: scratch(),
      AWS_ENDPOINT_URL: staged.sandbox.url,
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_PAGER: '',
      ...staged.env,
    },
  });
  return { staged, dir, made };
}

/** A command of the jobs, in the repository. */
const rollcall =
  ({ there }: Stage, dir: string, env: Record<string, string>) =>
  (command: string, ...more: string[]) =>
    run([command, ...more, ...there], { cwd: dir, env });

test.skipIf(!hasCli)(`plan and apply run as the roles that init --github prints${skipped}`, async () => {
  const { staged, dir, made } = await setUp(commandsIn);
  expect(made).toContain(`arn:aws:iam::${accountId}:oidc-provider/token.actions.githubusercontent.com`);
  expect(made).toContain(`--body arn:aws:iam::${accountId}:role/rollcall-plan`);

  // A pull request plans, and so does the branch, which saves the plan; the plan role writes nothing.
  const pullRequest = rollcall(staged, dir, await job(staged, 'rollcall-plan', `${repository}:pull_request`));
  expect(await pullRequest('plan')).toMatchObject({ code: 2, stderr: '' });
  const main = rollcall(staged, dir, await job(staged, 'rollcall-plan', branch));
  expect(await main('plan', '--out', 'plan.json')).toMatchObject({ code: 2, stderr: '' });
  const refused = await main('apply', 'plan.json', '--yes');
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain('AccessDenied');
  expect(staged.sandbox.call('ListUsers', {}).Users).toEqual([]);

  // The environment applies exactly that plan.
  const approved = rollcall(staged, dir, await job(staged, 'rollcall-apply', environment));
  expect(await approved('apply', 'plan.json', '--yes')).toMatchObject({ code: 0, stderr: '' });
  expect(staged.sandbox.call('GetUser', { UserName: 'lorax' }).User?.Path).toBe('/partners/');
  expect(await main('plan')).toMatchObject({ code: 0, stderr: '' });
  expect(await main('drift')).toMatchObject({ code: 0 });
});

test.skipIf(!hasCli)(`the commands on the page make the same${skipped}`, async () => {
  const { staged, dir } = await setUp(() => commandsIn(page));
  const main = rollcall(staged, dir, await job(staged, 'rollcall-plan', branch));
  expect(await main('plan')).toMatchObject({ code: 2, stderr: '' });
});

test.skipIf(!hasCli)(`nobody else gets the roles${skipped}`, async () => {
  const { staged } = await setUp(commandsIn);
  for (const [role, sub] of [
    // Another repository, one that only begins like it, and a fork's owner.
    ['rollcall-plan', 'repo:acme/other:pull_request'],
    ['rollcall-plan', 'repo:acme/access-2:pull_request'],
    ['rollcall-plan', 'repo:evil/access:pull_request'],
    // The form with numeric ids, of which the page says that the wrong form fails.
    ['rollcall-plan', 'repo:acme@1/access@2:pull_request'],
    // Another branch plans nothing, and what may plan may not apply.
    ['rollcall-plan', `${repository}:ref:refs/heads/topic`],
    ['rollcall-apply', branch],
    ['rollcall-apply', `${repository}:pull_request`],
    ['rollcall-apply', `${repository}:environment:production`],
  ] as const) {
    await expect(job(staged, role, sub)).rejects.toThrow(
      'Not authorized to perform sts:AssumeRoleWithWebIdentity',
    );
  }
  expect(page).toContain('Not authorized to perform sts:AssumeRoleWithWebIdentity');
  expect(issuer).toBe(
    `https://${staged.sandbox.call('ListOpenIDConnectProviders', {}).OpenIDConnectProviderList![0]!.Arn!.split('/')[1]}`,
  );
});
