import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { accountId, run, scratch, write } from '../support/cli.ts';

const init = async (cwd: string, ...more: string[]) =>
  await run(['init', '--account', accountId, ...more], { cwd });
const ignored = (cwd: string): string => readFileSync(join(cwd, '.gitignore'), 'utf8');

test('init keeps secrets and saved plans out of git, and leaves receipts to the team', async () => {
  const cwd = scratch();
  const { stdout } = await init(cwd);
  expect(stdout).toContain('.gitignore\n');
  execFileSync('git', ['init', '-q'], { cwd });
  const files = {
    'deliveries/anna.age': true,
    'prod.keys': true,
    'keys.jsonl': true,
    'rollcall-plan.json': true,
    'plan.json': true,
    'rollcall-pins.patch': true,
    'receipts/anna.json': false,
    'manifests/users.yaml': false,
    'iam/rollcall-plan-role.json': false,
  };
  write(cwd, Object.fromEntries(Object.keys(files).map((name) => [name, ''])));
  const status = execFileSync('git', ['status', '--porcelain', '-uall'], { cwd, encoding: 'utf8' });
  for (const [name, hidden] of Object.entries(files))
    expect([name, !status.includes(name)]).toEqual([name, hidden]);
  expect(ignored(cwd)).toContain('# /receipts/\n');
});

test('what is there stays, and is added to once', async () => {
  const cwd = write(scratch(), { '.gitignore': 'node_modules\r\n/deliveries/' });
  await init(cwd, '--github', '--repo', 'octo-org/access');
  const once = ignored(cwd);
  expect(once.startsWith('node_modules\r\n/deliveries/\r\n\r\n# rollcall: ')).toBe(true);
  expect(once.match(/^\/deliveries\/\r$/gm)).toHaveLength(1);
  expect(once.match(/[^\r]\n/)).toBeNull();
  const again = await init(cwd, '--github', '--repo', 'octo-org/access', '-m', 'accounts/dev');
  expect(again.stdout).not.toContain('.gitignore');
  expect(ignored(cwd)).toBe(once);
});

test('a line that the team took out does not come back', async () => {
  const cwd = scratch();
  await init(cwd);
  const theirs = ignored(cwd).replace('/plan.json\n', '').replace('# /receipts/', '/receipts/');
  write(cwd, { '.gitignore': theirs });
  await init(cwd, '-m', 'accounts/dev');
  expect(ignored(cwd)).toBe(theirs);
});

test('nothing is written where the manifests are in another repository', async () => {
  const [cwd, elsewhere] = [scratch(), scratch()];
  const { stdout } = await init(cwd, '-m', join(elsewhere, 'manifests'));
  expect(stdout).not.toContain('.gitignore');
  expect([cwd, elsewhere].filter((dir) => existsSync(join(dir, '.gitignore')))).toEqual([]);
});
