import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { run, scratch, write } from '../support/cli.ts';

const has = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;

/** What bash offers for the last word of a command line. */
async function bash(...words: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await run(['completion', 'bash']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const list = words.map((word) => `'${word}'`).join(' ');
  const script = `${stdout}
COMP_WORDS=(rollcall ${list}); COMP_CWORD=${words.length}; _rollcall; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const cwd = write(scratch(), { 'script.sh': script });
  const ended = spawnSync('bash', ['--norc', 'script.sh'], { cwd, encoding: 'utf8' });
  expect(ended.stderr).toBe('');
  return ended.stdout.split('\n').filter((line) => line !== '');
}

describe.runIf(has('bash'))('bash completes', () => {
  test('commands', async () => {
    const first = new Set(commands.map(({ name }) => name.split(' ')[0]!));
    expect(await bash('')).toEqual(expect.arrayContaining([...first]));
    expect(await bash('pl')).toEqual(['plan']);
    expect(await bash('receipts', '')).toEqual(['list', 'verify']);
  });

  test('options of the command, those that act there', async () => {
    expect(await bash('plan', '--for')).toEqual(['--format']);
    expect(await bash('receipts', 'verify', '--acc')).toEqual(['--account']);
    expect(await bash('validate', '--prof')).toEqual([]);
    for (const { name, uses } of commands.filter((one) => !one.name.includes(' ')))
      expect([name, (await bash(name, '--ti')).length]).toEqual([name, uses.includes('aws') ? 1 : 0]);
  });

  test('values, and files where anything may stand', async () => {
    expect(await bash('plan', '--format', '')).toEqual(['terminal', 'json', 'markdown', 'html']);
    expect(await bash('import', '--layout', 'p')).toEqual(['path']);
    expect(await bash('completion', 'z')).toEqual(['zsh']);
    expect(await bash('plan', '--target', '')).toEqual([
      'user:',
      'group:',
      'policy:',
      'role:',
      'instance-profile:',
      'oidc-provider:',
      'saml-provider:',
      'account:alias',
      'password:policy',
    ]);
    expect(await bash('apply', '--target', 'ro')).toEqual(['role:']);
    // bash then offers files by itself.
    expect(await bash('plan', '--out', '')).toEqual([]);
    expect(await bash('fmt', 'man')).toEqual([]);
  });

  test('topics of help', async () => {
    expect(await bash('help', 'exit')).toEqual(['exit-codes']);
    expect(await bash('help', 'pl')).toEqual(expect.arrayContaining(['plan', 'plans']));
  });
});

test.each(['zsh', 'fish'])('%s takes the script (skipped where it is not installed)', async (shell) => {
  const { code, stdout } = await run(['completion', shell]);
  expect(code).toBe(0);
  for (const { name } of commands) expect(stdout).toContain(name.split(' ').at(-1));
  expect(stdout).toContain('terminal json markdown html');
  if (!has(shell)) return;
  const cwd = write(scratch(), { script: stdout });
  expect(spawnSync(shell, ['-n', 'script'], { cwd, encoding: 'utf8' })).toMatchObject({
    status: 0,
    stderr: '',
  });
});

describe('help', () => {
  test('of a command shows its options, alone all commands', async () => {
    expect(await run(['help', 'plan'])).toEqual(await run(['plan', '--help']));
    expect(await run(['help', 'receipts', 'verify'])).toEqual(await run(['receipts', 'verify', '--help']));
    expect(await run(['help', 'receipts'])).toEqual(await run(['receipts', '--help']));
    expect(await run(['help'])).toEqual(await run(['--help']));
  });

  test('of a topic is the page of the docs', async () => {
    const { code, stdout, stderr } = await run(['help', 'exit-codes']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^# Exit codes\n/);
    expect((await run(['help', 'docs/manifests.md'])).stdout).toMatch(/^# /);
  });

  test('of anything else says what there is', async () => {
    expect(await run(['help', 'exit-code'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: there is no command and no topic "exit-code"\n  hint: did you mean "exit-codes"?\n',
    });
    expect((await run(['help', '../package'])).code).toBe(1);
    expect((await run(['help', 'zzzzzz'])).stderr).toContain('hint: topics: access, ');
  });
});
