import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { run, scratch, stage, write } from '../support/cli.ts';

/** Records which options a command looks at by name, and not only hands on with all others. */
function watched(options: object, seen: Set<string>): object {
  let copied: unknown;
  return new Proxy(options, {
    getOwnPropertyDescriptor(target, key) {
      copied = key;
      return Reflect.getOwnPropertyDescriptor(target, key);
    },
    get(target, key) {
      if (copied !== key) seen.add(String(key));
      copied = undefined;
      return Reflect.get(target, key) as unknown;
    },
  });
}

/** Handed on together to what makes the connection: where one came to be, they act. */
const ofAws = [
  'sandbox',
  'endpointUrl',
  'assumeEmpty',
  'region',
  'timeout',
  'maxWait',
  'parallelism',
  'profile',
];

/** They act only beside others: `--live` against `--files`, those of `github` in its own tests. */
const beside = { github: ['label', 'pinsFile', 'quiet'], 'who-can': ['live'], explain: ['live'] };

const files = {
  'manifests/a.yaml': 'account: "123456789012"\nusers: { buzzo: {}, dale: {} }\n',
  'receipts/x': '',
  'events.json': '{"Events":[]}',
};

/** Command lines that together look at every option that a command lists. */
const lines: Readonly<Record<string, readonly (readonly string[])[]>> = {
  init: [
    ['-m', 'new', '--account', '123456789012'],
    ['-m', 'github', '--github', '--repo', 'octo-org/access'],
  ],
  import: [['-m', 'imported']],
  validate: [[]],
  fmt: [[]],
  schema: [[]],
  'explain-code': [['unknown-key']],
  plan: [[], ['--format', 'markdown'], ['--out', 'plan.json']],
  show: [['plan.json'], ['plan.json', '--format', 'markdown']],
  apply: [['--yes']],
  drift: [[]],
  'who-can': [['s3:GetObject'], ['s3:GetObject', '--files']],
  explain: [
    ['user:buzzo', 's3:GetObject'],
    ['user:buzzo', 's3:GetObject', '--files'],
  ],
  export: [[], ['user:buzzo']],
  offboard: [['dale', '--dry-run'], ['dale']],
  pin: [[]],
  'receipts list': [[]],
  'receipts verify': [[]],
  completion: [['bash']],
  help: [['exit-codes']],
  github: [['plan'], ['apply'], ['drift', '--issue']],
};

/** They serve until they are ended, or tell a story: their options are tested where they are. */
const apart = ['sandbox', 'demo'];

test('each command has its line here', () => {
  expect([...Object.keys(lines), ...apart].sort()).toEqual(commands.map(({ name }) => name).sort());
});

test.each(Object.entries(lines))('%s looks at every option that its help lists', async (name, argvs) => {
  const spec = commands.find((one) => one.name === name)! as {
    -readonly [K in 'load']: () => Promise<unknown>;
  };
  const { load } = spec;
  const seen = new Set<string>();
  spec.load = async () => {
    const command = (await load()) as (...parsed: unknown[]) => unknown;
    return (...parsed: object[]) => command(...parsed.slice(0, -1), watched(parsed.at(-1)!, seen));
  };
  onTestFinished(() => void (spec.load = load));
  const help = (await run([...name.split(' '), '--help'])).stdout;
  const listed = [...help.matchAll(/^ {2}(?:-\w, )?--(?:no-)?([a-z-]+)/gm)]
    .map(([, long]) => long!.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase()))
    .filter((option) => option !== 'help');
  for (const argv of argvs) {
    const there = await stage();
    there.sandbox.call('CreateUser', { UserName: 'buzzo' });
    there.sandbox.clearJournal();
    const cwd = write(scratch(), files);
    const env = { ...there.env, GITHUB_WORKSPACE: cwd, GITHUB_OUTPUT: join(cwd, 'output') };
    if (name === 'show') await run(['plan', '--out', 'plan.json', ...there.there], { cwd, env });
    await run([...name.split(' '), ...argv, ...there.there], { cwd, env });
    if (there.sandbox.journal.length > 0) for (const option of ofAws) seen.add(option);
  }
  for (const option of (beside as Record<string, string[]>)[name] ?? []) seen.add(option);
  expect(listed.length).toBeGreaterThan(1);
  expect(listed.filter((option) => !seen.has(option))).toEqual([]);
});

test('what acts nowhere is taken all the same, so that a wrapper can give it always', async () => {
  const cwd = write(scratch(), files);
  const { code, stderr } = await run(['validate', '--profile', 'x', '--quiet', '--verbose'], { cwd });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect((await run(['validate', '--help'])).stdout).not.toMatch(/--profile|--quiet|--verbose|--timeout/);
});
