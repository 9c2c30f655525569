import { describe, expect, test } from 'vitest';
import type { Desired, Expiring, Rails } from '../../src/core/desired.ts';
import type { AccountState, Group, ManagedPolicy, User } from '../../src/core/state.ts';
import { aGroup, aPolicy, aUser, desiredOf, noCredentials } from '../support/account.ts';
import { allow, messagesOf, withKeys, withPassword } from './support.ts';

interface Parts {
  readonly users?: readonly User[];
  readonly groups?: readonly Group[];
  readonly policies?: readonly ManagedPolicy[];
}

const liveOf = (parts: Parts): AccountState => desiredOf(parts).state;

const filesOf = (
  parts: Parts,
  maxRemovals: Rails['maxRemovals'] = {},
  rest: Partial<Desired> = {},
): Desired => {
  const files = desiredOf(parts, rest);
  return { ...files, rails: { ...files.rails, maxRemovals } };
};

const names = (n: number): string[] => Array.from({ length: n }, (_, index) => `u${index}`);
const crew = (n: number, rest: Partial<User> = {}): User[] =>
  names(n).map((name) => aUser(name, { id: `AIDA${name}`, ...rest }));

/** Of so many users so many leave. */
const leaving = (going: number, total: number, maxRemovals: Rails['maxRemovals'] = {}): string[] =>
  messagesOf(
    liveOf({ users: crew(total, { credentials: noCredentials }) }),
    filesOf({ users: crew(total).slice(going) }, maxRemovals),
  );

describe('where nothing is set, a quarter may go, and one at least', () => {
  test.each([
    [1, 2, 1],
    [1, 4, 1],
    [2, 4, 1],
    [2, 6, 1],
    [2, 8, 2],
    [3, 8, 2],
    [5, 20, 5],
    [6, 20, 5],
    [100, 400, 100],
  ])('%i of %i users', (going, total, limit) => {
    expect(leaving(going, total)).toEqual(
      going <= limit
        ? []
        : [`max-removals: ${going} users of ${total} would be removed; at most ${limit} may go in one plan`],
    );
  });

  test.each([
    [1, 4, 1],
    [2, 6, 1],
  ])('%i of %i groups and policies', (going, total, limit) => {
    const all = {
      users: [aUser('dale')],
      groups: names(total).map((name) => aGroup(name)),
      policies: names(total).map((name) => aPolicy(name, allow('s3:*'))),
    };
    const left = { users: all.users, groups: all.groups.slice(going), policies: all.policies.slice(going) };
    expect(messagesOf(liveOf(all), filesOf(left))).toEqual(
      going <= limit
        ? []
        : ['groups', 'policies'].map(
            (kind) =>
              `max-removals: ${going} ${kind} of ${total} would be removed; at most ${limit} may go in one plan`,
          ),
    );
  });
});

describe('what is set is the greater of the number and the share', () => {
  test.each<[Rails['maxRemovals'], number, number]>([
    [{ users: 5 }, 6, 5],
    [{ users: 5, percent: 25 }, 6, 5],
    [{ users: 5 }, 40, 10],
    [{ users: 0 }, 8, 2],
    [{ users: 0, percent: 0 }, 8, 0],
    [{ users: 3, percent: 0 }, 8, 3],
    [{ percent: 50 }, 6, 3],
    [{ percent: 0 }, 6, 1],
    [{ percent: 100 }, 6, 6],
    [{ groups: 5, policies: 5, memberships: 5 }, 6, 1],
  ])('%o of %i: %i', (set, total, limit) => {
    expect(leaving(Math.min(limit, total - 1), total, set)).toEqual([]);
    expect(limit + 1 < total ? leaving(limit + 1, total, set) : ['max-removals']).toEqual([
      expect.stringContaining('max-removals'),
    ]);
  });
});

describe('people who stay and lose credentials', () => {
  const keys = (n: number): User[] =>
    names(n).map((name) => aUser(name, { id: `AIDA${name}`, credentials: withKeys([`AKIA${name}`]) }));

  test('count as those who leave do, and are named', () => {
    const live = liveOf({ users: keys(20) });
    const after = (n: number): Desired =>
      filesOf({
        users: crew(20).map((user, index) => (index < n ? user : { ...user, accessKey: { count: 1 } })),
      });
    expect(messagesOf(live, after(5))).toEqual([]);
    expect(messagesOf(live, after(6))).toEqual([
      'max-removals: 6 users of 20 would stay and lose access keys, passwords or other credentials ' +
        '(u0, u1, u2, u3, u4, u5); at most 5 may in one plan',
    ]);
    expect(messagesOf(live, after(20))).toHaveLength(1);
  });

  test('count each once, whatever they lose', () => {
    const credentials = withKeys(['AKIA1', 'AKIA2'], { loginProfile: withPassword.loginProfile });
    const live = liveOf({ users: crew(4, { credentials }) });
    const [first, ...rest] = crew(4);
    const stay = rest.map((user): User => ({ ...user, accessKey: { count: 2 }, console: {} }));
    expect(messagesOf(live, filesOf({ users: [first!, ...stay] }))).toEqual([]);
    expect(
      messagesOf(
        live,
        filesOf({ users: [first!, { ...stay[0]!, accessKey: { count: 1 } }, ...stay.slice(1)] }),
      ),
    ).toEqual([expect.stringContaining('2 users of 4 would stay and lose')]);
  });

  test('have a limit of their own beside those who leave', () => {
    const users = keys(4);
    const after = crew(4).map((user): User => ({ ...user, accessKey: { count: 1 } }));
    const one = filesOf({ users: [aUser('u1', { id: 'AIDAu1' }), ...after.slice(2)] });
    expect(messagesOf(liveOf({ users }), one)).toEqual([]);
  });

  test('a password that a suspension deletes counts, the keys that it makes inactive do not', () => {
    const suspended = crew(6).map((user): User => ({ ...user, suspended: true }));
    expect(messagesOf(liveOf({ users: keys(6) }), filesOf({ users: suspended }))).toEqual([]);
    const passwords = crew(6, { credentials: withPassword });
    expect(messagesOf(liveOf({ users: passwords }), filesOf({ users: suspended }))).toEqual([
      expect.stringContaining('6 users of 6 would stay and lose'),
    ]);
  });

  test('what goes with who leaves counts once, as the leaver', () => {
    const users = crew(8, { credentials: withKeys(['AKIA1'], { loginProfile: withPassword.loginProfile }) });
    const stay = crew(8)
      .slice(2)
      .map((user): User => ({ ...user, accessKey: { count: 1 }, console: {} }));
    expect(messagesOf(liveOf({ users }), filesOf({ users: stay }))).toEqual([]);
  });

  test('a key that a tag says was never delivered counts once it is deleted, not while it is made inactive', () => {
    const marked = (status: 'Active' | 'Inactive', mark: string): User[] =>
      crew(6, {
        tags: { 'rollcall-undelivered': mark },
        credentials: {
          ...noCredentials,
          accessKeys: [{ id: 'AKIALOST', status, createdAt: '2027-05-01T00:00:05Z', lastUsedAt: null }],
        },
      });
    const desired = crew(6).map((user): User => ({ ...user, accessKey: { count: 1 } }));
    const files = filesOf({ users: desired });
    expect(messagesOf(liveOf({ users: marked('Active', '2027-05-01T00:00:00Z none') }), files)).toEqual([]);
    const found = marked('Inactive', '2027-05-01T00:00:00Z undelivered AKIALOST');
    expect(messagesOf(liveOf({ users: found }), files)).toEqual([
      expect.stringContaining('6 users of 6 would stay and lose'),
    ]);
  });

  test('a key that is rotated out does not count, at no stage', () => {
    const wish = { count: 1, rotateAfter: 90, grace: 7 } as const;
    const desired = crew(6).map((user): User => ({ ...user, accessKey: wish }));
    const key = (id: string, status: 'Active' | 'Inactive', createdAt: string) => ({
      id,
      status,
      createdAt,
      lastUsedAt: '2027-01-01T00:00:00Z',
    });
    const stages = [
      [key('AKIAOLD', 'Active', '2027-01-01T00:00:00Z')],
      [key('AKIAOLD', 'Active', '2027-01-01T00:00:00Z'), key('AKIANEW', 'Active', '2027-05-20T00:00:00Z')],
      [key('AKIAOLD', 'Inactive', '2027-01-01T00:00:00Z'), key('AKIANEW', 'Active', '2027-05-01T00:00:00Z')],
    ];
    for (const accessKeys of stages) {
      const users = crew(6, { credentials: { ...noCredentials, accessKeys } });
      expect(messagesOf(liveOf({ users }), filesOf({ users: desired }))).toEqual([]);
    }
  });
});

describe('memberships', () => {
  const group = aGroup('readers');
  const members = crew(8, { groups: ['readers'] });
  const without = (n: number): User[] =>
    members.map((user, index) => (index < n ? { ...user, groups: [] } : user));

  test('of people who stay have a limit of their own', () => {
    const live = liveOf({ users: members, groups: [group] });
    expect(messagesOf(live, filesOf({ users: without(5), groups: [group] }))).toEqual([]);
    expect(messagesOf(live, filesOf({ users: without(6), groups: [group] }))).toEqual([
      'max-removals: 6 memberships of 8 would be removed (u0 in readers, u1 in readers, u2 in readers, ' +
        'u3 in readers, u4 in readers, u5 in readers); at most 5 may go in one plan',
    ]);
    expect(messagesOf(live, filesOf({ users: without(6), groups: [group] }, { memberships: 6 }))).toEqual([]);
    expect(
      messagesOf(live, filesOf({ users: without(1), groups: [group] }, { memberships: 0, percent: 0 })),
    ).toEqual([expect.stringContaining('1 membership of 8')]);
  });

  test('are a quarter of all where that is more', () => {
    const many = crew(40, { groups: ['readers'] });
    const live = liveOf({ users: many, groups: [group] });
    const after = (n: number): Desired =>
      filesOf({
        users: many.map((user, index) => (index < n ? { ...user, groups: [] } : user)),
        groups: [group],
      });
    expect(messagesOf(live, after(10))).toEqual([]);
    expect(messagesOf(live, after(11))).toEqual([expect.stringContaining('11 memberships of 40')]);
  });

  test('count where the group is deleted, and where people change groups', () => {
    const live = liveOf({ users: members, groups: [group] });
    const gone = filesOf({ users: without(8) });
    expect(messagesOf(live, gone)).toEqual([expect.stringContaining('8 memberships of 8')]);
    const moved = filesOf({
      users: members.map((user) => ({ ...user, groups: ['writers'] })),
      groups: [group, aGroup('writers')],
    });
    expect(messagesOf(live, moved)).toEqual([expect.stringContaining('8 memberships of 8')]);
  });

  test('of people who leave do not count', () => {
    const users = crew(8, { groups: ['readers'], credentials: noCredentials });
    const live = liveOf({ users, groups: [group] });
    const after = filesOf({ users: members.slice(6), groups: [group] }, { users: 6 });
    expect(messagesOf(live, after)).toEqual([]);
  });

  test('that have expired do not count, however they were declared', () => {
    const live = liveOf({ users: members, groups: [group] });
    const expiring = (expired: boolean): Expiring[] =>
      names(8).map((name, index) => ({
        ref: index % 2 === 0 ? `user:${name}/groups/readers` : `group:readers/members/${name}`,
        what: '',
        at: '2027-05-31T23:59:59.999Z',
        expired,
      }));
    const after = (expired: boolean): Desired =>
      filesOf({ users: without(8), groups: [group] }, {}, { expiring: expiring(expired) });
    expect(messagesOf(live, after(true))).toEqual([]);
    expect(messagesOf(live, after(false))).toHaveLength(1);
  });

  test('of who is ignored count on neither side', () => {
    const others = Array.from({ length: 40 }, (_, n) => aUser(`svc-${n}`, { groups: ['readers'] }));
    const live = liveOf({ users: [...members, ...others], groups: [group] });
    const ignore = { users: ['svc-*'], groups: [], policies: [], roles: [] };
    const after = filesOf({ users: without(6), groups: [group] }, {}, { ignore });
    expect(messagesOf(live, after)).toEqual([expect.stringContaining('6 memberships of 8 would be removed')]);
  });
});

test('a policy at another path is no removal', () => {
  const policies = (path: string): ManagedPolicy[] =>
    names(6).map((name) => aPolicy(name, allow('s3:*'), path));
  const users = [aUser('dale')];
  expect(
    messagesOf(liveOf({ users, policies: policies('/') }), filesOf({ users, policies: policies('/teams/') })),
  ).toEqual([]);
});

describe('empty-manifest', () => {
  test('nothing is declared, and there is nobody to leave', () => {
    const live = liveOf({ groups: [aGroup('readers')], policies: [aPolicy('reports', allow('s3:*'))] });
    expect(messagesOf(live, filesOf({}))).toEqual([
      'empty-manifest: no file declares anything, and group readers, policy reports would be deleted',
    ]);
  });

  test('something is declared, though no user', () => {
    const live = liveOf({ groups: [aGroup('readers'), aGroup('writers')] });
    expect(messagesOf(live, filesOf({ groups: [aGroup('writers')] }))).toEqual([]);
  });
});

test('users that are ignored do not make the share larger', () => {
  const others = Array.from({ length: 40 }, (_, n) => aUser(`svc-${n}`));
  const live = liveOf({ users: [...crew(8, { credentials: noCredentials }), ...others] });
  const ignore = { users: ['svc-*'], groups: [], policies: [], roles: [] };
  expect(messagesOf(live, filesOf({ users: crew(8).slice(3) }, {}, { ignore }))).toEqual([
    'max-removals: 3 users of 8 would be removed; at most 2 may go in one plan',
  ]);
});
