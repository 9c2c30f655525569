import { describe, expect, test } from 'vitest';
import { manifests, stage, start } from '../support/cli.ts';

const question = 'Apply 1 change to account 123456789012? Only "yes" does: ';

/** An apply on a terminal, where somebody types. What the terminal itself does is in question.deep.test.ts. */
async function asked(stdin?: string) {
  const account = await stage();
  const args = ['apply', '-m', manifests('users: { dale: {} }\n'), '--no-color', ...account.there];
  const running = start(args, {
    env: account.env,
    terminal: ['stdin', 'stdout', 'stderr'],
    ...(stdin === undefined ? { open: true } : { stdin }),
  });
  return { running, writes: account.writes };
}

describe('the question of apply', () => {
  test.each(['yes\n', ' yes \n'])('is answered with %j', async (typed) => {
    const { running, writes } = await asked(typed);
    const { code, stdout, stderr } = await running.ended;
    expect(code).toBe(0);
    expect(stderr).toContain(question);
    expect(stderr).toContain('0 of 1 step');
    expect(stdout).toContain('Applied 1 change: 1 creation; 0 may widen access; 1 API call.\n');
    expect(writes()).toEqual(['CreateUser dale']);
  });

  test.each(['no\n', 'y\n', 'Yes\n', '\n', ''])('is not answered with %j', async (typed) => {
    const { running, writes } = await asked(typed);
    const { code, stdout, stderr } = await running.ended;
    expect(code).toBe(1);
    expect(stderr).toContain(question);
    expect(stderr).toMatch(/Nothing was changed\.\n$/);
    expect(stdout).not.toContain('Applied');
    expect(writes()).toEqual([]);
  });

  test('answered with an interrupt', async () => {
    const { running, writes } = await asked();
    await running.says(question);
    running.interrupt();
    const { code, stderr } = await running.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/Nothing was changed\.\nerror: interrupted\n$/);
    expect(writes()).toEqual([]);
  });
});
