import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import pc from 'picocolors';
import { expect, test } from 'vitest';
import { nameWho, readEvents } from '../../src/app/events.ts';
import type { Drift } from '../../src/kinds/plan.ts';
import { renderDrift, renderDriftMarkdown, wordDrift } from '../../src/render/drift.ts';
import { accountId, manifests, run, scratch, stage } from '../support/cli.ts';
import type { Stage } from '../support/cli.ts';

type WordedDrift = ReturnType<typeof wordDrift>[number];

const yaml = `users:
  buzzo: { groups: [admins], tags: { team: a } }
  dale: { groups: [readers] }
groups:
  admins: { policies: { allow_all: { Statement: { Effect: Allow, Action: '*', Resource: '*' } } } }
  readers: { attach: [aws:ReadOnlyAccess] }
policies:
  read-reports: { document: { Statement: { Effect: Allow, Action: 's3:GetObject', Resource: '*' } } }
`;

/** An account that was as the files say, and what somebody did to it since. */
async function drifted(): Promise<{ there: Stage; dir: string }> {
  const there = await stage();
  const dir = manifests(yaml);
  expect((await there.rollcall('apply', dir, '--yes')).code).toBe(0);
  const { sandbox } = there;
  sandbox.call('CreateUser', { UserName: 'lorax' });
  sandbox.call('AddUserToGroup', { UserName: 'lorax', GroupName: 'admins' });
  sandbox.call('AddUserToGroup', { UserName: 'dale', GroupName: 'admins' });
  sandbox.call('RemoveUserFromGroup', { UserName: 'dale', GroupName: 'readers' });
  sandbox.call('AttachGroupPolicy', {
    GroupName: 'readers',
    PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
  });
  sandbox.call('PutUserPolicy', {
    UserName: 'buzzo',
    PolicyName: 'extra',
    PolicyDocument: '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ec2:*","Resource":"*"}}',
  });
  sandbox.call('TagUser', { UserName: 'buzzo', Tags: [{ Key: 'team', Value: 'b' }] });
  sandbox.call('DeletePolicy', { PolicyArn: `arn:aws:iam::${accountId}:policy/read-reports` });
  return { there, dir };
}

test('drift is told from the account’s side, with exit 2', async () => {
  const { there, dir } = await drifted();
  const before = there.writes().length;
  const ended = await there.rollcall('drift', dir);
  expect(ended.code).toBe(2);
  const told = ended.stdout.split('\n').filter((line) => line.startsWith('  ~'));
  // What it does to access stands behind, and decides the order.
  expect(told.map((line) => line.replace(/ {2}\([^(]*\)$/, '')).sort()).toEqual([
    '  ~ group admins has dale, whom no file puts there',
    '  ~ group readers has the attached policy aws:AdministratorAccess, which no file attaches',
    '  ~ group readers lacks dale',
    '  ~ policy read-reports is in the files, but not in IAM',
    '  ~ user buzzo has the inline policy extra, which is in no file',
    '  ~ user buzzo: in the account, tags ~team',
    '  ~ user lorax is in no file',
  ]);
  expect(told.slice(-3)).toEqual([
    '  ~ user buzzo: in the account, tags ~team',
    expect.stringContaining('group readers lacks dale'),
    '  ~ policy read-reports is in the files, but not in IAM',
  ]);
  expect(ended.stdout).toContain('7 differences.');
  expect(there.writes()).toHaveLength(before);
});

test('no drift is exit 0', async () => {
  const there = await stage();
  const dir = manifests(yaml);
  await there.rollcall('apply', dir, '--yes');
  const ended = await there.rollcall('drift', dir);
  expect(ended.code).toBe(0);
  expect(ended.stdout).toMatch(/^Account \d{12} is as the files say: no drift\.\nLooked at: .*\.\n$/);
  expect((await there.rollcall('drift', dir, '--format', 'markdown')).stdout).toContain('as the files say');
});

test('the event history names who did it, where it can', async () => {
  const { there, dir } = await drifted();
  const record = (eventName: string, requestParameters: object, more: object = {}) => ({
    EventName: eventName,
    CloudTrailEvent: JSON.stringify({
      eventName,
      eventTime: '2027-01-02T03:04:05Z',
      userIdentity: { type: 'IAMUser', arn: `arn:aws:iam::${accountId}:user/melvins` },
      requestParameters,
      ...more,
    }),
  });
  const file = join(scratch(), 'events.json');
  const Events = [
    record('CreateUser', { userName: 'lorax' }, { eventTime: '2027-01-01T00:00:00Z' }),
    record('AddUserToGroup', { userName: 'lorax', groupName: 'admins' }),
    record('DeleteUser', { userName: 'buzzo' }, { errorCode: 'DeleteConflict' }),
    record('GetUser', { userName: 'buzzo' }, { readOnly: true }),
    record('DeletePolicy', { policyArn: `arn:aws:iam::${accountId}:policy/x/read-reports` }),
    record('ListUsers', {}),
  ];
  writeFileSync(file, JSON.stringify({ Events }));
  const ended = await there.rollcall('drift', dir, '--events', file, '--json');
  expect(ended.code).toBe(2);
  const { drift } = JSON.parse(ended.stdout) as { drift: WordedDrift[] };
  const told = drift.filter(({ by }) => by).map(({ change, by }) => `${change}: ${by!.call} by ${by!.who}`);
  const melvins = `arn:aws:iam::${accountId}:user/melvins`;
  expect(told).toEqual([
    `user:lorax: AddUserToGroup by ${melvins}`,
    `group:admins/members: AddUserToGroup by ${melvins}`,
    `policy:read-reports: DeletePolicy by ${melvins}`,
  ]);
});

test.each([
  ['missing', null, 'cannot be read (ENOENT)'],
  ['no JSON', 'hello', 'holds no CloudTrail events'],
  ['something else', '{"Events": 1}', 'holds no CloudTrail events'],
  ['a list', '[{}]', 'holds no CloudTrail events'],
  ['events of another kind', '{"Events": [{"CloudTrailEvent": "{}"}, {}, 7]}', 'holds no CloudTrail events'],
])('an events file that is %s is refused', async (_what, text, message) => {
  const file = join(scratch(), 'events.json');
  if (text !== null) writeFileSync(file, text);
  await expect(readEvents(file)).rejects.toThrow(message);
  const ended = await run([
    'drift',
    '--manifests',
    manifests('users: { dale: {} }\n'),
    '--sandbox',
    '--events',
    file,
  ]);
  expect(ended.code).toBe(1);
  expect(ended.stderr).not.toContain('    at ');
});

test('what an account has one of is known by the calls that change it, with parameters or without', async () => {
  const file = join(scratch(), 'events.json');
  const record = (eventName: string, requestParameters: object | null, minute: number) => ({
    CloudTrailEvent: JSON.stringify({
      eventName,
      eventTime: `2027-01-02T03:0${minute}:00Z`,
      userIdentity: { type: 'Root' },
      requestParameters,
    }),
  });
  const Events = [
    record('UpdateAccountPasswordPolicy', { minimumPasswordLength: 6 }, 1),
    record('DeleteAccountPasswordPolicy', null, 2),
    record('CreateAccountAlias', { accountAlias: 'lorax-dev' }, 3),
    record('constructor', null, 4),
  ];
  writeFileSync(file, JSON.stringify({ Events }));
  const drift = [
    { change: { kind: 'password', name: 'policy' } },
    { change: { kind: 'account', name: 'alias' } },
  ] as unknown as Drift[];
  expect(nameWho(drift, await readEvents(file)).map(({ by }) => by?.call)).toEqual([
    'DeleteAccountPasswordPolicy',
    'CreateAccountAlias',
  ]);
});

test('one odd record among events is left out, and named', async () => {
  const file = join(scratch(), 'events.json');
  const good = {
    CloudTrailEvent: JSON.stringify({
      eventName: 'TagUser',
      eventTime: '2027-01-02T03:04:05Z',
      userIdentity: { type: 'Root' },
      requestParameters: { userName: 'dale' },
    }),
  };
  const read = async (Events: unknown[]) => {
    writeFileSync(file, JSON.stringify({ Events }));
    const warnings: string[] = [];
    const events = await readEvents(file, (text) => warnings.push(text));
    return { calls: events.map(({ call }) => call), warnings };
  };
  expect(await read([])).toEqual({ calls: [], warnings: [] });
  expect(await read([good, good])).toEqual({ calls: ['TagUser', 'TagUser'], warnings: [] });
  const odd = [null, 7, {}, { CloudTrailEvent: 7 }, { CloudTrailEvent: '{' }, { CloudTrailEvent: '[]' }];
  for (const one of odd) {
    expect(await read([good, one])).toEqual({
      calls: ['TagUser'],
      warnings: [`--events ${file}: left out what is no CloudTrail event: 1 of 2 (2)`],
    });
  }
  expect((await read([good, ...odd])).warnings[0]).toMatch(/6 of 7 \(2, 3, 4, …\)$/);
  const ended = await run([
    'drift',
    '--manifests',
    manifests('users: { dale: {} }\n'),
    '--sandbox',
    '--events',
    file,
  ]);
  expect(ended.code).toBe(2);
  expect(ended.stderr).toContain('6 of 7');
});

const hostile = '`` @dale <img src=x> | # **b** \n- ``` [a](b) \u202e';
const drift: WordedDrift[] = [
  {
    change: 'user:a',
    text: `user a: ${hostile}`,
    details: [{ sign: ' ', text: hostile }],
    effect: 'none',
    reason: '',
    facts: [],
    reasons: [],
    documents: [],
  },
];

const hostileTest = { tests: [{ operator: hostile, key: hostile, values: { names: [hostile] } }] };

test('other people’s text changes nothing around it', () => {
  const [, heading, , count, , item, detail, end, last] = renderDriftMarkdown(accountId, drift).split('\n');
  expect(heading).toBe(`## Drift in account ${accountId}`);
  expect(count).toMatch(/^1 difference\./);
  // One code span a line, its fence longer than any run of backticks inside.
  expect(item).toMatch(/^- (`{4})[^\n]*[^`]\1$/);
  expect(detail).toMatch(/^ {2}- (`{4}) ?[^\n]*[^`]\1$/);
  expect(end).toBe('');
  expect(last).toMatch(/^<!-- rollcall:content:[0-9a-f]{16} -->$/);
  const worse: WordedDrift = {
    ...drift[0]!,
    effect: 'widens',
    reason: hostile,
    reasons: [{ code: 'access-of', gains: { people: [hostile], grants: [{ unreadable: hostile }] } }],
    dangers: [
      { code: 'administrator', label: 'administrator', text: hostile, conditions: hostileTest } as never,
    ],
    documents: [
      { name: '`p` @@', before: null, after: { Statement: { Effect: hostile, Action: '```\n@dale' } } },
    ],
  };
  const lines = renderDriftMarkdown(accountId, [worse]).split('\n').slice(5, -3);
  const fence = lines.findIndex((line) => /^ {2}`{4}diff$/.test(line));
  expect(lines.at(-1)).toBe('  ````');
  for (const line of lines.slice(fence + 1, -1)) expect(line).toMatch(/^ {2}(@@|[-+ ]) (?!`{4})/);
  for (const line of lines.slice(0, fence)) {
    const prose = line.replaceAll(/(`{4,}).*?[^`]\1(?!`)/g, '');
    expect(prose).not.toMatch(/[`<>@[\]]/);
  }
  expect(renderDrift(accountId, drift, pc.createColors(false))).not.toMatch(/\u202e/);
});

const gfmToHtml = (markdown: string): string =>
  micromark(markdown, { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true });
/** A page without what stands in code: the only place for text of others. */
const outsideOfCode = (html: string): string =>
  html.replaceAll(/<code[^>]*>[^<]*<\/code>/g, '<code/>').replace(/<!-- rollcall:content:.* -->/, '');

test.each(['who', 'call', 'at'] as const)('who did it is text of others too: %s', (field) => {
  const by = { who: 'melvins', call: 'TagUser', at: '2027-01-02T00:00:00Z' };
  const told = (more: Partial<typeof by>): string =>
    outsideOfCode(gfmToHtml(renderDriftMarkdown(accountId, [{ ...drift[0]!, by: { ...by, ...more } }])));
  for (const text of [
    hostile,
    '@octo-org/admins',
    '<img src=x onerror=alert(1)>',
    '![x](https://example.com/pixel)',
    'https://example.com',
    '-->',
    '\n\n# nothing happened',
    '**nobody**',
  ])
    expect(told({ [field]: text })).toBe(told({}));
  const nasty = '\u001b[2J\u202e';
  const shown = renderDrift(
    accountId,
    [{ ...drift[0]!, by: { ...by, [field]: nasty } }],
    pc.createColors(false),
  );
  for (const sign of ['\u001b', '\u202e']) expect(shown).not.toContain(sign);
});

test('who did it stands in a code span of the issue, as CloudTrail has it', async () => {
  const { there, dir } = await drifted();
  const arn = `arn:aws:sts::${accountId}:assumed-role/deploy/@octo-org`;
  const record = {
    eventName: 'CreateUser',
    eventTime: '2027-01-02T00:00:00Z',
    userIdentity: { arn },
    requestParameters: { userName: 'lorax' },
  };
  const file = join(scratch(), 'events.json');
  writeFileSync(file, JSON.stringify({ Events: [{ CloudTrailEvent: JSON.stringify(record) }] }));
  const { code, stdout } = await there.rollcall('drift', dir, '--format', 'markdown', '--events', file);
  expect(code).toBe(2);
  expect(stdout).toContain(`(\`last CreateUser by ${arn}, 2027-01-02T00:00:00Z\`)`);
  expect(outsideOfCode(gfmToHtml(stdout))).not.toContain('@octo-org');
});

test('an issue’s body fits, and says what it leaves out', () => {
  const many = Array.from({ length: 5000 }, (_, index): WordedDrift => ({
    change: `user:u${index}`,
    text: `user u${index} is in no file`,
    details: [],
    effect: 'narrows',
    reason: '',
    facts: [],
    reasons: [],
    documents: [],
  }));
  const body = renderDriftMarkdown(accountId, many);
  expect(body.length).toBeLessThanOrEqual(65_536);
  const shown = body.split('\n').filter((line) => line.startsWith('- ')).length;
  expect(body).toContain(`${5000 - shown} more: run \`rollcall drift\` to see all.`);
  expect(body).toContain('5000 differences.');
});

test('the newest event of an object counts', () => {
  const event = (call: string, at: string) => ({ call, at, who: 'melvins', objects: ['user:a'] });
  const ofUser = { change: { kind: 'user', name: 'a' } } as Drift;
  const events = [
    event('TagUser', '2027-01-02'),
    event('UpdateUser', '2027-01-03'),
    event('X', '2027-01-01'),
  ];
  expect(nameWho([ofUser], events)[0]?.by?.call).toBe('UpdateUser');
});

test('an event counts in whichever case its caller wrote the name', () => {
  const event = { call: 'TagUser', at: '2027-01-02', who: 'melvins', objects: ['user:DALE'] };
  const ofUser = { change: { kind: 'user', name: 'dale' } } as Drift;
  expect(nameWho([ofUser], [event])[0]?.by?.call).toBe('TagUser');
});

test('a key whose delivery is known, wherever deliveries are, is told as no undelivered one', async () => {
  const there = await stage();
  const dir = manifests('users: { dale: { accessKey: {} } }\n');
  there.sandbox.call('CreateUser', { UserName: 'dale' });
  const { AccessKeyId: id } = there.sandbox.call('CreateAccessKey', { UserName: 'dale' }).AccessKey!;
  const Value = '2027-01-01T00:00:00Z none';
  there.sandbox.call('TagUser', { UserName: 'dale', Tags: [{ Key: 'rollcall-undelivered', Value }] });
  const elsewhere = scratch();
  mkdirSync(join(elsewhere, accountId));
  const drift = async (): Promise<string> =>
    (await there.rollcall('drift', dir, '--deliveries', elsewhere)).stdout;
  expect(await drift()).toContain('made, but never delivered');
  writeFileSync(join(elsewhere, accountId, `dale-${id}.age`), '');
  expect(await drift()).not.toContain('made, but never delivered');
});

/** What somebody did to a user who is as the files say, and what drift says of it. */
const acts: readonly (readonly [string, string, (sandbox: Stage['sandbox']) => unknown, string])[] = [
  [
    '{ tags: { team: a } }',
    'tag',
    (s) => s.call('TagUser', { UserName: 'x', Tags: [{ Key: 'new', Value: '1' }] }),
    'in the account, tags +new',
  ],
  [
    '{ tags: { team: a } }',
    'untag',
    (s) => s.call('UntagUser', { UserName: 'x', TagKeys: ['team'] }),
    'in the account, tags -team',
  ],
  [
    '{ path: /a/ }',
    'move',
    (s) => s.call('UpdateUser', { UserName: 'x', NewPath: '/b/' }),
    'in the account, path /a/ → /b/',
  ],
  [
    '{}',
    'bound',
    (s) =>
      s.call('PutUserPermissionsBoundary', {
        UserName: 'x',
        PermissionsBoundary: 'arn:aws:iam::aws:policy/ReadOnlyAccess',
      }),
    'in the account, permissions boundary none → aws:ReadOnlyAccess',
  ],
  [
    '{ boundary: aws:ReadOnlyAccess }',
    'unbound',
    (s) => s.call('DeleteUserPermissionsBoundary', { UserName: 'x' }),
    'in the account, permissions boundary aws:ReadOnlyAccess → none',
  ],
  [
    '{ policies: { p: { Statement: { Effect: Deny, Action: "*", Resource: "*" } } } }',
    'drop a policy',
    (s) => s.call('DeleteUserPolicy', { UserName: 'x', PolicyName: 'p' }),
    'lacks the inline policy p',
  ],
];

test.each(acts)('drift reads from the files to the account: %s, %s', async (user, _act, act, told) => {
  const { sandbox, rollcall } = await stage();
  const dir = manifests(`users: { x: ${user} }`);
  expect((await rollcall('apply', dir, '--yes')).code).toBe(0);
  act(sandbox);
  const { stdout, code } = await rollcall('drift', dir);
  expect(code).toBe(2);
  expect(stdout).toMatch(/\n {2}~ user x/);
  expect(stdout).toContain(told);
  expect(stdout).not.toContain('by the files');
});
