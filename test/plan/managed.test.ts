import { describe, expect, test } from 'vitest';
import type { Base, Desired, Manage } from '../../src/core/desired.ts';
import type { AccountState } from '../../src/core/state.ts';
import { makePlan } from '../../src/plan/index.ts';
import { aGroup, aPolicy, aUser, desiredOf, noCredentials } from '../support/account.ts';

type Side = Parameters<typeof desiredOf>[0];

const now = new Date('2027-01-01T00:00:00Z');
const document = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }],
};

const live = ({ users = [], ...rest }: Side): AccountState =>
  desiredOf({
    users: users.map((user) => ({ credentials: noCredentials, id: `AIDA${user.name}`, ...user })),
    ...rest,
  }).state;

const at = (declared: Side, rest: Partial<Desired> = {}): Base => ({
  rev: 'main',
  commit: 'c'.repeat(40),
  desired: desiredOf(declared, rest),
});

const declaredAlone: Manage = { users: 'declared', groups: 'declared', policies: 'declared' };

/** What the plan does to what, and its notes. */
function told(
  account: Side,
  wanted: Side,
  rest: Partial<Desired>,
  base: Base | null = null,
): { changes: string[]; notes: readonly string[] } {
  const { plan, problems } = makePlan(desiredOf(wanted, rest), live(account), now, new Set(), base);
  expect(problems).toBeUndefined();
  return {
    changes: plan!.changes.map(({ action, kind, name }) => `${action} ${kind} ${name}`).sort(),
    notes: plan!.notes,
  };
}

const [anna, ben, carl] = [aUser('anna'), aUser('ben'), aUser('carl')] as const;
const everybody = { users: [anna, ben, carl], groups: [aGroup('ops')], policies: [aPolicy('p', document)] };

describe('what was declared and no longer is goes; strangers stay', () => {
  test.each<[string, Partial<Desired>, Base | null, string[]]>([
    ['without an earlier state nobody goes', { manage: declaredAlone }, null, []],
    [
      'one that could not be read is none',
      { manage: declaredAlone },
      { rev: 'main', why: 'it is no commit' },
      [],
    ],
    ['declared before', { manage: declaredAlone }, at({ users: [anna, ben] }), ['offboard user ben']],
    [
      'declared before, in another case',
      { manage: declaredAlone },
      at({ users: [anna, aUser('BEN')] }),
      ['offboard user ben'],
    ],
    [
      'declared before, and expired meanwhile',
      { manage: declaredAlone },
      at(
        { users: [anna] },
        { expiring: [{ ref: 'user:ben', what: 'user "ben"', at: '2026-12-31T00:00:00Z', expired: true }] },
      ),
      ['offboard user ben'],
    ],
    [
      'expired where it is declared',
      {
        manage: declaredAlone,
        expiring: [{ ref: 'user:ben', what: 'user "ben"', at: '2026-12-31T00:00:00Z', expired: true }],
      },
      null,
      ['offboard user ben'],
    ],
    [
      'a membership that expired makes nobody declared',
      {
        manage: declaredAlone,
        expiring: [{ ref: 'user:ben/groups/ops', what: '', at: '2026-12-31T00:00:00Z', expired: true }],
      },
      null,
      [],
    ],
    [
      'named under removed',
      { manage: declaredAlone, removed: { users: ['Ben'] } },
      null,
      ['offboard user ben'],
    ],
    [
      'ignored after it was declared',
      { manage: declaredAlone, ignore: { users: ['ben'] } },
      at({ users: [anna, ben] }),
      [],
    ],
    [
      'declared while everything was managed, in the change that narrows it',
      { manage: declaredAlone },
      at({ users: [anna, ben] }, { manage: {} }),
      ['offboard user ben'],
    ],
    [
      'declared for another account',
      { manage: declaredAlone },
      (() => {
        const other = desiredOf({ users: [anna, ben] });
        return {
          rev: 'x',
          commit: 'c',
          desired: { ...other, state: { ...other.state, account: '210987654321' } },
        };
      })(),
      [],
    ],
    [
      'groups and policies',
      { manage: declaredAlone },
      at({ users: [anna], groups: [aGroup('ops')], policies: [aPolicy('p', document)] }),
      ['delete group ops', 'delete policy p'],
    ],
    [
      'a section that is managed as a whole',
      { manage: { ...declaredAlone, users: 'all' } },
      null,
      ['offboard user ben', 'offboard user carl'],
    ],
  ])('%s', (_, rest, base, changes) => {
    expect(told(everybody, { users: [anna] }, rest, base).changes).toEqual(changes);
  });
});

describe('a rename', () => {
  const [annika] = [aUser('annika', { renamedFrom: 'anna' })];
  test('takes a stranger by the old name', () => {
    const { changes } = told(everybody, { users: [annika] }, { manage: declaredAlone });
    expect(changes).toEqual(['rename user annika']);
  });

  test('that was never applied leaves the old name to be removed', () => {
    const base = at({ users: [annika] });
    expect(told(everybody, { users: [ben] }, { manage: declaredAlone }, base).changes).toEqual([
      'offboard user anna',
    ]);
  });

  test('that was applied says nothing of a stranger by the old name, though the line stays', () => {
    const account = { users: [anna, aUser('annika'), ben] };
    const { changes } = told(
      account,
      { users: [annika] },
      { manage: declaredAlone },
      at({ users: [annika] }),
    );
    expect(changes).toEqual([]);
  });

  test('that was applied leaves the old name to whoever has it next', () => {
    const account = { users: [anna, aUser('annika'), ben] };
    const base = at({ users: [annika, ben] });
    expect(told(account, { users: [ben] }, { manage: declaredAlone }, base).changes).toEqual([
      'offboard user annika',
    ]);
  });
});

describe('a selection', () => {
  const people = {
    users: [
      aUser('anna', { path: '/team/' }),
      aUser('ben', { path: '/team/a/', tags: { Team: 'x' } }),
      aUser('carl', { path: '/teams/', tags: { team: 'x' } }),
      aUser('break-glass', { path: '/team/' }),
    ],
  };
  test.each<[string, Manage, string[]]>([
    ['of names', { users: { names: ['B*'] } }, ['offboard user ben', 'offboard user break-glass']],
    [
      'of names with exceptions, which win',
      { users: { names: ['!break-glass', '*'] } },
      ['offboard user anna', 'offboard user ben', 'offboard user carl'],
    ],
    [
      'of a path and all below it, and of nothing beside it',
      { users: { paths: ['/team/'] } },
      ['offboard user anna', 'offboard user ben', 'offboard user break-glass'],
    ],
    [
      'of all that the parts have in common',
      { users: { names: ['*', '!break-glass'], paths: ['/team/'] } },
      ['offboard user anna', 'offboard user ben'],
    ],
    [
      'of tags, which narrow what paths select',
      { users: { paths: ['/team/'], tags: { team: 'x' } } },
      ['offboard user ben'],
    ],
    ['of tags with other values', { users: { paths: ['/'], tags: { team: 'X' } } }, []],
  ])('%s', (_, manage, changes) => {
    expect(told(people, {}, { manage }).changes).toEqual(changes);
  });
});

describe('a tag alone has nothing removed', () => {
  const tagged = {
    users: [
      aUser('anna', { tags: { 'Rollcall-Managed': 'true' } }),
      aUser('ben', { tags: { team: 'x' } }),
      aUser('carl', { tags: { team: 'y' } }),
      aUser('dan', { tags: { 'rollcall-managed': 'true' } }),
    ],
  };
  const byTag = { manage: { users: { tags: { team: 'x' } } }, ignore: { users: ['dan'] } };

  test('it is told', () => {
    const { changes, notes } = told(tagged, {}, byTag, at({}));
    expect(changes).toEqual([]);
    expect(notes).toEqual([
      'tagged as managed, but in no file, and not known to have been: user anna, user ben; ' +
        'a tag alone has nothing removed: declare them, or name them under removed.users',
    ]);
  });

  test('who was declared goes, whatever the tag', () => {
    const { changes, notes } = told(tagged, {}, byTag, at({ users: [anna, carl] }));
    expect(changes).toEqual(['offboard user anna', 'offboard user carl']);
    expect(notes.join()).toContain('not known to have been: user ben;');
  });

  test('it is no drift of who is declared', () => {
    expect(told(tagged, { users: [anna] }, { manage: declaredAlone }).changes).toEqual([]);
  });
});

describe('notes', () => {
  const none = 'what left the manifests is not known and not removed (users, groups, policies): ';
  const how = '; compare them with --base REV, or name what is to go under removed';

  test.each<[string, Base | null, string]>([
    ['without a base', null, `${none}they are compared with no earlier ones${how}`],
    [
      'with one that could not be read',
      { rev: 'main', why: 'it is no commit' },
      `${none}those at main could not be read (it is no commit)${how}`,
    ],
  ])('%s', (_, base, note) => {
    expect(told(everybody, {}, { manage: declaredAlone }, base).notes).toEqual([note]);
  });

  test('only where something is left alone that might have been declared', () => {
    const notes = (account: Side, rest: Partial<Desired>) => told(account, { users: [anna] }, rest).notes;
    expect(notes({ users: [anna] }, { manage: declaredAlone })).toEqual([]);
    expect(notes({ users: [anna, ben] }, { manage: declaredAlone, ignore: { users: ['b*'] } })).toEqual([]);
    expect(notes({ users: [anna], groups: [aGroup('ops')] }, { manage: { users: 'declared' } })).toEqual([]);
    expect(told(everybody, {}, { manage: declaredAlone }, at({})).notes).toEqual([]);
  });

  test('a name under removed is to be dropped once it is gone', () => {
    const sources = new Map([['user:dan/removed', { file: 'm/account.yaml', line: 4, column: 20 }]]);
    const rest = { removed: { users: ['Ben', 'dan'], groups: ['x', 'y'] }, sources };
    expect(told({ users: [anna, ben] }, { users: [anna] }, rest)).toEqual({
      changes: ['offboard user ben'],
      notes: [
        'removed.users names dan, and there is no such user in the account: drop the name (m/account.yaml:4:20)',
        'removed.groups names what is not in the account: drop x, y',
      ],
    });
  });

  test('access that comes of strangers, or reaches them, is told', () => {
    const inBoth = { groups: ['ops', 'staff'] };
    const account = {
      users: [aUser('anna', inBoth), aUser('ben', inBoth), aUser('svc-1', inBoth)],
      groups: [aGroup('ops'), aGroup('staff')],
    };
    const wanted = { users: [aUser('anna', { groups: ['ops'] })], groups: [aGroup('ops')] };
    const rest = { manage: declaredAlone, ignore: { users: ['svc-*'] } };
    expect(told(account, wanted, rest, at(wanted))).toEqual({
      changes: [],
      notes: [
        'group ops has members who are not managed, and keep what it gives: ben',
        'group staff is not managed, and stays with what it gives to anna',
      ],
    });
    expect(told(account, wanted, { ignore: { users: ['svc-*', 'ben'], groups: ['staff'] } }).notes).toEqual(
      [],
    );
  });
});
