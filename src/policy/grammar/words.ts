import type { DiagnosticCode } from '../../core/diagnostics.ts';
import type { Finding, GrammarOptions, Path, Rule } from '../../core/policy-grammar/findings.ts';
import { isRefused } from '../../core/policy-grammar/findings.ts';
import { documentElements } from '../../core/policy-grammar/index.ts';
import { spelledOperator } from '../../core/policy-grammar/condition.ts';
import { iamTypes, partsOf } from '../../core/policy-grammar/resource.ts';
import { statementElements } from '../../core/policy-grammar/statement.ts';
import { conditionOperators, currentVersion, earlierVersion } from '../../core/policy-language.ts';
import { didYouMean, listWords, nearest, quote } from '../../core/text.ts';
import type { DocumentIssue } from './findings.ts';

type Words = readonly [code: DiagnosticCode, message: string, hint?: string | undefined];
/** Null: it needs none, as the version that rollcall adds. */
type Say = (finding: Finding, options: GrammarOptions) => Words | null;

/** Findings of the grammar as diagnostics of a document. */
export function issuesOf(findings: readonly Finding[], options: GrammarOptions): DocumentIssue[] {
  const meant = misspelt(findings, options);
  return findings.flatMap((finding): DocumentIssue[] => {
    const said = meant.has(placeOf(finding.path, finding.text))
      ? null
      : words[finding.rule](finding, options);
    if (said === null) return [];
    const [code, message, hint] = said;
    const { path, on, first } = finding;
    const related = first && {
      message: finding.rule === 'sid-twice' ? 'first here' : `${quote(String(first.at(-1)))} is here`,
      path: first,
    };
    return [
      {
        severity: isRefused(finding) ? 'error' : 'warning',
        code,
        path,
        message,
        on,
        ...(hint === undefined ? {} : { hint }),
        ...(related === undefined ? {} : { related }),
      },
    ];
  });
}

const placeOf = (path: Path, element: string): string => JSON.stringify([path, element]);

const elementsOfTrust = ['Sid', 'Effect', 'Principal', 'Action', 'Condition'];
const elementsAt = (path: Path, { use }: GrammarOptions): readonly string[] =>
  path.length === 1 ? documentElements : use === 'trust' ? elementsOfTrust : statementElements;

/** Elements that unknown ones were probably meant to be: those are not missing as well. */
function misspelt(findings: readonly Finding[], options: GrammarOptions): ReadonlySet<string> {
  const meant = new Set<string>();
  for (const { rule, path, text } of findings) {
    const near = rule === 'unknown-element' ? nearest(text, elementsAt(path, options)) : null;
    if (near !== null) meant.add(placeOf(path.slice(0, -1), near.replace(/^Not/, '')));
  }
  return meant;
}

/** The statement that a path leads into. */
const nameOf = ([, index]: Path): string =>
  typeof index === 'number' ? `statement ${index + 1}` : 'the statement';

/** Whether the path ends at the element, which then is empty. */
const isThere = ({ path, text }: Finding): boolean => path.at(-1) === text;

const missing: Say = (finding) => [
  'policy-missing',
  isThere(finding)
    ? `the ${quote(finding.text)} of ${nameOf(finding.path)} is empty`
    : `${nameOf(finding.path)} has no ${quote(finding.text)}`,
];

const actionIs =
  (fault: string): Say =>
  ({ text }) => [
    'policy-action',
    `the action ${quote(text)} ${fault}`,
    'write service:Name, such as s3:GetObject or s3:Get*, or *',
  ];

const anyArn = 'write arn:partition:service:region:account:resource, such as arn:aws:s3:::reports/*, or *';
const resourceIs =
  (fault: string, hint: (arn: string) => string = () => anyArn): Say =>
  ({ text }) => ['policy-resource', `the resource ${quote(text)} ${fault}`, hint(text)];

/** The ARN with other parts: `null` leaves one as it is. */
function rewrite(arn: string, ...others: readonly (string | null)[]): string {
  return `write ${partsOf(arn)
    .map((part, index) => others[index] ?? part)
    .join(':')}`;
}

/** Buckets have neither region nor account. What is cut short has a name nobody knows. */
const withoutRegion = (arn: string): string =>
  partsOf(arn).length < 6 ? anyArn : rewrite(arn, null, null, null, '', partsOf(arn)[2] === 's3' ? '' : null);

function wrongPartition({ text }: Finding, { partition }: GrammarOptions): Words {
  const [arn = '', found = ''] = partsOf(text);
  if (arn !== 'arn') return ['policy-resource', `the resource ${quote(text)} is not an ARN`, anyArn];
  return partition === undefined || !/^aws(?:-|$)/.test(found)
    ? ['policy-resource', `the resource ${quote(text)} has an unknown partition ${quote(found)}`, anyArn]
    : [
        'policy-resource',
        `the resource ${quote(text)} is of partition ${quote(found)}, the account of ${quote(partition)}`,
        rewrite(text, null, partition),
      ];
}

function unknownElement({ path, text }: Finding, options: GrammarOptions): Words {
  const known = elementsAt(path, options);
  const near = nearest(text, known);
  return [
    'policy-unknown',
    `unknown element ${quote(text)} in ${path.length === 1 ? 'a policy document' : nameOf(path)}`,
    near === null ? `known elements: ${known.join(', ')}` : `did you mean ${quote(near)}?`,
  ];
}

const effect: Say = ({ text }) => [
  'policy-effect',
  'Effect must be "Allow" or "Deny"',
  didYouMean(text, ['Allow', 'Deny']),
];

const unknownOperator: Say = ({ text }) => [
  'policy-condition',
  `unknown condition operator ${quote(text)}`,
  didYouMean(
    text.replace(/^(?:ForAllValues|ForAnyValue):/, '').replace(/IfExists$/, ''),
    conditionOperators,
  ) ??
    `there are ${listWords(['StringEquals', 'StringLike', 'Bool', 'IpAddress'], 'and')}, among others; ForAnyValue: or ForAllValues: may come before, IfExists after`,
];

function badSid({ text }: Finding): Words {
  const fixed = text.replace(/[^A-Za-z0-9]/g, '');
  return [
    'policy-sid',
    `the Sid ${quote(text)} may have only letters (A-Z, a-z) and digits`,
    fixed === '' ? undefined : `write ${fixed}`,
  ];
}

const principalTypes = { AWS: '', Service: '', Federated: '', CanonicalUser: '' };
const principalHint = 'write Principal: { AWS: …, Service: … or Federated: … }';

function awsPrincipal({ text }: Finding, { partition }: GrammarOptions): Words {
  const [, found] = /^arn:(aws[a-z-]*):(?:iam|sts)::/.exec(text) ?? [];
  if (found !== undefined && partition !== undefined && found !== partition)
    return [
      'trust-principal',
      `${quote(text)} is of partition ${quote(found)}, the account of ${quote(partition)}`,
      `write ${text.replace(found, partition)}`,
    ];
  return [
    'trust-principal',
    /:group\//.test(text)
      ? `${quote(text)} is a group, and a group cannot assume a role`
      : /[*?]/.test(text)
        ? `${quote(text)} has a wildcard: IAM takes * alone, or none`
        : `${quote(text)} is no principal of AWS`,
    'write an account id, or the ARN of a user, a role or a session',
  ];
}

/** Such as `token.actions.githubusercontent.com`, of the condition key of a claim. */
const nameOfIssuer = (key: string): string => key.slice(0, key.lastIndexOf(':'));

const limitHint = (key: string): string =>
  key.startsWith('token.actions.githubusercontent.com')
    ? `write Condition: { StringLike: { ${quote(key)}: "repo:OWNER/REPOSITORY:*" } }; ForAllValues and IfExists do not count, as they hold without the claim`
    : `write Condition: { StringEquals: { ${quote(key)}: … } }; ForAllValues and IfExists do not count, as they hold without the claim`;

const words: Readonly<Record<Rule, Say>> = {
  'no-document': () => ['policy-syntax', 'a policy document must be a mapping with "Statement"'],
  'unknown-element': unknownElement,
  'unknown-version': () => [
    'policy-version',
    `Version must be ${quote(currentVersion)} or ${quote(earlierVersion)}`,
    `drop it: rollcall writes ${quote(currentVersion)}`,
  ],
  'no-version': () => null,
  'earlier-version': () => [
    'policy-version',
    `managed policies must be of Version ${quote(currentVersion)}`,
    'drop it, and check that "${" means a policy variable wherever it is written',
  ],
  'id-type': () => ['policy-syntax', 'Id must be a string'],
  id: () => ['policy-id', 'Id means nothing in a policy of a user or group', 'drop it'],
  'no-statement': (finding) => [
    'policy-missing',
    `the policy document has no ${finding.text === '' ? 'statements' : quote(finding.text)}`,
  ],
  'statement-type': ({ path }) => ['policy-syntax', `${nameOf(path)} must be a mapping`],
  'no-effect': ({ path, text }) => [
    'policy-missing',
    `${nameOf(path)} has no ${quote(text)}`,
    'write Effect: Allow or Effect: Deny',
  ],
  'unknown-effect': effect,
  'effect-case': effect,
  'sid-type': ({ path }) => ['policy-syntax', `the Sid of ${nameOf(path)} must be a string`],
  'sid-characters': badSid,
  'sid-underscore': badSid,
  'sid-twice': ({ text }) => ['policy-sid', `the Sid ${quote(text)} is there twice in one document`],
  'both-elements': ({ path, text, first }) => [
    'policy-syntax',
    `${nameOf(path)} has both ${quote(String(first?.at(-1)))} and ${quote(text)}`,
    'keep one',
  ],
  'texts-type': ({ path, text }) => [
    'policy-syntax',
    `the ${quote(text)} of ${nameOf(path)} must be a string or a list of strings`,
  ],
  'no-action': missing,
  'no-resource': missing,
  principal: ({ text }) => [
    'policy-principal',
    `${text} is not allowed here: the policy applies to whoever holds it`,
    'drop it',
  ],
  'action-service-missing': actionIs('names no service'),
  'action-colons': actionIs('has more than one colon'),
  'action-service': (finding, options) =>
    actionIs(/\s/.test(finding.text) ? 'has white space' : 'has a service that is not a plain name')(
      finding,
      options,
    ),
  'action-name': actionIs('names no action'),
  'no-arn': resourceIs('is not an ARN'),
  partition: wrongPartition,
  'resource-service': resourceIs('must name its service without wildcards'),
  'iam-region': resourceIs('must not have a region: IAM is global', withoutRegion),
  's3-region': resourceIs('must not have a region: buckets of S3 are named without', withoutRegion),
  'iam-path': resourceIs(
    'is nothing that IAM has',
    () => `what follows the account is * or begins with ${listWords(iamTypes)}`,
  ),
  'few-colons': resourceIs('has too few colons'),
  'short-arn': resourceIs('is cut short: IAM fills it up with wildcards', () => 'write all six parts'),
  'null-resource': ({ text }) => ['policy-resource', `an entry of ${quote(text)} is empty`, 'drop it'],
  variables: () => [
    'policy-version',
    `\${…} is plain text in Version ${quote(earlierVersion)}`,
    `write Version: ${quote(currentVersion)} for policy variables`,
  ],
  'condition-type': ({ path }) => [
    'policy-condition',
    `the Condition of ${nameOf(path)} must be a mapping of operators`,
    'write Condition: { StringEquals: { "aws:RequestedRegion": eu-west-1 } }',
  ],
  'unknown-operator': unknownOperator,
  'empty-operator': unknownOperator,
  'operator-case': ({ text }) => [
    'policy-condition',
    `the condition operator ${quote(text)} is spelled with other capitals`,
    `write ${spelledOperator(text)}`,
  ],
  'operator-type': ({ text }) => [
    'policy-condition',
    `${quote(text)} must be a mapping of condition keys to values`,
  ],
  'value-type': ({ text }) => [
    'policy-condition',
    `the value of ${quote(text)} must be a string or a list of strings`,
  ],
  'key-colons': ({ text }) => [
    'policy-condition',
    `the condition key ${quote(text)} begins with a scheme`,
    `write ${text.replace(/^https?:\/*/i, '')}`,
  ],
  date: ({ text }) => [
    'policy-condition-value',
    `${quote(text)} is no date`,
    'write 2026-12-31 or 2026-12-31T23:59:59Z, or the seconds since 1970',
  ],
  'prohibited-resource': ({ text }) => [
    'trust-resource',
    `${text} is not allowed in a trust policy: it is about the role that it belongs to`,
    'drop it',
  ],
  'not-principal': () => [
    'trust-principal',
    'IAM takes no NotPrincipal in a trust policy',
    'name whom the role is for as Principal',
  ],
  'no-principal': ({ path }) => [
    'trust-principal',
    `${nameOf(path)} has no "Principal": a trust policy says who may assume the role`,
    principalHint,
  ],
  'principal-type': ({ path, text }) => [
    'trust-principal',
    text === ''
      ? `the Principal of ${nameOf(path)} must be "*" or a mapping of types to principals`
      : Object.hasOwn(principalTypes, text)
        ? `the principals ${quote(text)} of ${nameOf(path)} must be a string or a list of strings`
        : `unknown type of principal ${quote(text)}`,
    didYouMean(text, Object.keys(principalTypes)) ?? principalHint,
  ],
  'aws-principal': awsPrincipal,
  'service-principal': ({ text }) => [
    'trust-principal',
    `${quote(text)} is no service`,
    'write its name, such as lambda.amazonaws.com',
  ],
  'federated-principal': ({ text }) => [
    'trust-principal',
    `${quote(text)} is no identity provider`,
    'write the ARN of the provider, such as arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com',
  ],
  'trust-action': ({ text }) => [
    'trust-action',
    `the action ${quote(text)} is not allowed in a trust policy`,
    'write sts:AssumeRole, sts:AssumeRoleWithWebIdentity or sts:AssumeRoleWithSAML; what the role may do stands in its policies',
  ],
  'shared-issuer': ({ text }) => [
    'trust-issuer',
    `${nameOfIssuer(text)} issues tokens to everybody, and no condition limits ${quote(text)}`,
    limitHint(text),
  ],
};
