import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Event } from '../../src/cli/event-schema.ts';
import type { Sandbox } from '../../src/sandbox/index.ts';
import { manifests, run, scratch, stage, start } from '../support/cli.ts';
import type { Ended, RunOptions, Running } from '../support/cli.ts';
import { refusal, relay } from '../support/relay.ts';

/** Commands under throttling, and at ten calls at a time, with the real SDK over HTTP. */

const eventsOf = ({ stderr }: Ended): Event[] =>
  stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Event);

const operations = (ended: Ended): Record<string, number> => {
  const calls = eventsOf(ended).find((event) => event.type === 'calls');
  return (calls as { operations?: Record<string, number> } | undefined)?.operations ?? {};
};

/** The same whichever of two calls that go out together was first: IAM's ids and dates tell. */
const withoutIds = (stdout: string): string => stdout.replaceAll(/created \S+, id \w+/g, 'created …');

describe('IAM throttles', () => {
  test('thirty times in a row: the call goes through, each try counts, and programs are told', async () => {
    const { sandbox, there, env } = await stage();
    sandbox.faults.add({ kind: 'throttle', op: 'CreateUser', times: 30 });
    const args = ['apply', '--yes', '--json-events', '-m', manifests('users: { buzzo: {} }'), ...there];
    let running: Running | undefined;
    const wait = async (ms: number): Promise<void> => {
      running!.tick(ms);
      await new Promise((done) => setImmediate(done));
    };
    running = start(args, { env, network: { wait } });
    const ended = await running.ended;
    expect(ended.code).toBe(0);
    expect(operations(ended)['CreateUser']).toBe(31);
    const throttled = eventsOf(ended).filter((event) => event.type === 'throttled');
    expect(throttled.length).toBeGreaterThan(0);
    expect(new Set(throttled.map(({ op }) => op))).toEqual(new Set(['CreateUser']));
  });

  test.each([
    ['CreateAccessKey', 'accessKey: {}'],
    ['CreateLoginProfile', 'console: {}'],
  ])('%s: one secret is made, and it is delivered', async (op, wish) => {
    const { sandbox, rollcall, writes } = await stage();
    sandbox.faults.add({ kind: 'throttle', op, times: 25 });
    const file = join(scratch(), 'keys');
    const dir = manifests(`users: { melvins: { ${wish} } }`);
    const ended = await rollcall('apply', dir, '--yes', '--keys-to', file, '--json-events');
    expect(ended.code).toBe(0);
    expect(operations(ended)[op]).toBe(26);
    expect(writes().filter((write) => write.startsWith('Delete'))).toEqual([]);
    expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(1);
    const keys = sandbox.call('ListAccessKeys', { UserName: 'melvins' }).AccessKeyMetadata ?? [];
    expect(keys).toHaveLength(op === 'CreateAccessKey' ? 1 : 0);
    for (const { AccessKeyId } of keys) expect(readFileSync(file, 'utf8')).toContain(AccessKeyId);
  });

  test('whatever is called: every command ends as it does without', async () => {
    const before = manifests(
      'users: { lorax: { groups: [g] }, dale: { tags: { a: b } } }\ngroups: { g: {} }',
    );
    const after = manifests('users: { buzzo: { groups: [g] }, dale: { tags: { a: c } } }\ngroups: { g: {} }');
    const [free, slowed] = await Promise.all(
      [false, true].map(async (isSlow) => {
        const { sandbox, rollcall, there, env } = await stage();
        expect((await rollcall('apply', before, '--yes')).code).toBe(0);
        if (isSlow) sandbox.faults.add({ kind: 'throttle', probability: 0.6 });
        const cwd = scratch();
        const ended = [
          await run(['import', '--dry-run', ...there], { env, cwd }),
          await rollcall('drift', after),
          await rollcall('plan', after),
          await rollcall('apply', after, '--yes', '--receipts', join(cwd, 'receipts')),
          await rollcall('plan', after),
        ];
        return ended.map(({ code, stdout }) => ({ code, stdout: withoutIds(stdout) }));
      }),
    );
    expect(free!.map(({ code }) => code)).toEqual([0, 2, 2, 0, 0]);
    expect(slowed).toEqual(free);
  });

  test('longer than --max-wait: that step fails and the denies went first', async () => {
    const { sandbox, rollcall, writes } = await stage();
    expect((await rollcall('apply', manifests('users: { lorax: {}, dale: {} }'), '--yes')).code).toBe(0);
    sandbox.clearJournal();
    sandbox.faults.add({ kind: 'throttle', op: 'CreateUser' });
    const { code, stdout, stderr } = await rollcall(
      'apply',
      manifests('users: { dale: {}, buzzo: {} }'),
      '--yes',
      '--max-wait',
      '1',
      '--receipts',
      join(scratch(), 'receipts'),
    );
    expect(code).toBe(5);
    expect(stderr).toContain(
      'failed: user:buzzo: CreateUser: IAM is throttling, and has done nothing else for 1 minute: Rate exceeded\n' +
        '  run again later; --max-wait MINUTES waits longer\n',
    );
    expect(stdout).toContain('Run apply again for what remains:\n  user:buzzo: CreateUser\n');
    // Of those that IAM took: tries that it throttled are in the journal, too.
    expect(writes().find((write) => write !== 'CreateUser buzzo')).toBe('PutUserPolicy lorax');
    expect(sandbox.call('ListUsers', {}).Users?.map(({ UserName }) => UserName)).toEqual(['dale']);
  });
});

const names = Array.from({ length: 30 }, (_, index) => `user${String(index).padStart(2, '0')}`);
const many = (wish = '{}'): string =>
  manifests(`users:\n${names.map((name) => `  ${name}: ${wish}\n`).join('')}`);

/**
 * A way to the sandbox on which ten CreateUser meet. Those of `bad` end as it says, in its order; the others go on once
 * `release` is called, in an order that is drawn.
 */
async function meeting(sandbox: Sandbox, bad: Readonly<Record<string, 'lost' | 'expired'>>) {
  const made: string[] = [];
  const waiting = new Map<string, () => void>();
  let met = (): void => {};
  const allHere = new Promise<void>((done) => (met = done));
  const { there } = await relay(sandbox, async ({ op, user }, pass) => {
    if (op !== 'CreateUser') return pass();
    if (!made.includes(user)) made.push(user);
    if (made.length === 10) met();
    await (bad[user] ? allHere : new Promise<void>((done) => waiting.set(user, done)));
    if (bad[user] === 'lost') return undefined;
    return bad[user] === 'expired' ? refusal('ExpiredToken', 403) : pass();
  });
  const release = (): void => {
    const all = [...waiting.values()].sort(() => Math.random() - 0.5);
    for (const go of all) go();
  };
  return { there, made, allHere, release };
}

describe('ten calls at a time', () => {
  /** The first people of the plan have bad luck; everybody else's answer comes after that is known. */
  async function unlucky(bad: Readonly<Record<string, 'lost' | 'expired'>>): Promise<Ended> {
    const { sandbox, env } = await stage();
    const way = await meeting(sandbox, bad);
    const running = start(['apply', '--yes', '--no-lock', '-m', many(), ...way.there], { env });
    for (const name of Object.keys(bad)) await running.says(`failed: user:${name}:`);
    way.release();
    const ended = await running.ended;
    expect(way.made.sort()).toEqual(names.slice(0, 10));
    const there = sandbox.call('ListUsers', {}).Users?.map(({ UserName }) => UserName!) ?? [];
    expect(there.sort()).toEqual(names.slice(0, 10).filter((name) => !bad[name]));
    return ended;
  }

  test.each([
    ['lost', 'the connection to IAM is lost'],
    ['expired', 'IAM no longer accepts these credentials'],
  ] as const)(
    '%s in the middle: nothing further begins, and the output is the same each time',
    async (how, why) => {
      const ended = [];
      for (let time = 0; time < 3; time += 1) ended.push(await unlucky({ user00: how }));
      expect(ended[0]).toMatchObject({ code: 5 });
      expect(ended[0]!.stderr).toContain(`stopped: ${why}\n`);
      expect(ended[0]!.stdout).toContain('Partly applied: 9 of 30 steps.');
      const [first, ...others] = ended.map((one) => ({ ...one, stdout: withoutIds(one.stdout) }));
      for (const one of others) expect(one).toEqual(first);
    },
  );

  test('of several reasons to stop the one is told that another run does not mend', async () => {
    for (const bad of [
      { user00: 'lost', user01: 'expired' },
      { user00: 'expired', user01: 'lost' },
    ] as const) {
      const { code, stderr } = await unlucky(bad);
      expect(code).toBe(5);
      expect(stderr).toContain('stopped: IAM no longer accepts these credentials\n');
    }
  });

  test('secrets in clear come whole, each once', async () => {
    const { rollcall, there, env } = await stage();
    const file = join(scratch(), 'keys');
    expect((await rollcall('apply', many('{ accessKey: {} }'), '--yes', '--keys-to', file)).code).toBe(0);
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    const people = lines.map((line) => (JSON.parse(line) as { user: string }).user);
    expect(people.sort()).toEqual(names);

    const more = manifests(
      `users:\n${names.map((name) => `  ${name}: { accessKey: {} }\n  ${name}x: { accessKey: {} }\n`).join('')}`,
    );
    const options: RunOptions = { env, terminal: ['stdout', 'stderr'] };
    const { code, stdout, stderr } = await run(['apply', '--yes', '--reveal', '-m', more, ...there], options);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const sections = [
      ...stdout.matchAll(/^\[(user\d\dx)\]\naws_access_key_id = \S{20}\naws_secret_access_key = \S{40}$/gm),
    ];
    expect(sections.map(([, name]) => name).sort()).toEqual(names.map((name) => `${name}x`));
  });
});
