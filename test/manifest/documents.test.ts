import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadManifests } from '../../src/manifest/index.ts';
import { diagnose, loadClean, now, withFiles } from './support.ts';
import type { Expected, Files } from './support.ts';

const account = 'account: "123456789012"\n';
/** A statement in flow style as an inline policy. */
const inline = (document: string): string =>
  `${account}users:\n  dale:\n    policies:\n      p: ${document}\n`;
const statement = (body: string): string => inline(`{ Statement: [{ ${body} }] }`);
const allow = 'Effect: Allow, Action: "s3:*", Resource: "*"';
const resourceHint =
  'write arn:partition:service:region:account:resource, such as arn:aws:s3:::reports/*, or *';
const actionHint = 'write service:Name, such as s3:GetObject or s3:Get*, or *';

const grammar: Record<string, readonly [string, ...Expected[]]> = {
  'no Statement': [inline('▸{}'), ['policy-missing', 'the policy document has no "Statement"']],
  'empty Statement': [
    inline('{ Statement: ▸[] }'),
    ['policy-missing', 'the policy document has no statements'],
  ],
  'a statement that is text': [
    inline('{ Statement: [▸x] }'),
    ['policy-syntax', 'statement 1 must be a mapping'],
  ],
  Version: [
    inline(`{ Version: ▸2012-10-18, Statement: { ${allow} } }`),
    [
      'policy-version',
      'Version must be "2012-10-17" or "2008-10-17"',
      'drop it: rollcall writes "2012-10-17"',
    ],
  ],
  Id: [
    inline(`{ ▸Id: x, Statement: { ${allow} } }`),
    ['warning policy-id', 'Id means nothing in a policy of a user or group', 'drop it'],
  ],
  'misspelt Statement': [
    inline(`{ ▸Statment: { ${allow} } }`),
    ['policy-unknown', 'unknown element "Statment" in a policy document', 'did you mean "Statement"?'],
  ],
  'misspelt Effect': [
    statement('▸Efect: Allow, Action: "s3:*", Resource: "*"'),
    ['policy-unknown', 'unknown element "Efect" in statement 1', 'did you mean "Effect"?'],
  ],
  'unknown element': [
    statement(`▸Whatever: 1, ${allow}`),
    [
      'policy-unknown',
      'unknown element "Whatever" in statement 1',
      'known elements: Sid, Effect, Action, NotAction, Resource, NotResource, Condition',
    ],
  ],
  'no Effect': [
    inline('{ Statement: ▸{ Action: "s3:*", Resource: "*" } }'),
    ['policy-missing', 'the statement has no "Effect"', 'write Effect: Allow or Effect: Deny'],
  ],
  effect: [
    statement('Effect: ▸allow, Action: "s3:*", Resource: "*"'),
    ['policy-effect', 'Effect must be "Allow" or "Deny"', 'did you mean "Allow"?'],
  ],
  'no Action': [
    statement('Effect: Allow, Resource: "*"').replace('[{', '[▸{'),
    ['policy-missing', 'statement 1 has no "Action"'],
  ],
  'Action and NotAction': [
    statement('Effect: Allow, ◂Action: "s3:*", ▸NotAction: "s3:*", Resource: "*"'),
    ['policy-syntax', 'statement 1 has both "Action" and "NotAction"', 'keep one'],
  ],
  'empty Action': [
    statement('Effect: Allow, Action: ▸[], Resource: "*"'),
    ['policy-missing', 'the "Action" of statement 1 is empty'],
  ],
  'Action that is a number': [
    statement('Effect: Allow, Action: ["s3:*", ▸7], Resource: "*"'),
    ['policy-syntax', 'the "Action" of statement 1 must be a string or a list of strings'],
  ],
  'no Resource': [
    statement('Effect: Allow, Action: "s3:*"').replace('[{', '[▸{'),
    ['policy-missing', 'statement 1 has no "Resource"'],
  ],
  Principal: [
    statement(`${allow}, ▸Principal: "*"`),
    ['policy-principal', 'Principal is not allowed here: the policy applies to whoever holds it', 'drop it'],
  ],
  'action without service': [
    statement('Effect: Allow, Action: ▸ListBucket, Resource: "*"'),
    ['policy-action', 'the action "ListBucket" names no service', actionHint],
  ],
  'action with colons': [
    statement('Effect: Allow, Action: ▸"s3:a:b", Resource: "*"'),
    ['policy-action', 'the action "s3:a:b" has more than one colon', actionHint],
  ],
  'action with a wildcard service': [
    statement('Effect: Allow, Action: ▸"s*:Get", Resource: "*"'),
    ['policy-action', 'the action "s*:Get" has a service that is not a plain name', actionHint],
  ],
  'action without a name': [
    statement('Effect: Allow, Action: ▸"s3:", Resource: "*"'),
    ['policy-action', 'the action "s3:" names no action', actionHint],
  ],
  'action with a space': [
    statement('Effect: Allow, Action: ▸"s3: Get", Resource: "*"'),
    [
      'warning policy-unknown-action',
      'AWS has no action "s3: Get"',
      'compared with AWS as of 2026-09-26, iam-data 0.21.202609261',
    ],
  ],
  'service with a space': [
    statement('Effect: Allow, Action: ▸"s 3:Get", Resource: "*"'),
    ['policy-action', 'the action "s 3:Get" has white space', actionHint],
  ],
  'resource that is no ARN': [
    statement('Effect: Allow, Action: "s3:*", Resource: ["*", ▸houdini/*]'),
    ['policy-resource', 'the resource "houdini/*" is not an ARN', resourceHint],
  ],
  'resource with a partition unknown': [
    statement('Effect: Allow, Action: "s3:*", Resource: ▸"arn:amazon:s3:::x"'),
    ['policy-resource', 'the resource "arn:amazon:s3:::x" has an unknown partition "amazon"', resourceHint],
  ],
  'resource with a wildcard service': [
    statement('Effect: Allow, Action: "s3:*", Resource: ▸"arn:aws:*:*:*:x"'),
    [
      'policy-resource',
      'the resource "arn:aws:*:*:*:x" must name its service without wildcards',
      resourceHint,
    ],
  ],
  'resource with too few colons': [
    statement('Effect: Allow, Action: "s3:*", Resource: ▸"arn:aws:s3::houdini"'),
    ['policy-resource', 'the resource "arn:aws:s3::houdini" has too few colons', resourceHint],
  ],
  'IAM resource in a region': [
    statement('Effect: Allow, Action: "iam:*", Resource: ▸"arn:aws:iam:eu-west-1:123456789012:user/*"'),
    [
      'policy-resource',
      'the resource "arn:aws:iam:eu-west-1:123456789012:user/*" must not have a region: IAM is global',
      'write arn:aws:iam::123456789012:user/*',
    ],
  ],
  'bucket in a region': [
    statement('Effect: Allow, Action: "s3:*", Resource: [▸"arn:aws:s3:eu-west-1:123456789012:houdini/*"]'),
    [
      'policy-resource',
      'the resource "arn:aws:s3:eu-west-1:123456789012:houdini/*" must not have a region: buckets of S3 are named without',
      'write arn:aws:s3:::houdini/*',
    ],
  ],
  'everything of S3, cut short': [
    statement('Effect: Allow, Action: "s3:*", Resource: ▸"arn:aws:s3:*"'),
    [
      'policy-resource',
      'the resource "arn:aws:s3:*" must not have a region: buckets of S3 are named without',
      resourceHint,
    ],
  ],
  'resource of IAM that is nothing of IAM': [
    statement('Effect: Allow, Action: "iam:*", Resource: ▸"arn:aws:iam::123456789012:dale"'),
    [
      'policy-resource',
      'the resource "arn:aws:iam::123456789012:dale" is nothing that IAM has',
      'what follows the account is * or begins with user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/ or access-report/',
    ],
  ],
  'resource of another partition': [
    `partition: aws-cn\n${statement('Effect: Allow, Action: "s3:*", NotResource: ["arn:*:s3:::a", ▸"arn:aws:s3:::b/${aws:username}"]')}`,
    [
      'policy-resource',
      'the resource "arn:aws:s3:::b/${aws:username}" is of partition "aws", the account of "aws-cn"',
      'write arn:aws-cn:s3:::b/${aws:username}',
    ],
  ],
  'resource of another partition in a managed policy': [
    `${account}policies: { p: { document: { Statement: { Effect: Allow, Action: "s3:*", Resource: ▸"arn:aws-us-gov:s3:::b" } } } }\n`,
    [
      'policy-resource',
      'the resource "arn:aws-us-gov:s3:::b" is of partition "aws-us-gov", the account of "aws"',
      'write arn:aws:s3:::b',
    ],
  ],
  'an empty entry between resources': [
    statement('Effect: Allow, Action: "s3:*", Resource: ["arn:aws:s3:::b", ▸~]'),
    ['warning policy-resource', 'an entry of "Resource" is empty', 'drop it'],
  ],
  'resource cut short': [
    statement('Effect: Allow, Action: "sqs:*", Resource: ▸"arn:aws:sqs"'),
    [
      'warning policy-resource',
      'the resource "arn:aws:sqs" is cut short: IAM fills it up with wildcards',
      'write all six parts',
    ],
  ],
  'variables in the old version': [
    inline(
      '{ Version: "2008-10-17", Statement: { Effect: Allow, Action: "s3:*", Resource: ▸"arn:aws:s3:::x/${aws:username}" } }',
    ),
    [
      'warning policy-version',
      '${…} is plain text in Version "2008-10-17"',
      'write Version: "2012-10-17" for policy variables',
    ],
  ],
  Sid: [
    statement(`Sid: ▸"read reports", ${allow}`),
    ['policy-sid', 'the Sid "read reports" may have only letters (A-Z, a-z) and digits', 'write readreports'],
  ],
  'Sid with an underscore': [
    statement(`Sid: ▸read_reports, ${allow}`),
    [
      'warning policy-sid',
      'the Sid "read_reports" may have only letters (A-Z, a-z) and digits',
      'write readreports',
    ],
  ],
  'the same Sid twice': [
    inline(`{ Statement: [{ ◂Sid: A, ${allow} }, { Sid: ▸A, ${allow} }] }`),
    ['policy-sid', 'the Sid "A" is there twice in one document'],
  ],
  Condition: [
    statement(`${allow}, Condition: ▸[]`),
    [
      'policy-condition',
      'the Condition of statement 1 must be a mapping of operators',
      'write Condition: { StringEquals: { "aws:RequestedRegion": eu-west-1 } }',
    ],
  ],
  'condition operator': [
    statement(`${allow}, Condition: { ▸StringEqual: { "aws:username": x } }`),
    ['policy-condition', 'unknown condition operator "StringEqual"', 'did you mean "StringEquals"?'],
  ],
  'condition operator in other capitals': [
    statement(`${allow}, Condition: { ▸ForAnyValue:stringlikeIfExists: { "aws:username": x } }`),
    [
      'warning policy-condition',
      'the condition operator "ForAnyValue:stringlikeIfExists" is spelled with other capitals',
      'write ForAnyValue:StringLikeIfExists',
    ],
  ],
  'condition operator with nothing to compare': [
    statement(`${allow}, Condition: { ▸StringEqual: {} }`),
    ['warning policy-condition', 'unknown condition operator "StringEqual"', 'did you mean "StringEquals"?'],
  ],
  'a date that is none': [
    statement(
      `${allow}, Condition: { DateLessThan: { "aws:CurrentTime": ["2026-12-31T23:59:59Z", ▸31.12.2026] } }`,
    ),
    [
      'policy-condition-value',
      '"31.12.2026" is no date',
      'write 2026-12-31 or 2026-12-31T23:59:59Z, or the seconds since 1970',
    ],
  ],
  'a condition key with a scheme': [
    statement(`${allow}, Condition: { StringEquals: { ▸"https://id.example.com:sub": x } }`),
    [
      'policy-condition',
      'the condition key "https://id.example.com:sub" begins with a scheme',
      'write id.example.com:sub',
    ],
  ],
  'condition keys': [
    statement(`${allow}, Condition: { Bool: ▸"true" }`),
    ['policy-condition', '"Bool" must be a mapping of condition keys to values'],
  ],
  'condition values': [
    statement(`${allow}, Condition: { StringLike: { "aws:username": [a, ▸{}] } }`),
    ['policy-condition', 'the value of "aws:username" must be a string or a list of strings'],
  ],
  characters: [
    statement('Effect: Allow, Action: "s3:*", Resource: ▸"arn:aws:s3:::houdini/→"'),
    [
      'policy-characters',
      'IAM does not take the character "→" in a policy document',
      'use characters of Latin-1 only',
    ],
  ],
  'an account id without quotes': [
    statement(`${allow}, Condition: { StringEquals: { "aws:SourceAccount": ▸012345678901 } }`),
    ['unquoted-number', '012345678901 is read as the number 12345678901', 'quote it: "012345678901"'],
  ],
  'old version in a managed policy': [
    `${account}policies: { p: { document: { Version: ▸2008-10-17, Statement: { ${allow} } } } }\n`,
    [
      'policy-version',
      'managed policies must be of Version "2012-10-17"',
      'drop it, and check that "${" means a policy variable wherever it is written',
    ],
  ],
  'a reserved name': [
    `${account}users: { dale: { policies: { ▸rollcall-deny: { Statement: { ${allow} } } } } }\n`,
    [
      'reserved-name',
      'inline policies named rollcall-… are reserved',
      'rollcall uses them to deny access for a moment; give it another name',
    ],
  ],
};

const good: Record<string, string> = {
  'one statement': `{ Statement: { ${allow} } }`,
  'action of everything': '{ Statement: { Effect: Deny, Action: "*:*", NotResource: "arn:*:s3:::x" } }',
  'empty Sid': `{ Statement: [{ Sid: "", ${allow} }, { Sid: "", ${allow} }] }`,
  'empty conditions': `{ Statement: { ${allow}, Condition: {} } }`,
  'values of every type':
    '{ Statement: { Effect: Allow, NotAction: ["iam:*"], Resource: "*", Condition: { NumericLessThan: { "s3:max-keys": 10 }, Bool: { "aws:SecureTransport": true }, "ForAllValues:StringLikeIfExists": { "aws:TagKeys": [a, b] } } } }',
  variables:
    '{ Statement: { Effect: Allow, Action: "s3:*", Resource: "arn:aws:s3:::home/${aws:username}/*" } }',
};

const file = (document: string): string => `${account}policies:\n  read:\n    document: ${document}\n`;

const files: Record<string, readonly [Files, ...Expected[]]> = {
  'a missing file': [
    { 'm.yaml': file('▸./read-report.json'), 'read-reports.json': '{}', 'read.txt': '' },
    ['missing-document', 'there is no file "./read-report.json"', 'did you mean "read-reports.json"?'],
  ],
  'a missing file with nothing like it': [
    { 'm.yaml': file('▸./docs/x.json') },
    [
      'missing-document',
      'there is no file "./docs/x.json"',
      'it is looked for as docs/x.json, relative to the manifest file',
    ],
  ],
  'an absolute path': [
    { 'm.yaml': file('▸/etc/x.json') },
    [
      'document-outside',
      '"/etc/x.json" is outside the directory of the manifests',
      'move it below DIR, and write its path relative to this file',
    ],
  ],
  'a path out of the directory': [
    { 'm.yaml': file('▸../x.json') },
    [
      'document-outside',
      '"../x.json" is outside the directory of the manifests',
      'move it below DIR, and write its path relative to this file',
    ],
  ],
  'no path of a document': [
    { 'm.yaml': file('▸read-reports') },
    [
      'bad-value',
      '"document" of policy "read" is not valid: write the path of a .json, .yaml or .yml file, with / between folders',
    ],
  ],
  'a manifest as document': [
    { 'm.yaml': file('▸./m.yaml') },
    ['document-is-manifest', '"./m.yaml" is a manifest, not a policy document'],
  ],
  'a fault in a JSON file': [
    {
      'm.yaml': file('./r.json'),
      'r.json':
        '{\n\t"Statement": [\n\t\t{ "Effect": "Allow", "Action": ["s3:*", ▸"x"], "Resource": "*" }\n\t]\n}\n',
    },
    ['policy-action', 'the action "x" names no service', actionHint],
  ],
  'a fault in a YAML file': [
    {
      'm.yaml': file('./docs/r.yaml'),
      'docs/r.yaml': 'Statement:\n  - ▸Efect: Allow\n    Action: s3:*\n    Resource: "*"\n',
    },
    ['policy-unknown', 'unknown element "Efect" in statement 1', 'did you mean "Effect"?'],
  ],
  'JSON that ends early': [
    { 'm.yaml': file('./r.json'), 'r.json': '{ "Statement": [▸' },
    ['json-syntax', 'not valid JSON: expected a value, found the end of the file'],
  ],
  'JSON with a comma too many': [
    { 'm.yaml': file('./r.json'), 'r.json': '{ "Statement": [],\n▸}' },
    ['json-syntax', 'not valid JSON: expected a key in double quotes, found "}"'],
  ],
  'JSON with comments': [
    { 'm.yaml': file('./r.json'), 'r.json': '▸// x\n{}' },
    ['json-syntax', 'not valid JSON: expected a value, found "/"'],
  ],
  'JSON with more after it': [
    { 'm.yaml': file('./r.json'), 'r.json': '{} ▸{}' },
    ['json-syntax', 'not valid JSON: expected the end of the file, found "{"'],
  ],
  'JSON with a bad escape': [
    { 'm.yaml': file('./r.json'), 'r.json': '{ ▸"\\x": 1 }' },
    ['json-syntax', 'not valid JSON: expected a string with valid escapes, found "\\""'],
  ],
  'JSON with a key twice': [
    { 'm.yaml': file('./r.json'), 'r.json': '{ ◂"Version": "2012-10-17", ▸"Version": "2012-10-17" }' },
    ['duplicate-key', 'the key "Version" is there twice', 'keep one'],
  ],
  'a JSON file that is a list': [
    { 'm.yaml': file('./r.json'), 'r.json': '▸[]' },
    ['policy-syntax', 'a policy document must be a mapping with "Statement"'],
  ],
};

describe('policy documents', () => {
  it.each(Object.entries(grammar))('%s', async (_, [yaml, ...expected]) => {
    const { found, wanted } = await diagnose(yaml, expected);
    expect(found).toEqual(wanted);
  });

  it.each(Object.entries(good))('takes %s', async (_, document) => {
    const { state } = await loadClean({ 'm.yaml': inline(document) });
    expect(state.users.size).toBe(1);
  });

  it.each(Object.entries(files))('in files: %s', async (_, [content, ...expected]) => {
    const { found, wanted } = await diagnose(content, expected);
    expect(found).toEqual(wanted);
  });

  it('reads documents from JSON and YAML files, and names their version', async () => {
    const { state, files, sources } = await loadClean({
      'm.yaml': `${account}users: { dale: { policies: { a: docs/a.yaml, b: ./docs/b.json } } }\n`,
      'docs/a.yaml': `Statement: { ${allow} }\n`,
      'docs/b.json': '{"Version":"2008-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}',
      'docs/notes.txt': 'not read',
    });
    expect(state.users.get('dale')?.policies).toEqual({
      a: { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 's3:*', Resource: '*' } },
      b: { Version: '2008-10-17', Statement: { Effect: 'Deny', Action: '*', Resource: '*' } },
    });
    expect(files.map((name) => name.split('/').slice(-2).join('/'))).toEqual([
      'docs/a.yaml',
      'docs/b.json',
      expect.stringMatching(/m\.yaml$/),
    ]);
    expect(sources.get('user:dale/policies/b')).toMatchObject({ line: 2, column: 46 });
  });

  const big = (characters: number): string =>
    `{ Statement: { Effect: Allow, Action: "s3:*", Resource: "arn:aws:s3:::${'x'.repeat(characters)}" } }`;

  it('refuses documents that links take from outside, there or not, and names no file of there', async () => {
    await withFiles(
      {
        'root/m.yaml': file('./inside.json'),
        'root/real.json': '{ "Statement": [] }',
        'secret/x.json': '{}',
      },
      async (dir) => {
        const root = join(dir, 'root');
        const codes = async (): Promise<string[]> =>
          (await loadManifests(root, { now })).diagnostics.map(({ code }) => code);
        await symlink('real.json', join(root, 'inside.json'));
        await symlink(join(dir, 'secret', 'x.json'), join(root, 'out.json'));
        await symlink(join(dir, 'secret'), join(root, '.out'));
        expect(await codes()).not.toContain('document-outside');
        for (const path of ['./out.json', './.out/x.json', './.out/y.json', './.out/no/y.json']) {
          await writeFile(join(root, 'm.yaml'), file(path));
          const { desired, diagnostics } = await loadManifests(root, { now });
          expect(desired).toBeNull();
          expect(diagnostics.map(({ code }) => code)).toEqual(['document-outside']);
          expect(diagnostics[0]?.hint).not.toContain('x.json');
        }
      },
    );
  });

  it('measures inline policies of a user together, without white space', async () => {
    const { found, wanted } = await diagnose(
      `${account}users:\n  dale:\n    ▸policies:\n      a: ${big(900)}\n      b: ${big(1000)}\n`,
      [
        [
          'policy-size',
          'the inline policies of user "dale" have 2096 characters without white space; IAM allows 2048 in all',
          'make "b" (1098) a managed policy: declare it under policies and attach it',
        ],
      ],
    );
    expect(found).toEqual(wanted);
  });

  it('measures inline policies of a group', async () => {
    await loadClean({ 'm.yaml': `${account}groups: { g: { policies: { a: ${big(5022)} } } }\n` });
    const { found, wanted } = await diagnose(
      `${account}groups: { g: { ▸policies: { a: ${big(5023)} } } }\n`,
      [
        [
          'policy-size',
          'the inline policies of group "g" have 5121 characters without white space; IAM allows 5120 in all',
          'make "a" (5121) a managed policy: declare it under policies and attach it',
        ],
      ],
    );
    expect(found).toEqual(wanted);
  });

  it('measures managed policies', async () => {
    await loadClean({ 'm.yaml': `${account}policies: { p: { document: ${big(6046)} } }\n` });
    const { found, wanted } = await diagnose(`${account}policies: { p: { document: ▸${big(6047)} } }\n`, [
      [
        'policy-size',
        'the document of policy "p" has 6145 characters without white space; IAM allows 6144',
        'split it into several policies, or shorten it with wildcards',
      ],
    ]);
    expect(found).toEqual(wanted);
  });
});
