import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { RollcallError } from '../../src/core/errors.ts';
import { testAccount } from '../support/account.ts';
import type { TestAccount } from '../support/account.ts';
import { filesIn, importInto, planned, withDirectory } from './support.ts';

const allow = (Action: string, Resource = '*'): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource }] });

const put = (dir: string, files: Record<string, string>): void => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
};

const opened: TestAccount[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});
async function account(): Promise<TestAccount> {
  const there = await testAccount({ transport: 'direct' });
  opened.push(there);
  return there;
}

/** The account of the example in the documentation. */
async function example(): Promise<TestAccount> {
  const there = await account();
  const { sandbox } = there;
  const { Policy } = sandbox.call('CreatePolicy', {
    PolicyName: 'read-reports',
    Description: 'Reads the monthly reports',
    PolicyDocument: allow('s3:GetObject', 'arn:aws:s3:::reports/*'),
    Tags: [{ Key: 'team', Value: 'finance' }],
  });
  sandbox.call('CreateGroup', { GroupName: 'admins' });
  sandbox.call('PutGroupPolicy', {
    GroupName: 'admins',
    PolicyName: 'allow_all',
    PolicyDocument: allow('*'),
  });
  sandbox.call('CreateUser', {
    UserName: 'melvins',
    Path: '/partners/',
    Tags: [{ Key: 'team', Value: 'images' }],
  });
  sandbox.call('PutUserPolicy', {
    UserName: 'melvins',
    PolicyName: 'allow_access_houdini',
    PolicyDocument: allow('s3:*', 'arn:aws:s3:::houdini/*'),
  });
  sandbox.call('CreateAccessKey', { UserName: 'melvins' });
  for (const UserName of ['buzzo', 'lorax', 'dale']) {
    sandbox.call('CreateUser', { UserName });
    sandbox.call('AddUserToGroup', { UserName, GroupName: 'admins' });
  }
  sandbox.call('AttachUserPolicy', { UserName: 'dale', PolicyArn: Policy!.Arn! });
  sandbox.call('AttachUserPolicy', {
    UserName: 'dale',
    PolicyArn: 'arn:aws:iam::aws:policy/job-function/Billing',
  });
  sandbox.call('CreateLoginProfile', { UserName: 'dale', Password: 'Correct-Horse-9!' });
  sandbox.call('CreateServiceLinkedRole', { AWSServiceName: 'elasticache.amazonaws.com' });
  for (const RoleName of ['ci', 'rollcall-apply'])
    sandbox.call('CreateRole', { RoleName, AssumeRolePolicyDocument: forInstances });
  return there;
}

const forInstances = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
});

const accountYaml = `# yaml-language-server: $schema=./manifest.schema.json
# The account that these files describe, as it was imported. What is in scope and in no file is removed.
account: '123456789012' # quoted: a number would lose a leading zero

# What stops a plan that goes too far.
rails:
  maxRemovals: { percent: 25 }
  # Who is never to be touched, and who must not run out:
  # protect: { users: [break-glass] }
  # minMembers: { admins: 2 }

# What rollcall leaves alone: names, or patterns with * and ?.
ignore:
  users: []
  groups: []
  policies: []
`;

describe('layouts', () => {
  test('by kind', async () => {
    const there = await example();
    await withDirectory(async (dir) => {
      const imported = await importInto(dir, there);
      expect(imported.added).toEqual({
        users: ['buzzo', 'dale', 'lorax', 'melvins'],
        groups: ['admins'],
        policies: ['read-reports'],
        roles: ['ci'],
        instanceProfiles: [],
        'identityProviders.oidc': [],
        'identityProviders.saml': [],
      });
      // What rollcall runs with stays out of its reach, and what is AWS's own is nobody's.
      expect(imported.ours).toEqual({
        users: [],
        groups: [],
        policies: [],
        roles: ['rollcall-apply'],
        instanceProfiles: [],
        'identityProviders.oidc': [],
        'identityProviders.saml': [],
      });
      expect(filesIn(dir)).toEqual({
        'account.yaml': accountYaml,
        'groups.yaml': `# yaml-language-server: $schema=./manifest.schema.json
groups:
  admins:
    policies:
      allow_all:
        Statement:
          - Effect: Allow
            Action: '*'
            Resource: '*'
`,
        'policies.yaml': `# yaml-language-server: $schema=./manifest.schema.json
policies:
  read-reports:
    description: 'Reads the monthly reports'
    document:
      Statement:
        - Effect: Allow
          Action: s3:GetObject
          Resource: 'arn:aws:s3:::reports/*'
`,
        'roles.yaml': `# yaml-language-server: $schema=./manifest.schema.json
roles:
  ci:
    trust:
      - service: ec2.amazonaws.com
`,
        'users.yaml': `# yaml-language-server: $schema=./manifest.schema.json
users:
  buzzo: { groups: [admins] }
  dale:
    groups: [admins]
    attach: [read-reports, aws:job-function/Billing]
    console: {}
  lorax: { groups: [admins] }
  melvins:
    path: /partners/
    tags: { team: images }
    policies:
      allow_access_houdini:
        Statement:
          - Effect: Allow
            Action: 's3:*'
            Resource: 'arn:aws:s3:::houdini/*'
    accessKey: {}
`,
      });
      expect((await planned(dir, there)).changes).toEqual([]);
    });
  });

  test('by path, with tags of policies', async () => {
    const there = await example();
    await withDirectory(async (dir) => {
      await importInto(dir, there, { layout: 'path', tags: true });
      const files = filesIn(dir);
      expect(Object.keys(files)).toEqual(['account.yaml', 'main.yaml', 'paths/partners.yaml']);
      expect(files['paths/partners.yaml']).toMatch(
        /^# .*\$schema=\.\.\/manifest\.schema\.json\nusers:\n {2}melvins:\n/,
      );
      expect(files['main.yaml']).toContain('    tags: { team: finance }\n');
      expect(files['main.yaml']).toMatch(/\n\ngroups:\n[^]*\n\npolicies:\n/);
      expect((await planned(dir, there)).changes).toEqual([]);
    });
  });

  test('an account with nothing to declare: valid, and nothing is removed', async () => {
    const there = await account();
    await withDirectory(async (dir) => {
      await importInto(dir, there);
      expect(filesIn(dir)['account.yaml']).toContain("  users: ['*']\n");
      expect((await planned(dir, there)).changes).toEqual([]);
    });
  });
});

describe('what is unusual', () => {
  test('an account of another partition says so', async () => {
    const there = await testAccount({ transport: 'direct', partition: 'aws-us-gov' });
    opened.push(there);
    there.sandbox.call('CreateUser', { UserName: 'dale' });
    there.sandbox.call('AttachUserPolicy', {
      UserName: 'dale',
      PolicyArn: 'arn:aws-us-gov:iam::aws:policy/ReadOnlyAccess',
    });
    await withDirectory(async (dir) => {
      await importInto(dir, there);
      expect(filesIn(dir)['account.yaml']).toContain('\npartition: aws-us-gov\n');
      expect(filesIn(dir)['users.yaml']).toContain('  dale: { attach: [aws:ReadOnlyAccess] }\n');
      expect((await planned(dir, there)).changes).toEqual([]);
    });
  });

  test('long and odd documents are JSON files, as they are', async () => {
    const there = await account();
    const { sandbox } = there;
    const many = Array.from({ length: 12 }, (_, index) => ({
      Resource: `arn:aws:s3:::bucket-${index}/*`,
      Action: 's3:GetObject',
      Effect: 'Allow',
    }));
    const odd = {
      Statement: {
        Effect: 'Allow',
        Action: ['s3:*'],
        Resource: ['*'],
        Condition: { NumericLessThan: { 's3:max-keys': 10 }, Bool: { 'aws:SecureTransport': true } },
      },
    };
    sandbox.call('CreatePolicy', {
      PolicyName: 'long',
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: many }),
    });
    sandbox.call('CreateUser', { UserName: '..' });
    sandbox.call('PutUserPolicy', {
      UserName: '..',
      PolicyName: 'odd',
      PolicyDocument: JSON.stringify(odd, null, 4),
    });
    const variable = {
      Statement: { Effect: 'Allow', Action: 's3:*', Resource: 'arn:aws:s3:::${aws:username}' },
    };
    sandbox.call('PutUserPolicy', {
      UserName: '..',
      PolicyName: 'old',
      PolicyDocument: JSON.stringify(variable),
    });
    await withDirectory(async (dir) => {
      await importInto(dir, there, { layout: 'path' });
      const files = filesIn(dir);
      expect(Object.keys(files)).toEqual([
        'account.yaml',
        'main.yaml',
        'policies/long.json',
        'policies/users/%2E./odd.json',
      ]);
      expect(JSON.parse(files['policies/users/%2E./odd.json']!)).toEqual(odd);
      expect(files['main.yaml']).toContain("      odd: './policies/users/%2E./odd.json'\n");
      // Without a version, IAM takes variables for plain text; a manifest has to say so.
      expect(files['main.yaml']).toContain("      old:\n        Version: '2008-10-17'\n");
      expect((await planned(dir, there)).changes).toEqual([]);
    });
  });

  test('what no manifest can say is ignored, with the reason, and told', async () => {
    const there = await account();
    const { sandbox } = there;
    sandbox.call('CreateGroup', { GroupName: 'readers' });
    sandbox.call('PutGroupPolicy', {
      GroupName: 'readers',
      PolicyName: 'rollcall-guard',
      PolicyDocument: allow('s3:*'),
    });
    sandbox.call('CreateUser', { UserName: '__proto__' });
    sandbox.call('CreateUser', { UserName: 'dale' });
    sandbox.call('AddUserToGroup', { UserName: 'dale', GroupName: 'readers' });
    const big =
      '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"NumericLessThan":{"s3:max-keys":9007199254740993}}}}';
    const { Policy } = sandbox.call('CreatePolicy', { PolicyName: 'big', PolicyDocument: big });
    sandbox.call('AttachUserPolicy', { UserName: 'dale', PolicyArn: Policy!.Arn! });
    // Nobody can make one at the path of such roles, so that this is not AWS's.
    const forged = 'AWSReservedSSO_Admin_1234';
    sandbox.call('CreateRole', { RoleName: forged, AssumeRolePolicyDocument: forInstances });
    await withDirectory(async (dir) => {
      const imported = await importInto(dir, there);
      expect(imported.ignored).toEqual([
        { kind: 'user', name: '__proto__', text: 'the name "__proto__" cannot be written' },
        {
          kind: 'group',
          name: 'readers',
          text: 'its inline policy "rollcall-guard" is of rollcall itself, left by a run that was cut short',
        },
        { kind: 'policy', name: 'big', text: 'its document: the number 9007199254740992 is not exact' },
        {
          kind: 'role',
          name: forged,
          text: 'its name is one that AWS gives, and its path is not: somebody else made it',
        },
      ]);
      const files = filesIn(dir);
      expect(files['account.yaml']).toContain(`ignore:
  users:
    # the name "__proto__" cannot be written
    - __proto__
  groups:
    # its inline policy "rollcall-guard" is of rollcall itself, left by a run that was cut short
    - readers
  policies:
    # its document: the number 9007199254740992 is not exact
    - big
  roles:
    # its name is one that AWS gives, and its path is not: somebody else made it
    - AWSReservedSSO_Admin_1234
`);
      expect(files['users.yaml']).toContain("  dale: { attach: ['arn:aws:iam::123456789012:policy/big'] }\n");
      expect((await planned(dir, there)).changes).toEqual([]);
    });
  });

  test('suspended users, inactive keys and quarantines are told', async () => {
    const there = await account();
    const { sandbox } = there;
    const deny = '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}';
    sandbox.call('CreateUser', { UserName: 'lorax' });
    sandbox.call('PutUserPolicy', {
      UserName: 'lorax',
      PolicyName: 'rollcall-suspended',
      PolicyDocument: deny,
    });
    sandbox.call('CreateUser', { UserName: 'dale' });
    const keys = [1, 2].map(
      () => sandbox.call('CreateAccessKey', { UserName: 'dale' }).AccessKey!.AccessKeyId!,
    );
    sandbox.call('UpdateAccessKey', { UserName: 'dale', AccessKeyId: keys[0]!, Status: 'Inactive' });
    sandbox.call('AttachUserPolicy', {
      UserName: 'dale',
      PolicyArn: 'arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV2',
    });
    await withDirectory(async (dir) => {
      const { notes } = await importInto(dir, there);
      expect(filesIn(dir)['users.yaml']).toContain(
        'users:\n  dale:\n    accessKey: { count: 2 }\n  lorax: { suspended: true }\n',
      );
      expect(notes.map(({ name, text }) => `${name}: ${text}`)).toEqual([
        `dale: access key ${keys[0]} is inactive: it is declared, and stays so`,
        'dale: AWS has attached AWSCompromisedKeyQuarantineV2 to it: a key has leaked; it is left alone',
      ]);
      expect((await planned(dir, there)).changes).toEqual([]);
    });
  });

  test('no more calls than are needed, and none that shows a secret', async () => {
    const there = await example();
    there.sandbox.call('GenerateCredentialReport', {});
    await withDirectory(async (dir) => {
      await importInto(dir, there);
      const calls = Object.fromEntries(there.aws.calls.entries());
      expect(calls).toMatchObject({ ListAccessKeys: 2, GetLoginProfile: 2 });
      expect(Object.keys(calls).filter((op) => /Policy|MFA|SSH/.test(op))).toEqual([
        'GetAccountPasswordPolicy',
        'GetPolicy',
      ]);
      expect(
        there.sandbox.journal.every(
          ({ readOnly, op }) => readOnly || /^Create|^Put|^Add|^Attach|^Generate/.test(op),
        ),
      ).toBe(true);
    });
  });
});

describe('again, into files that are there', () => {
  const mine: Record<string, string> = {
    'account.yaml': `account: "123456789012"   # ours
ignore: { users: ["svc-*"], roles: [] }
`,
    'people/users.yaml': `# Everybody.

users:
  # Speaks for the trees.
  lorax:   { groups: [ admins ] }   # since 2025

groups:
  admins:
    policies: { allow_all: { Statement: [ { Effect: Allow, Action: "*", Resource: "*" } ] } }
`,
    'users.yaml': 'users: {} # new ones\n',
    'policies.yaml': '# None yet.\n',
  };

  test('new objects come in, nothing else moves, and what differs is told', async () => {
    const there = await example();
    const { sandbox } = there;
    sandbox.call('CreateGroup', { GroupName: 'trees' });
    sandbox.call('AddUserToGroup', { UserName: 'lorax', GroupName: 'trees' });
    sandbox.call('AddUserToGroup', { UserName: 'dale', GroupName: 'trees' });
    sandbox.call('TagUser', { UserName: 'lorax', Tags: [{ Key: 'a', Value: 'b' }] });
    sandbox.call('CreateUser', { UserName: 'svc-old' });
    await withDirectory(async (dir) => {
      put(dir, mine);
      const imported = await importInto(dir, there);
      expect(imported.added).toEqual({
        users: ['buzzo', 'dale', 'melvins'],
        groups: ['trees'],
        policies: ['read-reports'],
        roles: ['ci'],
        instanceProfiles: [],
        'identityProviders.oidc': [],
        'identityProviders.saml': [],
      });
      expect(imported.passedOver.users).toEqual(['svc-old']);
      expect(imported.pending.map(({ id }) => id)).toEqual(['user:lorax/tags']);
      const files = filesIn(dir);
      expect(files['people/users.yaml']).toBe(mine['people/users.yaml']);
      expect(files['account.yaml']).toBe(mine['account.yaml']);
      expect(files['roles.yaml']).toContain('roles:\n  ci:\n');
      expect(files['users.yaml']).toMatch(
        /^users: # new ones\n {2}buzzo: \{ groups: \[admins\] \}\n {2}dale:\n/,
      );
      expect(files['policies.yaml']).toMatch(/^# None yet\.\npolicies:\n {2}read-reports:\n/);
      // Somebody who is declared already is in the new group by its own word.
      expect(files['groups.yaml']).toContain('groups:\n  trees: { members: [lorax] }\n');
      expect((await planned(dir, there)).changes).toEqual(['user:lorax/tags: tags -a']);

      const again = await importInto(dir, there);
      expect(again.edits).toEqual([]);
      expect(filesIn(dir)).toEqual(files);

      sandbox.call('CreateUser', { UserName: 'carl' });
      sandbox.call('CreateUser', { UserName: 'zed' });
      await importInto(dir, there);
      expect(filesIn(dir)['users.yaml']).toBe(
        files['users.yaml']!.replace('  dale:\n', '  carl: {}\n  dale:\n').concat('  zed: {}\n'),
      );
    });
  });

  test('what no manifest can say goes into the list that ignores it', async () => {
    const there = await account();
    there.sandbox.call('CreateUser', { UserName: '__proto__' });
    for (const [before, after] of [
      [
        'ignore:\n  users:\n    - svc-* # old\n',
        'ignore:\n  users:\n    - svc-* # old\n    # the name "__proto__" cannot be written\n    - __proto__\n',
      ],
      ['ignore: { users: [ svc-* ] }\n', 'ignore: { users: [ svc-*, __proto__ ] }\n'],
      [
        'ignore:\n  groups: [a]\n',
        'ignore:\n  groups: [a]\n  users:\n    # the name "__proto__" cannot be written\n    - __proto__\n',
      ],
      [
        'users: { dale: {} }\n',
        'users: { dale: {} }\nignore:\n  users:\n    # the name "__proto__" cannot be written\n    - __proto__\n',
      ],
    ] as const) {
      await withDirectory(async (dir) => {
        put(dir, { 'a.yaml': `account: "123456789012"\n${before}` });
        await importInto(dir, there);
        expect(filesIn(dir)['a.yaml']).toBe(`account: "123456789012"\n${after}`);
      });
    }
  });

  test('a name of another case, and a rename that waits, are declared already', async () => {
    const there = await account();
    for (const UserName of ['Dale', 'old-lorax']) there.sandbox.call('CreateUser', { UserName });
    await withDirectory(async (dir) => {
      const text = 'account: "123456789012"\nusers: { dale: {}, lorax: { renamedFrom: old-lorax } }\n';
      put(dir, { 'a.yaml': text });
      const imported = await importInto(dir, there);
      expect(imported.added.users).toEqual([]);
      expect(imported.problems.map(({ message }) => message)).toEqual([
        "user dale: IAM has it as Dale, and IAM's names differ by more than case",
      ]);
      expect(filesIn(dir)).toEqual({ 'a.yaml': text });
    });
  });

  test('files that nothing can be added to, and files that are in the way, stay', async () => {
    const there = await account();
    there.sandbox.call('CreateUser', { UserName: 'dale', Path: '/' });
    const many = Array.from({ length: 12 }, (_, index) => ({
      Effect: 'Allow',
      Action: 's3:GetObject',
      Resource: `arn:aws:s3:::bucket-${index}/*`,
    }));
    there.sandbox.call('CreatePolicy', {
      PolicyName: 'long',
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: many }),
    });
    await withDirectory(async (dir) => {
      const files = {
        'account.yaml': 'account: "123456789012"\n',
        'policies/long.json': '{ "not": "mine" }',
        'users.yaml': 'x-all: &all { melvins: {} }\nusers: *all\n',
      };
      put(dir, files);
      await importInto(dir, there);
      const now = filesIn(dir);
      expect(now).toMatchObject(files);
      expect(Object.keys(now)).toEqual([
        'account.yaml',
        'policies.yaml',
        'policies/long-2.json',
        'policies/long.json',
        'users-2.yaml',
        'users.yaml',
      ]);
      rmSync(join(dir, 'users-2.yaml'));
    });
  });

  test('manifests with errors, or of another account, are refused', async () => {
    const there = await account();
    await withDirectory(async (dir) => {
      put(dir, { 'a.yaml': 'account: "123456789012"\nusres: {}\n' });
      await expect(importInto(dir, there)).rejects.toThrow('the manifests have 1 error');
      put(dir, { 'a.yaml': 'account: "210987654321"\n' });
      await expect(importInto(dir, there)).rejects.toSatisfy(
        (error) => error instanceof RollcallError && error.exit === 3,
      );
    });
  });
});
