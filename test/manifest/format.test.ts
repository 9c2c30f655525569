import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Document, isCollection, isPair, isScalar, visit } from 'yaml';
import { Source } from '../../src/core/tree.ts';
import { formatManifest } from '../../src/manifest/format/index.ts';
import { run, scratch, stage, write } from '../support/cli.ts';
import { load } from './support.ts';

const format = (text: string): string =>
  formatManifest(new Source('a.yaml', '/a.yaml', Buffer.from(text), text));

describe('one style', () => {
  test.each([
    [
      'keys in order, names in order, short values on a line',
      `users:
  dale: {console: {}, "path": '/x/', groups: ["admins"]}
  buzzo:
    accessKey:
        rotateAfter: "90d"
    groups:
    - admins
groups:
  admins:
    attach: [ 'aws:ReadOnlyAccess' ]
ignore:
  roles: ["ci"]
  users: [ "svc-*" ]
account: "123456789012"
`,
      `account: '123456789012'
ignore:
  users: ['svc-*']
  roles: [ci]
users:
  buzzo:
    groups: [admins]
    accessKey: { rotateAfter: 90d }
  dale:
    path: /x/
    groups: [admins]
    console: {}
groups:
  admins: { attach: [aws:ReadOnlyAccess] }
`,
    ],
    [
      'comments stay with what they are about',
      `# yaml-language-server: $schema=./manifest.schema.json
# the file

users:   # everybody
  # she leads
  dale: {groups: [admins]}   # until March

  # --- Partners
  # one bucket

  melvins: {}
  # he follows
  buzzo:
    # why
    console: {}   # needed
    path:  /p/
  # the last of the users
# all groups
groups:
  admins: {} # few
# the end
`,
      `# yaml-language-server: $schema=./manifest.schema.json
# the file

users: # everybody
  # she leads
  dale: { groups: [admins] } # until March

  # --- Partners
  # one bucket

  # he follows
  buzzo:
    path: /p/
    # why
    console: {} # needed
  melvins: {}
  # the last of the users
# all groups
groups:
  admins: {} # few
# the end
`,
    ],
    [
      'anchors, aliases, merge keys and texts over several lines stay',
      `x-team:   &team { tags: {team: images} }
users:
  dale:
    groups:   [ admins ]
    <<:   *team
    note:   |
      first
        second
  buzzo:   *team
groups: { admins: { members: [] } }
`,
      `x-team: &team { tags: {team: images} }
users:
  buzzo: *team
  dale:
    <<: *team
    groups: [admins]
    note: |
      first
        second
groups:
  admins: { members: [] }
`,
    ],
    [
      'an anchor that would come to stand below its alias keeps the order',
      `users:
  dale: &who { path: "/x/" }
  buzzo: *who
`,
      `users:
  dale: &who { path: "/x/" }
  buzzo: *who
`,
    ],
    [
      'policy documents keep their order',
      `policies: { p: { document: { Statement: { Resource: "*", Effect: Allow, Action: "s3:Get*" } }, description: "x" } }
`,
      `policies:
  p:
    description: x
    document:
      Statement:
        Resource: '*'
        Effect: Allow
        Action: 's3:Get*'
`,
    ],
    ['nothing after a name stays so', 'users:\n  dale:\n  buzzo:   \n', 'users:\n  buzzo:\n  dale:\n'],
    [
      'line ends of another system, and more than one blank line',
      '\ufeffusers:\r\n  dale: {}\r\n\r\n\r\n\r\ngroups: {}\r\n\r\n',
      'users:\n  dale: {}\n\ngroups: {}\n',
    ],
    [
      'an account that lost its quotes keeps its zero',
      'account:   012345678901 # no\nusers: {}\n',
      'account: 012345678901 # no\nusers: {}\n',
    ],
  ])('%s', (_, before, after) => {
    expect(format(before)).toBe(after);
    expect(format(after)).toBe(after);
  });

  const name = fc.constantFrom('anna', 'ben.dubois', 'yes', '007', 'c+d', 'null', 'k@x');
  const text = fc.constantFrom(
    'plain',
    "it's",
    'a: b',
    '# no',
    '- x',
    '',
    ' lead',
    'täg',
    '2027-01-31',
    '90d',
    'true',
    '*',
  );
  const user = fc.record(
    {
      tags: fc.dictionary(fc.constantFrom('team', 'cost centre', '1'), fc.constantFrom('a', '1', 'b c')),
      path: fc.constantFrom('/', '/x/', '/a/b/'),
      note: text,
      owner: fc.oneof(text, fc.array(text, { maxLength: 3 })),
      'x-more': fc.oneof(fc.anything({ maxDepth: 1, values: [text, fc.integer(), fc.boolean()] }), text),
      groups: fc.subarray(['admins', 'readers']),
      expires: fc.constantFrom('2027-01-31', '2037-01-31T18:00:00Z'),
      suspended: fc.boolean(),
      accessKey: fc.record(
        { rotateAfter: fc.constant('90d'), grace: fc.constant('7d') },
        { requiredKeys: [] },
      ),
      policies: fc.dictionary(
        fc.constantFrom('p', 'q.r'),
        fc.constant({ Statement: [{ Resource: '*', Action: ['s3:Get*', 's3:Put*'], Effect: 'Allow' }] }),
      ),
    },
    { requiredKeys: [] },
  );
  const manifest = fc.record({
    users: fc.dictionary(name, user),
    groups: fc.constant({ readers: {}, admins: { members: [] } }),
    ignore: fc.constant({ roles: ['ci'], users: ['svc-*'] }),
    account: fc.constant('123456789012'),
  });

  /** Somebody's own style: flow and block, quotes, comments and blank lines wherever they may stand. */
  function styled(value: unknown, dice: () => number): string {
    const document = new Document(value);
    document.commentBefore = dice() === 0 ? ' head' : null;
    visit(document, (at, node) => {
      if (isCollection(node)) node.flow = dice() === 1;
      if (isScalar(node) && typeof node.value === 'string')
        node.type = (['PLAIN', 'QUOTE_DOUBLE', 'QUOTE_SINGLE', 'BLOCK_LITERAL'] as const)[
          dice() % (at === 'key' ? 3 : 4)
        ]!;
      if (isPair(node) && isScalar(node.key)) {
        if (dice() === 2) node.key.commentBefore = ` c${dice()}`;
        if (dice() === 3) node.key.spaceBefore = true;
      }
    });
    return document.toString({ lineWidth: dice() === 4 ? 40 : 0, indent: 2 + (dice() % 3) });
  }

  const said = async (content: string): Promise<unknown> => {
    const { desired, diagnostics } = await load({ 'a.yaml': content });
    if (!desired) return diagnostics.map(({ code, message }) => [code, message]).sort();
    const { state, rails, ignore, expiring, about } = desired;
    return [state, rails, ignore, expiring, new Map([...about!].sort())];
  };
  const commentsOf = (content: string): string[] => (content.match(/# (?:c\d|head)/g) ?? []).sort();

  test('never changes what the files mean, keeps every comment, and is the same the second time', async () => {
    let changed = 0;
    await fc.assert(
      fc.asyncProperty(manifest, fc.infiniteStream(fc.nat({ max: 9 })), async (value, stream) => {
        const before = styled(value, () => stream.next().value as number);
        const after = format(before);
        if (after !== before) changed += 1;
        expect(format(after)).toBe(after);
        expect(await said(after)).toEqual(await said(before));
        expect(commentsOf(after)).toEqual(commentsOf(before));
      }),
      { numRuns: 40 },
    );
    expect(changed).toBeGreaterThan(25);
  });
});

describe('rollcall fmt', () => {
  const untidy = 'users: {dale: {}}\naccount: "123456789012"\n';
  const tidy = "account: '123456789012'\nusers:\n  dale: {}\n";
  const read = (dir: string, file: string): string => readFileSync(join(dir, file), 'utf8');

  test('writes the files that are not in the style, and names them', async () => {
    const cwd = write(scratch(), {
      'manifests/a.yaml': untidy,
      'manifests/t/b.yml': 'groups: {}\n',
      'x.yaml': untidy,
    });
    expect(await run(['fmt'], { cwd })).toEqual({ code: 0, stdout: 'manifests/a.yaml\n', stderr: '' });
    expect(read(cwd, 'manifests/a.yaml')).toBe(tidy);
    expect(read(cwd, 'x.yaml')).toBe(untidy);
    expect(await run(['fmt'], { cwd })).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await run(['fmt', 'x.yaml', '--json'], { cwd })).toMatchObject({
      code: 0,
      stdout: '{\n  "files": [\n    "x.yaml"\n  ]\n}\n',
    });
    expect(read(cwd, 'x.yaml')).toBe(tidy);
  });

  test('--check names them, writes nothing and exits with 2; --diff shows the change', async () => {
    const cwd = write(scratch(), { 'manifests/a.yaml': untidy, 'manifests/b.yaml': 'groups: {}\n' });
    expect(await run(['fmt', '--check'], { cwd })).toEqual({
      code: 2,
      stdout: 'manifests/a.yaml\n',
      stderr: '1 of 2 files is not in the style of rollcall fmt.\n',
    });
    const { code, stdout } = await run(['fmt', '--diff'], { cwd });
    expect(code).toBe(2);
    expect(stdout).toContain('-users: {dale: {}}\n');
    expect(read(cwd, 'manifests/a.yaml')).toBe(untidy);
  });

  test('what is no YAML is told with its place, and nothing is written', async () => {
    const cwd = write(scratch(), { 'manifests/a.yaml': untidy, 'manifests/b.yaml': 'users: [\n' });
    for (const more of [[], ['--check']]) {
      const { code, stdout, stderr } = await run(['fmt', ...more], { cwd });
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/^manifests\/b\.yaml:2:1: error: not valid YAML: .*\[yaml-syntax\]\n/);
    }
    expect(read(cwd, 'manifests/a.yaml')).toBe(untidy);
    expect((await run(['fmt', 'nowhere.yaml'], { cwd })).stderr).toContain(
      'nowhere.yaml:1:1: error: cannot read the file',
    );
  });

  test('what init and import write is in the style', async () => {
    const { sandbox, there, env } = await stage();
    const document = {
      Statement: [{ Sid: 'A', Effect: 'Allow', Action: ['s3:Get*', 's3:Put*'], Resource: '*' }],
      Version: '2012-10-17',
    };
    const PolicyDocument = JSON.stringify(document);
    for (const [UserName, Path] of [
      ['dale', '/'],
      ['buzzo', '/p/'],
      ['yes', '/p/'],
    ] as const) {
      sandbox.call('CreateUser', {
        UserName,
        Path,
        Tags: [
          { Key: 'team', Value: 'a b' },
          { Key: 'b', Value: '1' },
        ],
      });
      sandbox.call('PutUserPolicy', { UserName, PolicyName: 'p', PolicyDocument });
    }
    sandbox.call('CreateAccessKey', { UserName: 'dale' });
    sandbox.call('CreateGroup', { GroupName: 'admins' });
    sandbox.call('AddUserToGroup', { GroupName: 'admins', UserName: 'dale' });
    sandbox.call('AttachGroupPolicy', {
      GroupName: 'admins',
      PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
    });
    sandbox.call('CreatePolicy', { PolicyName: 'read', Description: 'reads: all', PolicyDocument });
    sandbox.call('CreateAccountAlias', { AccountAlias: 'lorax-prod' });
    sandbox.call('CreateRole', {
      RoleName: 'ci',
      AssumeRolePolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
      }),
    });
    sandbox.call('UpdateAccountPasswordPolicy', { MinimumPasswordLength: 14 });
    const cwd = scratch();
    for (const layout of ['kind', 'path'])
      expect(await run(['import', '-m', layout, '--layout', layout, ...there], { cwd, env })).toMatchObject({
        code: 0,
        stderr: expect.stringContaining('The next plan is empty') as string,
      });
    await run(['init', '-m', 'new', '--account', '123456789012'], { cwd });
    for (const dir of ['kind', 'path', 'new'])
      expect(await run(['fmt', '--diff', '-m', dir], { cwd })).toEqual({ code: 0, stdout: '', stderr: '' });
  });
});
