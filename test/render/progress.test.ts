import { describe, expect, test } from 'vitest';
import { secondsLeft, speedOf, withSample } from '../../src/core/progress.ts';
import type { Progress, Sample } from '../../src/core/progress.ts';
import { courseLines, progressLine } from '../../src/render/progress.ts';
import type { Step } from '../../src/core/plan.ts';
import type { Change } from '../../src/kinds/plan.ts';

const reading: Progress = {
  steps: null,
  reading: [],
  calls: 0,
  inFlight: 0,
  slowed: [],
  perSecond: null,
  secondsLeft: null,
};
const applying: Progress = {
  ...reading,
  steps: { done: 12, total: 2600, failed: 0 },
  calls: 14,
  inFlight: 10,
};

describe('the line of progress', () => {
  test.each<[string, Progress]>([
    ['reading the account …', reading],
    ['reading the account …, 1 call, 1 in flight', { ...reading, calls: 1, inFlight: 1 }],
    [
      'reading credentials of users: 12 of 1,400, about 20 s left, 1,035 calls, 9.5 calls/s, 8 in flight',
      {
        ...reading,
        reading: [
          { what: 'tags of policies', done: 3, total: 3 },
          { what: 'credentials of users', done: 12, total: 1400 },
        ],
        calls: 1035,
        inFlight: 8,
        perSecond: 9.52,
        secondsLeft: 12,
      },
    ],
    ['0 of 1 step', { ...applying, steps: { done: 0, total: 1, failed: 0 }, inFlight: 0 }],
    ['12 of 2,600 steps, 10 in flight', applying],
    [
      '12 of 2,600 steps, 2 failed, about 4 min left, IAM slows PutUserPolicy to 3/s and 2 more operations, 11 calls/s, 10 in flight',
      {
        ...applying,
        steps: { done: 12, total: 2600, failed: 2 },
        perSecond: 10.6,
        secondsLeft: 200,
        slowed: [
          { op: 'CreateUser', rate: 1, waiting: 2 },
          { op: 'PutUserPolicy', rate: 3, waiting: 7 },
          { op: 'TagUser', rate: 1, waiting: 0 },
        ],
      },
    ],
  ])('%s', (text, progress) => {
    expect(progressLine(progress)).toBe(text);
  });

  test('is no wider than the terminal: what matters least is left out, and nothing is cut', () => {
    const slowed = [{ op: 'PutUserPolicy', rate: 3, waiting: 7 }];
    const whole = {
      ...applying,
      steps: { done: 12, total: 2600, failed: 1 },
      slowed,
      secondsLeft: 200,
      perSecond: 3,
    };
    expect(progressLine(whole, 79)).toBe(
      '12 of 2,600 steps, 1 failed, about 4 min left, IAM slows PutUserPolicy to 3/s',
    );
    expect(progressLine(whole, 70)).toBe('12 of 2,600 steps, 1 failed, about 4 min left, IAM is throttling');
    for (let columns = 22; columns < 130; columns += 1)
      expect(progressLine(whole, columns).length).toBeLessThanOrEqual(columns);
  });

  test.each([
    [0.2, 'about 10 s left'],
    [10, 'about 10 s left'],
    [61, 'about 70 s left'],
    [86, 'about 2 min left'],
    [3600, 'about 60 min left'],
    [7000, 'about 2 h left'],
  ])('%s s: %s', (seconds, text) => {
    expect(progressLine({ ...applying, secondsLeft: seconds })).toContain(text);
  });

  test('quotes nothing that a terminal obeys', () => {
    const what = 'x\u001b[2J\u202e\n';
    expect(progressLine({ ...reading, reading: [{ what, done: 0, total: 1 }] })).toBe(
      'reading x\ufffd[2J\ufffd\ufffd: 0 of 1',
    );
  });
});

describe('the speed', () => {
  const each = (...done: number[]): Sample[] =>
    done.reduce<Sample[]>(
      (samples, one, second) => withSample(samples, { at: second * 1000, calls: 2 * one, done: one }),
      [],
    );

  test('is not told before five seconds are seen', () => {
    expect(speedOf([])).toBe(null);
    expect(speedOf(each(0, 10, 20, 30, 40))).toBe(null);
    expect(speedOf(each(0, 10, 20, 30, 40, 50))).toEqual({ calls: 20, done: 10 });
  });

  test('is that of the last ten seconds, however often one looks', () => {
    const slower = each(0, 100, 200, 300, 300, 301, 302, 303, 304, 305, 306, 307, 308, 309, 310);
    expect(speedOf(slower)).toEqual({ calls: 2, done: 1 });
    expect(slower.length).toBeLessThan(12);
    const seldom = [0, 60_000, 120_000].reduce<Sample[]>(
      (samples, at) => withSample(samples, { at, calls: at / 100, done: at / 1000 }),
      [],
    );
    expect(speedOf(seldom)).toEqual({ calls: 10, done: 1 });
  });

  test('tells how long it takes, and no less than what IAM throttles', () => {
    const slowed = [{ op: 'PutUserPolicy', rate: 3, waiting: 5 }];
    expect(secondsLeft(100, 10, [])).toBe(10);
    expect(secondsLeft(100, 10, slowed, new Map([['PutUserPolicy', 90]]))).toBe(30);
    expect(secondsLeft(100, 10, slowed, new Map([['PutUserPolicy', 6]]))).toBe(10);
    expect(secondsLeft(100, 10, slowed)).toBe(10);
    expect(secondsLeft(0, 0, [])).toBe(0);
  });

  test('tells nothing where nothing moves, but for what IAM throttles', () => {
    const slowed = [{ op: 'PutUserPolicy', rate: 0.5, waiting: 5 }];
    expect(secondsLeft(100, 0, [])).toBe(null);
    expect(secondsLeft(100, 0, slowed, new Map([['PutUserPolicy', 10]]))).toBe(20);
    expect(secondsLeft(100, 0, [{ op: 'PutUserPolicy', rate: 0, waiting: 5 }])).toBe(null);
  });
});

describe('the table of what became of a plan', () => {
  const began = new Date('2027-01-31T12:00:00Z');
  const change = (id: string, kind: string, action: string): Change =>
    ({ id, kind, action }) as unknown as Change;
  const ended = (
    id: string,
    status: 'done' | 'failed' | 'skipped',
    second: number,
    more: Partial<Step> = {},
  ) => ({
    step: { change: id, purpose: 'create', cls: 'neutral', ...more } as Step,
    status,
    at: new Date(began.getTime() + second * 1000).toISOString(),
  });
  const deny = { purpose: 'deny-everything', cls: 'deny' } as const;
  const facts = {
    changes: [
      change('user:dale', 'user', 'offboard'),
      change('user:lorax', 'user', 'offboard'),
      change('user:buzzo', 'user', 'create'),
      change('policy:read', 'policy', 'update'),
      change('user:melvins', 'user', 'update'), // for a person to settle: it has no step
    ],
    results: [
      ended('user:dale', 'done', 0.4, deny),
      ended('user:lorax', 'done', 0.9, deny),
      ended('user:dale', 'done', 20),
      ended('user:lorax', 'failed', 30),
      ended('user:lorax', 'skipped', 64),
      ended('user:buzzo', 'skipped', 64),
      ended('policy:read', 'done', 12),
    ],
    began,
    seconds: 64,
    calls: 1661,
    throttled: { seconds: 0, ops: [] },
  };

  test('counts changes by what became of them, and says when everything was denied', () => {
    expect(courseLines(facts)).toEqual([
      '                 done  failed  not run  ended after',
      'offboard users      1       1        0    1 min 4 s',
      'create users        0       0        1    1 min 4 s',
      'update policies     1       0        0         12 s',
      'Everything denied to 2 users after 0.9 s.',
      '1,661 calls in 1 min 4 s.',
    ]);
  });

  test.each([
    [['CreateUser'], 'IAM slowed CreateUser down for 38 s.'],
    [['CreateUser', 'PutUserPolicy'], 'IAM slowed CreateUser and PutUserPolicy down for 38 s.'],
    [['A', 'B', 'C', 'D'], 'IAM slowed 4 operations down for 38 s.'],
  ])('says that IAM throttled %j, and how long', (ops, text) => {
    const throttled = { seconds: 38.2, ops };
    expect(courseLines({ ...facts, throttled }).at(-1)).toBe(`1,661 calls in 1 min 4 s; ${text}`);
  });
});
