import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { stableJson } from '../../src/core/json.ts';
import type { SavedPlan } from '../../src/kinds/plan.ts';
import type { Overridden } from '../../src/core/rails.ts';
import type { Receipt } from '../../src/app/receipts/index.ts';
import { appliedPage } from '../../src/app/github/pages.ts';
import { Emulators } from '../github/github.ts';
import { manifests, run, scratch, stage, write } from '../support/cli.ts';
import type { Ended, Stage } from '../support/cli.ts';

vi.setConfig({ testTimeout: 120_000 });

const yaml = `
rails: { protect: { users: [lorax] }, maxRemovals: { users: 5 } }
users: { dale: {} }
groups:
  admins: { policies: { allow_all: { Statement: [{ Effect: Allow, Action: '*', Resource: '*' }] } } }
`;
const override = ['--override', 'protected', 'last-administrator'];
const overridden: readonly Overridden[] = [
  { rail: 'protected', message: 'the plan touches the protected user lorax: user lorax: offboard' },
  { rail: 'last-administrator', message: 'nobody would be left who can administer the account' },
];
const title = 'Overridden rails: without --override this plan would be refused';

/** buzzo and lorax, the administrators, leave; lorax is protected. */
async function account(): Promise<Stage> {
  const there = await stage();
  const { sandbox } = there;
  sandbox.call('CreateGroup', { GroupName: 'admins' });
  sandbox.call('PutGroupPolicy', {
    GroupName: 'admins',
    PolicyName: 'allow_all',
    PolicyDocument: JSON.stringify({ Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }),
  });
  for (const UserName of ['buzzo', 'dale', 'lorax']) sandbox.call('CreateUser', { UserName });
  for (const UserName of ['buzzo', 'lorax'])
    sandbox.call('AddUserToGroup', { GroupName: 'admins', UserName });
  sandbox.clearJournal();
  return there;
}

/** Each overridden rail, whole and in this order, before the first change is named. */
function tellsFirst(text: string, change: string): void {
  const places = [...overridden.flatMap(({ rail, message }) => [rail, message]), change];
  let from = text.indexOf(title);
  expect(from).toBeGreaterThanOrEqual(0);
  for (const place of places) {
    expect(text.slice(from)).toContain(place);
    from = text.indexOf(place, from) + place.length;
  }
  expect(text.indexOf(change)).toBe(from - change.length);
}

test('an overridden rail is told before the changes, in every format', async () => {
  const there = await account();
  const dir = manifests(yaml);
  const plan = (...more: string[]): Promise<Ended> => there.rollcall('plan', dir, ...override, ...more);
  const ended = await plan();
  expect(ended.code).toBe(2);
  expect(ended.stderr).not.toContain('refused by the rail');
  tellsFirst(ended.stdout, '- user buzzo');
  const { stdout: json } = await plan('--format', 'json');
  expect((JSON.parse(json) as SavedPlan).overridden).toEqual(overridden);
  expect(json.indexOf('"overridden"')).toBeLessThan(json.indexOf('"changes"'));
  tellsFirst((await plan('--format', 'markdown')).stdout, '**Offboard user**');
  tellsFirst((await plan('--format', 'html')).stdout, '<li class="change"');
});

test('Markdown that is cut to its limit still tells each overridden rail', async () => {
  const there = await account();
  for (let n = 0; n < 150; n += 1)
    there.sandbox.call('CreateGroup', { GroupName: `a-rather-long-name-${n}` });
  const dir = manifests(yaml);
  const options = [...override, 'max-removals', '--format', 'markdown', '--limit', '4000'];
  const { stdout } = await there.rollcall('plan', dir, ...options);
  expect(Buffer.byteLength(stdout)).toBeLessThanOrEqual(4000);
  expect(stdout).toContain('Not all fits here');
  const before = stdout.slice(0, stdout.indexOf('Not all fits here'));
  expect(before).toContain(title);
  for (const { rail } of overridden) expect(before).toContain(`\`${rail}\``);
  expect(before).toContain('`max-removals`: `150 groups of 151 would be removed');
});

test('what a rail that is not overridden says stands beside what an overridden one would have said', async () => {
  const there = await account();
  const dir = manifests(yaml);
  const one = ['--override', 'protected'];
  const { code, stdout, stderr } = await there.rollcall('plan', dir, ...one);
  expect(code).toBe(3);
  expect(stdout).toContain(title);
  expect(stdout).toContain('protected: the plan touches');
  expect(stdout).not.toContain('last-administrator');
  expect(stderr).toContain('refused by the rail last-administrator');
  const markdown = (await there.rollcall('plan', dir, ...one, '--format', 'markdown')).stdout;
  expect(markdown.indexOf(title)).toBeLessThan(markdown.indexOf('Refused by a rail'));
});

test('an override of a rail that does not trip is not told as overridden, but as not needed', async () => {
  const there = await account();
  const dir = manifests(yaml);
  const { stdout, stderr } = await there.rollcall('plan', dir, ...override, 'min-members', '--json');
  expect((JSON.parse(stdout) as SavedPlan).overridden).toEqual(overridden);
  const notes = stderr.split('\n').filter((line) => line.startsWith('note: '));
  expect(notes).toEqual([
    'note: --override min-members was not needed: the plan does not run into that rail',
  ]);
});

/** Applies with the overrides: what it said, and the texts of its receipts by the end of their names. */
async function applied(...more: string[]): Promise<{ stdout: string; json: string[]; md: string[] }> {
  const there = await account();
  const receipts = join(scratch(), 'receipts');
  const options = ['--yes', '--receipts', receipts, ...override, ...more];
  const { code, stdout } = await there.rollcall('apply', manifests(yaml), ...options);
  expect(code).toBe(0);
  const texts = (end: string): string[] =>
    readdirSync(receipts)
      .filter((file) => file.endsWith(end))
      .map((file) => readFileSync(join(receipts, file), 'utf8'));
  return { stdout, json: texts('.json'), md: texts('.md') };
}

test('apply tells what was overridden, in its text and in JSON', async () => {
  tellsFirst((await applied()).stdout, '- user buzzo');
  const { stdout } = await applied('--json');
  expect((JSON.parse(stdout) as SavedPlan).overridden).toEqual(overridden);
});

test('every receipt of the run tells what was overridden', async () => {
  const { json, md } = await applied();
  expect(json.map((text) => (JSON.parse(text) as Receipt).run.overridden)).toEqual([overridden, overridden]);
  expect(md).toHaveLength(2);
  for (const text of md) {
    const [head] = text.split('| User |');
    expect(head).toContain('Overridden rails');
    for (const { rail, message } of overridden) expect(head).toContain(`- \`${rail}\`: \`${message}\``);
  }
});

test('a step of a GitHub job tells it in its summary, its comment and an annotation', async () => {
  const there = await account();
  const dir = scratch();
  const emulators = new Emulators(join(dir, 'emulators'));
  write(dir, {
    'manifests/account.yaml': `account: '123456789012'\n${yaml}`,
    'event.json': JSON.stringify({ pull_request: { number: 12, head: { sha: 'a'.repeat(40) } } }),
  });
  const summary = (step: string): string => readFileSync(join(dir, `${step}.md`), 'utf8');
  const step = async (name: string, ...args: string[]): Promise<Ended> =>
    await run(['github', name, ...there.there, ...override, ...args], {
      cwd: dir,
      env: {
        ...there.env,
        ...emulators.env(),
        GITHUB_REPOSITORY: 'octo-org/access',
        GITHUB_EVENT_PATH: join(dir, 'event.json'),
        GITHUB_WORKSPACE: dir,
        GITHUB_STEP_SUMMARY: join(dir, `${name}.md`),
        GH_TOKEN: 'token pull-requests',
      },
    });
  const planned = await step('plan', '--comment');
  expect(planned.code).toBe(0);
  for (const { rail, message } of overridden)
    expect(planned.stdout).toContain(
      `::warning title=rollcall%3A the rail ${rail} is overridden::${message}`,
    );
  tellsFirst(summary('plan'), '**Offboard user**');
  tellsFirst(emulators.github.comments['12']![0]!.body, '**Offboard user**');
  expect((await step('apply')).code).toBe(0);
  tellsFirst(summary('apply'), '- user buzzo');
});

test('what stopped an apply leaves room for the overridden rails in the summary of a GitHub job', () => {
  expect(appliedPage(5, `${title}\n  ! protected: …`, 'failed: x\n'.repeat(10_000))).toContain(title);
});

/** The plan as a file, changed, with the digest that fits. */
function forged(saved: SavedPlan, changes: Partial<SavedPlan>): string {
  const { digest: _digest, ...rest } = { ...saved, ...changes };
  const digest = createHash('sha256').update(stableJson(rest)).digest('hex');
  return JSON.stringify({ ...rest, digest });
}

test('a saved plan is let through by the override that apply is given, never by what its file says', async () => {
  const there = await account();
  const dir = manifests(yaml);
  const file = join(scratch(), 'plan.json');
  expect((await there.rollcall('plan', dir, '--out', file, ...override)).code).toBe(2);
  const saved = JSON.parse(readFileSync(file, 'utf8')) as SavedPlan;
  expect(saved.overridden).toEqual(overridden);
  const apply = (...more: string[]): Promise<Ended> =>
    run(
      ['apply', file, '-m', dir, '--yes', '--receipts', join(scratch(), 'receipts'), ...there.there, ...more],
      { env: there.env },
    );

  // The list is part of what the digest covers.
  writeFileSync(file, JSON.stringify({ ...saved, overridden: [] }));
  expect(await apply(...override)).toMatchObject({ code: 1, stdout: '' });

  // As it was reviewed, and with a list that claims more: without --override both are refused.
  const more: readonly Overridden[] = [
    ...overridden,
    { rail: 'max-removals', message: 'nothing to see here' },
  ];
  for (const list of [overridden, more]) {
    writeFileSync(file, forged(saved, { overridden: list }));
    const { code, stdout, stderr } = await apply();
    expect(code).toBe(3);
    for (const { rail } of overridden) expect(stderr).toContain(`refused by the rail ${rail}: `);
    expect(stdout).not.toContain('Overridden');
    expect(stdout).not.toContain('nothing to see here');
  }
  expect((await apply('--override', 'protected')).code).toBe(3);
  expect(there.writes()).toEqual([]);

  // A list that hides what is overridden hides it from nobody who applies the plan.
  writeFileSync(file, forged(saved, { overridden: [] }));
  const { code, stdout } = await apply(...override);
  expect(code).toBe(0);
  tellsFirst(stdout, '- user buzzo');
});
