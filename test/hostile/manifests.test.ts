import { describe, expect, it } from 'vitest';
import { load } from './loading.ts';
import { count } from './support.ts';

const account = "account: '123456789012'\n";

describe('manifests', () => {
  const deep = (open: string, close: string, levels: number): string =>
    open.repeat(levels) + close.repeat(levels);
  const bomb = [
    'a: &a0 [x, x, x, x, x, x, x, x, x, x]',
    ...Array.from(
      { length: 12 },
      (_, level) => `a${level}: &a${level + 1} [${`*a${level}, `.repeat(9)}*a${level}]`,
    ),
  ].join('\n');
  const stars = '*a'.repeat(200);
  const document = (resource: string): string =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: resource }],
    });

  it.each<[string, string, 'refused' | 'taken']>([
    ['a list nested 100,000 deep', `users: ${deep('[', ']', 100_000)}`, 'refused'],
    ['a map nested 20,000 deep', `users: ${deep('{a: ', '}', 20_000)}`, 'refused'],
    ['block lists nested deep', `users:\n${'- '.repeat(20_000)}x`, 'refused'],
    ['quotes without end', `users: "${'\\'.repeat(200_000)}`, 'refused'],
    ['an alias bomb', bomb, 'refused'],
    ['an alias of itself', 'users: &a\n  dale: *a\n', 'refused'],
    ['100,000 aliases', `x-a: &a 1\nusers: [${'*a, '.repeat(100_000)}]`, 'refused'],
    ['a key of a megabyte', `users:\n  ${'a'.repeat(1_000_000)}: {}\n`, 'refused'],
    ['a million spaces', `users: {}${' '.repeat(1_000_000)}\n`, 'refused'],
    [
      '20,000 users',
      `users:\n${Array.from({ length: 20_000 }, (_, index) => `  u${index}: {}`).join('\n')}`,
      'refused',
    ],
    ['the same key 5,000 times', `users:\n${'  dale: {}\n'.repeat(5000)}`, 'refused'],
    ['users that are called as prototypes are', 'users:\n  constructor: {}\n  hasOwnProperty: {}\n', 'taken'],
    ['a user __proto__', 'users:\n  __proto__: {}\n', 'refused'],
    ['a setting __proto__', 'users:\n  dale:\n    __proto__: { groups: [admins] }\n', 'refused'],
    [
      'tags that are called as prototypes are',
      'users:\n  dale:\n    tags: { toString: x, constructor: y }\n',
      'taken',
    ],
    [
      'inline policies that are called as prototypes are',
      `users:\n  dale:\n    policies:\n      valueOf: ${document('*')}\n      constructor: ${document('*')}\n`,
      'taken',
    ],
    [
      'a pattern of many stars',
      `ignore: { users: ['${'*a'.repeat(60)}b'] }\nusers:\n  ${'a'.repeat(64)}: {}\n`,
      'taken',
    ],
    [
      'a resource of many stars',
      `users:\n  dale:\n    policies: { p: ${document(`arn:aws:s3:::${stars}`)} }\n`,
      'taken',
    ],
    ['a name of slashes', `users:\n  dale: { path: '${'/'.repeat(500)}x' }\n`, 'refused'],
    ['an expiry of digits', `users:\n  dale: { expires: '${'2'.repeat(50_000)}' }\n`, 'refused'],
    [
      'a recipient of many words',
      `users:\n  dale: { accessKey: { deliverTo: '${'ssh-ed25519 '.repeat(5000)}' } }\n`,
      'refused',
    ],
    ['a document outside', `policies:\n  p: { document: ../../../../etc/passwd }\n`, 'refused'],
    ['a document that is a device', `policies:\n  p: { document: /dev/zero }\n`, 'refused'],
  ])('with %s', { timeout: 30_000 }, async (_what, text, outcome) => {
    const before = process.memoryUsage().rss;
    const start = process.cpuUsage();
    const { errors } = await load({ 'a.yaml': account + text });
    const { user, system } = process.cpuUsage(start);
    expect([errors.length > 0 ? 'refused' : 'taken', errors.slice(0, 3)]).toEqual([
      outcome,
      errors.slice(0, 3),
    ]);
    expect((user + system) / 1e6).toBeLessThan(10);
    expect(process.memoryUsage().rss - before).toBeLessThan(600 * 1024 * 1024);
    // A reader of errors is not flooded either.
    expect(errors.join('').length).toBeLessThan(2_000_000);
    count('crafted manifests');
  });

  it('with names of prototypes become users of these names', async () => {
    const { users } = await load({ 'a.yaml': `${account}users:\n  constructor: {}\n  toString: {}\n` });
    expect(users.sort()).toEqual(['constructor', 'toString']);
  });
});
