import { describe, expect, it } from 'vitest';
import { parseExpiry } from '../../src/core/expiry.ts';
import { diagnose, load, loadClean } from './support.ts';

const account = 'account: "123456789012"\n';

describe('the state that manifests want', () => {
  it('has everything, sorted', async () => {
    const desired = await loadClean({
      'm.yaml': `version: 1
${account}
users:
  melvins:
    path: /partners/
    tags: { team: images, cost: "7" }
    groups: [readers, admins]
    attach: [read-reports, aws:ReadOnlyAccess]
    boundary: read-reports
    accessKey: { deliverTo: age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p, rotateAfter: 90d, grace: 7d }
    renamedFrom: melvin
  dale:
    console: { deliverTo: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBNqn1hGq0Xb4Zmso3ilfXFIHk9XRWFhq0ZW7VgCKPzH dale@example }
    accessKey: { count: 2 }
    suspended: true
  buzzo:
groups:
  readers:
  admins:
    path: /staff/
    attach: [aws:AdministratorAccess]
    members: [dale, melvins]
    renamedFrom: administrators
policies:
  read-reports:
    path: /reports/
    description: Reads the reports
    tags: { b: "2", a: "1" }
    document: { Statement: [{ Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::reports/*" }] }
  plain: { document: { Version: 2012-10-17, Statement: { Effect: Deny, Action: "*", Resource: "*" } } }
`,
    });
    const { state } = desired;
    expect({ account: state.account, partition: state.partition, roles: state.roles.size }).toEqual({
      account: '123456789012',
      partition: 'aws',
      roles: 0,
    });
    expect([...state.users.values()]).toEqual([
      {
        name: 'buzzo',
        path: '/',
        policies: {},
        attachedPolicyArns: [],
        tags: {},
        groups: [],
        boundary: null,
      },
      {
        name: 'dale',
        path: '/',
        policies: {},
        attachedPolicyArns: [],
        tags: {},
        groups: ['admins'],
        boundary: null,
        accessKey: { count: 2 },
        console: {
          deliverTo: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBNqn1hGq0Xb4Zmso3ilfXFIHk9XRWFhq0ZW7VgCKPzH',
        },
        suspended: true,
      },
      {
        name: 'melvins',
        path: '/partners/',
        policies: {},
        attachedPolicyArns: [
          'arn:aws:iam::123456789012:policy/reports/read-reports',
          'arn:aws:iam::aws:policy/ReadOnlyAccess',
        ],
        tags: { cost: '7', team: 'images' },
        groups: ['admins', 'readers'],
        boundary: 'arn:aws:iam::123456789012:policy/reports/read-reports',
        accessKey: {
          deliverTo: 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p',
          count: 1,
          rotateAfter: 90,
          grace: 7,
        },
        renamedFrom: 'melvin',
      },
    ]);
    expect([...state.groups.values()]).toEqual([
      {
        name: 'admins',
        path: '/staff/',
        policies: {},
        attachedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess'],
        renamedFrom: 'administrators',
      },
      { name: 'readers', path: '/', policies: {}, attachedPolicyArns: [] },
    ]);
    expect([...state.policies.values()]).toEqual([
      {
        name: 'plain',
        path: '/',
        arn: 'arn:aws:iam::123456789012:policy/plain',
        document: { Version: '2012-10-17', Statement: { Effect: 'Deny', Action: '*', Resource: '*' } },
      },
      {
        name: 'read-reports',
        path: '/reports/',
        arn: 'arn:aws:iam::123456789012:policy/reports/read-reports',
        description: 'Reads the reports',
        tags: { a: '1', b: '2' },
        document: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::reports/*' }],
        },
      },
    ]);
    expect(Object.keys(state.users.get('melvins')!.tags)).toEqual(['cost', 'team']);
  });

  it('knows where everything is declared', async () => {
    const { sources } = await loadClean({
      'm.yaml': `${account}users:
  dale:
    path: /a/
    tags: { team: x }
    groups: [g]
    attach: [aws:ReadOnlyAccess]
    policies: { p: { Statement: { Effect: Deny, Action: "*", Resource: "*" } } }
groups:
  g: { members: [dale] }
  h: { members: [dale] }
policies:
  q: { document: { Statement: { Effect: Deny, Action: "*", Resource: "*" } } }
`,
    });
    expect([...sources].map(([ref, { line, column }]) => `${ref} ${line}:${column}`).sort()).toEqual([
      'group:g 10:3',
      'group:g/members/dale 10:18',
      'group:h 11:3',
      'group:h/members/dale 11:18',
      'policy:q 13:3',
      'policy:q/document 13:8',
      'user:dale 3:3',
      'user:dale/attach/arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FReadOnlyAccess 7:14',
      'user:dale/groups/g 6:14',
      'user:dale/groups/h 11:18',
      'user:dale/path 4:5',
      'user:dale/policies/p 8:17',
      'user:dale/tags/team 5:13',
    ]);
  });
});

describe('expiry', () => {
  const yaml = `${account}users:
  dale: { groups: [g, { name: h, expires: ▸2026-11-23 }] }
  lorax: { expires: ▸2026-11-24T11:00:00+00:30, groups: [g] }
  buzzo:
    expires: 2027-06-30
    attach: [{ policy: aws:ReadOnlyAccess, expires: ▸2026-11-24 }, { policy: aws:PowerUserAccess, expires: ▸2026-12-01 }]
groups:
  g: { members: [lorax, { name: dale, expires: ▸2026-11-24T12:30:00Z }] }
  h: {}
`;

  it('takes what has expired as not in the file, and tells what expires soon', async () => {
    const { found, wanted } = await diagnose(yaml, [
      [
        'warning expired',
        'membership of user "dale" in group "h" expired (2026-11-23): it is treated as not in the file',
        'remove it from the file, or give it a later date',
      ],
      [
        'warning expired',
        'user "lorax" expired (2026-11-24T11:00:00+00:30): it is treated as not in the file',
        'remove it from the file, or give it a later date',
      ],
      [
        'warning expires-soon',
        'attachment of policy "aws:ReadOnlyAccess" to user "buzzo" expires within a day (2026-11-24)',
        'if it is still needed, give it a later date',
      ],
      [
        'warning expires-soon',
        'attachment of policy "aws:PowerUserAccess" to user "buzzo" expires in 7 days (2026-12-01)',
        'if it is still needed, give it a later date',
      ],
      [
        'warning expires-soon',
        'membership of user "dale" in group "g" expires within a day (2026-11-24T12:30:00Z)',
        'if it is still needed, give it a later date',
      ],
    ]);
    expect(found).toEqual(wanted);
    const { desired } = await load({ 'm.yaml': yaml.replaceAll('▸', '') });
    const users = [...desired!.state.users.values()];
    expect(
      users.map(({ name, groups, attachedPolicyArns }) => [name, groups, attachedPolicyArns.length]),
    ).toEqual([
      ['buzzo', [], 2],
      ['dale', ['g'], 0],
    ]);
    expect(desired!.expiring).toEqual([
      { ref: 'user:buzzo', what: 'user "buzzo"', at: '2027-06-30T23:59:59.999Z', expired: false },
      {
        ref: 'user:buzzo/attach/arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FPowerUserAccess',
        what: 'attachment of policy "aws:PowerUserAccess" to user "buzzo"',
        at: '2026-12-01T23:59:59.999Z',
        expired: false,
      },
      {
        ref: 'user:buzzo/attach/arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FReadOnlyAccess',
        what: 'attachment of policy "aws:ReadOnlyAccess" to user "buzzo"',
        at: '2026-11-24T23:59:59.999Z',
        expired: false,
      },
      {
        ref: 'user:dale/groups/g',
        what: 'membership of user "dale" in group "g"',
        at: '2026-11-24T12:30:00.000Z',
        expired: false,
        // The user's own `groups` declare it without an end.
        lasts: true,
      },
      {
        ref: 'user:dale/groups/h',
        what: 'membership of user "dale" in group "h"',
        at: '2026-11-23T23:59:59.999Z',
        expired: true,
      },
      { ref: 'user:lorax', what: 'user "lorax"', at: '2026-11-24T10:30:00.000Z', expired: true },
    ]);
  });

  it('judges by another date if asked to', async () => {
    const { desired } = await load(
      { 'm.yaml': yaml.replaceAll('▸', '') },
      { at: new Date('2027-07-01T00:00:00Z') },
    );
    expect([...desired!.state.users.keys()]).toEqual(['dale']);
    expect(desired!.expiring.every(({ expired }) => expired)).toBe(true);
  });

  it('still checks what has expired', async () => {
    const { found, wanted } = await diagnose(
      `${account}users: { dale: { expires: ▸2020-01-01, groups: [▸ops] } }\n`,
      [
        [
          'warning expired',
          'user "dale" expired (2020-01-01): it is treated as not in the file',
          'remove it from the file, or give it a later date',
        ],
        ['unknown-group', 'there is no group "ops"', 'declare it under groups'],
      ],
    );
    expect(found).toEqual(wanted);
  });

  const dateHint =
    'write a date such as 2027-01-31 (to its end, in UTC) or an instant such as 2027-01-31T18:00:00Z';
  const instantHint =
    'write it with T, seconds and time zone, such as 2027-01-31T18:00:00Z or 2027-01-31T18:00:00+01:00';
  it.each([
    ['31.01.2027', 'is neither a date nor an instant with its time zone', dateHint],
    ['next month', 'is neither a date nor an instant with its time zone', dateHint],
    ['2027-1-31', 'is neither a date nor an instant with its time zone', dateHint],
    ['2027-01-31T18:00:00', 'is neither a date nor an instant with its time zone', instantHint],
    ['2027-01-31 18:00:00Z', 'is neither a date nor an instant with its time zone', instantHint],
    ['2027-01-31T18:00Z', 'is neither a date nor an instant with its time zone', instantHint],
    ['2027-02-29', 'is a day that does not exist', 'write a day of the calendar, such as 2027-01-31'],
    ['2027-13-01', 'is a day that does not exist', 'write a day of the calendar, such as 2027-01-31'],
    [
      '2027-01-31T24:00:00Z',
      'is a time of day that does not exist',
      'write a time from 00:00:00 to 23:59:59',
    ],
  ])('refuses %s', async (text, problem, hint) => {
    const { found, wanted } = await diagnose(`${account}users: { dale: { expires: ▸"${text}" } }\n`, [
      ['bad-expiry', `"${text}" ${problem}`, hint],
    ]);
    expect(found).toEqual(wanted);
  });

  it.each([
    ['2028-02-29', '2028-02-29T23:59:59.999Z'],
    ['2027-01-31T18:00:00Z', '2027-01-31T18:00:00.000Z'],
    ['2027-01-31t18:00:00.25z', '2027-01-31T18:00:00.250Z'],
    ['2027-01-31T18:00:00.123456-05:30', '2027-01-31T23:30:00.123Z'],
    ['0050-01-01', '0050-01-01T23:59:59.999Z'],
  ])('takes %s', (text, instant) => {
    const result = parseExpiry(text);
    expect('at' in result && result.at.toISOString()).toBe(instant);
  });
});

describe('what was reviewed of credentials', () => {
  it('is read with its place, ids in text order, times in UTC', async () => {
    const { state, sources } = await loadClean({
      'a.yaml': `account: "123456789012"
serviceCredentials: forbidden
users:
  dale:
    serviceCredentials: allowed
    console: { createdAt: 2026-01-31T13:00:00+01:00 }
  melvins:
    accessKey:
      ids: [AKIAZZZZZZZZZZZZZZZZ, AKIAIOSFODNN7EXAMPLE]
    console: { createdAt: "2026-01-31T12:00:00Z" }
`,
    });
    const [dale, melvins] = ['dale', 'melvins'].map((name) => state.users.get(name)!);
    expect(melvins!.accessKey?.ids).toEqual(['AKIAIOSFODNN7EXAMPLE', 'AKIAZZZZZZZZZZZZZZZZ']);
    expect([dale, melvins].map((user) => user!.console?.createdAt)).toEqual([
      '2026-01-31T12:00:00Z',
      '2026-01-31T12:00:00Z',
    ]);
    expect([dale, melvins].map((user) => user!.forbidsServiceCredentials)).toEqual([undefined, true]);
    expect(sources.get('user:melvins/accessKey/ids')).toMatchObject({ line: 9, column: 7 });
    expect(sources.get('user:dale/console/createdAt')).toMatchObject({ line: 6 });
  });
});
