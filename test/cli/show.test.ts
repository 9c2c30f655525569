import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { manifests, run, scratch, stage } from '../support/cli.ts';
import type { Ended } from '../support/cli.ts';

/** `show PLAN`: a saved plan, printed as `plan` printed it, without manifests and without any API call. */

const yaml = `
users: { buzzo: { groups: [admins] } }
groups: { admins: { policies: { allow_all: { Statement: [{ Effect: Allow, Action: '*', Resource: '*' }] } } } }
`;

async function saved() {
  const { sandbox, rollcall } = await stage();
  const dir = manifests(yaml);
  const cwd = scratch();
  const file = join(cwd, 'plan.json');
  expect((await rollcall('plan', dir, '--out', file)).code).toBe(2);
  const planned = (...more: string[]): Promise<Ended> => rollcall('plan', dir, ...more);
  return { sandbox, planned, file, cwd };
}

test.each(['terminal', 'json', 'markdown', 'html'])(
  'as %s it prints what plan printed, and exits 0',
  async (format) => {
    const { sandbox, planned, file, cwd } = await saved();
    const { stdout } = await planned('--format', format);
    sandbox.clearJournal();
    const shown = await run(['show', file, '--format', format], { cwd });
    expect(shown).toMatchObject({ code: 0, stdout });
    expect(sandbox.journal).toEqual([]);
  },
);

test('it says where the plan comes from, and that nothing is checked; --quiet does not', async () => {
  const { file, cwd } = await saved();
  const { manifests: hash, rollcall } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  const { stderr } = await run(['show', 'plan.json'], { cwd });
  expect(stderr).toMatch(
    /^note: "plan\.json", written \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ: made by rollcall \S+ from the manifests [0-9a-f]{12}; not checked against the account, the manifests or the rails, as `apply` does\n$/,
  );
  expect(stderr).toContain(`rollcall ${rollcall} from the manifests ${hash!.slice(0, 12)}`);
  expect((await run(['show', file, '--quiet'], { cwd })).stderr).toBe('');
});

test('it takes a plan from standard input, and --json for its file', async () => {
  const { file } = await saved();
  const stdin = readFileSync(file, 'utf8');
  const { code, stdout, stderr } = await run(['show', '-', '--json'], { stdin });
  expect({ code, stdout }).toEqual({ code: 0, stdout: stdin });
  expect(stderr).toMatch(/^note: a saved plan: made by rollcall /);
});

test('a plan of another day says so', async () => {
  const { planned, file } = await saved();
  await planned('--at', '2030-01-01', '--out', file);
  expect((await run(['show', file])).stderr).toContain(
    'note: it is of another day (--at 2030-01-01T00:00:00.000Z): apply does not run it\n',
  );
});

test('what is no whole plan is told as apply tells it', async () => {
  const { file, cwd } = await saved();
  const text = readFileSync(file, 'utf8');
  const bad: Readonly<Record<string, string>> = {
    edited: text.replace('buzzo', 'lorax'),
    cut: text.slice(0, 100),
    other: '{}',
    older: text.replace(/"version": \d+/, '"version": 1'),
    empty: '',
  };
  for (const [name, content] of Object.entries(bad)) {
    writeFileSync(join(cwd, name), content);
    const shown = await run(['show', name], { cwd });
    const applied = await run(['apply', name, '--yes', '-m', manifests(yaml)], { cwd });
    expect({ name, ...shown }).toEqual({ name, code: 1, stdout: '', stderr: applied.stderr });
  }
  const missing = await run(['show', 'nothing.json'], { cwd });
  expect(missing).toEqual({
    code: 1,
    stdout: '',
    stderr: 'error: nothing.json cannot be read (ENOENT)\n  hint: make a plan with `rollcall plan --out`\n',
  });
});
