/** Files before, files after, and what `rollcall plan --base` prints: what changes without an API call. */
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { stage } from '../support/cli.ts';
import type { Ended, Stage } from '../support/cli.ts';
import { repository } from '../support/repository.ts';

vi.setConfig({ testTimeout: 120_000 });

const account = "account: '123456789012'\n";
const age = [
  'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p',
  'age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg',
];

interface Story {
  readonly before: string;
  readonly after: string;
  /** Options of the apply of the files before. */
  readonly apply?: readonly string[];
  readonly between?: (account: Stage) => void;
}

/** The files before are applied; then those after are planned. */
async function told(
  { before, after, apply = [], between }: Story,
  ...more: string[]
): Promise<Ended & { root: string; at: Stage }> {
  const at = await stage();
  const { root, commit, write } = repository();
  const dir = join(root, 'manifests');
  commit({ 'access.yaml': account + before });
  const applied = await at.rollcall(
    'apply',
    dir,
    '--yes',
    '--keys-to',
    join(root, 'keys'),
    '--override',
    'protected',
    ...apply,
  );
  if (applied.code !== 0) throw new Error(applied.stderr + applied.stdout);
  between?.(at);
  write({ 'access.yaml': account + after });
  return { ...(await at.rollcall('plan', dir, '--base', 'HEAD', ...more)), root, at };
}

/** The lines of the section without its heading, each with the reason that stands below where it has no room. */
function rules(stdout: string): string[] {
  const [, section = ''] = /^Changed rules since HEAD\n((?:.+\n)+)/m.exec(stdout) ?? [];
  return section
    .replaceAll(/\n {6}(?!!)((?:.+\n {7,})*.+)/g, (_, why: string) => `  (${why.replaceAll(/\s+/g, ' ')})`)
    .split('\n')
    .slice(0, -1)
    .map((line) => line.trim());
}

const admins = 'groups: { admins: { attach: [aws:AdministratorAccess] } }\n';

test('an administrator who was to end in December does not end any more', async () => {
  const { code, stdout } = await told({
    before: `${admins}users: { ben: { groups: [admins], expires: 2027-12-28 } }`,
    after: `${admins}users: { ben: { groups: [admins] } }`,
  });
  expect({ code, stdout }).toMatchObject({ code: 2 });
  expect(stdout).toContain(`Plan for account 123456789012

Changed rules since HEAD
  - user ben: expiry 2027-12-28 → none
      loosens: does not end by itself any more
      ! administrator: user ben

1 changed rule, 1 of which may widen access; no API call.
`);
});

describe('one setting, and the line that tells it', () => {
  const key = (text: string): string => `users: { ben: { accessKey: { ${text} } } }`;
  const console = (text: string): string => `users: { ben: { console: { ${text} } } }`;
  const ben = 'users: { ben: {} }\n';
  const [one, other] = age;
  test.each<[name: string, before: string, after: string, ...lines: string[]]>([
    [
      'expiry moved',
      'users: { ben: { expires: 2027-12-28 } }',
      'users: { ben: { expires: 2036-12-28 } }',
      '~ user ben: expiry 2027-12-28 → 2036-12-28  (loosens: lasts longer)',
    ],
    [
      'expiry brought forward',
      'users: { ben: { expires: 2036-12-28 } }',
      'users: { ben: { expires: 2027-12-28T12:00:00Z } }',
      '~ user ben: expiry 2036-12-28 → 2027-12-28T12:00:00Z  (tightens: ends sooner)',
    ],
    [
      'expiry set',
      ben,
      'users: { ben: { expires: 2036-12-28 } }',
      '+ user ben: expiry none → 2036-12-28  (tightens: ends by itself)',
    ],
    [
      'expiry of a membership',
      'groups: { staff: {} }\nusers: { ben: { groups: [{ name: staff, expires: 2027-12-28 }] } }',
      'groups: { staff: {} }\nusers: { ben: { groups: [staff] } }',
      '- user ben in group staff: expiry 2027-12-28 → none  (loosens: does not end by itself any more)',
    ],
    [
      'expiry of a membership that moves to its group',
      'groups: { staff: {} }\nusers: { ben: { groups: [{ name: staff, expires: 2027-12-28 }] } }',
      'groups: { staff: { members: [ben] } }\nusers: { ben: {} }',
      '- user ben in group staff: expiry 2027-12-28 → none  (loosens: does not end by itself any more)',
    ],
    [
      'expiry of an attachment to a group, for whom it makes an administrator',
      'groups: { ops: { attach: [{ policy: aws:AdministratorAccess, expires: 2027-12-28 }], members: [ben] } }\nusers: { ben: {} }',
      'groups: { ops: { attach: [{ policy: aws:AdministratorAccess, expires: 2028-12-28 }], members: [ben] } }\nusers: { ben: {} }',
      '~ policy aws:AdministratorAccess of group ops: expiry 2027-12-28 → 2028-12-28  (loosens: lasts longer)',
      '! administrator: user ben',
    ],
    [
      'maxRemovals',
      `${ben}rails: { maxRemovals: { users: 5 } }`,
      `${ben}rails: { maxRemovals: { users: 500 } }`,
      '~ rails.maxRemovals: users 5 → 500  (loosens: more may go in one plan; this plan was checked with the looser rail)',
    ],
    [
      'maxRemovals dropped, which is one',
      `${ben}rails: { maxRemovals: { users: 5 } }`,
      ben,
      '- rails.maxRemovals: users 5 → unset (1)  (tightens: fewer may go in one plan)',
    ],
    [
      'percent',
      ben,
      `${ben}rails: { maxRemovals: { percent: 30 } }`,
      '+ rails.maxRemovals: percent unset (25) → 30  (loosens: more may go in one plan; this plan was checked with the looser rail)',
    ],
    [
      'as it is without it',
      ben,
      `${ben}rails: { maxRemovals: { memberships: 5 } }`,
      '+ rails.maxRemovals: memberships unset (5) → 5  (the same as without it)',
    ],
    [
      'protect',
      `${ben}rails: { protect: { users: [ben] } }`,
      ben,
      '~ rails.protect.users: -ben  (loosens: plans may touch what it named; this plan was checked with the looser rail)',
    ],
    [
      'protect, tighter',
      ben,
      `${ben}rails: { protect: { users: [Ben] } }`,
      '~ rails.protect.users: +ben  (tightens: no plan may touch them)',
    ],
    [
      'minMembers',
      'groups: { ops: { members: [ben] } }\nusers: { ben: {} }\nrails: { minMembers: { ops: 1 } }',
      'groups: { ops: { members: [ben] } }\nusers: { ben: {} }',
      '- rails.minMembers: ops 1 → unset  (loosens: fewer members are enough; this plan was checked with the looser rail)',
    ],
    [
      'deny',
      `${ben}rails: { deny: [administrator] }`,
      ben,
      '- rails.deny: -administrator  (loosens: plans may bring it to anybody; this plan was checked with the looser rail)',
    ],
    [
      'an exception of deny',
      `${ben}rails: { deny: [administrator] }`,
      `${ben}rails: { deny: [{ danger: administrator, except: { users: [ben] } }] }`,
      '~ rails.deny: administrator except +user ben  (loosens: plans may bring it to more people; this plan was checked with the looser rail)',
    ],
    [
      'rotateAfter',
      key('rotateAfter: 90d'),
      key('rotateAfter: 365d'),
      '~ user ben: accessKey.rotateAfter 90d → 365d  (loosens: keys may grow older)',
    ],
    [
      'no rotation',
      key('rotateAfter: 90d'),
      key(''),
      '- user ben: accessKey.rotateAfter 90d → none  (loosens: keys are not rotated any more)',
    ],
    [
      'grace',
      key('rotateAfter: 90d'),
      key('rotateAfter: 90d, grace: 30d'),
      '+ user ben: accessKey.grace unset (7d) → 30d  (loosens: a rotated key stays valid for longer)',
    ],
    [
      'deliverTo of a key that exists',
      key(`deliverTo: ${one}`),
      key(`deliverTo: ${other}`),
      `~ user ben: accessKey.deliverTo ${one} → ${other}  (may loosen: the next access key goes there)`,
    ],
    [
      'deliverTo of a password',
      console(`deliverTo: ${one}`),
      console(''),
      `- user ben: console.deliverTo ${one} → none  (the next password has no recipient)`,
    ],
    [
      'service credentials',
      `${ben}serviceCredentials: forbidden`,
      ben,
      '- user ben: service credentials allowed  (loosens: those that people enrol stay)',
    ],
    [
      'out of scope, by a pattern for nobody yet',
      ben,
      `${ben}ignore: { users: ['svc-*'] }`,
      '~ ignore.users: +svc-*; concerns nothing that is there  (loosens: what is out of scope is neither planned nor told as drift)',
    ],
    [
      'a narrower pattern',
      `${ben}ignore: { users: ['svc-*'] }`,
      `${ben}ignore: { users: ['svc-a*'] }`,
      '~ ignore.users: +svc-a* -svc-*; concerns nothing that is there  (tightens: what is in scope is planned, and removed where no file has it)',
    ],
    [
      'roles that are ignored',
      ben,
      `${ben}ignore: { roles: ['deploy'] }`,
      '~ ignore.roles: +deploy; concerns nothing that is there  (loosens: what is out of scope is neither planned nor told as drift)',
    ],
    [
      'a description',
      'policies: { p: { description: a, document: { Statement: { Effect: Allow, Action: "s3:*", Resource: "*" } } } }',
      'policies: { p: { document: { Statement: { Effect: Allow, Action: "s3:*", Resource: "*" } } } }',
      '- policy p: description  (IAM keeps the one that it has)',
    ],
  ])('%s', async (_, before, after, ...lines) => {
    const { code, stdout } = await told({ before, after });
    expect(rules(stdout)).toEqual(lines);
    expect(code).toBe(2);
    expect(stdout).toContain('no API call');
    expect(stdout).not.toContain('nothing to change');
  });
});

test('a scope that grows says how many of the changes are due to it, never that it concerns nothing', async () => {
  const { stdout } = await told({
    before: "users: { ben: {} }\nignore: { users: ['ops-*'] }\n",
    between: ({ sandbox }) => {
      for (const UserName of ['ops-1', 'ops-2']) sandbox.call('CreateUser', { UserName });
    },
    after: 'users: { ben: {} }\n',
  });
  expect(stdout).toContain('user ops-1: offboard');
  expect(rules(stdout)).toEqual([
    '~ ignore.users: -ops-*; into scope, as the changes tell: 2  (tightens: what is in scope is planned, and removed where no file has it)',
  ]);
});
