/** Steps into a document: keys and list positions. */
export type Path = readonly (string | number)[];

/**
 * What IAM refuses, in the order in which it looks: whatever is in one group is told before anything of the next.
 * Within a group the order is that of the document.
 *
 * Sources: the texts of IAM's MalformedPolicyDocument errors, and which of two faults moto's table of documents, each
 * tried on AWS, has IAM tell (getmoto/moto, tests/test_iam/test_iam_policies.py).
 */
const stages = [
  [
    'no-document',
    'unknown-element',
    'unknown-version',
    'id-type',
    'no-statement',
    'statement-type',
    'no-effect',
    'unknown-effect',
    'sid-type',
    'both-elements',
    'texts-type',
    'condition-type',
    'unknown-operator',
    'operator-type',
    'value-type',
  ],
  ['no-version', 'earlier-version'],
  ['effect-case', 'date', 'few-colons'],
  ['sid-characters', 'sid-twice'],
  ['no-action'],
  ['no-arn', 'partition', 'resource-service', 'iam-region', 's3-region', 'iam-path'],
  ['action-service-missing', 'action-colons', 'action-service', 'action-name', 'key-colons'],
  ['principal'],
  ['no-resource'],
  [
    'prohibited-resource',
    'not-principal',
    'no-principal',
    'principal-type',
    'aws-principal',
    'service-principal',
    'federated-principal',
    'trust-action',
    'shared-issuer',
  ],
] as const;

/** What IAM takes, though it hardly says what was meant. */
type Remark =
  'id' | 'variables' | 'short-arn' | 'null-resource' | 'sid-underscore' | 'operator-case' | 'empty-operator';

export type Refused = (typeof stages)[number][number];
export type Rule = Refused | Remark;

/** One thing that is wrong with a document, or hardly says what was meant. */
export interface Finding {
  readonly rule: Rule;
  readonly path: Path;
  /** Whether the key at the path is meant, or what it holds. */
  readonly on: 'key' | 'value';
  /** What the rule is about: the action, the resource, the value; the name of an element that is not there. */
  readonly text: string;
  /** Where the same thing is for the first time. */
  readonly first?: Path;
}

const stageOf: ReadonlyMap<Rule, number> = new Map(
  stages.flatMap((rules, stage) => rules.map((rule): [Rule, number] => [rule, stage])),
);

export const isRefused = (finding: Finding): finding is Finding & { readonly rule: Refused } =>
  stageOf.has(finding.rule);

/** The one fault of which IAM tells; undefined if it takes the document. */
export function toldByIam(findings: readonly Finding[]): (Finding & { readonly rule: Refused }) | undefined {
  const refused = findings.filter(isRefused);
  // Once a resource has another fault, IAM no longer counts colons.
  const counts = refused.find(
    ({ rule }) => rule === 'few-colons' || stageOf.get(rule) === stageOf.get('no-arn'),
  );
  const stage = ({ rule }: Finding): number =>
    stageOf.get(rule === 'few-colons' && counts?.rule !== rule ? 'no-arn' : rule)!;
  return refused.length === 0
    ? undefined
    : refused.reduce((first, other) => (stage(other) < stage(first) ? other : first));
}

/** Inline and trust policies may still be of version 2008-10-17, or of none; managed ones may not. */
export type DocumentUse = 'inline' | 'managed' | 'trust';

export interface GrammarOptions {
  readonly use: DocumentUse;
  /** Of the account: its policies name resources of no other. Undefined: any that AWS has. */
  readonly partition?: string | undefined;
}

/** The document that a statement is in. */
export interface Scope extends GrammarOptions {
  readonly found: Collector;
  /** `${…}` means something only in the current version. */
  readonly variables: boolean;
  readonly sids: Map<string, Path>;
}

/** What has been found in one document so far. */
export class Collector {
  readonly all: Finding[] = [];

  add(rule: Rule, path: Path, text = '', extra: Partial<Pick<Finding, 'on' | 'first'>> = {}): void {
    this.all.push({ rule, path, text, on: 'value', ...extra });
  }
}
