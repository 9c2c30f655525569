import { EventEmitter } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import type { Io } from '../../src/app/io.ts';
import { run as runProgram } from '../../src/cli/program.ts';
import {
  accountId,
  credentials,
  manifests,
  run,
  scratch,
  stage,
  start,
  testHome,
  write,
} from '../support/cli.ts';
import type { Ended, Stage } from '../support/cli.ts';

const people = `account: '${accountId}'
users:
  lorax: { accessKey: {} }
  dale: {}
`;

/** A directory of its own, whose paths every command is given relative to it. */
async function place() {
  const account = await stage();
  const cwd = write(scratch(), { 'here/manifests/people.yaml': people });
  const rollcall = async (command: string, ...more: string[]): Promise<Ended> =>
    await run([command, '-m', 'here/manifests', ...account.there, ...more], { cwd, env: account.env });
  return { ...account, cwd, rollcall, read: (name: string) => readFileSync(join(cwd, name), 'utf8') };
}

/** What is where the tests run, which is not where the commands do. */
const around = (): string[] => readdirSync('.').sort();

test('every path that a command is given is seen from the directory that the run is given', async () => {
  const before = around();
  const { cwd, rollcall, read, sandbox } = await place();
  expect(await rollcall('validate')).toMatchObject({ code: 0 });
  expect(await rollcall('plan', '--out', 'here/plan.json')).toMatchObject({ code: 2 });
  const applied = await rollcall('apply', 'here/plan.json', '--yes', '--keys-to', 'here/keys');
  expect(applied).toMatchObject({ code: 0, stderr: '' });
  expect(read('here/keys')).toContain('"user":"lorax"');

  expect(await rollcall('pin')).toMatchObject({ code: 0 });
  expect(read('here/manifests/people.yaml')).toContain('ids:');
  const offboarded = await rollcall('offboard', 'lorax', '--no-plan');
  expect(offboarded.stdout).toContain('--- a/here/manifests/people.yaml');
  expect(read('here/manifests/people.yaml')).not.toContain('lorax');
  sandbox.call('GenerateCredentialReport', {});
  const gone = await rollcall('apply', '--yes', '--override', 'max-removals', '--receipts', 'here/receipts');
  expect(gone.code).toBe(0);
  const receipt = readdirSync(join(cwd, 'here/receipts')).find((name) => name.endsWith('.json'));
  expect(gone.stderr).toContain(`Receipt of lorax: here/receipts/${receipt}\n`);
  const listed = await run(['receipts', 'list', '--receipts', 'here/receipts'], { cwd });
  expect(listed).toMatchObject({ code: 0, stderr: '' });
  expect(listed.stdout).toContain('lorax');

  write(cwd, { 'here/events.json': '{"Events":[]}' });
  expect(await rollcall('drift', '--events', 'here/events.json')).toMatchObject({ code: 0 });
  const imported = await run(['import', '-m', 'here/imported', '--sandbox=here/account'], { cwd });
  expect(imported.stdout).toContain('here/imported/account.yaml\n');
  expect(existsSync(join(cwd, 'here/account'))).toBe(true);
  expect(existsSync(join(cwd, 'here/imported/account.yaml'))).toBe(true);
  expect(await run(['init', '-m', 'here/new', '--account', accountId], { cwd })).toMatchObject({ code: 0 });
  expect(existsSync(join(cwd, 'here/new/users.yaml'))).toBe(true);
  expect(around()).toEqual(before);
});

test('an error in a file is told at its name, as it was given', async () => {
  const cwd = write(scratch(), { 'here/manifests/a.yaml': 'account: 1\n', 'there/x': '' });
  const from = async (directory: string, dir: string): Promise<string> =>
    (await run(['validate', '-m', dir], { cwd: join(cwd, directory) })).stderr.split(':')[0]!;
  expect(await from('.', 'here/manifests')).toBe('here/manifests/a.yaml');
  expect(await from('.', join(cwd, 'here/manifests'))).toBe('here/manifests/a.yaml');
  expect(await from('there', '../here/manifests')).toBe('../here/manifests/a.yaml');
  expect(await from('there', join(cwd, 'here/manifests'))).toBe(join(cwd, 'here/manifests/a.yaml'));
});

/** A user of the sandbox with keys of their own, and the files of the AWS CLI that name them. */
function withProfile({ sandbox }: Stage, name: string, extra = ''): string {
  sandbox.call('CreateUser', { UserName: name });
  const { AccessKey } = sandbox.call('CreateAccessKey', { UserName: name });
  const keys = credentials({
    accessKeyId: AccessKey!.AccessKeyId!,
    secretAccessKey: AccessKey!.SecretAccessKey!,
  });
  return write(scratch(), {
    '.aws/credentials': `[${name}]\n${Object.entries(keys)
      .map(([key, value]) => `${key.toLowerCase()} = ${value}\n`)
      .join('')}`,
    '.aws/config': `[profile ${name}]\n${extra}`,
  });
}

test('runs beside each other have an environment each: keys, profiles and endpoints', async () => {
  const [one, two] = [await stage(), await stage()];
  const services = `services = local\n[services local]\niam =\n  endpoint_url = ${one.sandbox.url}\nsts =\n  endpoint_url = ${one.sandbox.url}\n`;
  const homes = [
    withProfile(one, 'dale', services),
    withProfile(two, 'buzzo', `endpoint_url = ${two.sandbox.url}\n`),
  ];
  const files = (ignored: string): string =>
    write(scratch(), {
      'a.yaml': `account: '${accountId}'\nignore: { users: [${ignored}] }\nusers: { lorax: {} }\n`,
    });
  const apply = (ignored: string): string[] => ['apply', '--yes', '-m', files(ignored)];
  const ended = await Promise.all([
    run(apply('dale'), { env: { HOME: homes[0]!, AWS_PROFILE: 'dale' } }),
    run([...apply('buzzo'), '--profile', 'buzzo'], { env: { HOME: homes[1]!, AWS_PROFILE: 'nobody' } }),
    run(['plan', '-m', files('dale')], { env: { HOME: homes[0]!, AWS_PROFILE: 'buzzo' } }),
    run(['plan', '-m', files('dale')]),
  ]);
  expect(ended.map(({ code }) => code)).toEqual([0, 0, 1, 1]);
  expect(ended[2].stderr).toContain('there is no profile "buzzo"');
  expect(ended[3].stderr).toContain('no usable AWS credentials');
  const callers = ({ sandbox }: Stage): unknown[] => [
    ...new Set(sandbox.journal.filter(({ op }) => op === 'CreateUser').map(({ caller }) => caller)),
  ];
  expect(callers(one)).not.toEqual(callers(two));
  expect(Object.keys(process.env).filter((name) => name.startsWith('AWS_PROFILE'))).toEqual([]);
});

test('what runs beside each other writes and hears is its own', async () => {
  const { sandbox, there, env } = await stage();
  const dir = write(scratch(), { 'a.yaml': `account: '${accountId}'\nusers: { dale: {} }\n` });
  // One waits for an answer that it is asked for on its terminal, in colours; the others end meanwhile.
  const asked = start(['apply', '-m', dir, ...there], {
    env: { ...env, FORCE_COLOR: '1' },
    terminal: ['stdin', 'stdout', 'stderr'],
    open: true,
  });
  await asked.says('Only "yes" does');
  const plans = await Promise.all(
    [{}, { NO_COLOR: '1' }, { FORCE_COLOR: '1' }].map(
      async (more) => await run(['plan', '-m', dir, ...there], { env: { ...env, ...more } }),
    ),
  );
  expect(plans.map(({ code }) => code)).toEqual([2, 2, 2]);
  expect(plans.map(({ stdout }) => stdout.includes('\u001b['))).toEqual([false, false, true]);
  asked.interrupt();
  const { code, stderr } = await asked.ended;
  expect(code).toBe(1);
  expect(stderr).toContain('interrupted');
  expect(sandbox.call('ListUsers', {}).Users).toEqual([]);
});

/** Streams, environment and clock of a caller who hears what is written. */
const hearing = (write: (text: string) => void): Io => ({
  stdin: Readable.from(['']),
  stdout: { write, isTTY: false },
  stderr: { write, isTTY: false },
  env: {},
  cwd: testHome(),
  now: () => new Date(),
  network: {},
  every: () => () => {},
  onInterrupt: () => () => {},
});

test.each([[[]], [['--help']], [['nonsense']], [['validate']]])(
  'output that cannot be written is an error, and none that a caller has to catch: %j',
  async (args) => {
    const io = hearing(() => {
      throw new Error('write EPIPE');
    });
    expect(await runProgram(args, io)).toBe(1);
  },
);

test.each([
  [['validate']],
  [['plan', '--sandbox']],
  [['github', 'validate']],
  [['github', 'drift', '--sandbox']],
])('nothing opens stdin where no question is asked: %j', async (args) => {
  const io: Io = {
    ...hearing(() => {}),
    get stdin(): never {
      throw new Error('stdin was opened');
    },
  };
  const code = await runProgram([...args, '-m', manifests('users: {}\ngroups: { admins: {} }\n')], io);
  expect(code).toBe(args[0] === 'plan' ? 2 : 0);
});

test('a sandbox can be ended as soon as it says where it is', async () => {
  const interrupts = new EventEmitter();
  const code = await runProgram(['sandbox', '--port', '0'], {
    ...hearing(() => void interrupts.emit('interrupt')),
    onInterrupt(listener) {
      interrupts.on('interrupt', listener);
      return () => void interrupts.off('interrupt', listener);
    },
  });
  expect(code).toBe(0);
  expect(interrupts.listenerCount('interrupt')).toBe(0);
}, 10_000);
