import { describe, expect, test } from 'vitest';
import { commands as declared } from '../../src/cli/commands.ts';
import { manifests, run } from '../support/cli.ts';

const commands = declared.map(({ name }) => name);

test('without arguments it shows the commands and the exit codes', async () => {
  const { code, stdout, stderr } = await run([]);
  expect(code).toBe(0);
  expect(commands.length).toBeGreaterThan(12);
  for (const command of commands) expect(stdout).toContain(`\n  ${command.split(' ')[0]}`);
  expect(stdout).toMatch(
    /0 clean.*1 error.*2 changes pending.*3 refused.*4 plan stale.*5 apply partly done/s,
  );
  expect(stderr).toBe('');
});

test.each(commands)('%s --help tells its options on stdout', async (command) => {
  const { code, stdout, stderr } = await run([...command.split(' '), '--help']);
  expect(code).toBe(0);
  expect(stdout).toContain(`Usage: rollcall ${command}`);
  expect(stderr).toBe('');
});

test.each(commands)('an unknown option of %s points to its help', async (command) => {
  const { code, stdout, stderr } = await run([...command.split(' '), '--frobnicate']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain("unknown option '--frobnicate'");
  expect(stderr).toContain(`(rollcall ${command} --help shows its options)\n`);
});

test('an unknown command points to the commands, also of a group', async () => {
  expect((await run(['frobnicate'])).stderr).toContain('(rollcall --help shows the commands)\n');
  expect((await run(['receipts', 'x'])).stderr).toContain('(rollcall receipts --help shows its commands)\n');
});

test('--version is the version of the package', async () => {
  const { code, stdout } = await run(['--version']);
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) as string });
});

describe('a command line that makes no sense is an error, and nothing is done', () => {
  test.each([
    [['frobnicate'], "unknown command 'frobnicate'"],
    [['plam'], 'Did you mean plan?'],
    [['plan', '--frobnicate'], "unknown option '--frobnicate'"],
    [['plan', 'extra'], 'too many arguments'],
    [['plan', '--manifests'], 'argument missing'],
    [['plan', '--format', 'yaml'], 'Allowed choices are terminal'],
    [['plan', '--override', 'everything'], 'Allowed choices are root-caller'],
    [['plan', '--endpoint-url', 'localhost'], 'an address such as http://127.0.0.1:4566'],
    [['plan', '--sandbox', '--endpoint-url', 'http://127.0.0.1:1'], 'cannot be used with'],
    [['plan', '--sandbox', '--profile', 'x'], 'cannot be used with'],
    [['plan', '--region', 'eu west 1'], 'a region such as us-east-1'],
    [['plan', '--assume-empty', 'ListSSHPublicKeys'], 'needs --endpoint-url'],
    [['plan', '--assume-empty', 'ListUsers', '--endpoint-url', 'http://x'], 'Allowed choices are List'],
    [['plan', '--format', 'html', '--json', '--sandbox'], '--json cannot be used with --format html'],
    [['drift', '--json', '--format=markdown'], '--json cannot be used with --format markdown'],
    [['plan', '--at', 'tomorrow', '--sandbox'], '--at tomorrow is not a date'],
    [['plan', '--at', '2027-02-30', '--sandbox'], '--at 2027-02-30 is not a date'],
    [
      ['receipts', 'verify', '--receipts', import.meta.filename],
      'is not a directory\n  hint: name the directory that holds the receipts',
    ],
    [['sandbox', '--port', '70000'], 'a port from 0 to 65535'],
    [['sandbox', '--account', '12'], 'twelve digits'],
    [['init', '--account', '12345678901'], 'twelve digits'],
  ])('%j: %s', async (args, message) => {
    const { code, stdout, stderr } = await run(args);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stdout).toBe('');
  });
});

describe('colours', () => {
  const colour = '\u001b[';
  const bad = () => manifests('users: { buzzo: { group: [admins] } }');

  test('are for terminals: none in pipes, in CI neither', async () => {
    const dir = bad();
    for (const env of [{}, { CI: 'true' }, { TERM: 'xterm-256color' }]) {
      const { stderr } = await run(['validate', '-m', dir], { env });
      expect(stderr).toContain('account.yaml:2:');
      expect(stderr).not.toContain(colour);
    }
  });

  test('can be asked for, and NO_COLOR and --no-color win over that', async () => {
    const dir = bad();
    const env = { FORCE_COLOR: '1' };
    expect((await run(['validate', '-m', dir], { env })).stderr).toContain(colour);
    expect((await run(['validate', '-m', dir], { env: { ...env, NO_COLOR: '1' } })).stderr).not.toMatch(
      colour,
    );
    expect((await run(['validate', '-m', dir, '--no-color'], { env })).stderr).not.toContain(colour);
  });
});
