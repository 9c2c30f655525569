import { expect, test } from 'vitest';
import { diagnose, load } from './support.ts';
import type { Expected } from './support.ts';

const account = 'account: "123456789012"\n';
const inline = (statement: string): string =>
  `${account}users:\n  dale:\n    policies:\n      p:\n        Statement:\n          - { ${statement} }\n`;

/** The day of what is known of AWS moves with the package. */
const withoutAge = (words: readonly string[]): string[] =>
  words
    .map((word) => word.replace(/(?: \(|^compared with )AWS as of \S+ iam-data \S+$/, ''))
    .filter((word) => word !== '');

test.each<[string, string, ...Expected[]]>([
  [
    'a service',
    inline('Effect: Allow, Action: ["s3:*", ▸"s4:*"], Resource: "*"'),
    ['warning policy-unknown-service', 'AWS has no service "s4"', 'did you mean "s3"?'],
  ],
  [
    'an action',
    inline('Effect: Allow, NotAction: ▸s3:GetObjct, Resource: "*"'),
    ['warning policy-unknown-action', 'AWS has no action "s3:GetObjct"', 'did you mean "s3:GetObject"?'],
  ],
  [
    'a resource',
    inline('Effect: Deny, Action: sqs:SendMessage, Resource: ▸"arn:aws:sns:*:*:jobs"'),
    [
      'warning policy-resource-type',
      '"sqs:SendMessage" does not take "arn:aws:sns:*:*:jobs"',
      'it takes "arn:aws:sqs:*:*:*"',
    ],
  ],
  [
    'a condition key, and a value',
    inline(
      'Effect: Allow, Action: "s3:*", Resource: "*", Condition: { Bool: { ▸aws:SecureTransprt: ▸maybe } }',
    ),
    [
      'warning policy-condition-key',
      'AWS has no condition key "aws:SecureTransprt"',
      'did you mean "aws:SecureTransport"?',
    ],
    ['warning policy-condition-value', '"maybe" is nothing that Bool can compare', 'write true or false'],
  ],
])('%s is warned of at its place, and the manifests stay valid', async (_name, marked, ...expected) => {
  const { found, wanted } = await diagnose(marked, expected);
  expect({ ...found, diagnostics: found.diagnostics.map(withoutAge) }).toEqual(wanted);
});

test('a document in a file of its own is judged once, at its place there', async () => {
  const statement = '{\n  "Effect": "Allow",\n  "Action": "s4:*",\n  "Resource": "*"\n}';
  const { desired, diagnostics } = await load({
    'm.yaml': `${account}policies:\n  a: { document: d.json }\n  b: { document: d.json }\n`,
    'd.json': `{ "Statement": ${statement} }`,
  });
  expect(diagnostics.map(({ code, at }) => [code, at])).toEqual([
    ['policy-unknown-service', { file: 'd.json', line: 3, column: 13 }],
  ]);
  expect(diagnostics[0]!.hint).toMatch(
    /^did you mean "s3"\? \(AWS as of \d{4}-\d\d-\d\d, iam-data [\d.]+\)$/,
  );
  expect(desired).not.toBeNull();
});

test('a document that IAM would refuse has its errors first', async () => {
  const { diagnostics } = await load({ 'm.yaml': inline('Effect: allow, Action: "s4:*", Resource: "*"') });
  expect(diagnostics.map(({ code }) => code)).toEqual(['policy-effect']);
});

test('files that are made for it take no minutes', async () => {
  const action = (of: number): string => `"ec2:*a*${of.toString(36)}*b*c*d*"`;
  const policies = Array.from({ length: 40 }, (_, policy) => {
    const actions = Array.from({ length: 300 }, (_none, index) => action(policy * 300 + index)).join();
    return `  p${policy}: { document: { Statement: { Effect: Allow, Action: [${actions}], Resource: "arn:aws:ec2:*:*:*a*b*c*" } } }\n`;
  });
  const { diagnostics } = await load({ 'm.yaml': `${account}policies:\n${policies.join('')}` });
  const hints = diagnostics.filter(({ code }) => code === 'policy-unknown-action');
  // It has judged some, and then given up.
  expect(hints.length).toBeGreaterThan(100);
  expect(hints.length).toBeLessThan(10_000);
});
