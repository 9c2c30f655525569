import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { manifests, run, scratch, write, type Ended } from '../cli/support.ts';
import { count, fuzz, nastyTexts, type Random } from './support.ts';

/** Ends by itself, with a code of ours, and tells users what is wrong in words and not in stack traces. */
function check(ended: Ended, args: readonly string[]): Ended {
  const said = `${ended.stdout}${ended.stderr}`;
  const wrong = [
    ended.signal !== null && `was ended by ${ended.signal}`,
    ![0, 1, 2, 3, 4, 5].includes(ended.code ?? -1) && `ended with ${ended.code}`,
    /in a way it should not|^\s+at .*:\d+:\d+/m.test(said) && 'shows a stack trace',
    /node:internal|UnhandledPromise/.test(said) && 'shows what is inside',
    said.length > 500_000 && 'floods its reader',
    ended.code !== 0 && ended.stderr === '' && ended.code !== 2 && 'does not say why',
  ].filter(Boolean);
  if (wrong.length > 0)
    throw new Error(`${JSON.stringify(args).slice(0, 500)}: ${wrong.join(', ')}\n${said.slice(0, 2000)}`);
  return ended;
}

/** Nothing that could be reached by accident: no network but a port where nobody listens. */
const nowhere = ['--endpoint-url', 'http://127.0.0.1:9'];
const env = { AWS_ACCESS_KEY_ID: 'AKIA2222222222222222', AWS_SECRET_ACCESS_KEY: 'x', AWS_MAX_ATTEMPTS: '1' };
const rollcall = async (...args: string[]): Promise<Ended> =>
  check(await run(args, { env, cwd: scratch() }), args);

const commands = ['validate', 'plan', 'apply', 'drift', 'import', 'offboard', 'receipts', 'init', 'help'];
const options = [
  '--manifests',
  '-m',
  '--sandbox',
  '--profile',
  '--region',
  '--no-color',
  '--json',
  '--quiet',
  '-q',
  '--verbose',
  '-v',
  '--format',
  '--out',
  '-o',
  '--at',
  '--override',
  '--yes',
  '-y',
  '--deliveries',
  '--keys-to',
  '--reveal',
  '--account',
  '--version',
  '--help',
  '--__proto__',
  '--constructor',
  '--no-',
  '--',
  '-',
  '---',
  '--sandbox=',
  '--at=',
  '-xyz',
];
// Processes are started with texts that end at a zero byte.
const words = [
  ...nastyTexts.filter((text) => !text.includes('\u0000') && text !== '\ud800'),
  'lorax',
  '.',
  '/',
  '/dev/null',
  'json',
  'terminal',
  'max-removals',
  '2027-01-01',
  '0',
];

const anyArguments = (random: Random): string[] => [
  random.below(6) === 0 ? random.pick(words) : random.pick(commands),
  ...Array.from({ length: random.below(6) }, () => random.pick(random.below(2) === 0 ? options : words)),
];

describe('command lines', () => {
  it('of any arguments', async () => {
    const tried = await fuzz(
      'command lines',
      async (random) => {
        const args = anyArguments(random);
        check(await run([...args, ...(random.below(2) === 0 ? nowhere : [])], { env, cwd: scratch() }), args);
      },
      10_000,
    );
    expect(tried).toBeGreaterThan(0);
  });

  it.each<[string, string[]]>([
    ['no manifests at all', ['validate', '--manifests', '/nowhere']],
    ['manifests that are a file', ['validate', '--manifests', '/dev/null']],
    ['a plan that is a directory', ['apply', '/', '--yes']],
    ['a plan that is not there', ['apply', 'plan.json', '--yes']],
    ['an endpoint that is none', ['plan', '--endpoint-url', 'nonsense']],
    ['an endpoint of another protocol', ['plan', '--endpoint-url', 'file:///etc/passwd']],
    ['an endpoint where nobody listens', ['plan', ...nowhere]],
    ['a profile that is not there', ['plan', '--profile', '__proto__']],
    ['a date that is none', ['plan', '--sandbox', '--at', '2027-02-30']],
    ['a sandbox file that is a directory', ['plan', '--sandbox=/']],
    ['a sandbox file in no directory', ['plan', '--sandbox=/nowhere/at/all.db']],
    ['a port that is none', ['sandbox', '--port', '99999']],
    ['an address that is none', ['sandbox', '--port', '0', '--host', '999.1.1.1']],
    ['an account that is none', ['sandbox', '--port', '0', '--account', 'x']],
    ['a rail that is none', ['plan', '--override', '__proto__']],
    ['a plan to a directory', ['plan', '--sandbox', '--out', '/']],
    ['a name to take out that is a pattern', ['offboard', '*'.repeat(200)]],
  ])('with %s', async (_what, args) => {
    const dir = manifests('users: { dale: {}, lorax: {} }\n');
    const all = args[0] === 'sandbox' || args.includes('--manifests') ? args : [...args, '--manifests', dir];
    expect((await rollcall(...all)).code).not.toBe(0);
    count('crafted command lines');
  });

  it('over manifests that link in circles and outside', async () => {
    const dir = write(scratch(), { 'a.yaml': "account: '123456789012'\nusers: { dale: {} }\n" });
    symlinkSync(dir, join(dir, 'circle'));
    symlinkSync('/etc/passwd', join(dir, 'b.yaml'));
    symlinkSync('/nowhere', join(dir, 'c.yaml'));
    mkdirSync(join(dir, 'd.yaml'));
    const { stdout, stderr } = await rollcall('validate', '--manifests', dir);
    expect(stdout + stderr).not.toContain('root:x:');
    count('crafted command lines');
  });

  it('over plans of any bytes', async () => {
    const dir = manifests('users: { dale: {} }\n');
    for (const [index, text] of [
      '',
      '{',
      '[]',
      '\0\0',
      '{"version":1,"steps":[]}',
      '['.repeat(200_000),
    ].entries()) {
      const file = join(scratch(), `plan-${index}.json`);
      writeFileSync(file, text);
      expect((await rollcall('apply', file, '--yes', '--sandbox', '--manifests', dir)).code).toBe(1);
      count('crafted command lines');
    }
  });
});
