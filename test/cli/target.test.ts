import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { manifests, scratch, stage } from '../support/cli.ts';

/** `plan --target user:anna`: a part of the manifests, shown, saved and applied as one. */

const before = `
users: { anna: {}, ben: { groups: [ops] }, lorax: { groups: [ops] } }
groups: { ops: {} }
`;
const after = `
users:
  anna: { groups: [ops, readers], path: /team/ }
  ben: { groups: [ops, readers], path: /team/ }
groups:
  ops: { path: /team/ }
  readers: { attach: [reports] }
policies:
  reports: { document: { Statement: [{ Effect: Allow, Action: 's3:Get*', Resource: '*' }] } }
`;

async function story() {
  const there = await stage();
  expect((await there.rollcall('apply', manifests(before), '--yes')).code).toBe(0);
  there.sandbox.clearJournal();
  return { ...there, dir: manifests(after) };
}
const partial =
  'Partial plan (--target): only user anna, and what it depends on; everything else stays as it is.';

test('the plan is of anna and what she needs: the group with its policy, and nobody else in it', async () => {
  const { rollcall, dir } = await story();
  const { code, stdout } = await rollcall('plan', dir, '--target', 'user:anna');
  expect(code).toBe(2);
  expect(stdout).toContain(`Plan for account 123456789012\n${partial}\n`);
  expect(stdout).toContain('group readers: create');
  expect(stdout).toContain('policy reports: create');
  expect(stdout).toContain('user anna: path');
  expect(stdout).not.toMatch(/\b(?:ben|lorax)\b/);
  expect(stdout).not.toContain('group ops: path');
});

test('every format says that it is partial', async () => {
  const { rollcall, dir } = await story();
  const [json, markdown, html] = await Promise.all(
    ['json', 'markdown', 'html'].map(
      async (format) => (await rollcall('plan', dir, '--target', 'user:anna', '--format', format)).stdout,
    ),
  );
  expect(JSON.parse(json!)).toMatchObject({ targets: ['user:anna'] });
  expect(markdown).toContain(`> [!NOTE]\n> ${partial.replace('user anna', '`user anna`')}\n`);
  expect(html).toContain(`<strong class="u">${partial}</strong>`);
  expect(JSON.parse((await rollcall('plan', dir, '--json')).stdout)).not.toHaveProperty('targets');
});

test('applied, it says so, and a whole plan has the rest', async () => {
  const { rollcall, writes, dir } = await story();
  const { code, stdout } = await rollcall('apply', dir, '--yes', '--target', 'user:anna');
  expect(code).toBe(0);
  expect(stdout).toMatch(/\nApplied .*\nPartial plan \(--target\): only user anna, .*\n$/);
  expect(writes().sort()).toEqual([
    'AddUserToGroup anna',
    'AddUserToGroup anna',
    'AttachGroupPolicy readers',
    'CreateGroup readers',
    'CreatePolicy reports',
    'UpdateUser anna',
  ]);
  const again = await rollcall('plan', dir, '--target', 'user:anna');
  expect(again).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /^Account 123456789012 matches the manifests as far as user anna goes: nothing to change\.\n/,
    ) as string,
  });
  const rest = await rollcall('apply', dir, '--yes', '--receipts', join(scratch(), 'receipts'));
  expect(rest.code).toBe(0);
  expect(rest.stdout).not.toContain('Partial');
  expect((await rollcall('plan', dir)).code).toBe(0);
});

test('--json of an apply has the targets', async () => {
  const { rollcall, dir } = await story();
  const { stdout } = await rollcall('apply', dir, '--yes', '--json', '--target', 'user:anna');
  expect(JSON.parse(stdout)).toMatchObject({ targets: ['user:anna'], remaining: [] });
});

describe('a saved partial plan', () => {
  test('is applied as it was reviewed, though the rest of the account has moved', async () => {
    const { rollcall, sandbox, writes, dir } = await story();
    const file = join(scratch(), 'plan.json');
    await rollcall('plan', dir, '--target', 'USER:anna'.toLowerCase(), '--out', file);
    sandbox.call('TagUser', { UserName: 'ben', Tags: [{ Key: 'a', Value: 'b' }] });
    sandbox.clearJournal();
    const { code, stdout } = await rollcall('apply', dir, file, '--yes');
    expect(code).toBe(0);
    expect(stdout).toContain(partial);
    expect(writes()).toHaveLength(6);
    expect(writes().join()).not.toMatch(/ben|lorax/);
  });

  test('takes no other targets', async () => {
    const { rollcall, dir } = await story();
    const file = join(scratch(), 'plan.json');
    await rollcall('plan', dir, '--target', 'user:anna', '--out', file);
    const { code, stderr } = await rollcall('apply', dir, file, '--yes', '--target', 'user:ben');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr:
        'error: --target is for applying without a saved plan, which has its own targets\n  hint: make the plan with --target, or apply without the file\n',
    });
  });

  test('is stale once its target is gone from both sides', async () => {
    const { rollcall, sandbox, dir } = await story();
    const file = join(scratch(), 'plan.json');
    await rollcall('plan', dir, '--target', 'user:lorax', '--out', file);
    sandbox.call('RemoveUserFromGroup', { UserName: 'lorax', GroupName: 'ops' });
    sandbox.call('DeleteUser', { UserName: 'lorax' });
    expect((await rollcall('apply', dir, file, '--yes')).code).toBe(4);
  });
});

test('an offboarding alone leaves its receipt, which says that the run was partial', async () => {
  const { rollcall, writes, dir } = await story();
  const receipts = join(scratch(), 'receipts');
  const { code } = await rollcall('apply', dir, '--yes', '--target', 'user:lorax', '--receipts', receipts);
  expect(code).toBe(0);
  expect(writes().filter((call) => !call.endsWith('lorax'))).toEqual([]);
  const names = readdirSync(receipts).sort();
  const [json, markdown] = names.map((name) => readFileSync(join(receipts, name), 'utf8'));
  expect(JSON.parse(json!)).toMatchObject({ complete: true, run: { targets: ['user:lorax'] } });
  expect(markdown).toContain('The run applied only a part of the manifests (--target): `user:lorax`.');
});

describe('rails look at what a partial plan brings about', () => {
  const guarded = (users: string): string =>
    manifests(`${users}\ngroups: { ops: {} }\nrails: { minMembers: { ops: 2 } }`);

  test('it is refused where it takes a group below its minimum, and not for a group that it leaves alone', async () => {
    const { rollcall } = await story();
    const dir = guarded('users: { anna: { groups: [ops], path: /x/ }, ben: {}, carl: { groups: [ops] } }');
    const refused = await rollcall('plan', dir, '--target', 'group:ops');
    expect(refused.code).toBe(2);
    const alone = await rollcall('plan', dir, '--target', 'user:ben', '--target', 'user:lorax');
    expect(alone.code).toBe(3);
    expect(alone.stderr).toContain('group ops would have 0 of at least 2 members');
    expect((await rollcall('plan', dir, '--target', 'user:anna')).code).toBe(2);
  });
});

test.each([
  [['--target', 'user:ana'], 'no manifest declares this user', 'did you mean "user:anna"?'],
  [['--target', 'anna'], 'Expected a kind and a name, such as user:anna or group:admins.', ''],
])('%j is an error', async (args, message, hint) => {
  const { rollcall, writes, dir } = await story();
  for (const command of ['plan', 'apply']) {
    const { code, stdout, stderr } = await rollcall(command, dir, ...args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
  }
  expect(writes()).toEqual([]);
});

test('a forged list of targets makes a plan no other', async () => {
  const { rollcall, dir } = await story();
  const file = join(scratch(), 'plan.json');
  await rollcall('plan', dir, '--target', 'user:anna', '--out', file);
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('"user:anna"', '"user:ben"'));
  expect((await rollcall('apply', dir, file, '--yes')).code).toBe(1);
});
