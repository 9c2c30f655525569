import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { manifests, run, scratch, write, type Ended } from '../support/cli.ts';
import { check, env, nowhere } from './command-line.ts';
import { count } from './support.ts';

const rollcall = async (...args: string[]): Promise<Ended> =>
  check(await run(args, { env, cwd: scratch() }), args);

describe('command lines', () => {
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
