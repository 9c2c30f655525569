import { expect, test } from 'vitest';
import type { Io } from '../../src/app/io.ts';
import { run } from '../../src/cli/program.ts';
import { explanations } from '../../src/core/diagnostics.ts';

async function explain(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const never = (): never => {
    throw new Error('needs nothing but its arguments');
  };
  const io: Io = {
    stdout: { write: (text) => (out += text), isTTY: false },
    stderr: { write: (text) => (err += text), isTTY: false },
    get stdin() {
      return never();
    },
    env: {},
    cwd: '/',
    now: never,
    network: {},
    every: never,
    onInterrupt: never,
  };
  return { code: await run(['explain-code', ...args], io), out, err };
}

test('an explanation says what the code means, shows it, and says why and what to do', async () => {
  const { code, out, err } = await explain('unknown-group');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toBe(`unknown-group: A group is named that no file declares.

    users: { dale: { groups: [admin] } }
    groups: { admins: {} }

Why: Most often it is misspelt. Created silently, it would be a group without policies.
What to do: Mend the spelling, or declare the group under \`groups\`.
`);
});

test('as JSON it is the entry of the registry', async () => {
  const { code, out } = await explain('--json', 'expired');
  expect({ code, out: JSON.parse(out) as unknown }).toEqual({
    code: 0,
    out: { code: 'expired', ...explanations.expired },
  });
});

test.each([
  ['unknown-grup', 'did you mean "unknown-group"?'],
  ['max-removals', 'it is a rail: docs/rails.md#max-removals'],
  ['constructor', 'docs/diagnostics.md lists all codes'],
])('%s is no code: an error, with what may have been meant', async (wrong, hint) => {
  const { code, out, err } = await explain(wrong);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toBe(`error: no error or warning has the code "${wrong}"\n  hint: ${hint}\n`);
});
