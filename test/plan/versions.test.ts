import { afterEach, expect, test } from 'vitest';
import { aGroup, aPolicy, aUser, desiredOf, reconcile, testAccount } from '../support/account.ts';
import type { TestAccount } from '../support/account.ts';

/** `${aws:username}` is plain text in a document of 2008-10-17, and must stay so where its statements are copied. */

const home = 'arn:aws:s3:::home/${aws:username}/*';
const listing = { Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' };
/** Allows one thing, so that leaving the group needs a guard, and denies all but the place of that odd name. */
const onlyHome = (Version: string) => ({
  Version,
  Statement: [listing, { Effect: 'Deny', Action: 's3:*', NotResource: home }],
});
const write = (...Action: string[]) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
});
const get = 's3:GetObject';
const put = 's3:PutObject';

let account: TestAccount | undefined;
afterEach(async () => {
  await account?.close();
  account = undefined;
});

const places = ['arn:aws:s3:::home/bob/x', 'arn:aws:s3:::home/${aws:username}/x', 'arn:aws:s3:::other/x'];
const held = ({ sandbox }: TestAccount): string[] =>
  [get, put].flatMap((action) =>
    places.filter((place) => sandbox.allows('bob', action, place)).map((place) => `${action} ${place}`),
  );

test.each([
  ['2008-10-17', 1],
  ['2008-10-17', 10],
  ['2012-10-17', 1],
  ['2012-10-17', 10],
] as const)(
  'killed anywhere, nobody may more than before or after: a group of Version %s is left while a policy narrows, %i at a time',
  async (version, parallelism) => {
    const groups = [aGroup('home', { policies: { home: onlyHome(version) } }), aGroup('staff')];
    const state = (group: string, ...actions: string[]) => {
      const policy = aPolicy('write', write(...actions));
      const bob = aUser('bob', { groups: [group], attachedPolicyArns: [policy.arn] });
      return desiredOf({ users: [bob], groups, policies: [policy] }, { hash: group });
    };
    const before = state('home', get, put);
    const after = state('staff', get);
    const final = places.map((place) => `${get} ${place}`);
    let writes = 99;
    for (let last = 1; last < writes; last += 1) {
      account = await testAccount({ parallelism });
      await reconcile(before, account.aws);
      const initial = held(account);
      const stop = new AbortController();
      const gained: string[] = [];
      let done = 0;
      account.sandbox.faults.afterCall = ({ op }) => {
        if (/^(Get|List|Generate)/.test(op)) return;
        done += 1;
        gained.push(...held(account!).filter((one) => !initial.includes(one) && !final.includes(one)));
        if (done === last) stop.abort();
      };
      const { plan } = await reconcile(after, account.aws, { signal: stop.signal });
      writes = plan.steps.length;
      // What runs beside the last one ends, too.
      expect(parallelism === 1 ? done : Math.min(done, last)).toBe(last);
      // The next run takes up what this one left, and is held to the same.
      await reconcile(after, account.aws);
      expect(gained).toEqual([]);
      expect(held(account)).toEqual(final);
      expect((await reconcile(after, account.aws)).plan.changes).toEqual([]);
      await account.close();
    }
    expect(writes).toBeGreaterThan(3);
  },
);
