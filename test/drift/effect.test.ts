import { expect, test } from 'vitest';
import type { AccessKey, User } from '../../src/core/state.ts';
import { makePlan } from '../../src/plan/index.ts';
import { driftOf } from '../../src/plan/drift.ts';
import { renderDriftMarkdown, wordDrift } from '../../src/render/drift.ts';
import { accountId, manifests, stage } from '../support/cli.ts';
import { aGroup, aPolicy, aUser, desiredOf, noCredentials } from '../support/account.ts';

type WordedDrift = ReturnType<typeof wordDrift>[number];

test('what was changed in a policy is shown, what it grants is named, and a second edit is news', async () => {
  const there = await stage();
  const allow = (...Action: string[]) => ({
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Action, Resource: '*' },
  });
  const dir = manifests(`users: { x: { policies: { p: ${JSON.stringify(allow('s3:*'))} } } }\n`);
  expect((await there.rollcall('apply', dir, '--yes')).code).toBe(0);
  const put = (name: string, ...actions: string[]): void => {
    const PolicyDocument = JSON.stringify(allow(...actions));
    there.sandbox.call('PutUserPolicy', { UserName: 'x', PolicyName: name, PolicyDocument });
  };
  put('p', 's3:*', 'sqs:*');
  const first = (await there.rollcall('drift', dir, '--format', 'markdown')).stdout;
  expect(first).toContain('widens access: `s3:*` becomes `s3:*` and `sqs:*` on `*`');
  put('p', '*');
  put('q', 'iam:*');
  expect((await there.rollcall('drift', dir)).stdout).toBe(`Drift in account ${accountId}

  ~ user x has another document in the inline policy p
      widens: makes an administrator
      ! administrator: allows every action on every resource
      ~ policy p: files → account
        … 2 lines
          "Statement": [
            {
              "Effect": "Allow",
      -       "Action": "s3:*",
      +       "Action": "*",
              "Resource": "*"
            }
          ]
        … 1 line
  ~ user x has the inline policy q, which is in no file
      widens: allows iam:* on *
              grants privilege escalation: iam:*
      ! privilege escalation: allows iam:* on *: can give itself any access
      ~ policy q: only in the account
      + allow iam:* on *

2 differences.
Looked at: the password policy not managed.
`);
  const second = (await there.rollcall('drift', dir, '--format', 'markdown')).stdout;
  expect(second).toContain('🚨 **administrator**: allows every action on every resource');
  expect(second).toContain('🚨 **privilege escalation**: allows `iam:*` on `*`: can give itself any access');
  expect(second).toContain('\n  ```diff\n  @@ policy p: files → account @@\n');
  expect(second).toContain('\n  -       "Action": "s3:*",\n  +       "Action": "*",\n');
  expect(second).toContain('\n  @@ policy q: only in the account @@\n  + allow iam:* on *\n  ```\n');
  put('q', 'iam:*', 's3:*');
  expect((await there.rollcall('drift', dir, '--format', 'markdown')).stdout).not.toBe(second);
});

const liveUser = (name: string, rest: Partial<User> = {}): User =>
  aUser(name, { id: `AIDA${name}`, credentials: noCredentials, ...rest });
const everything = { Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };

/** Drift between two accounts, with what rollcall knows of both. */
function driftBetween(
  files: Parameters<typeof desiredOf>[0],
  account: Parameters<typeof desiredOf>[0],
): WordedDrift[] {
  const [desired, live] = [desiredOf(files), desiredOf(account).state];
  const { plan, problems } = makePlan(desired, live, new Date(0));
  if (!plan) throw new Error(JSON.stringify(problems));
  return wordDrift(driftOf(plan, { desired: desired.state, live }));
}

test('an administrator is not lost behind three thousand who hold nothing', () => {
  const attachedPolicyArns = ['arn:aws:iam::aws:policy/AdministratorAccess'];
  const many = Array.from({ length: 3000 }, (_, index) =>
    liveUser(`a-${index}`, { credentials: { ...noCredentials, loginProfile: { createdAt: '' } } }),
  );
  const known = driftBetween(
    { users: [aUser('zz-evil'), aUser('zz-more')] },
    {
      users: [
        ...many,
        liveUser('zz-evil', { attachedPolicyArns }),
        liveUser('zz-more', {
          policies: { p: { Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' } } },
        }),
      ],
    },
  );
  expect(known[0]).toMatchObject({ effect: 'widens', dangers: [{ code: 'administrator' }] });
  const body = renderDriftMarkdown(accountId, known);
  expect(body.length).toBeLessThanOrEqual(65_536);
  expect(body.split('\n').slice(5, 8)).toEqual([
    '- `user zz-evil has the attached policy aws:AdministratorAccess, which no file attaches`',
    '  - widens access: makes an administrator',
    '  - 🚨 **administrator**: allows every action on every resource',
  ]);
  expect(body).toMatch(/^\d+ more.*: run `rollcall drift` to see all\.$/m);
  // Nor somebody with more access.
  expect(known[1]).toMatchObject({ change: 'user:zz-more/policies/p', effect: 'widens' });
  expect(known[2]).toMatchObject({ change: 'user:a-0', effect: 'unclear' });
});

test('a key that took the place of the known one is unclear, names its danger, and comes before other dangers', () => {
  const key = (id: string, month: number): AccessKey => ({
    id,
    status: 'Active',
    createdAt: `2026-0${month}-01T00:00:00Z`,
    lastUsedAt: month === 2 ? '2026-02-02T00:00:00Z' : null,
  });
  const drift = driftBetween(
    { users: [aUser('dale', { accessKey: { count: 1 } }), aUser('buzzo')] },
    {
      users: [
        liveUser('buzzo', { policies: { p: everything } }),
        liveUser('dale', {
          credentials: { ...noCredentials, accessKeys: [key('AKIAOLD', 1), key('AKIAYOUNG', 2)] },
        }),
      ],
    },
  );
  expect(drift).toMatchObject([
    { change: 'user:dale/accessKey', effect: 'unclear', dangers: [{ code: 'unknown-key' }] },
    { change: 'user:buzzo/policies/p', effect: 'widens', dangers: [{ code: 'administrator' }] },
  ]);
});

test('what has no room is counted with the dangers in it, and its edits are news too', () => {
  const drift = (action: string): WordedDrift[] =>
    driftBetween(
      {},
      {
        users: Array.from({ length: 2000 }, (_, index) =>
          liveUser(`a-${index}`, {
            policies: { p: everything, q: { Statement: { Effect: 'Deny', Action: action } } },
          }),
        ),
      },
    );
  const body = renderDriftMarkdown(accountId, drift('s3:*'));
  expect(body.length).toBeLessThanOrEqual(65_536);
  const shown = body.split('\n').filter((line) => line.startsWith('- ')).length;
  expect(body).toContain(`${2000 - shown} more, ${2000 - shown} of them dangerous, details of ${shown}: run`);
  const [last, ...rest] = drift('s3:*').reverse();
  const edited = { ...last!, documents: [{ ...last!.documents[0]!, name: 'r' }] };
  expect(renderDriftMarkdown(accountId, [...rest.reverse(), edited])).not.toBe(body);
});

test.each<[what: string, ...Parameters<typeof driftBetween>, told: string[]]>([
  [
    'who is in no file, by all that the groups give',
    {
      groups: [aGroup('admins', { policies: { p: everything } })],
      users: [aUser('dale', { groups: ['admins'] })],
    },
    {
      groups: [aGroup('admins', { policies: { p: everything } })],
      users: [liveUser('dale', { groups: ['admins'] }), liveUser('lorax', { groups: ['admins'] })],
    },
    ['user lorax is in no file: widens, administrator'],
  ],
  [
    'AWS’s quarantine hides nothing',
    {},
    {
      users: [
        liveUser('lorax', {
          attachedPolicyArns: ['arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV2'],
          policies: { p: everything },
        }),
      ],
    },
    ['user lorax is in no file: widens, administrator'],
  ],
  [
    'a member too many, and one too few',
    {
      groups: [aGroup('admins', { policies: { p: everything } })],
      users: [aUser('dale', { groups: ['admins'] }), aUser('lorax')],
    },
    {
      groups: [aGroup('admins', { policies: { p: everything } })],
      users: [liveUser('dale'), liveUser('lorax', { groups: ['admins'] })],
    },
    [
      'group admins has lorax, whom no file puts there: widens, administrator',
      'group admins lacks dale: narrows',
    ],
  ],
  [
    'a policy of the account, also one that is called as if it were AWS’s',
    { users: [aUser('dale')] },
    {
      users: [
        liveUser('dale', { attachedPolicyArns: [`arn:aws:iam::${accountId}:policy/aws:/ReadOnlyAccess`] }),
      ],
      policies: [aPolicy('ReadOnlyAccess', everything, '/aws:/')],
    },
    [
      'user dale has the attached policy aws:/ReadOnlyAccess, which no file attaches: widens, administrator',
      'policy ReadOnlyAccess is in no file: none',
    ],
  ],
  [
    'a policy that somebody holds, and one that only bounds',
    {
      users: [
        aUser('dale', { attachedPolicyArns: [aPolicy('held', {}).arn], boundary: aPolicy('bound', {}).arn }),
      ],
      policies: [
        aPolicy('held', { Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' } }),
        aPolicy('bound', { Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' } }),
      ],
    },
    {
      users: [
        liveUser('dale', {
          attachedPolicyArns: [aPolicy('held', {}).arn],
          boundary: aPolicy('bound', {}).arn,
        }),
      ],
      policies: [aPolicy('held', everything), aPolicy('bound', everything)],
    },
    ['policy held has another document: widens, administrator', 'policy bound has another document: widens'],
  ],
  [
    'a suspension that was lifted',
    { users: [aUser('dale', { suspended: true, policies: { p: everything } })] },
    { users: [liveUser('dale', { policies: { p: everything } })] },
    ['user dale lacks the suspension that the files declare: widens, administrator'],
  ],
  [
    'a boundary that went',
    { users: [aUser('dale', { boundary: 'arn:aws:iam::aws:policy/ReadOnlyAccess' })] },
    { users: [liveUser('dale')] },
    ['user dale: in the account, permissions boundary aws:ReadOnlyAccess → none: none'],
  ],
  [
    'a group that is in no file, by its new name in the files',
    { groups: [aGroup('new', { renamedFrom: 'old' })], users: [aUser('dale', { groups: ['new'] })] },
    {
      groups: [
        aGroup('old', { attachedPolicyArns: ['arn:aws:iam::aws:policy/IAMFullAccess'] }),
        aGroup('root', { policies: { p: everything } }),
      ],
      users: [liveUser('dale', { groups: ['old', 'root'] })],
    },
    [
      'group new has the attached policy aws:IAMFullAccess, which no file attaches: widens, iam-full-access',
      'group root is in no file: widens, administrator',
      'group new still has its old name (renamed from old): unclear',
    ],
  ],
])('from the files to the account: %s', (_what, files, account, told) => {
  const known = driftBetween(files, account);
  const lines = known.map(({ text, effect, dangers = [] }) =>
    [`${text}: ${effect}`, ...dangers.map(({ code }) => code)].join(', '),
  );
  expect(lines).toEqual(told);
});
