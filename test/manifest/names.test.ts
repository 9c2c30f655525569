import { describe, expect, it, test } from 'vitest';
import { diagnose, loadClean } from './support.ts';
import type { Expected, Files } from './support.ts';

const account = 'account: "123456789012"\n';
const doc = '{ Statement: { Effect: Allow, Action: "s3:*", Resource: "*" } }';
const inOne = (text: string): Files => ({ 'm.yaml': `${account}${text}` });

const cases: Record<string, readonly [Files, ...Expected[]]> = {
  'two spellings of an inline policy of a user': [
    inOne(`users: { dale: { policies: { ◂NoDelete: ${doc}, ▸nodelete: ${doc} } } }\n`),
    [
      'case-collision',
      'the inline policies "NoDelete" and "nodelete" differ only in case: for IAM they are the same',
      'keep one, or give one another name',
    ],
  ],
  'two spellings of an inline policy of a group': [
    inOne(`groups: { admins: { policies: { ◂a: ${doc}, b: ${doc}, ▸A: ${doc} } } }\n`),
    [
      'case-collision',
      'the inline policies "a" and "A" differ only in case: for IAM they are the same',
      'keep one, or give one another name',
    ],
  ],
  'two spellings of groups and policies in two files': [
    {
      'a.yaml': `${account}groups: { ◂admins: {} }\npolicies: { ◂read: { document: ${doc} } }\n`,
      'b.yaml': `groups: { ▸Admins: {} }\npolicies: { ▸READ: { document: ${doc} } }\n`,
    },
    [
      'case-collision',
      'group "Admins" and "admins" differ only in case: for IAM they are the same',
      'keep one, or give one another name',
    ],
    [
      'case-collision',
      'policy "READ" and "read" differ only in case: for IAM they are the same',
      'keep one, or give one another name',
    ],
  ],
  'a reserved name in any case': [
    inOne(`users: { dale: { policies: { ▸Rollcall-Guard: ${doc} } } }\n`),
    [
      'reserved-name',
      'inline policies named rollcall-… are reserved',
      'rollcall uses them to deny access for a moment; give it another name',
    ],
  ],
  'a declared name that is ignored in another case': [
    inOne(
      `ignore: { users: [DALE], groups: ["Adm*"], policies: ["READ-?"] }\nusers: { ▸dale: {} }\ngroups: { ▸admins: {} }\npolicies: { ▸read-x: { document: ${doc} } }\n`,
    ),
    [
      'ignored-and-declared',
      'user "dale" is declared, but ignore.users names it too',
      'drop it here, or narrow the pattern',
    ],
    [
      'ignored-and-declared',
      'group "admins" is declared, but ignore.groups names it too',
      'drop it here, or narrow the pattern',
    ],
    [
      'ignored-and-declared',
      'policy "read-x" is declared, but ignore.policies names it too',
      'drop it here, or narrow the pattern',
    ],
  ],
  'a name twice in a list of the rails': [
    inOne(`rails: { protect: { users: [◂Dale, ▸dale] } }\nusers: { dale: {} }\n`),
    ['duplicate-entry', '"dale" is there twice in this list', 'drop one: IAM does not tell case apart'],
  ],
  'least members of one group twice': [
    inOne(`rails: { minMembers: { ◂Admins: 1, ▸admins: 2 } }\ngroups: { admins: {} }\n`),
    ['case-collision', '"admins" is there twice', 'keep one: IAM does not tell case apart'],
  ],
  'a group, a member and a policy in another case than they are declared': [
    inOne(
      `users: { dale: { groups: [▸Admins], attach: [▸Read], boundary: ▸READ } }\ngroups: { admins: { members: [▸DALE] } }\npolicies: { read: { document: ${doc} } }\n`,
    ),
    ['unknown-group', 'there is no group "Admins"', 'did you mean "admins"?'],
    ['unknown-policy', 'there is no policy "Read"', 'did you mean "read"?'],
    ['unknown-policy', 'there is no policy "READ"', 'did you mean "read"?'],
    ['unknown-user', 'there is no user "DALE"', 'did you mean "dale"?'],
  ],
  'an ARN with another case of a declared policy': [
    inOne(
      `users: { dale: { attach: [▸"arn:aws:iam::123456789012:policy/Read"] } }\npolicies: { read: { document: ${doc} } }\n`,
    ),
    ['unknown-policy', 'there is no policy "Read"', 'did you mean "read"?'],
  ],
  'a policy of AWS in another case': [
    inOne(
      'users: { dale: { attach: [▸"aws:administratoraccess"], boundary: ▸"arn:aws:iam::aws:policy/READONLYACCESS" } }\n',
    ),
    [
      'unknown-aws-policy',
      'the AWS managed policy "administratoraccess" is written "AdministratorAccess"',
      'write aws:AdministratorAccess',
    ],
    [
      'unknown-aws-policy',
      'the AWS managed policy "READONLYACCESS" is written "ReadOnlyAccess"',
      'write aws:ReadOnlyAccess',
    ],
  ],
  'a rename from a name that is still declared, in another case': [
    inOne('users: { ◂dale: {}, dan: { renamedFrom: ▸Dale } }\n'),
    [
      'bad-rename',
      'user "Dale" is still declared: it cannot be renamed too',
      'drop the old declaration, or renamedFrom',
    ],
  ],
  'a rename to another case of the same name': [
    inOne('users: { Dale: { renamedFrom: ▸dale } }\ngroups: { Admins: { renamedFrom: ▸admins } }\n'),
    [
      'bad-rename',
      '"dale" and "Dale" differ only in case: for IAM they are the same, and it refuses such a rename',
      'drop renamedFrom, and call the user as IAM has it',
    ],
    [
      'bad-rename',
      '"admins" and "Admins" differ only in case: for IAM they are the same, and it refuses such a rename',
      'drop renamedFrom, and call the group as IAM has it',
    ],
  ],
  'two renames from one name': [
    inOne('users: { dan: { renamedFrom: ◂Dale }, don: { renamedFrom: ▸dale } }\n'),
    ['bad-rename', 'user "dale" is renamed twice', 'keep one renamedFrom'],
  ],
};

describe('names are compared as IAM compares them', () => {
  it.each(Object.entries(cases))('%s', async (_, [files, ...expected]) => {
    const { found, wanted } = await diagnose(files, expected);
    expect(found).toEqual(wanted);
  });
});

test('the rails have declared names as they are declared, in whichever case they are written', async () => {
  const { rails } = await loadClean(
    inOne(
      `rails: { protect: { users: [DALE], groups: [Admins], policies: [Read] }, minMembers: { ADMINS: 1 }, deny: [{ danger: Administrator, except: { users: [Dale], roles: [Deploy] } }] }\nusers: { dale: { groups: [admins] } }\ngroups: { admins: {} }\npolicies: { read: { document: ${doc} } }\n`,
    ),
  );
  expect(rails).toMatchObject({
    protect: { users: ['dale'], groups: ['admins'], policies: ['read'] },
    minMembers: { admins: 1 },
    deny: [{ danger: 'administrator', except: ['user:dale', 'role:Deploy'] }],
  });
});
