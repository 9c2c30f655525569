import { Ajv2020 } from 'ajv/dist/2020.js';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventSchema } from '../../src/cli/event-schema.ts';
import type { Event } from '../../src/cli/event-schema.ts';
import { answering, caller } from '../support/answers.ts';
import { manifests, run, scratch, stage, start, write } from '../support/cli.ts';
import type { RunOptions, Running } from '../support/cli.ts';
import { key } from '../hostile/command-line.ts';

/** An empty IAM of which each call takes a second and one operation is refused, and a run on it, one call at a time. */
async function slowly(args: readonly string[], options: RunOptions = {}, { ms = 1000, refused = '' } = {}) {
  let running: Running | undefined;
  const iam = await answering((op, _, response) => {
    running!.tick(ms);
    if (op === 'GetCallerIdentity') return caller;
    if (op !== refused) return '<IsTruncated>false</IsTruncated>';
    response
      .writeHead(400, { 'Content-Type': 'text/xml' })
      .end('<ErrorResponse><Error><Code>ValidationError</Code><Message>no</Message></Error></ErrorResponse>');
    return undefined;
  });
  const there = ['--endpoint-url', iam.url, '--parallelism', '1'];
  running = start([...args, ...there], { env: key, still: true, ...options });
  return await running.ended;
}

const people = (count: number): string =>
  manifests(`users:\n${Array.from({ length: count }, (_, at) => `  dale${at}: {}\n`).join('')}`);

/** The lines that were to be read, one after the other: what came before a line was cleared is another. */
const shown = (stderr: string): string[] =>
  stderr.split(/\u001b\[2K\u001b\[G|\n/).filter((text) => text !== '');

describe('on a terminal', () => {
  const terminal = ['stderr'] as const;

  test('one line tells how far it is, and is gone in the end', async () => {
    const { code, stderr } = await slowly(['apply', '--yes', '--no-lock', '-m', people(12)], { terminal });
    expect(code).toBe(0);
    const lines = shown(stderr);
    expect(lines[0]).toBe('reading the account …');
    expect(lines).toContain('reading the account …, 1 call, 1 in flight');
    expect(lines).toContain('0 of 12 steps');
    expect(lines).toContain('2 of 12 steps, 1 in flight');
    expect(lines).toContain('8 of 12 steps, about 10 s left, 1 call/s, 1 in flight');
    expect(Math.max(...lines.slice(0, -3).map(({ length }) => length))).toBeLessThan(80);
    expect(stderr.slice(0, stderr.lastIndexOf('\u001b')).split('\n')).toHaveLength(1);
  });

  test('a table tells what it came to, where it took long', async () => {
    const { stderr } = await slowly(['apply', '--yes', '--no-lock', '-m', people(12)], { terminal });
    expect(stderr.slice(stderr.lastIndexOf('\u001b[G') + 3))
      .toBe(`              done  failed  not run  ended after
create users    12       0        0         13 s
13 calls in 13 s.
`);
  });

  test('nothing is rewritten on a dumb one, nor with --quiet', async () => {
    const args = ['apply', '--yes', '--no-lock', '-m', people(3)];
    const dumb = await slowly(args, { terminal, env: { ...key, TERM: 'dumb' } });
    expect(dumb).toMatchObject({ code: 0, stderr: '' });
    expect(await slowly([...args, '--quiet'], { terminal })).toMatchObject({ code: 0, stderr: '' });
  });

  test('a question stays as it is until it is answered', async () => {
    const { there, env } = await stage();
    const options: RunOptions = { env, terminal: ['stdin', 'stderr'], open: true };
    const running = start(['apply', '-m', people(1), ...there], options);
    await running.says('Only "yes" does:');
    running.tick(1000);
    running.interrupt();
    const { stderr } = await running.ended;
    expect(stderr).toContain('Only "yes" does: Nothing was changed.\n');
  });
});

describe('where nothing can be rewritten', () => {
  test('a line each ten seconds', async () => {
    const { code, stderr } = await slowly(['apply', '--yes', '--no-lock', '-m', people(30)]);
    expect(code).toBe(0);
    expect(stderr).toBe(`5 of 30 steps, about 40 s left, 1 call/s, 1 in flight
15 of 30 steps, about 20 s left, 1 call/s, 1 in flight
25 of 30 steps, about 10 s left, 1 call/s, 1 in flight
              done  failed  not run  ended after
create users    30       0        0         31 s
31 calls in 31 s.
`);
  });

  test('while the account is read, too', async () => {
    const { stderr } = await slowly(['plan', '-m', people(1)], {}, { ms: 10_000 });
    expect(stderr).toBe(
      'reading the account …, 1 call, 0.1 calls/s, 1 in flight\nreading the account …, 2 calls, 0.1 calls/s, 1 in flight\nreading the account …, 3 calls, 0.1 calls/s, 1 in flight\n',
    );
  });

  test('none with --quiet', async () => {
    const args = ['apply', '--yes', '--no-lock', '-m', people(30), '--quiet'];
    expect(await slowly(args)).toMatchObject({ code: 0, stderr: '' });
  });
});

test('a second interrupt ends a run at once, whatever is on its way, and nothing is told any more', async () => {
  let begun = 0;
  let full = (): void => {};
  const tenOnTheWay = new Promise<void>((done) => (full = done));
  const iam = await answering((op) => {
    if (op === 'GetCallerIdentity') return caller;
    if (op !== 'CreateUser') return '<IsTruncated>false</IsTruncated>';
    if ((begun += 1) === 10) full();
    return undefined;
  });
  const args = ['apply', '--yes', '--no-lock', '-m', people(20), '--endpoint-url', iam.url];
  const running = start(args, { env: key, still: true, terminal: ['stderr'] });
  await tenOnTheWay;
  running.interrupt();
  running.interrupt();
  const { code } = await running.ended;
  expect(code).toBe(5);
  expect(begun).toBe(10);
});

const isEvent = new Ajv2020({ allErrors: true, formats: { 'date-time': true } }).compile(eventSchema);

/** The lines of stderr, each held to its schema. */
const eventsOf = (stderr: string): Event[] =>
  stderr
    .trimEnd()
    .split('\n')
    .map((line) => {
      const event = JSON.parse(line) as Event;
      expect(isEvent(event) || { line, errors: isEvent.errors }).toBe(true);
      return event;
    });

const typesOf = (events: readonly Event[]): string[] => events.map(({ type }) => type);
const only = <T extends Event['type']>(events: readonly Event[], type: T) =>
  events.filter((event): event is Extract<Event, { type: T }> => event.type === type);

describe('--json-events', () => {
  test('tells a whole apply, and stdout is as without', async () => {
    const { rollcall } = await stage();
    const dir = manifests('users: { dale: { accessKey: {} } }\n');
    const keys = join(scratch(), 'keys');
    const { code, stdout, stderr } = await rollcall(
      'apply',
      dir,
      '--yes',
      '--keys-to',
      keys,
      '--json-events',
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Plan for account .*\nApplied 1 change: .*\n$/s);
    const events = eventsOf(stderr);
    expect(typesOf(events)).toEqual([
      'start',
      'read',
      'plan',
      ...Array.from({ length: 4 }, () => ['step-start', 'step-end']).flat(),
      'progress',
      'applied',
      'calls',
      'end',
    ]);
    expect(only(events, 'step-end').map(({ op, status }) => `${op} ${status}`)).toEqual([
      'CreateUser done',
      'TagUser done',
      'CreateAccessKey done',
      'UntagUser done',
    ]);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'plan', changes: 1, steps: 4, refusedBy: [] }),
    );
    expect(events.at(-1)).toMatchObject({ type: 'end', code: 0 });
  });

  test('tells each second how far it is', async () => {
    const args = ['apply', '--yes', '--no-lock', '-m', people(8), '--json-events'];
    const events = eventsOf((await slowly(args)).stderr);
    expect(only(events, 'progress').map(({ done, secondsLeft }) => [done, secondsLeft])).toEqual([
      [0, null],
      [0, null],
      [1, null],
      [2, null],
      [3, 8.3],
      [4, 6],
      [5, 4.2],
      [6, 2.7],
      [7, 1.3],
      [8, null],
    ]);
    expect(only(events, 'read').map(({ calls }) => calls)).toEqual([1, 2, 3, 3]);
  });

  test('tells what fails and what therefore does not run, as a message, too', async () => {
    const dir = manifests('users: { dale: { groups: [admins] } }\ngroups: { admins: {} }\n');
    const args = ['apply', '--yes', '--no-lock', '-m', dir, '--json-events'];
    const { code, stderr } = await slowly(args, {}, { refused: 'CreateUser' });
    expect(code).toBe(5);
    const events = eventsOf(stderr);
    const ended = only(events, 'step-end').map(({ op, status, message = '' }) => [op, status, message]);
    expect(ended.sort()).toEqual([
      ['AddUserToGroup', 'skipped', 'needs CreateUser (s1)'],
      ['CreateGroup', 'done', ''],
      ['CreateUser', 'failed', 'CreateUser: ValidationError: no'],
    ]);
    expect(only(events, 'applied')).toMatchObject([{ done: 1, failed: 1, refused: 0, skipped: 1 }]);
    expect(only(events, 'message')).toMatchObject([
      {
        level: 'error',
        text: expect.stringMatching(/^failed: user:dale: CreateUser: Val.*\n  correct/) as string,
      },
    ]);
    expect(events.at(-1)).toMatchObject({ type: 'end', code: 5 });
  });

  test('asks nothing, and tells errors', async () => {
    const { there, env } = await stage();
    const terminal = ['stdin', 'stderr'] as const;
    const args = ['apply', '-m', people(1), ...there, '--json-events'];
    const { code, stderr } = await run(args, { env, terminal, stdin: 'yes\n' });
    expect(code).toBe(1);
    const [message] = only(eventsOf(stderr), 'message');
    expect(message).toMatchObject({ level: 'error', hint: 'add --yes to apply it' });
    expect(stderr).not.toContain('\u001b');
  });

  test('tells errors in manifests with their code and place', async () => {
    const dir = write(scratch(), { 'a.yaml': 'users: { dale: { x: 1 } }\n' });
    const { code, stderr } = await run(['plan', '--sandbox', '-m', dir, '--json-events']);
    expect(code).toBe(1);
    const messages = only(eventsOf(stderr), 'message');
    expect(messages).toContainEqual(
      expect.objectContaining({
        level: 'error',
        code: 'unknown-key',
        at: expect.objectContaining({ line: 1, column: 18 }) as object,
      }),
    );
  });

  test('tells what rail refuses a plan', async () => {
    const { sandbox, rollcall } = await stage();
    sandbox.call('CreateUser', { UserName: 'dale' });
    const dir = manifests('users: { buzzo: {} }\nrails: { protect: { users: [dale] } }\n');
    const { code, stderr } = await rollcall('plan', dir, '--json-events');
    const events = eventsOf(stderr);
    expect(code).toBe(3);
    expect(only(events, 'plan')).toMatchObject([{ refusedBy: ['protected'] }]);
    expect(only(events, 'message')).toMatchObject([
      { level: 'warning', code: 'unknown-protected' },
      { level: 'error', rail: 'protected' },
    ]);
  });

  test.each([
    [['plan', '--frobnicate', '--json-events']],
    [['plam', '--json-events']],
    [['plan', '--json-events', '--at', 'tomorrow', '--sandbox']],
    [['sandbox', '--json-events', '--port', 'x']],
  ])('tells errors of the command line: %j', async (args) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    const events = eventsOf(stderr);
    expect(only(events, 'message')[0]).toMatchObject({ level: 'error' });
    expect(typesOf(events)).toEqual(['start', ...only(events, 'message').map(({ type }) => type), 'end']);
  });

  test.each([
    [['drift']],
    [['import', '--dry-run', '--verbose']],
    [['pin']],
    [['receipts', 'verify', '--receipts', '.']],
    [['offboard', 'dale', '--plan']],
    [['github', 'plan']],
    [['github', 'drift']],
    [['validate']],
  ])('is for every command: %j', async (args) => {
    const cwd = write(scratch(), {
      'manifests/a.yaml': "account: '123456789012'\nusers: { dale: {}, buzzo: { accessKey: {} } }\n",
    });
    const { stderr } = await run([...args, '--sandbox', '--json-events'], { cwd });
    const events = eventsOf(stderr);
    const reads = args[0] === 'validate' ? [] : ['read'];
    expect(typesOf(events)).toEqual(expect.arrayContaining(['start', ...reads, 'end']));
  });
});
