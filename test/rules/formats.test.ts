/** Changed rules beyond the terminal's list: rails that are looser with what they let through, saved plans, formats. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { SavedPlan } from '../../src/kinds/plan.ts';
import { stage } from '../support/cli.ts';
import type { Ended, Stage } from '../support/cli.ts';
import { repository } from '../support/repository.ts';

vi.setConfig({ testTimeout: 120_000 });

const account = "account: '123456789012'\n";

interface Scene {
  readonly at: Stage;
  readonly root: string;
  readonly file: string;
  readonly git: (...args: string[]) => string;
  readonly write: (after: string) => void;
  readonly commit: (after: string) => string;
  readonly run: (command: string, ...more: string[]) => Promise<Ended>;
}

/** The files before are committed and applied; those after lie in the working tree. */
async function scene(before: string, after: string): Promise<Scene> {
  const at = await stage();
  const { root, git, commit, write } = repository();
  const dir = join(root, 'manifests');
  const run: Scene['run'] = (command, ...more) => at.rollcall(command, dir, ...more);
  commit({ 'access.yaml': account + before });
  const applied = await run('apply', '--yes', '--keys-to', join(root, 'keys'), '--override', 'protected');
  if (applied.code !== 0) throw new Error(applied.stderr + applied.stdout);
  at.sandbox.clearJournal();
  write({ 'access.yaml': account + after });
  return {
    at,
    root,
    git,
    run,
    file: join(root, 'plan.json'),
    write: (text) => write({ 'access.yaml': account + text }),
    commit: (text) => commit({ 'access.yaml': account + text }),
  };
}

const crowd = (count: number): string =>
  `users: { ${['ben', ...Array.from({ length: count }, (_, n) => `u${n}`)].map((name) => `${name}: {}`).join(', ')} }\n`;
const rail = (users: number): string => `rails: { maxRemovals: { users: ${users}, percent: 1 } }\n`;

describe('300 removals, and the rail that would have stopped them goes from 5 to 500', () => {
  test('the plan has both, in every format', async () => {
    const { at, run } = await scene(crowd(300) + rail(5), crowd(0) + rail(500));
    const since = ['--base', 'HEAD'] as const;
    const { code, stdout } = await run('plan', ...since);
    expect(code).toBe(2);
    expect(stdout).toContain('rails.maxRemovals: users 5 → 500');
    expect(stdout).toContain('Looser rails: with those of HEAD this plan would be refused');
    expect(stdout).toMatch(/max-removals: .*300 users of 301/);
    for (const format of ['markdown', 'html']) {
      const page = await run('plan', ...since, '--format', format);
      expect(page.code).toBe(2);
      expect(page.stdout).toMatch(/Looser rails: with those of .*HEAD.* this plan would be refused/);
      expect(page.stdout).toMatch(/300 users of 301/);
      expect(page.stdout).toMatch(/rails\.maxRemovals.*5 → 500/);
    }
    const json = await run('plan', ...since, '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      relaxed: [{ rail: 'max-removals' }],
      rules: [{ id: 'rails/max-removals/users', before: 5, after: 500, effect: 'widens' }],
    });
    expect(at.writes()).toEqual([]);
  });

  test('nothing is looser where the rail is as it was, or where the plan would have passed it anyway', async () => {
    const { run } = await scene(crowd(3) + rail(5), crowd(0) + rail(500));
    const passed = await run('plan', '--base', 'HEAD');
    expect(passed.stdout).toContain('rails.maxRemovals: users 5 → 500');
    expect(passed.stdout).not.toContain('would be refused');
  });

  test('a name that is dropped from protect together with the user', async () => {
    const { run } = await scene(
      `${crowd(3)}rails: { protect: { users: [u2] }, maxRemovals: { users: 1 } }`,
      `${crowd(1)}rails: { maxRemovals: { users: 2 } }`,
    );
    const { stdout } = await run('plan', '--base', 'HEAD', '--json');
    const { relaxed } = JSON.parse(stdout) as { relaxed: { rail: string }[] };
    expect(relaxed.map(({ rail }) => rail).sort()).toEqual(['max-removals', 'protected']);
  });
});

describe('a saved plan of rules alone', () => {
  const [before, after] = ['users: { ben: { expires: 2030-01-01 } }\n', 'users: { ben: {} }\n'];

  test('is applied without a call', async () => {
    const { at, run, file } = await scene(before, after);
    expect(await run('plan', '--base', 'HEAD', '--out', file)).toMatchObject({ code: 2 });
    const saved = JSON.parse(readFileSync(file, 'utf8')) as SavedPlan;
    expect(saved).toMatchObject({ version: 4, steps: [], rules: [{ id: 'user:ben/expires' }] });
    const { code, stdout, stderr } = await run('apply', file, '--yes');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('user ben: expiry 2030-01-01 → none');
    expect(at.writes()).toEqual([]);
  });

  test('holds when the branch goes on, and not when its base cannot be read any more', async () => {
    const { run, file, git, commit } = await scene(before, after);
    await run('plan', '--base', 'HEAD', '--out', file);
    commit(after);
    expect(await run('apply', file, '--yes')).toMatchObject({ code: 0 });
    // The history was made anew.
    git('checkout', '-q', '--orphan', 'other');
    git('commit', '-qm', 'All anew');
    const { code, stderr } = await run('apply', file, '--yes');
    expect(code).toBe(4);
    expect(stderr).toContain('the plan is stale');
    expect(stderr).toContain('the manifests of its base cannot be read');
    expect(stderr).toContain('fetch-depth: 0');
  });

  test('of other rules than it says is stale, and so is one whose base is another', async () => {
    const { run, file, git, commit, at } = await scene(before, after);
    await run('plan', '--base', 'HEAD', '--out', file);
    const first = git('rev-parse', 'HEAD');
    commit(after);
    expect(await run('apply', file, '--yes', '--base', 'HEAD')).toMatchObject({ code: 4 });
    expect(await run('apply', file, '--yes', '--base', first)).toMatchObject({ code: 0 });
    // Somebody hides a rule.
    const saved = JSON.parse(readFileSync(file, 'utf8')) as SavedPlan;
    writeFileSync(file, JSON.stringify({ ...saved, rules: [] }));
    const hidden = await run('apply', file, '--yes');
    expect(hidden.code).not.toBe(0);
    expect(at.writes()).toEqual([]);
  });

  test('is said in Markdown, HTML and JSON as in the terminal', async () => {
    const { run } = await scene(before, after);
    const since = ['--base', 'HEAD'] as const;
    const [terminal, markdown, html, json] = await Promise.all([
      run('plan', ...since),
      run('plan', ...since, '--format', 'markdown'),
      run('plan', ...since, '--format', 'html'),
      run('plan', ...since, '--json'),
    ]);
    for (const { code, stdout } of [terminal, markdown, html]) {
      expect(code).toBe(2);
      expect(stdout).toContain('Changed rules since');
      expect(stdout).toContain('2030-01-01 → none');
      expect(stdout).toContain('does not end by itself any more');
      expect(stdout).not.toContain('nothing to change');
    }
    expect(json.code).toBe(2);
    expect(JSON.parse(json.stdout)).toMatchObject({
      base: { rev: 'HEAD' },
      changes: [],
      rules: [
        {
          id: 'user:ben/expires',
          rule: 'expiry',
          of: ['user:ben'],
          before: '2030-01-01T23:59:59.999Z',
          after: null,
          effect: 'widens',
          text: 'user ben: expiry 2030-01-01 → none',
          reason: 'does not end by itself any more',
        },
      ],
    });
  });
});

describe('told once', () => {
  const rulesOf = ({ stdout }: Ended): string[] =>
    (JSON.parse(stdout) as { rules: { text: string }[] }).rules.map(({ text }) => text);
  const changesOf = ({ stdout }: Ended): string[] =>
    (JSON.parse(stdout) as { changes: { id: string }[] }).changes.map(({ id }) => id);

  test.each<[name: string, before: string, after: string, changes: string[], rules: string[]]>([
    [
      'an expiry that is moved into the past',
      'users: { ben: { expires: 2030-01-01 }, dale: {} }',
      'users: { ben: { expires: 2020-01-01 }, dale: {} }',
      ['user:ben'],
      [],
    ],
    [
      'a user who is suspended',
      'users: { ben: {} }',
      'users: { ben: { suspended: true } }',
      ['user:ben/suspended'],
      [],
    ],
    [
      'a user who is dropped and named in removed',
      'users: { ben: {}, dale: {} }\nmanage: { users: declared }',
      'users: { dale: {} }\nmanage: { users: declared }\nremoved: { users: [ben] }',
      ['user:ben'],
      ['removed.users: +ben; concerns nothing that is there'],
    ],
    [
      'a section that is managed by names',
      'users: { ben: {} }',
      "users: { ben: {} }\nmanage: { users: { names: ['*', '!break-glass'] } }",
      [],
      ['manage.users: all → names *, !break-glass; concerns nothing that is there'],
    ],
    [
      'a user who goes to ignore',
      'users: { ben: {}, dale: {} }',
      'users: { ben: {} }\nignore: { users: [dale] }',
      [],
      ['ignore.users: +dale; out of scope: user dale'],
    ],
    [
      'an expiry that is written otherwise',
      'users: { ben: { expires: 2030-01-01 } }',
      'users: { ben: { expires: 2030-01-01T23:59:59.999Z } }',
      [],
      [],
    ],
  ])('%s', async (_, before, after, changes, rules) => {
    const { run } = await scene(before, after);
    const planned = await run('plan', '--base', 'HEAD', '--json', '--override', 'max-removals');
    expect({ changes: changesOf(planned), rules: rulesOf(planned) }).toEqual({ changes, rules });
  });
});

test('a base that cannot be read is no sign that there is no drift', async () => {
  const { run } = await scene('users: { ben: {} }\n', 'users: { ben: {} }\n');
  expect(await run('drift', '--base', 'HEAD')).toMatchObject({ code: 0 });
  const { code, stderr } = await run('drift', '--base', 'nope');
  expect(code).toBe(2);
  expect(stderr).toContain('git knows no commit "nope"');
});

test('a base without a name is a wrong use of the command', async () => {
  const { run } = await scene('users: { ben: {} }\n', 'users: { ben: {} }\n');
  const { code, stdout, stderr } = await run('plan', '--base', '');
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('--base');
});
