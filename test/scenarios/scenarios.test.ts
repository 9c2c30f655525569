import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pc from 'picocolors';
import { afterAll, describe, expect, test } from 'vitest';
import { execute } from '../../src/aws/execute.ts';
import { planAccount } from '../../src/app/session.ts';
import type { Json } from '../../src/core/json.ts';
import { isRemoval } from '../../src/core/plan.ts';
import { loadManifests } from '../../src/manifest/index.ts';
import { renderViolations } from '../../src/render/diagnostics.ts';
import { renderPlan } from '../../src/render/terminal.ts';
import { TestSink, testAccount } from '../support/account.ts';
import type { TestAccount } from '../support/account.ts';

/**
 * Each folder is a scenario: `before/` (manifests that make the account), `setup.json` (further calls, in order,
 * behind the manifests' back), `after/` (the manifests to plan). `plan.txt` is the plan as a reviewer reads it,
 * `calls.txt` the writes that apply makes; `then-plan.txt` and `then-calls.txt` those of a second run, where one is
 * needed. One call at a time, so that these are in the order of the plan. `vitest -u` rewrites both: read the difference before committing it.
 */
const dir = import.meta.dirname;
const scenarios = readdirSync(dir).filter((name) => existsSync(join(dir, name, 'after')));
const plain = pc.createColors(false);
const removes = /^(?:Delete|Detach|Remove|Deactivate|Untag)/;
const now = new Date('2027-01-01T00:00:00Z');

/** What `setup.json` may say besides calls, where a call needs ids that only the sandbox knows. */
const special: {
  readonly [op: string]: (account: TestAccount, input: { [field: string]: Json }) => Promise<unknown>;
} = {
  wait: ({ aws }, { days }) => aws.wait(Number(days) * 24 * 60 * 60 * 1000),
  'deactivate-oldest-key': async (account, { UserName }) => {
    const [oldest] = await keysOf(account, UserName as string);
    await account.call('UpdateAccessKey', { UserName: UserName!, AccessKeyId: oldest!, Status: 'Inactive' });
  },
  /** As a suspension would have, of all keys. */
  'record-suspension': async (account, { UserName }) => {
    const Value = (await keysOf(account, UserName as string)).join(' ');
    await account.call('TagUser', { UserName: UserName!, Tags: [{ Key: 'rollcall-deactivated', Value }] });
  },
  'mark-undelivered': async (account, { UserName }) => {
    const known = (await keysOf(account, UserName as string)).join(' ') || 'none';
    const Value = `${account.aws.now().toISOString().slice(0, 19)}Z ${known}`;
    await account.call('TagUser', { UserName: UserName!, Tags: [{ Key: 'rollcall-undelivered', Value }] });
  },
};

async function keysOf(account: TestAccount, UserName: string): Promise<string[]> {
  const { AccessKeyMetadata } = (await account.call('ListAccessKeys', { UserName })) as {
    AccessKeyMetadata: { AccessKeyId: string; CreateDate: Date }[];
  };
  return AccessKeyMetadata.sort((a, b) => a.CreateDate.getTime() - b.CreateDate.getTime()).map(
    ({ AccessKeyId }) => AccessKeyId,
  );
}

describe.each(scenarios)('%s', (name) => {
  const closers: (() => Promise<void>)[] = [];
  afterAll(async () => {
    for (const close of closers) await close();
  });

  test('plan, calls, and then nothing', async () => {
    const account = await testAccount({ start: now, parallelism: 1 });
    closers.push(() => account.close());
    const at = (part: string): string => join(dir, name, part);
    const load = async (part: string) => {
      const { desired, diagnostics } = await loadManifests(at(part), { now });
      expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
      return desired!;
    };
    if (existsSync(at('before'))) {
      const { plan } = await planAccount(await load('before'), account.aws);
      const results = await execute(plan, account.aws, { sink: new TestSink() });
      if (results.some(({ status }) => status !== 'done')) throw new Error('the account could not be made');
    }
    if (existsSync(at('setup.json'))) {
      const calls = JSON.parse(readFileSync(at('setup.json'), 'utf8')) as [string, { [field: string]: Json }][];
      for (const [op, input] of calls) {
        await (special[op]?.(account, input) ?? account.call(op, input));
      }
    }

    const desired = await load('after');
    const runs = existsSync(at('then-plan.txt')) ? ['', 'then-'] : [''];
    for (const run of runs) {
      const { plan, violations } = await planAccount(desired, account.aws);
      const refused = renderViolations(violations, plain).map((line) => `${line}\n`);
      await expect([renderPlan(plan, plain), ...refused].join('')).toMatchFileSnapshot(at(`${run}plan.txt`));

      // What is gone already is as good as removed, so no other call may have such a purpose. The note of a delivery
      // may stay with what it still has to say; its user is gone then, too.
      const odd = plan.steps.filter((step) => isRemoval(step) !== removes.test(step.op));
      expect(odd.filter(({ purpose }) => purpose !== 'unmark-delivery')).toEqual([]);

      account.sandbox.clearJournal();
      const results = await execute(plan, account.aws, { sink: new TestSink() });
      const calls = account.sandbox.journal.map(({ op, params }) => `${op} ${JSON.stringify(params)}`);
      await expect(`${calls.join('\n')}\n`).toMatchFileSnapshot(at(`${run}calls.txt`));
      expect(results.filter(({ status }) => status !== 'done')).toEqual([]);
    }

    const again = await planAccount(desired, account.aws);
    expect(again.plan.changes).toEqual([]);
  });
});

test('there are scenarios', () => {
  expect(scenarios.length).toBeGreaterThan(10);
});
