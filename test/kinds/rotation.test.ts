import { describe, expect, onTestFinished, test } from 'vitest';
import { rotation } from '../../src/kinds/user/rotation.ts';
import { aUser, desiredOf, reconcile, testAccount } from '../support/account.ts';

const start = Date.parse('2027-01-01T00:00:00Z');
const day = (days: number): string => new Date(start + days * 86_400_000).toISOString();
const wish = { count: 1, rotateAfter: 90, grace: 7 } as const;
const key = (id: string, born: number, rest: { status?: 'Inactive'; used?: number } = {}) => ({
  id,
  createdAt: day(born),
  status: rest.status ?? ('Active' as const),
  lastUsedAt: rest.used === undefined ? null : day(rest.used),
});
const at = (days: number, ...keys: ReturnType<typeof key>[]) => {
  const { waits, removeFrom, successor, ...due } = rotation(wish, keys, new Date(day(days))) ?? {
    notInRotation: true,
  };
  const ids = Object.fromEntries(
    Object.entries(due).map(([stage, one]) => [stage, one === true ? true : one.id]),
  );
  return {
    ...ids,
    ...(waits ? { waits: waits.until } : {}),
    ...(removeFrom ? { removeFrom } : {}),
    ...(successor ? { successor: successor.id } : {}),
  };
};

describe('rotateAfter 90d, grace 7d', () => {
  test.each([
    ['one young key', 89, [key('a', 0)], {}],
    ['one old key', 90, [key('a', 0)], { replace: 'a' }],
    ['one old key that somebody made inactive', 90, [key('a', 0, { status: 'Inactive' })], {}],
    ['a new key in its grace', 96, [key('a', 0), key('b', 90)], { waits: day(97), successor: 'b' }],
    [
      'the grace is over',
      97,
      [key('a', 0), key('b', 90)],
      { deactivate: 'a', removeFrom: day(104), successor: 'b' },
    ],
    [
      'the grace has long been over',
      120,
      [key('a', 0, { used: 100 }), key('b', 90)],
      { deactivate: 'a', removeFrom: day(107), successor: 'b' },
    ],
    [
      'inactive, not yet for a grace',
      103,
      [key('a', 0, { status: 'Inactive' }), key('b', 90)],
      { waits: day(104), successor: 'b' },
    ],
    [
      'inactive for a grace',
      104,
      [key('a', 0, { status: 'Inactive' }), key('b', 90)],
      { remove: 'a', successor: 'b' },
    ],
    [
      'used until it was made inactive, late',
      125,
      [key('a', 0, { status: 'Inactive', used: 120 }), key('b', 90)],
      { waits: day(127), successor: 'b' },
    ],
    [
      'unused for a grace',
      127,
      [key('a', 0, { status: 'Inactive', used: 120 }), key('b', 90)],
      { remove: 'a', successor: 'b' },
    ],
    [
      'both there when the new one is due as well',
      180,
      [key('a', 0, { status: 'Inactive' }), key('b', 90)],
      { remove: 'a', replace: 'b', successor: 'b' },
    ],
    [
      'the successor does not work: the old one stays',
      97,
      [key('a', 0), key('b', 90, { status: 'Inactive' })],
      { successor: 'b' },
    ],
    ['a second key too soon is nobody’s rotation', 40, [key('a', 0), key('b', 30)], { notInRotation: true }],
    ['no key at all', 0, [], { notInRotation: true }],
  ] as const)('%s', (_what, now, keys, due) => {
    expect(at(now, ...keys)).toEqual(due);
    expect(at(now, ...[...keys].reverse())).toEqual(due);
  });
});

test('where no run came for twice the grace, the plan says that the next run deletes, and that run says why', async () => {
  const account = await testAccount({ start: new Date(start), transport: 'direct' });
  onTestFinished(() => account.close());
  const { aws } = account;
  const desired = desiredOf({ users: [aUser('melvins', { accessKey: wish })] });
  const told = async (waitDays: number): Promise<string[]> => {
    await aws.wait(waitDays * 86_400_000);
    const { plan } = await reconcile(desired, aws);
    return plan.changes.map(({ summary, reason }) => `${summary} (${reason})`);
  };
  await told(0);
  expect(await told(90)).toHaveLength(1);
  expect(await told(20)).toEqual([
    expect.stringMatching(
      /^access key AKIA\w+: rotated out, inactive \(never used\), deleted by the next run /,
    ),
  ]);
  expect(await told(0)).toEqual([
    expect.stringMatching(
      /^access key -AKIA\w+: .* \(its successor AKIA\w+ is 20 days old, twice the grace period \(7 days\) or more\)$/,
    ),
  ]);
});
