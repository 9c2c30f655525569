import { describe, expect, it } from 'vitest';
import { diagnose, load, loadClean } from './support.ts';
import type { Expected } from './support.ts';

const account = 'account: "123456789012"\n';
const doc = '{ Statement: { Effect: Allow, Action: "s3:*", Resource: "*" } }';
const numbered = (count: number, name: string, body = '{}'): string =>
  Array.from({ length: count }, (_, index) => `  ${name}${index}: ${body}\n`).join('');

const cases: Record<string, readonly [string, ...Expected[]]> = {
  'a pinned key that is no key id': [
    `${account}users: { dale: { accessKey: { ids: [▸AKIAIOSFODNN7EXAMPL] } } }\n`,
    [
      'bad-value',
      'entry 1 of "accessKey.ids" of user "dale" is not valid: write the id of an access key: AKIA and 16 capital letters and digits',
    ],
  ],
  'a key pinned for two users': [
    `${account}users:\n  dale: { accessKey: { ids: [◂AKIAIOSFODNN7EXAMPLE] } }\n  lorax: { accessKey: { ids: [▸AKIAIOSFODNN7EXAMPLE] } }\n`,
    [
      'duplicate-entry',
      'access key "AKIAIOSFODNN7EXAMPLE" is pinned twice',
      'a key belongs to one user: keep one',
    ],
  ],
  'a key pinned twice for one user': [
    `${account}users: { dale: { accessKey: { ids: [◂AKIAIOSFODNN7EXAMPLE, ▸AKIAIOSFODNN7EXAMPLE] } } }\n`,
    [
      'duplicate-entry',
      'access key "AKIAIOSFODNN7EXAMPLE" is pinned twice',
      'a key belongs to one user: keep one',
    ],
  ],
  'more keys pinned than IAM allows': [
    `${account}users: { dale: { accessKey: { ids: ▸[AKIAIOSFODNN7EXAMPLE, AKIAIOSFODNN7EXAMPLF, AKIAIOSFODNN7EXAMPLG] } } }\n`,
    [
      'bad-value',
      '3 access keys of user "dale" are pinned, which can have 2',
      'pin those that are in use: as many as count says, and one more in a rotation',
    ],
  ],
  'no key pinned': [
    `${account}users: { dale: { accessKey: { ids: ▸[] } } }\n`,
    [
      'bad-value',
      'no access key of user "dale" is pinned',
      'drop ids: then any key will do; or write them with `rollcall pin`',
    ],
  ],
  'a password pinned to a day': [
    `${account}users: { dale: { console: { createdAt: ▸2026-01-31 } } }\n`,
    [
      'bad-value',
      'createdAt of user "dale": "2026-01-31" is a day, not an instant',
      'write it as IAM tells it, such as 2026-01-31T12:00:00Z; `rollcall pin` does',
    ],
  ],
  'a password pinned to a part of a second': [
    `${account}users: { dale: { console: { createdAt: ▸"2026-01-31T12:00:00.250Z" } } }\n`,
    [
      'bad-value',
      'createdAt of user "dale": "2026-01-31T12:00:00.250Z" has parts of a second, which IAM does not tell',
      'write it as IAM tells it, such as 2026-01-31T12:00:00Z; `rollcall pin` does',
    ],
  ],
  'a password pinned without a time zone': [
    `${account}users: { dale: { console: { createdAt: ▸2026-01-31T12:00:00 } } }\n`,
    [
      'bad-value',
      'createdAt of user "dale": "2026-01-31T12:00:00" is neither a date nor an instant with its time zone',
      'write it as IAM tells it, such as 2026-01-31T12:00:00Z; `rollcall pin` does',
    ],
  ],
  'service credentials neither allowed nor forbidden': [
    `${account}serviceCredentials: ▸never\nusers: { dale: {} }\n`,
    ['bad-value', '"serviceCredentials" must be allowed or forbidden'],
  ],
  'service credentials set twice': [
    `${account}◂serviceCredentials: allowed\n▸serviceCredentials: forbidden\nusers: { dale: {} }\n`,
    [
      'duplicate-key',
      'the key "serviceCredentials" is there twice in the manifest',
      'keep one, with what both say',
    ],
  ],
  'unknown group': [
    `${account}users: { dale: { groups: [▸admin] } }\ngroups: { admins: {} }\n`,
    ['unknown-group', 'there is no group "admin"', 'did you mean "admins"?'],
  ],
  'unknown group by case': [
    `${account}users: { dale: { groups: [{ name: ▸Admins }] } }\ngroups: { admins: {} }\n`,
    ['unknown-group', 'there is no group "Admins"', 'did you mean "admins"?'],
  ],
  'unknown group with nothing like it': [
    `${account}users: { dale: { groups: [▸ops] } }\n`,
    ['unknown-group', 'there is no group "ops"', 'declare it under groups'],
  ],
  'unknown member': [
    `${account}users: { dale: {} }\ngroups: { admins: { members: [▸dael] } }\n`,
    ['unknown-user', 'there is no user "dael"', 'did you mean "dale"?'],
  ],
  'ignored member': [
    `${account}ignore: { users: [svc-*] }\ngroups: { admins: { members: [▸svc-a] } }\n`,
    [
      'unknown-user',
      'the user "svc-a" is ignored: a group cannot have it as a member here',
      'drop it, or narrow the pattern in ignore.users',
    ],
  ],
  'the same group twice': [
    `${account}users: { dale: { groups: [◂admins, ▸{ name: admins }] } }\ngroups: { admins: {} }\n`,
    ['duplicate-entry', 'group "admins" is there twice in this list', 'keep one'],
  ],
  'the same member twice': [
    `${account}users: { dale: {} }\ngroups: { admins: { members: [◂dale, ▸dale] } }\n`,
    ['duplicate-entry', 'user "dale" is there twice in this list', 'keep one'],
  ],
  'the same policy twice': [
    `${account}users: { dale: { attach: [◂"aws:ReadOnlyAccess", ▸"arn:aws:iam::aws:policy/ReadOnlyAccess"] } }\n`,
    [
      'duplicate-entry',
      'policy "arn:aws:iam::aws:policy/ReadOnlyAccess" is there twice in this list',
      'keep one',
    ],
  ],
  'unknown policy': [
    `${account}users: { dale: { attach: [▸read-report] } }\npolicies: { read-reports: { document: ${doc} } }\n`,
    ['unknown-policy', 'there is no policy "read-report"', 'did you mean "read-reports"?'],
  ],
  'unknown boundary': [
    `${account}users: { dale: { boundary: ▸limits } }\n`,
    ['unknown-policy', 'there is no policy "limits"', 'declare it under policies'],
  ],
  'policy of AWS without aws:': [
    `${account}users: { dale: { attach: [{ policy: ▸ReadOnlyAccess }] } }\n`,
    ['unknown-policy', 'there is no policy "ReadOnlyAccess"', "AWS's own is written aws:ReadOnlyAccess"],
  ],
  'misspelt policy of AWS': [
    `${account}users: { dale: { attach: [▸aws:ReadOnlyAcces] } }\n`,
    [
      'warning unknown-aws-policy',
      'no AWS managed policy "ReadOnlyAcces" is known',
      'did you mean "aws:ReadOnlyAccess"?',
    ],
  ],
  'new policy of AWS': [
    `${account}users: { dale: { attach: [▸arn:aws:iam::aws:policy/QuantumTeaFullAccess2031] } }\n`,
    [
      'warning unknown-aws-policy',
      'no AWS managed policy "QuantumTeaFullAccess2031" is known',
      'check its name; a very new one may not be known yet',
    ],
  ],
  'policy of AWS without its path': [
    `${account}users: { dale: { attach: [▸aws:Billing] } }\n`,
    [
      'unknown-aws-policy',
      'the AWS managed policy "Billing" has another path',
      'write aws:job-function/Billing',
    ],
  ],
  'name that AWS cannot have': [
    `${account}users: { dale: { attach: [▸"aws:Read Only"] } }\n`,
    [
      'bad-reference',
      '"aws:Read Only" is not the name of an AWS managed policy',
      'write aws:ReadOnlyAccess, or with its path aws:job-function/Billing',
    ],
  ],
  'ARN of something else': [
    `${account}users: { dale: { attach: [▸"arn:aws:iam::123456789012:role/x"] } }\n`,
    [
      'bad-arn',
      '"arn:aws:iam::123456789012:role/x" is not the ARN of a managed policy',
      'write arn:aws:iam::123456789012:policy/name, or the name alone',
    ],
  ],
  'ARN of another account': [
    `${account}users: { dale: { boundary: ▸"arn:aws:iam::210987654321:policy/x" } }\n`,
    [
      'other-account',
      'the policy is of account 210987654321, not 123456789012: IAM cannot attach it',
      'declare a policy of this account under policies',
    ],
  ],
  'ARN of another partition': [
    `${account}users: { dale: { attach: [▸"arn:aws-cn:iam::aws:policy/ReadOnlyAccess"] } }\n`,
    [
      'bad-arn',
      'the ARN is of partition "aws-cn", the account of "aws"',
      'write arn:aws:iam::aws:policy/ReadOnlyAccess',
    ],
  ],
  'boundary of another partition': [
    `${account}partition: aws-us-gov\nusers: { dale: { boundary: ▸"arn:aws:iam::123456789012:policy/edge" } }\n`,
    [
      'bad-arn',
      'the ARN is of partition "aws", the account of "aws-us-gov"',
      'write arn:aws-us-gov:iam::123456789012:policy/edge',
    ],
  ],
  'policies for roles of services': [
    `${account}users:
  dale:
    attach: [▸aws:aws-service-role/AWSSupportServiceRolePolicy, ▸aws:AWSSupportServiceRolePolicy]
    boundary: ▸arn:aws:iam::aws:policy/aws-service-role/AWSSupportServiceRolePolicy
groups:
  ops: { attach: [▸aws:aws-service-role/OfNextYear] }
`,
    ...[
      'AWSSupportServiceRolePolicy',
      'AWSSupportServiceRolePolicy',
      'AWSSupportServiceRolePolicy',
      'OfNextYear',
    ].map((name): Expected => [
      'not-attachable',
      `the AWS managed policy "aws-service-role/${name}" is for the service-linked roles of AWS alone`,
      'drop it; IAM attaches it to nobody else',
    ]),
  ],
  'names of AWS alone': [
    `${account}ignore: { policies: ['*'] }\nusers: { dale: { attach: [▸AdministratorAccess, ▸Billing, ▸readonlyaccess], boundary: ▸PowerUserAccess } }\n`,
    [
      'unknown-policy',
      'there is no policy "AdministratorAccess"',
      "AWS's own is written aws:AdministratorAccess",
    ],
    ['unknown-policy', 'there is no policy "Billing"', "AWS's own is written aws:job-function/Billing"],
    ['unknown-policy', 'there is no policy "readonlyaccess"', "AWS's own is written aws:ReadOnlyAccess"],
    ['unknown-policy', 'there is no policy "PowerUserAccess"', "AWS's own is written aws:PowerUserAccess"],
  ],
  'ARN with another path': [
    `${account}users: { dale: { attach: [▸"arn:aws:iam::123456789012:policy/a/p"] } }\npolicies: { p: { path: /b/, document: ${doc} } }\n`,
    ['bad-arn', 'the policy "p" is declared with path "/b/", but the ARN has "/a/"', 'write p'],
  ],
  'ARN of a policy that is not declared': [
    `${account}users: { dale: { attach: [▸"arn:aws:iam::123456789012:policy/p"] } }\npolicies: { pp: { document: ${doc} } }\n`,
    ['unknown-policy', 'there is no policy "p"', 'declare it under policies'],
  ],
  'ignored policy by name': [
    `${account}ignore: { policies: [tf-*] }\nusers: { dale: { attach: [▸tf-a] } }\n`,
    [
      'unknown-policy',
      'the policy "tf-a" is ignored: its path is not known here',
      'write its full ARN: arn:aws:iam::123456789012:policy/tf-a',
    ],
  ],
  'ignored and declared': [
    `${account}ignore: { users: ["d?le"], groups: [a*], policies: [p] }\nusers: { ▸dale: {} }\ngroups: { ▸admins: {} }\npolicies: { ▸p: { document: ${doc} } }\n`,
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
      'policy "p" is declared, but ignore.policies names it too',
      'drop it here, or narrow the pattern',
    ],
  ],
  'a pattern twice': [
    `${account}ignore: { roles: [◂a, ▸a] }\nusers: { dale: {} }\n`,
    ['duplicate-entry', '"a" is there twice in this list', 'drop one'],
  ],
  'least members of a group that is not there': [
    `${account}rails: { minMembers: { ▸admin: 2 } }\nusers: { dale: {} }\ngroups: { admins: {} }\n`,
    ['unknown-group', 'there is no group "admin"', 'did you mean "admins"?'],
  ],
  'least members of an ignored group': [
    `${account}rails: { minMembers: { ▸ops: 2 } }\nignore: { groups: [ops] }\nusers: { dale: {} }\n`,
    ['unknown-group', 'the group "ops" is ignored: its members are not known here'],
  ],
  'a denied danger that there is not': [
    `${account}rails:\n  deny:\n    - administrator\n    - ▸escalaton\n    - { danger: ▸'iam:PassRole+lambda:CreateFuncton' }\n    - ▸s3:GetObject\nusers: { dale: {} }\n`,
    ['unknown-danger', '"escalaton" is no danger that rollcall knows', 'did you mean "escalation"?'],
    [
      'unknown-danger',
      '"iam:PassRole+lambda:CreateFuncton" is no danger that rollcall knows',
      'did you mean "iam:PassRole+lambda:CreateFunction"?',
    ],
    [
      'unknown-danger',
      '"s3:GetObject" is no danger that rollcall knows',
      'write administrator, escalation, or actions of a way to become administrator (docs/rails.md)',
    ],
  ],
  'a danger denied twice, in whichever spelling': [
    `${account}rails: { deny: [◂'iam:PassRole+ec2:RunInstances', ▸'ec2:runinstances+iam:passrole'] }\nusers: { dale: {} }\n`,
    [
      'duplicate-entry',
      '"ec2:runinstances+iam:passrole" is there twice in this list',
      'keep one, with the exceptions of both',
    ],
  ],
  'exceptions that nobody declares': [
    `${account}rails: { deny: [{ danger: administrator, except: { users: [▸dalle, svc-1, ▸ops], roles: [◂deploy, ▸deploy] } }] }\nignore: { users: [svc-*] }\nusers: { dale: {} }\n`,
    ['unknown-user', 'there is no user "dalle"', 'did you mean "dale"?'],
    ['unknown-user', 'there is no user "ops"', 'drop it, or declare it under users'],
    ['duplicate-entry', '"deploy" is there twice in this list', 'drop one'],
  ],
  'a denied danger without its name, exceptions of a group': [
    `${account}rails:\n  deny:\n    - ▸{ except: { users: [dale] } }\n    - { danger: escalation, except: { ▸groups: [a] } }\n    - ▸7\nusers: { dale: {} }\n`,
    ['missing-key', 'entry 1 of "rails.deny" has no "danger"'],
    ['unknown-key', 'unknown key "groups" in "except" of entry 2 of "rails.deny"', 'did you mean "roles"?'],
    ['wrong-type', 'entry 3 of "rails.deny" must be a string or a mapping, but is a number', 'quote it: "7"'],
  ],
  'protected and not declared': [
    `${account}rails: { protect: { users: [▸dalle], groups: [▸ops], policies: [ignored] } }\nignore: { policies: [ignored] }\nusers: { dale: {} }\n`,
    [
      'warning unknown-protected',
      'the protected user "dalle" is not declared: if it exists, every plan will be refused',
      'did you mean "dale"?',
    ],
    [
      'warning unknown-protected',
      'the protected group "ops" is not declared: if it exists, every plan will be refused',
      'declare it under groups, or list it under ignore.groups',
    ],
  ],
  'renamed from a name still declared': [
    `${account}users: { dale: { renamedFrom: ▸lorax }, ◂lorax: {} }\n`,
    [
      'bad-rename',
      'user "lorax" is still declared: it cannot be renamed too',
      'drop the old declaration, or renamedFrom',
    ],
  ],
  'renamed from an ignored name': [
    `${account}ignore: { groups: [old-*] }\ngroups: { admins: { renamedFrom: ▸old-admins } }\n`,
    [
      'bad-rename',
      'group "old-admins" is ignored: it cannot be renamed',
      'narrow the pattern in ignore.groups',
    ],
  ],
  'reserved tag key': [
    `${account}users: { dale: { tags: { ▸"AWS:x": y } } }\n`,
    ['reserved-name', 'tag keys that begin with "aws:" are reserved by AWS'],
  ],
  'tag key that rollcall uses': [
    `${account}users: { dale: { tags: { ▸rollcall-undelivered: y } } }\n`,
    [
      'reserved-name',
      'tag keys that begin with "rollcall-" are reserved',
      'rollcall marks users with them; choose another key',
    ],
  ],
  'tag keys that differ in case': [
    `${account}users: { dale: { tags: { ◂Team: a, ▸team: b } } }\n`,
    ['case-collision', 'the tag key "team" is there twice: IAM does not tell case apart', 'keep one'],
  ],
  'grace without rotation': [
    `${account}users: { dale: { accessKey: { ▸grace: 7d } } }\n`,
    ['bad-value', 'grace means nothing without rotateAfter', 'add rotateAfter: 90d, or drop it'],
  ],
  'grace as long as rotation': [
    `${account}users: { dale: { accessKey: { rotateAfter: 90d, grace: ▸90d } } }\n`,
    [
      'bad-value',
      'grace must be shorter than rotateAfter',
      'the old key must be gone before the new one is rotated',
    ],
  ],
  'rotation of two keys': [
    `${account}users: { dale: { accessKey: { count: ▸2, rotateAfter: 90d } } }\n`,
    ['bad-value', 'two keys cannot be rotated: IAM allows two in all', 'write count: 1, or drop rotateAfter'],
  ],
  'groups of a user': [
    `${account}users: { dale: { ▸groups: [${Array.from({ length: 10 }, (_, i) => `g${i}`).join(', ')}] } }\ngroups:\n${numbered(10, 'g')}  last: { members: [dale] }\n`,
    [
      'quota',
      'user "dale" is in 11 groups; IAM allows 10',
      'in g0, g1, g2, g3, g4, g5, g6, g7, g8, g9, last',
    ],
  ],
  'groups of a user, all by members': [
    `${account}users: { ▸dale: {} }\ngroups:\n${numbered(11, 'g', '{ members: [dale] }')}`,
    ['quota', 'user "dale" is in 11 groups; IAM allows 10', 'in g0, g1, g10, g2, g3, g4, g5, g6, g7, g8, g9'],
  ],
  'attachments of a user': [
    `${account}users: { dale: { ▸attach: [${Array.from({ length: 11 }, (_, i) => `p${i}`).join(', ')}] } }\npolicies:\n${numbered(11, 'p', `{ document: ${doc} }`)}`,
    [
      'warning quota',
      'user "dale" has 11 attached policies; IAM allows 10 unless AWS has raised the quota',
      'merge some of them, or ask for a higher quota',
    ],
  ],
  'more attachments of a user than AWS grants': [
    `${account}users: { dale: { ▸attach: [${Array.from({ length: 21 }, (_, i) => `p${i}`).join(', ')}] } }\npolicies:\n${numbered(21, 'p', `{ document: ${doc} }`)}`,
    ['quota', 'user "dale" has 21 attached policies; IAM allows 10', 'merge some of them'],
  ],
  'attachments of a group': [
    `${account}groups: { g: { ▸attach: [${Array.from({ length: 11 }, (_, i) => `p${i}`).join(', ')}] } }\npolicies:\n${numbered(11, 'p', `{ document: ${doc} }`)}`,
    ['quota', 'group "g" has 11 attached policies; IAM allows 10', 'merge some of them'],
  ],
  'users of an account': [
    `${account}users:\n${numbered(5000, 'u')}  ▸one: {}\n`,
    ['quota', '5001 users are declared; IAM allows 5000 in an account'],
  ],
  'groups of an account': [
    `${account}groups:\n${numbered(300, 'g')}  ▸one: {}\n`,
    [
      'warning quota',
      '301 groups are declared; IAM allows 300 in an account unless AWS has raised the quota',
      'ask for a higher quota before applying',
    ],
  ],
  'policies of an account': [
    `${account}policies:\n${numbered(1500, 'p', `{ document: ${doc} }`)}  ▸one: { document: ${doc} }\n`,
    [
      'warning quota',
      '1501 policies are declared; IAM allows 1500 in an account unless AWS has raised the quota',
      'ask for a higher quota before applying',
    ],
  ],
  'nothing declared': [
    `▸${account}users:\n#  dale: {}\n`,
    [
      'nothing-declared',
      'no file in "DIR" declares a user, a group or a policy: everything would be removed',
      'check that all files are there; if all is meant to go, plan and apply take --override empty-manifest',
    ],
  ],
};

describe('rules between declarations', () => {
  it.each(Object.entries(cases))('%s', async (_, [yaml, ...expected]) => {
    const { found, wanted } = await diagnose(yaml, expected);
    expect(found).toEqual(wanted);
  });

  it('takes nothing at all if it is meant', async () => {
    const { state } = await loadClean({ 'm.yaml': account }, { allowEmpty: true });
    expect(state.users.size).toBe(0);
  });

  it('two users renamed from one', async () => {
    const { found, wanted } = await diagnose(
      `${account}users: { dale: { renamedFrom: ◂old }, buzzo: { renamedFrom: ▸old } }\n`,
      [['bad-rename', 'user "old" is renamed twice', 'keep one renamedFrom']],
    );
    expect(found).toEqual(wanted);
  });

  it('names all policies of AWS by their paths', async () => {
    const { state } = await loadClean({
      'm.yaml': `${account}users:
  dale:
    attach: [aws:job-function/Billing, aws:service-role/AWSLambdaRole, aws:ReadOnlyAccess]
    boundary: aws:PowerUserAccess
`,
    });
    expect(state.users.get('dale')).toMatchObject({
      attachedPolicyArns: [
        'arn:aws:iam::aws:policy/ReadOnlyAccess',
        'arn:aws:iam::aws:policy/job-function/Billing',
        'arn:aws:iam::aws:policy/service-role/AWSLambdaRole',
      ],
      boundary: 'arn:aws:iam::aws:policy/PowerUserAccess',
    });
  });

  it('resolves references in the partition of the account', async () => {
    const { state } = await loadClean(
      {
        'm.yaml': `${account}users: { dale: { attach: [aws:ReadOnlyAccess, p, "arn:aws-cn:iam::123456789012:policy/x/q"] } }
policies: { p: { path: /x/, document: ${doc} }, q: { path: /x/, document: ${doc} } }
`,
      },
      { partition: 'aws-cn' },
    );
    expect(state.partition).toBe('aws-cn');
    expect(state.users.get('dale')?.attachedPolicyArns).toEqual([
      'arn:aws-cn:iam::123456789012:policy/x/p',
      'arn:aws-cn:iam::123456789012:policy/x/q',
      'arn:aws-cn:iam::aws:policy/ReadOnlyAccess',
    ]);
  });

  it('lets a user hold an ignored policy by ARN', async () => {
    const { state } = await loadClean({
      'm.yaml': `${account}ignore: { policies: [tf-*] }
users: { dale: { attach: ["arn:aws:iam::123456789012:policy/a/tf-read"] } }
`,
    });
    expect(state.users.get('dale')).toMatchObject({
      attachedPolicyArns: ['arn:aws:iam::123456789012:policy/a/tf-read'],
    });
  });

  it('warns of a recipient that two people share', async () => {
    const key = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p';
    const { diagnostics } = await load({
      'm.yaml': `${account}users:
  buzzo: { accessKey: { deliverTo: ${key} }, console: { deliverTo: ${key} } }
  dale: { accessKey: { deliverTo: "${key}" } }
`,
    });
    expect(diagnostics).toMatchObject([
      {
        severity: 'warning',
        code: 'shared-recipient',
        at: { line: 4, column: 35 },
        related: [{ at: { line: 3 } }],
      },
    ]);
  });

  it('is one warning for all who share a recipient, however many', async () => {
    const names = Array.from({ length: 200 }, (_, index) => `u${String(index).padStart(3, '0')}`);
    const age = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p';
    const users = names.map(
      (name) => `  ${name}: { accessKey: { deliverTo: ${age} }, console: { deliverTo: ${age} } }`,
    );
    const { diagnostics } = await load({ 'm.yaml': `${account}users:\n${users.join('\n')}\n` });
    expect(diagnostics).toMatchObject([
      {
        code: 'shared-recipient',
        message:
          '200 users ("u000", "u001", "u002" and 197 more) have the same recipient: one person could read the secrets of all',
        at: { line: 4 },
        related: [
          { message: 'first here', at: { line: 3 } },
          { message: 'also here', at: { line: 5 } },
        ],
      },
    ]);
  });

  it('is one warning for a word of no meaning, wherever it stands, and an error at each place', async () => {
    const users = (action: string): string =>
      ['buzzo', 'dale', 'lorax', 'melvins']
        .map(
          (name) =>
            `  ${name}: { policies: { p: { Statement: { Effect: Allow, Action: '${action}', Resource: '*' } } } }`,
        )
        .join('\n');
    const { diagnostics } = await load({ 'm.yaml': `${account}users:\n${users('s3:GetObjekt')}\n` });
    expect(diagnostics).toMatchObject([
      {
        severity: 'warning',
        message: 'AWS has no action "s3:GetObjekt" (in 4 places)',
        at: { line: 3 },
        related: [
          { message: 'also here', at: { line: 4 } },
          { message: 'also here', at: { line: 5 } },
        ],
      },
    ]);
    const bad = await load({ 'm.yaml': `${account}users:\n${users('s3')}\n` });
    expect(bad.diagnostics.map(({ severity }) => severity)).toEqual(['error', 'error', 'error', 'error']);
  });

  it.each([
    [
      'accessKey: { deliverTo: age1ql3z7hjb54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p }',
      46,
      "character 12 is 'b'",
    ],
    ['accessKey: { deliverTo: "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8" }', 35, ''],
    ['console: { deliverTo: dale@example.com }', 33, 'neither an age recipient nor an ssh public key'],
    ['console: { deliverTo: AGE-SECRET-KEY-1QQQQ }', 33, 'private age key'],
  ])('%s', async (field, column, message) => {
    const { diagnostics } = await load({ 'm.yaml': `${account}users:\n  dale: { ${field} }\n` });
    expect(diagnostics).toMatchObject([{ severity: 'error', code: 'bad-recipient' }]);
    expect(diagnostics[0]?.message).toContain(message);
    expect(diagnostics[0]?.message).not.toContain('QQQQ');
    expect(diagnostics[0]?.at).toMatchObject({ line: 3, column });
  });

  it('says nothing of unknown names while a file cannot be read', async () => {
    const { diagnostics } = await load({
      'a.yaml': `${account}users: { dale: { groups: [admins], attach: [p] } }\nrails: { minMembers: { admins: 1 } }\n`,
      'b.yaml': 'groups: [',
    });
    expect(diagnostics.map(({ code, at }) => [code, at?.file])).toEqual([['yaml-syntax', 'b.yaml']]);
  });

  it('searches for few suggestions in a file full of errors', async () => {
    const { diagnostics } = await load({
      'm.yaml': `${account}users:\n${Array.from({ length: 3000 }, (_, i) => `  user-${i}: {}\n`).join('')}groups: { g: { members: [${Array.from({ length: 3000 }, (_, i) => `usr-${i}`).join(', ')}] } }\n`,
    });
    expect(diagnostics).toHaveLength(3000);
    expect(diagnostics[0]?.hint).toBe('did you mean "user-0"?');
    expect(diagnostics.at(-1)?.hint).toBe('declare it under users');
  });
});
