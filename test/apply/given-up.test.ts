import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lease } from '../../src/aws/lock.ts';
import type { Running, Stage } from '../support/cli.ts';
import { manifests, run, scratch, stage, start } from '../support/cli.ts';
import { grant, lockArn } from '../cli/stages.ts';
import { refusal, relay } from '../support/relay.ts';

/** What IAM does not let through for good, at ten calls at a time, with the real SDK over HTTP. */

const users = (names: readonly string[], wish = '{}'): string =>
  `users:\n${names.map((name) => `  ${name}: ${wish}\n`).join('')}`;
const named = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `${prefix}${String(at).padStart(2, '0')}`);

test('a full quota is no throttling: each step is tried once and told as a quota, and the others go on', async () => {
  const { sandbox, there, env } = await stage({ quotas: { usersPerAccount: 12 } });
  const names = named('user', 30);
  const dir = manifests(`${users(names)}groups: { readers: {}, writers: {} }\n`);
  let waited = 0;
  const wait = async (ms: number): Promise<void> => {
    waited += ms;
    await new Promise((done) => setImmediate(done));
  };
  const ended = await run(['apply', '--yes', '-m', dir, ...there], { env, network: { wait } });
  const had = sandbox.call('ListUsers', {}).Users!.length;
  expect(ended.code).toBe(5);
  expect(sandbox.journal.filter(({ op }) => op === 'CreateUser')).toHaveLength(30);
  expect(waited).toBeLessThan(1000);
  expect(ended.stderr.match(/^failed: user:user\d\d: CreateUser: LimitExceeded: /gm)).toHaveLength(30 - had);
  expect(ended.stderr).toContain('\n  remove what is not needed, or ask AWS for a higher quota');
  expect(ended.stderr + ended.stdout).not.toMatch(/throttl|--max-wait|run (?:apply )?again/i);
  expect(sandbox.call('ListGroups', {}).Groups).toHaveLength(2);
});

test('a deny that is throttled for ever is given up, told first, and holds back that person alone', async () => {
  const { sandbox, rollcall, env, writes } = await stage();
  const leavers = ['buzzo', 'dale', 'lorax', 'tad'];
  const group =
    'groups: { admins: { policies: { all: { Statement: [{ Effect: Allow, Action: "*", Resource: "*" }] } } } }\n';
  const before = manifests(`${users([...leavers, 'stays'], '{ groups: [admins] }')}${group}`);
  expect((await rollcall('apply', before, '--yes')).code).toBe(0);
  for (const UserName of leavers) sandbox.call('CreateAccessKey', { UserName });
  sandbox.clearJournal();
  let tries = 0;
  const { there } = await relay(sandbox, ({ op, user }, pass) => {
    const isThrottled = op === 'PutUserPolicy' && user === 'lorax';
    if (isThrottled) tries += 1;
    return Promise.resolve(isThrottled ? refusal('Throttling') : pass());
  });
  const receipts = join(scratch(), 'receipts');
  const args = ['apply', '--yes', '--max-wait', '2', '--override', 'max-removals', '--receipts', receipts];
  const after = manifests(`${users(['stays'], '{ groups: [admins] }')}${group}`);
  const { code, stdout, stderr } = await run([...args, '-m', after, ...there], { env });
  expect(code).toBe(5);
  expect(tries).toBeGreaterThan(5);
  const [first, next] = stdout.slice(stdout.indexOf('note: keys and passwords')).split('\n').slice(1);
  expect(first).toMatch(
    /^lorax still has access: everything was to be denied first, and that failed \(PutUserPolicy: IAM is throttling, and has done nothing else for \d minutes?/,
  );
  expect(next).toMatch(/^Partly applied: /);
  expect(stderr).toContain('\n  lorax still has access\n');
  expect(writes().filter((write) => write.endsWith(' lorax'))).toEqual([]);
  expect(sandbox.allows('lorax', 'ec2:RunInstances', '*')).toBe(true);
  const left = sandbox.call('ListUsers', {}).Users!.map(({ UserName }) => UserName);
  expect(left.sort()).toEqual(['lorax', 'stays']);
});

describe('the lock, while IAM throttles for longer than the lease', () => {
  const minute = 60_000;
  const start0 = Date.parse('2027-01-01T00:00:00Z');

  /** Twenty people, on an IAM that from the first of them on throttles what it is told to, for so many minutes. */
  async function throttledFor(
    minutes: number,
    isThrottled: (op: string) => boolean,
    meanwhile: (here: Stage) => void = () => {},
  ) {
    let time = start0;
    const here = await stage({ clock: () => new Date(time) });
    const { sandbox, env } = here;
    let began: number | null = null;
    let taken = false;
    /** How old the lock was, or null if it was another's, whenever a write passed. */
    const ages: (number | null)[] = [];
    let own: string | undefined;
    const lock = () =>
      sandbox
        .call('ListPolicies', { Scope: 'Local' })
        .Policies!.find(({ PolicyName }) => PolicyName === 'rollcall-lock');
    const { there } = await relay(sandbox, ({ op }, pass) => {
      if (op === 'CreateUser') {
        began ??= time;
        own ??= lock()?.PolicyId;
      }
      const since = began === null ? 0 : time - began;
      if (since > 6 * minute && !taken) {
        taken = true;
        meanwhile(here);
      }
      if (began !== null && since < minutes * minute && isThrottled(op))
        return Promise.resolve(refusal('Throttling'));
      if (op === 'CreateUser') {
        const there = lock();
        ages.push(there?.PolicyId === own ? time - there!.UpdateDate!.getTime() : null);
      }
      return Promise.resolve(pass());
    });
    const dir = manifests(users(named('user', 20)));
    const args = ['apply', '--yes', '--max-wait', '60', '-m', dir, ...there];
    const wait = async (ms: number): Promise<void> => {
      time += ms;
      running.tick(ms);
      await new Promise((done) => setImmediate(done));
    };
    const running: Running = start(args, { env, still: true, now: new Date(start0), network: { wait } });
    const ended = await running.ended;
    return { ...ended, ages, sandbox, seconds: (time - start0) / 1000 };
  }

  test('is renewed all the while, where its own calls pass', async () => {
    const { code, ages, sandbox, seconds } = await throttledFor(12, (op) => op === 'CreateUser');
    expect(code).toBe(0);
    expect(seconds).toBeGreaterThan(12 * 60);
    expect(ages).toHaveLength(20);
    for (const age of ages) expect(age).toBeLessThan(lease);
    expect(sandbox.journal.filter(({ op }) => op === 'CreatePolicyVersion').length).toBeGreaterThan(8);
  });

  test('is renewed before the next write, where its own calls wait too', async () => {
    const { code, ages } = await throttledFor(12, () => true);
    expect(code).toBe(0);
    expect(ages).toHaveLength(20);
    for (const age of ages) expect(age).toBeLessThan(lease);
  });

  test('may be taken by another apply, where its own calls wait too: then nothing more is written', async () => {
    const take = ({ sandbox }: Stage): void => {
      for (const { VersionId, IsDefaultVersion } of sandbox.call('ListPolicyVersions', { PolicyArn: lockArn })
        .Versions!)
        if (!IsDefaultVersion)
          sandbox.call('DeletePolicyVersion', { PolicyArn: lockArn, VersionId: VersionId! });
      sandbox.call('DeletePolicy', { PolicyArn: lockArn });
      sandbox.call('CreatePolicy', {
        PolicyName: 'rollcall-lock',
        Path: '/rollcall/',
        PolicyDocument: grant,
      });
    };
    const { code, ages, stderr, sandbox } = await throttledFor(12, () => true, take);
    expect(code).toBe(5);
    expect(stderr).toContain('stopped: another apply has taken the lock of this account');
    expect(ages).toEqual([]);
    // It is left to whoever has it.
    expect(sandbox.call('GetPolicy', { PolicyArn: lockArn }).Policy).toBeDefined();
  });
});
