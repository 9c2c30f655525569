import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { planAccount } from '../../src/app/session.ts';
import { renderJson } from '../../src/render/json.ts';
import { aGroup, aUser, desiredOf } from '../support/account.ts';
import { admins, after, reports, reviewed } from './reviewed.ts';

test('the jq cookbook of docs/plans.md works', { timeout: 60_000 }, async (context) => {
  try {
    execFileSync('jq', ['--version']);
  } catch {
    context.skip('jq is not on this machine');
  }
  const { account, saved } = await reviewed();
  const dir = mkdtempSync(join(tmpdir(), 'rollcall-jq-'));
  writeFileSync(join(dir, 'plan.json'), renderJson(saved));
  const cookbook = readFileSync('docs/plans.md', 'utf8').split('## A jq cookbook')[1]!;
  const commands = cookbook.split('\n').filter((line) => line.startsWith('jq '));
  const answers = commands.map((command) =>
    execFileSync('sh', ['-c', command], { cwd: dir, encoding: 'utf8' }),
  );
  expect(answers).toHaveLength(9);
  // What dale gets, an administrator may do already.
  expect(answers[0]).toBe('');
  expect(answers[1]).toBe('lorax\n');
  expect(answers[4]).toContain('melvins DeleteAccessKey (user:melvins/accessKey)\n');
  expect(answers[5]).toContain('1 DeleteUser\n');
  expect(answers[6]).toBe('true\n');
  expect(answers.at(-1)).toBe('');
  // Who joins, of people and groups that are new, too.
  const others = [...after.state.users.values()].filter(({ name }) => name !== 'buzzo');
  const joined = desiredOf({
    users: [...['buzzo', 'zorro'].map((name) => aUser(name, { groups: ['admins', 'staff'] })), ...others],
    groups: [admins, aGroup('staff')],
    policies: [reports],
  });
  const { plan } = await planAccount(joined, account.aws);
  writeFileSync(join(dir, 'plan.json'), JSON.stringify(plan));
  const widens = execFileSync('sh', ['-c', commands[0]!], { cwd: dir, encoding: 'utf8' });
  expect(widens).toContain('user zorro: create (');
  const joins = execFileSync('sh', ['-c', commands[2]!], { cwd: dir, encoding: 'utf8' });
  expect(joins.trim().split('\n').sort()).toEqual([
    'buzzo joins staff',
    'zorro joins admins',
    'zorro joins staff',
  ]);
});
