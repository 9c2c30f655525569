import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PolicyDocument, Role, User } from '../../src/core/state.ts';
import type { WordedPlan } from '../../src/kinds/plan.ts';
import { makePlan } from '../../src/plan/index.ts';
import { requireFreshPlan } from '../../src/plan/fresh.ts';
import { accessLines } from '../../src/render/access.ts';
import { summaryParts } from '../../src/render/sections.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { plain } from '../../src/core/marked.ts';
import { related } from '../policy/trust/arbitraries.ts';
import { asks, mayAssume } from '../policy/trust/judge.ts';
import { aGroup, accountId, aRole, aUser, desiredOf, noCredentials, trusting } from '../support/account.ts';
import { wordedPlan } from '../support/words.ts';

/** Who may assume a role from then on, or no longer, as a plan tells it. */

const doc = (...statements: readonly (readonly [Action: string, Resource?: string, rest?: object])[]) =>
  ({
    Version: '2012-10-17',
    Statement: statements.map(([Action, Resource = '*', rest = {}]) => ({
      Effect: 'Allow',
      Action,
      Resource,
      ...rest,
    })),
  }) as unknown as PolicyDocument;
const letting = (Principal: object | string, rest: object = {}): PolicyDocument =>
  ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal, Action: 'sts:*', ...rest }],
  }) as unknown as PolicyDocument;
const arn = (rest: string, account = accountId): string => `arn:aws:iam::${account}:${rest}`;
const user = (name: string): PolicyDocument => trusting(arn(`user/${name}`));
const queue = { policies: { queue: doc(['sqs:*']) } };
const mfa = { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } };

type Parts = Parameters<typeof desiredOf>[0];
function planOf(live: Parts, wanted: Parts, manage: object = { manage: { roles: 'all' } }): WordedPlan {
  const users = live.users?.map((one) => ({ credentials: noCredentials, id: `AIDA${one.name}`, ...one }));
  const before = desiredOf({ ...live, ...(users ? { users } : {}) }).state;
  return wordedPlan(makePlan(desiredOf(wanted, manage), before, new Date('2027-01-01T00:00:00Z')));
}

/** The lines that are of roles. */
const linesOf = (plan: WordedPlan): string[] =>
  accessLines(plan)
    .filter(({ what }) => what.startsWith('assume'))
    .map(({ sign, who, what, through }) => plain(`${sign} ${who}: ${what} (${through})`));
const lines = (...sides: Parameters<typeof planOf>): string[] => linesOf(planOf(...sides));
const effects = (plan: WordedPlan): string[] => plan.changes.map(({ id, effect }) => `${id} ${effect}`);

const people = [aUser('ada'), aUser('grace')];
const roleOf = (trust: PolicyDocument, rest: Partial<Role> = queue): Role => aRole('web', trust, rest);
/** A change of a trust, all else as it is. */
const trustTo = (before: PolicyDocument, after: PolicyDocument, users: readonly User[] = people): string[] =>
  lines({ users, roles: [roleOf(before)] }, { users, roles: [roleOf(after)] });

describe('a trust that changes', () => {
  const github = 'token.actions.githubusercontent.com';
  const repo = (subject: string | string[]): PolicyDocument =>
    letting(
      { Federated: arn(`oidc-provider/${github}`) },
      { Condition: { StringLike: { [`${github}:sub`]: subject } } },
    );

  test.each<[string, PolicyDocument, string]>([
    ['a user', user('ada'), 'user ada: assume role web: sqs:* on * (by its trust)'],
    [
      'two users',
      trusting(arn('user/ada'), arn('user/grace')),
      'users ada, grace: assume role web: sqs:* on * (by its trust)',
    ],
    [
      'another account',
      trusting('999999999999'),
      'account 999999999999: assume role web: sqs:* on * (by its trust, as far as their account lets them)',
    ],
    [
      'another account, with an external id',
      letting({ AWS: '999999999999' }, { Condition: { StringEquals: { 'sts:ExternalId': 'x' } } }),
      'account 999999999999: assume role web: sqs:* on * (by its trust if StringEquals sts:ExternalId x, as far as their account lets them)',
    ],
    [
      'a service',
      letting({ Service: 'ec2.amazonaws.com' }),
      'service ec2.amazonaws.com: assume role web: sqs:* on * (by its trust)',
    ],
    [
      'a repository',
      repo('repo:acme/web:environment:prod'),
      'GitHub repository acme/web (environment:prod): assume role web: sqs:* on * (by its trust)',
    ],
    [
      'repositories',
      repo(['repo:acme/web:*', 'repo:acme/api:*']),
      'GitHub repositories acme/api, acme/web: assume role web: sqs:* on * (by its trust)',
    ],
    [
      'a SAML provider',
      letting({ Federated: arn('saml-provider/okta') }),
      'SAML provider okta: assume role web: sqs:* on * (by its trust)',
    ],
  ])('opens to %s, and closes again', (_whom, trust, line) => {
    const closed = trusting(arn('user/nobody'));
    expect(trustTo(closed, trust)).toEqual([`+ ${line}`]);
    expect(trustTo(trust, closed)).toEqual([`- ${line.replace(/\)$/, ', until now)')}`]);
  });

  test('opens to everybody', () => {
    expect(trustTo(user('ada'), trusting('*'))).toEqual([
      '+ user grace: assume role web: sqs:* on * (by its trust)',
      '+ anybody with an identity of AWS: assume role web: sqs:* on * (by its trust, as far as their account lets them)',
    ]);
  });

  test('opens to another repository of the same provider', () => {
    expect(
      trustTo(repo('repo:acme/web:*'), repo('repo:acme/api:*')).map((line) => line.split(':')[0]),
    ).toEqual(['+ GitHub repository acme/api', '- GitHub repository acme/web']);
  });

  test('by its conditions alone: who may perhaps on both sides is told so', () => {
    const asked = letting({ AWS: arn('user/ada') }, mfa);
    expect(trustTo(asked, user('ada'))).toEqual([
      '+ user ada: assume role web (perhaps: conditions decided that before): sqs:* on * (by its trust)',
    ]);
    expect(trustTo(user('ada'), asked)).toEqual([
      '- user ada: assume role web (perhaps: conditions decide that from now on): sqs:* on * (by its trust, until now)',
    ]);
  });

  test('says nothing else of anybody where it is written otherwise', () => {
    const one = trusting(arn('root'), '999999999999');
    expect(trustTo(one, trusting('999999999999', accountId))).toEqual([]);
  });

  test('to whom leaves or has another path', () => {
    const ada = [aUser('ada')];
    const role = [roleOf(user('ada'))];
    expect(lines({ users: ada, roles: role }, { users: [], roles: role })).toEqual([]);
    const moved = [aUser('ada', { path: '/ops/' })];
    expect(
      lines({ users: ada, roles: role }, { users: moved, roles: [roleOf(trusting(arn('user/ops/ada')))] }),
    ).toEqual([]);
    // Of a role that is not managed nothing is written, and IAM knows her by an id.
    expect(lines({ users: ada, roles: role }, { users: moved }, {})).toEqual([]);
  });
});

describe('what a role gives', () => {
  const role = (...actions: string[]): Partial<Role> => ({
    policies: { own: doc(...actions.map((action) => [action] as const)) },
  });
  const toAda = (ada: Partial<User>, rest: Partial<Role>): string[] => {
    const users = [aUser('ada', ada), aUser('grace')];
    return lines(
      { users, roles: [roleOf(user('grace'), rest)] },
      { users, roles: [roleOf(user('ada'), rest)] },
    ).filter((line) => line.startsWith('+'));
  };

  test('is told without what they have already', () => {
    expect(toAda({ policies: { own: doc(['s3:*']) } }, role('s3:*', 'sqs:*', 'ec2:*'))).toEqual([
      '+ user ada: assume role web: ec2:* on *, and sqs:* on * (by its trust)',
    ]);
    expect(toAda({ policies: { own: doc(['s3:*']) } }, role('s3:GetObject'))).toEqual([]);
    expect(toAda({ policies: { own: doc(['*']) } }, role('s3:*'))).toEqual([]);
    expect(toAda({}, {})).toEqual([]);
  });

  test('is not taken for theirs where a condition decides', () => {
    const [line] = toAda({ policies: { own: doc(['s3:*', '*', mfa]) } }, role('s3:*'));
    expect(line).toMatch(/assume role web: s3:\* on \* \(perhaps: /);
    // What stands in the same words of both is said of each as themselves.
    const own = { StringEquals: { 'aws:PrincipalArn': arn('role/web') } };
    const same = { policies: { own: doc(['s3:*', '*', { Condition: own }]) } };
    expect(toAda(same, same)).toHaveLength(1);
  });
});

describe('a way', () => {
  const assume = (name: string) => doc(['sts:AssumeRole', arn(`role/${name}`)]);

  test('through the account opens by a policy of their own', () => {
    const roles = [roleOf(trusting(accountId))];
    expect(
      lines(
        { users: people, roles },
        { users: [aUser('ada', { policies: { in: assume('web') } }), aUser('grace')], roles },
      ),
    ).toEqual(['+ user ada: assume role web: sqs:* on * (by its trust and their own policies)']);
    const groups = (policies: Parts['groups']): Parts => ({
      users: [aUser('ada', { groups: ['ops'] }), aUser('grace')],
      groups: policies!,
      roles,
    });
    const ops = aGroup('ops', { policies: { in: assume('web') } });
    expect(lines(groups([ops]), groups([aGroup('ops')]))).toEqual([
      '- user ada: assume role web: sqs:* on * (by its trust and their own policies, until now)',
    ]);
  });

  test('closes by a Deny of their own', () => {
    const roles = [roleOf(user('ada'))];
    const no = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: 'sts:*', Resource: '*' }] };
    expect(
      lines({ users: people, roles }, { users: [aUser('ada', { policies: { no } }), aUser('grace')], roles }),
    ).toEqual(['- user ada: assume role web: sqs:* on * (by its trust, until now)']);
  });

  test('leads through roles, of users and of others', () => {
    const hop = aRole('hop', trusting(arn('user/ada'), '999999999999'));
    const sides = [user('grace'), trusting(arn('user/grace'), arn('role/hop'))].map((trust) => ({
      users: people,
      roles: [hop, roleOf(trust)],
    }));
    const plan = planOf(sides[0]!, sides[1]!);
    expect(linesOf(plan)).toEqual([
      '+ role hop: assume role web: sqs:* on * (by its trust)',
      '+ user ada: assume role web: sqs:* on * (through role hop, by its trust)',
      '+ account 999999999999: assume role web: sqs:* on * (through role hop, by its trust, as far as their account lets them)',
    ]);
    expect(plan.assumers.map(({ path }) => path)).toEqual([
      ['role:web'],
      ['role:hop', 'role:web'],
      ['role:hop', 'role:web'],
    ]);
    expect(plan.summary).toContain('1 user and 1 role gain access');
  });

  test('that there was already is none, whichever other opens', () => {
    const hop = aRole('hop', trusting('999999999999'));
    const open = trusting('999999999999');
    const to = (trust: PolicyDocument) => ({ roles: [hop, aRole('web', trust, queue)] });
    expect(lines(to(open), to(trusting('999999999999', arn('role/hop'))))).toEqual([
      '+ role hop: assume role web: sqs:* on * (by its trust)',
    ]);
  });
});

describe('a new role', () => {
  const made = (...roles: Role[]): WordedPlan => planOf({ users: people }, { users: people, roles });

  test('that anybody may assume widens by what it may do in the end', () => {
    for (const trust of [
      trusting('999999999999'),
      letting({ Service: 'ec2.amazonaws.com' }),
      user('ada'),
      trusting('*'),
    ])
      expect(effects(made(roleOf(trust)))).toEqual(['role:web widens']);
  });

  test('that may do nothing, or that nobody may assume, has no effect', () => {
    expect(effects(made(roleOf(trusting('999999999999'), {})))).toEqual(['role:web none']);
    const parked = made(roleOf(trusting(accountId)));
    expect(effects(parked)).toEqual(['role:web none']);
    expect(parked.changes[0]!.reason).toBe('nobody may assume it, so that what it may do is nobody’s');
    expect(accessLines(parked).map(({ through }) => plain(through))).toEqual([
      'by the inline policy queue, but nobody may assume it',
    ]);
    expect(parked.summary).not.toContain('gain');
  });

  test('from which others go on to another widens', () => {
    const plan = made(aRole('hop', trusting('999999999999')), roleOf(trusting(arn('role/hop'))));
    expect(effects(plan)).toEqual(['role:hop widens', 'role:web widens']);
    expect(plan.changes[0]!.reason).toBe('who comes in may go on to assume web');
  });
});

test('Markdown has them, and a saved plan that says something else of them is refused', () => {
  const sides = [user('grace'), user('ada')].map((trust) => ({ users: people, roles: [roleOf(trust)] }));
  const plan = planOf(sides[0]!, sides[1]!);
  expect(renderMarkdown(plan, [])).toContain('assume role `web`');
  requireFreshPlan(plan, plan);
  expect(() => requireFreshPlan({ ...plan, assumers: plan.assumers.slice(1) }, plan)).toThrow(
    'who may assume which role',
  );
});

test('who gains and loses by a trust is so, request by request', () => {
  const account = '111111111111';
  const named = (ref: string): string => `arn:aws:iam::${account}:${ref.replace(':', '/')}`;
  const seen = { gained: 0, lost: 0, perhaps: 0, silent: 0 };
  fc.assert(
    fc.property(related, fc.boolean(), ([before, after], isLet) => {
      const policies = isLet ? { own: doc(['sts:AssumeRole']) } : {};
      const users = ['ann', 'ben'].map((name) => aUser(name, { arn: named(`user:${name}`), policies }));
      const side = (trust: PolicyDocument) => {
        const roles = [
          aRole('target', trust, { arn: named('role:target'), ...queue }),
          aRole('r', letting({ Service: 'x.amazonaws.com' }), { arn: named('role:r'), policies }),
        ];
        const { state } = desiredOf({ users, roles });
        return { ...state, account };
      };
      const [was, is] = [side(before), side(after)];
      const planned = makePlan(
        { ...desiredOf({}, { manage: { roles: 'all' } }), state: is },
        was,
        new Date(),
      );
      // IAM takes no trust that names who is not there: what the plan leaves out is not compared.
      if (!planned.plan || planned.plan.notes.length > 0) return;
      for (const principal of ['user:ann', 'user:ben', 'role:r']) {
        const may = (trust: PolicyDocument): boolean[] =>
          asks
            .filter(
              ({ caller, action }) =>
                caller.name === named(principal) && caller.isLet === isLet && action === 'sts:assumerole',
            )
            .map((ask) => mayAssume(trust, ask, { deniesByAccount: true, anyKind: false }));
        const [could, can] = [may(before), may(after)];
        const told = planned.plan.assumers.filter(({ principals }) => principals?.includes(principal));
        for (const [comes, from, to] of [
          ['gained', could, can],
          ['lost', can, could],
        ] as const) {
          const one = told.find((other) => other.comes === comes);
          const isNeeded = to.includes(true) && !from.includes(true);
          if (isNeeded && !one)
            throw new Error(JSON.stringify({ principal, isLet, comes, from, to, before, after }, null, 1));
          if (!one) seen.silent += 1;
          else if (one.perhaps || !one.certain) seen.perhaps += 1;
          else {
            seen[comes] += 1;
            const isSo = to.every(Boolean) && !from.includes(true);
            if (!isSo)
              throw new Error(JSON.stringify({ principal, isLet, one, from, to, before, after }, null, 1));
          }
        }
      }
    }),
    { numRuns: 300 },
  );
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(10);
});

describe('what they become by it', () => {
  const admin = { policies: { all: doc(['*']) } };
  const dangersOf = (plan: WordedPlan): string[] =>
    plan.changes.map(({ id, dangers = [] }) => `${id} ${dangers.map(({ label }) => label).join()}`);

  test('is told at the trust that lets them in', () => {
    const plan = planOf(
      { users: people, roles: [roleOf(user('ada'), admin)] },
      { users: people, roles: [roleOf(trusting(arn('user/ada'), arn('user/grace')), admin)] },
    );
    expect(dangersOf(plan)).toEqual(['role:web/trust administrator']);
    expect(plan.changes[0]!.reasons[0]).toMatchObject({ code: 'administrator' });
    expect(plan.assumers[0]).toMatchObject({
      principals: ['user:grace'],
      dangers: [{ code: 'administrator', certain: true }],
    });
  });

  test('is told at a role between, and not at a trust that closes', () => {
    const between = (Of: PolicyDocument): Role => aRole('hop', Of);
    const behind = roleOf(trusting(arn('role/hop')), admin);
    const opened = planOf(
      { users: people, roles: [between(user('ada')), behind] },
      { users: people, roles: [between(trusting(arn('user/ada'), arn('user/grace'))), behind] },
    );
    expect(dangersOf(opened)).toEqual(['role:hop/trust administrator']);
    const closed = planOf(
      { users: people, roles: [between(trusting(arn('user/ada'), arn('user/grace'))), behind] },
      { users: people, roles: [between(user('ada')), behind] },
    );
    expect(dangersOf(closed)).toEqual(['role:hop/trust ']);
    expect(closed.assumers.flatMap(({ dangers = [] }) => dangers)).toEqual([]);
  });

  test('is not new to an administrator, and not of a role that gives little', () => {
    const ada = aUser('ada', admin);
    for (const rest of [queue, admin]) {
      const plan = planOf(
        { users: [ada], roles: [roleOf(user('gone'), rest)] },
        { users: [ada], roles: [roleOf(user('ada'), rest)] },
      );
      expect(dangersOf(plan)).toEqual(['role:web/trust ']);
    }
  });
});

test('a Deny that comes is told, where conditions decide on both sides', () => {
  const closed = (...more: readonly unknown[]): PolicyDocument =>
    ({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { AWS: arn('user/ada') }, Action: 'sts:AssumeRole', ...mfa },
        ...more,
      ],
    }) as unknown as PolicyDocument;
  const deny = {
    Effect: 'Deny',
    Principal: { AWS: arn('user/ada') },
    Action: 'sts:AssumeRole',
    Condition: { StringEquals: { 'aws:SourceIp': '10.0.0.1' } },
  };
  const [lost] = trustTo(closed(), closed(deny));
  expect(lost).toMatch(/^- user ada: assume role web \(perhaps: /);
  const [gained] = trustTo(closed(deny), closed());
  expect(gained).toMatch(/^\+ user ada: assume role web \(perhaps: /);
});

test('a role that is opened to everybody is counted once', () => {
  const plan = planOf(
    { users: people, roles: [roleOf(user('ada'))] },
    { users: people, roles: [roleOf(trusting('*'))] },
  );
  expect(summaryParts(plan).dangers).toBe('open to everybody: 1');
});
