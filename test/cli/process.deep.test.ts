/** What only a process shows: signals, kills, and output that nobody takes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { manifests, run, stage } from '../support/cli.ts';
import { command, startProcess } from '../support/process.ts';
import { clocked, held, story } from './stages.ts';

const users = (...names: string[]): string =>
  manifests(`users: { ${names.map((name) => `${name}: { tags: { a: '1' } }`).join(', ')} }`);

describe('Ctrl-C', () => {
  test('lets the running step end, says what remains with exit 5, and the next run goes on', async () => {
    const { sandbox, env, rollcall, writes } = await stage();
    const way = await held(sandbox, 'CreateUser');
    const dir = users('buzzo', 'dale', 'lorax');
    const one = ['--parallelism', '1'];
    const running = await startProcess(['apply', '--yes', '-m', dir, ...one, ...way.there], { env });
    await way.arrival;
    running.child.kill('SIGINT');
    await running.says('Interrupted: running steps end, then rollcall stops.');
    way.release();
    const { code, signal, stdout, stderr } = await running.ended;
    expect({ code, signal }).toEqual({ code: 5, signal: null });
    expect(writes()).toEqual(['CreateUser buzzo']);
    expect(stdout).toContain(
      'Partly applied: 1 of 3 steps. Run apply again for what remains:\n  user:dale: CreateUser\n  user:lorax: CreateUser\n',
    );
    expect(stderr).toContain('stopped: interrupted\n');
    expect(await rollcall('apply', dir, '--yes')).toMatchObject({ code: 0, stderr: '' });
    expect(await rollcall('plan', dir)).toMatchObject({ code: 0 });
  });

  test('pressed again ends it at once', async () => {
    const { sandbox, env, rollcall } = await stage();
    const way = await held(sandbox, 'CreateUser');
    const dir = users('buzzo', 'dale');
    const running = await startProcess(['apply', '--yes', '-m', dir, ...way.there], { env });
    await way.arrival;
    running.child.kill('SIGINT');
    await running.says('Interrupted');
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({ code: 5 });
    expect(await rollcall('apply', dir, '--yes')).toMatchObject({ code: 0, stderr: '' });
  });

  test('during a plan ends it at once: there is nothing to lose', async () => {
    const { sandbox, env } = await stage();
    const way = await held(sandbox, 'GetAccountAuthorizationDetails');
    const running = await startProcess(['plan', '-m', users('buzzo'), ...way.there], { env });
    await way.arrival;
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({ signal: 'SIGINT', stdout: '', stderr: '' });
  });
});

describe('new keys', () => {
  test('of a run that is killed before the delivery are replaced by the next, and deleted by a later one', async () => {
    const { dir, mail, decrypt } = await story();
    const { sandbox, there, env } = await stage();
    const killed = await startProcess(['apply', ...there, '--yes'], { cwd: dir, env });
    sandbox.faults.afterCall = ({ op }) => {
      if (op === 'CreateAccessKey') killed.child.kill('SIGKILL');
    };
    expect((await killed.ended).signal).toBe('SIGKILL');
    sandbox.faults.afterCall = null;
    const [lost] = sandbox.call('ListAccessKeys', { UserName: 'melvins' }).AccessKeyMetadata!;
    expect(lost?.Status).toBe('Active');
    expect(readdirSync(mail)).not.toContain(`melvins-${lost!.AccessKeyId!}.age`);

    const plan = await run(['plan', ...there], { cwd: dir, env });
    expect(plan.stdout).toContain(
      `user melvins: access key ${lost!.AccessKeyId!}: made, but never delivered, inactive`,
    );
    expect(plan.stdout).toContain('! undelivered key: ');
    expect((await run(['apply', ...there, '--yes'], { cwd: dir, env })).code).toBe(0);
    const keys = () => sandbox.call('ListAccessKeys', { UserName: 'melvins' }).AccessKeyMetadata!;
    expect(keys().find(({ AccessKeyId }) => AccessKeyId === lost!.AccessKeyId)?.Status).toBe('Inactive');
    expect((await run(['apply', ...there, '--yes'], { cwd: dir, env })).code).toBe(0);
    const [key, ...others] = keys();
    expect(others).toEqual([]);
    expect(key!.AccessKeyId).not.toBe(lost!.AccessKeyId);
    expect(await decrypt(join(mail, `melvins-${key!.AccessKeyId!}.age`))).toContain(key!.AccessKeyId);
    expect(sandbox.call('ListUserTags', { UserName: 'melvins' }).Tags).toEqual([]);
    expect((await run(['plan', ...there], { cwd: dir, env })).code).toBe(0);
  });

  test('that were delivered by a run that was killed right after stay, and only the mark goes', async () => {
    const { dir, mail, decrypt } = await story();
    const { sandbox, there, env } = await stage();
    const killed = await startProcess(['apply', ...there, '--yes'], { cwd: dir, env });
    sandbox.faults.beforeCall = ({ op }) => {
      if (op === 'UntagUser') killed.child.kill('SIGKILL');
    };
    expect((await killed.ended).signal).toBe('SIGKILL');
    sandbox.faults.beforeCall = null;
    const user = { UserName: 'melvins' };
    const Key = 'rollcall-undelivered';
    const [made] = sandbox.call('ListAccessKeys', user).AccessKeyMetadata!;
    // Whether the killed call arrived or not.
    const Value = `${made!.CreateDate!.toISOString().slice(0, 19)}Z none`;
    sandbox.call('TagUser', { ...user, Tags: [{ Key, Value }] });

    expect((await run(['apply', ...there, '--yes'], { cwd: dir, env })).code).toBe(0);
    expect(sandbox.call('ListAccessKeys', user).AccessKeyMetadata).toEqual([made]);
    expect(sandbox.call('ListUserTags', user).Tags).toEqual([]);
    expect(await decrypt(join(mail, `melvins-${made!.AccessKeyId!}.age`))).toContain(made!.AccessKeyId);
  });
});

describe('the lock of an apply', () => {
  test('is given back when it is interrupted', async () => {
    const { sandbox, there, env, locks } = await clocked();
    const dir = manifests('users: { buzzo: {}, lorax: {} }');
    const one = ['--parallelism', '1'];
    const running = await startProcess(['apply', '--yes', '-m', dir, ...one, ...there], { env });
    let told = false;
    // Time for the signal to arrive.
    sandbox.faults.rules.push({ op: 'CreateUser', kind: 'delay', ms: 1000 });
    sandbox.faults.beforeCall = ({ op }) => {
      if (op === 'CreateUser' && !told) told = running.child.kill('SIGTERM');
    };
    expect((await running.ended).code).toBe(5);
    expect(locks()).toEqual([]);
  });
});

test('a lock whose process was killed holds up nobody on the same machine', async () => {
  const { sandbox, there, env, rollcall, locks, report } = await clocked();
  const dir = manifests('users: { buzzo: {}, lorax: {} }');
  const one = ['--parallelism', '1'];
  const killed = await startProcess(['apply', '--yes', '-m', dir, ...one, ...there], { env });
  sandbox.faults.rules.push({ op: 'CreateUser', kind: 'delay', ms: 5000, times: 1 });
  sandbox.faults.afterCall = ({ op }) => {
    if (op === 'CreateUser') killed.child.kill('SIGKILL');
  };
  expect((await killed.ended).signal).toBe('SIGKILL');
  sandbox.faults.afterCall = null;
  report();
  expect(locks()).toHaveLength(1);
  expect(await rollcall('apply', dir, '--yes')).toMatchObject({ code: 0, stderr: '' });
  expect(sandbox.call('ListUsers', {}).Users).toHaveLength(2);
  expect(locks()).toEqual([]);
});

describe('output that goes nowhere', () => {
  const dir = () =>
    manifests(`users: { ${Array.from({ length: 2000 }, (_, n) => `user${n}: {}`).join(', ')} }`);

  test('a reader that stops reading (| head -1) is no error', async () => {
    const { child, ended } = await startProcess(['plan', '--json', '--sandbox', '-m', dir()]);
    await once(child.stdout!, 'data');
    child.stdout!.destroy();
    const { code, stderr } = await ended;
    expect(stderr).toBe('');
    expect(code).toBe(2);
  });

  test.runIf(process.platform === 'linux')('a full disk is one', async () => {
    const full = spawn(process.execPath, [await command(), '--help'], {
      stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
    });
    const [stderr, [code]] = await Promise.all([text(full.stderr!), once(full, 'close')]);
    expect(stderr).toBe('error: cannot write the output (ENOSPC)\n');
    expect(code).toBe(1);
  });

  test.runIf(process.platform === 'linux')('a full disk for what is never said is none', async () => {
    const silent = spawn(process.execPath, [await command(), '--help'], {
      stdio: ['ignore', 'ignore', openSync('/dev/full', 'w')],
    });
    const [code] = (await once(silent, 'close')) as [number];
    expect(code).toBe(0);
  });
});
