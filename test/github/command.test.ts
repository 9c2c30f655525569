import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { annotateChanges, annotateDiagnostic, annotation } from '../../src/app/github/command.ts';
import { Job, summaryBytes } from '../../src/app/github/job.ts';
import { appliedPage, invalidPage } from '../../src/app/github/pages.ts';
import type { Effect } from '../../src/core/plan.ts';
import type { WordedChange } from '../../src/kinds/plan.ts';
import { run, scratch, stage, write } from '../support/cli.ts';
import { outputsOf } from './runner.ts';

describe('annotations', () => {
  test('escape what the runner would read as its own', () => {
    const at = { file: '/repo/a,b:c%/users.yaml', line: 3, column: 7 };
    expect(
      annotation('error', '100%\r\nof ::notice:: a, b: c', { title: 'x: y, z', at, root: '/repo' }),
    ).toBe(
      '::error file=a%2Cb%3Ac%25/users.yaml,line=3,col=7,title=x%3A y%2C z::100%25%0D%0Aof ::notice:: a, b: c',
    );
    expect(annotation('notice', 'plain')).toBe('::notice::plain');
  });

  test('of diagnostics: the rule, the hint and related places', () => {
    const at = { file: 'manifests/users.yaml', line: 2, column: 1 };
    expect(
      annotateDiagnostic({
        severity: 'warning',
        code: 'duplicate-name',
        message: 'twice',
        hint: 'once',
        at,
        related: [{ message: 'first here', at }],
      }),
    ).toBe(
      '::warning file=manifests/users.yaml,line=2,col=1,title=rollcall%3A duplicate-name::twice%0Ahint: once%0Afirst here (manifests/users.yaml:2:1)',
    );
  });

  test('of changes: ten, what gives access first, at the finest place', () => {
    const change = (name: string, effect: Effect, aspect = ''): WordedChange => ({
      id: `user:${name}${aspect}`,
      kind: 'user',
      name,
      action: 'update',
      summary: 'path /x/',
      effect,
      reason: '',
      details: [],
      aspect: 'path',
      facts: [],
      reasons: [],
      patch: [],
    });
    const names = Array.from({ length: 12 }, (_, n) => `user-${n}`);
    const sources = new Map(
      [...names, 'dale', 'dale/groups'].map((name, index) => [
        `user:${name}`,
        { file: 'm.yaml', line: index + 1, column: 1 },
      ]),
    );
    const lines = annotateChanges(
      [
        ...names.map((name) => change(name, 'none')),
        change('dale', 'widens', '/groups/admins'),
        change('x', 'widens'),
      ],
      sources,
    );
    expect(lines).toHaveLength(10);
    expect(lines[0]).toBe(
      '::notice file=m.yaml,line=14,col=1,title=rollcall%3A plan::user dale: path /x/ (widens)',
    );
  });

  test('of an inline policy stand where the files have it, however IAM spells it', () => {
    const change = {
      id: 'user:dale/policies/NoDelete',
      kind: 'user',
      name: 'dale',
      summary: 'inline policy ~NoDelete',
      effect: 'narrows',
    } as WordedChange;
    const sources = new Map([
      ['user:dale', { file: 'm.yaml', line: 2, column: 3 }],
      ['user:dale/policies/nodelete', { file: 'm.yaml', line: 4, column: 7 }],
    ]);
    expect(annotateChanges([change], sources)[0]).toContain('file=m.yaml,line=4,col=7,');
  });

  test('of a membership stand where it is declared, and not at its group', () => {
    const member = (user: string) => ({
      fact: 'membership',
      user,
      group: 'admins',
      before: false,
      after: true,
    });
    const change = {
      id: 'group:admins/members',
      kind: 'group',
      name: 'admins',
      action: 'update',
      summary: 'members +dale +lorax',
      effect: 'widens',
      facts: [member('dale'), member('lorax'), { ...member('buzzo'), before: true, after: false }],
    } as unknown as WordedChange;
    const at = (file: string, line: number) => ({ file, line, column: 5 });
    const sources = new Map([
      ['group:admins', at('groups.yaml', 2)],
      ['user:dale/groups/admins', at('users.yaml', 8)],
      ['user:lorax/groups/admins', at('users.yaml', 9)],
    ]);
    const lines = (all: WordedChange[]): string[] =>
      annotateChanges(all, sources).map((line) => /file=(.*),col/.exec(line)![1]!);
    expect(lines([change])).toEqual(['users.yaml,line=8', 'users.yaml,line=9']);
    const removal = { ...change, facts: change.facts.slice(2) } as WordedChange;
    expect(lines([removal])).toEqual(['groups.yaml,line=2']);
  });
});

describe('pages', () => {
  test('text of others stays in its block, and its code spans', () => {
    const page = appliedPage(5, '```\n## not a heading\n````', '');
    expect(page).toBe('### rollcall: partly applied\n\n`````text\n```\n## not a heading\n````\n`````\n');
    const message = 'the key `x` <b>@dale</b>';
    expect(invalidPage([{ severity: 'error', code: 'bad-key', message }])).toContain(
      '- ``the key `x` <b>@dale</b>``',
    );
  });

  test('many errors are counted', () => {
    const errors = Array.from({ length: 60 }, () => ({
      severity: 'error' as const,
      code: 'bad-key' as const,
      message: 'wrong',
    }));
    expect(invalidPage(errors)).toContain('… and 10 more');
    expect(invalidPage(errors)).toContain('60 errors');
  });
});

describe('the job', () => {
  test('a summary is cut between characters, below what GitHub takes', () => {
    const file = join(scratch(), 'summary');
    writeFileSync(file, 'before\n');
    const job = new Job({ GITHUB_STEP_SUMMARY: file });
    job.summary(() => '€'.repeat(500_000));
    const bytes = readFileSync(file);
    expect(bytes.length).toBeLessThanOrEqual(summaryBytes);
    expect(bytes.length).toBeGreaterThan(summaryBytes - 100);
    const [first, cut, none, note] = bytes.toString('utf8').split('\n');
    expect([first, cut!.replaceAll('€', ''), none]).toEqual(['before', '', '']);
    expect(note).toContain('cut here');
    job.summary(() => 'no room');
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });

  test('an output cannot end early', () => {
    const file = join(scratch(), 'output');
    writeFileSync(file, '');
    const job = new Job({ GITHUB_OUTPUT: file });
    job.output('plan-file', 'a\nexit-code=0\nb');
    job.output('exit-code', '4');
    expect(outputsOf(readFileSync(file, 'utf8'))).toEqual({
      'plan-file': 'a\nexit-code=0\nb',
      'exit-code': '4',
    });
    // Nor by what ended another one.
    const [, end] = /<<(.+)$/m.exec(readFileSync(file, 'utf8'))!;
    job.output('plan-file', `a\n${end}\nexit-code=0`);
    expect(outputsOf(readFileSync(file, 'utf8'))).toEqual({
      'plan-file': `a\n${end}\nexit-code=0`,
      'exit-code': '4',
    });
  });
});

test('names of the account are text to the runner, never commands', async () => {
  const account = await stage();
  account.sandbox.call('CreateUser', { UserName: 'lorax', Tags: [{ Key: 'x', Value: '::error::forged' }] });
  const dir = write(scratch(), {
    'manifests/account.yaml': "account: '123456789012'\nusers: { lorax: { tags: {} } }\n",
  });
  const { stdout } = await run(['github', 'plan', ...account.there], { cwd: dir, env: account.env });
  const [, stop] = /^::stop-commands::(.+)$/m.exec(stdout)!;
  const inside = stdout.slice(stdout.indexOf('::stop-commands::'), stdout.indexOf(`\n::${stop}::`));
  expect(inside).toContain('user lorax');
  expect(stdout.replace(inside, '')).not.toMatch(/^\s*::error/m);
});

test('a key without a recipient is pointed out while it can still be changed', async () => {
  const account = await stage();
  const dir = write(scratch(), {
    'manifests/account.yaml': "account: '123456789012'\nusers:\n  dale: { accessKey: {} }\n",
  });
  const env = { ...account.env, GITHUB_WORKSPACE: dir };
  const { stdout } = await run(['github', 'plan', ...account.there], { cwd: dir, env });
  expect(stdout).toMatch(
    /^::warning file=manifests\/account\.yaml,line=3,col=\d+,title=rollcall%3A plan::the new access key of dale has nowhere to go/m,
  );
});

test('arguments after -- are the command’s own', async () => {
  const account = await stage();
  const dir = write(scratch(), {
    'manifests/account.yaml': "account: '123456789012'\nusers: { dale: {} }\n",
  });
  const drift = await run(['github', 'drift', ...account.there, '--', '--events', 'none.json'], {
    cwd: dir,
    env: account.env,
  });
  expect(drift.code).toBe(1);
  expect(drift.stdout).toContain('none.json');
  const plan = await run(['github', 'plan', ...account.there, '--', '--at', '2027-01-31'], {
    cwd: dir,
    env: account.env,
  });
  expect(plan.code).toBe(1);
  expect(plan.stderr).toContain('plan takes no further arguments here');
});
