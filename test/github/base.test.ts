import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { run, scratch, stage } from '../support/cli.ts';
import { repository } from '../support/repository.ts';
import { Emulators } from './github.ts';
import { outputsOf } from './runner.ts';

vi.setConfig({ testTimeout: 120_000 });

const files = (rest: string): Record<string, string> => ({
  'access.yaml': `account: '123456789012'\nusers: { ben: {} }\n${rest}`,
});

/** A job on a repository of two commits, of which the second loosens a rail; and what it prints. */
async function job(
  event: (first: string) => object,
  deployed: readonly string[] = [],
  more: readonly string[] = [],
) {
  const at = await stage();
  const { root, commit } = repository();
  const first = commit(files('rails: { maxRemovals: { users: 5 } }'));
  await at.rollcall('apply', join(root, 'manifests'), '--yes');
  const second = commit(files('rails: { maxRemovals: { users: 500 } }'));
  const dir = scratch();
  const emulators = new Emulators(dir);
  emulators.github = {
    ...emulators.github,
    deployments: deployed.map((state, at) => ({
      id: at + 1,
      sha: at === 0 ? first : second,
      environment: 'aws-iam',
      statuses: [{ state: 'inactive' }, { state }],
    })),
  };
  writeFileSync(join(dir, 'event.json'), JSON.stringify(event(first)));
  writeFileSync(join(dir, 'output'), '');
  const env = {
    ...at.env,
    ...emulators.env(),
    GITHUB_REPOSITORY: 'octo-org/access',
    GITHUB_EVENT_PATH: join(dir, 'event.json'),
    GITHUB_WORKSPACE: root,
    GITHUB_OUTPUT: join(dir, 'output'),
    GH_TOKEN: 'token pull-requests',
  };
  const { code, stdout } = await run(
    ['github', 'plan', '--plan-file', join(dir, 'plan.json'), ...more, ...at.there],
    { cwd: root, env },
  );
  const { comments } = emulators.github;
  return { code, stdout, comments, outputs: outputsOf(readFileSync(join(dir, 'output'), 'utf8')) };
}

test.each([
  [
    'a pull request: the merge base',
    (sha: string) => ({ pull_request: { number: 1, base: { ref: 'main', sha } } }),
    [],
  ],
  ['main: the last commit that was applied, not one that failed', () => ({}), ['success', 'failure']],
])('%s', async (_, event, deployed) => {
  const { code, stdout, outputs } = await job(event, deployed);
  expect(code).toBe(0);
  expect(stdout).toContain('rails.maxRemovals: users 5 → 500');
  expect(outputs).toMatchObject({ changes: '1', rules: '1', steps: '0', 'exit-code': '2' });
});

test('a pull request of a changed rule alone gets its comment', async () => {
  const { stdout, comments } = await job(
    (sha) => ({ pull_request: { number: 1, base: { ref: 'main', sha }, head: { sha } } }),
    [],
    ['--comment'],
  );
  expect(stdout).toContain('comment of #1: created');
  const { body } = comments['1']![0]!;
  expect(body).toContain('Changed rules since');
  expect(body).toContain('5 → 500');
  expect(body).not.toContain('othing to change');
});

test('before any apply: the commit before, and it says so', async () => {
  const { stdout, outputs } = await job((before) => ({ before }));
  expect(stdout).toContain('no apply has succeeded in the environment aws-iam yet');
  expect(outputs).toMatchObject({ changes: '1', rules: '1' });
});

test('a base that cannot be found is told, and is no 0', async () => {
  const { stdout, outputs } = await job(() => ({
    pull_request: { number: 1, base: { ref: 'main', sha: 'a'.repeat(40) } },
  }));
  expect(stdout).toContain('Rules could not be compared with the merge base with main: ');
  expect(outputs).toMatchObject({ changes: '1', rules: 'unknown', 'exit-code': '2' });
});
