import { isObject, parseJson, type Json, type JsonObject } from '../../core/json.ts';
import {
  toldByIam,
  type DocumentUse,
  type GrammarOptions,
  type Refused,
} from '../../core/policy-grammar/findings.ts';
import { findIn } from '../../core/policy-grammar/index.ts';
import { iamTypes, partsOf } from '../../core/policy-grammar/resource.ts';
import { IamError } from '../wire/errors.ts';
import { invalidPrincipal } from './trust.ts';

/** What IAM answers to a document that it does not store. */
const malformed = (message: string): IamError => new IamError('MalformedPolicyDocument', message);

/** Throws MalformedPolicyDocument if IAM would not store the text. */
export function checkDocument(text: string, options: GrammarOptions): void {
  const document = parse(text, options.use);
  const fault = toldByIam(findIn(document, options));
  if (fault) throw malformed(texts[fault.rule](fault.text));
}

function parse(text: string, use: DocumentUse): JsonObject {
  let value: Json;
  try {
    value = parseJson(text);
  } catch {
    throw malformed(use === 'trust' ? 'This policy contains invalid Json' : 'Syntax errors in policy.');
  }
  if (!isObject(value)) throw malformed('Syntax errors in policy.');
  return value;
}

type Text = (about: string) => string;
const syntax: Text = () => 'Syntax errors in policy.';
const version: Text = () => 'Policy document must be version 2012-10-17 or greater.';
const legacy: Text = () => 'The policy failed legacy parsing';

/** IAM's own words. Those of a partition show the ARN filled up with wildcards. */
function wrongPartition(resource: string): string {
  const [, partition, service, region, account, ...rest] = partsOf(resource);
  const filled = [
    // Of `a:b:` it takes the service for any, too.
    service === '' && region === undefined ? '*' : (service ?? '*'),
    region ?? '*',
    account ?? '*',
    rest.length === 0 ? '*' : rest.join(':'),
  ];
  return `Partition "${partition}" is not valid for resource "arn:${partition}:${filled.join(':')}".`;
}

const texts: Readonly<Record<Refused, Text>> = {
  'no-document': syntax,
  'unknown-element': syntax,
  'unknown-version': syntax,
  'id-type': syntax,
  'no-statement': syntax,
  'statement-type': syntax,
  'no-effect': syntax,
  'unknown-effect': syntax,
  'sid-type': syntax,
  'both-elements': syntax,
  'texts-type': syntax,
  'condition-type': syntax,
  'unknown-operator': syntax,
  'operator-type': syntax,
  'value-type': syntax,
  'no-version': version,
  'earlier-version': version,
  'effect-case': legacy,
  date: legacy,
  'few-colons': legacy,
  'sid-characters': () =>
    'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*',
  'sid-twice': () => 'Statement IDs (SID) in a single policy must be unique.',
  'no-action': () => 'Policy statement must contain actions.',
  'no-arn': (resource) => `Resource ${resource} must be in ARN format or "*".`,
  partition: wrongPartition,
  'resource-service': () => 'Resource vendor must be fully qualified and cannot contain regexes.',
  'iam-region': (resource) => `IAM resource ${resource} cannot contain region information.`,
  's3-region': (resource) => `Resource ${resource} can not contain region information.`,
  'iam-path': () => `IAM resource path must either be "*" or start with ${iamTypes.join(', ')}.`,
  'action-service-missing': () =>
    'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.',
  'action-colons': () => 'Actions/Condition can contain only one colon.',
  'action-service': (action) => `Vendor ${action.slice(0, action.indexOf(':'))} is not valid`,
  'action-name': syntax,
  'key-colons': () => 'Condition can contain only one colon.',
  principal: () => 'Policy document should not specify a principal.',
  'no-resource': () => 'Policy statement must contain resources.',
  'prohibited-resource': () => 'Has prohibited field Resource',
  // The guide says that a role trust policy has none; no copy of AWS's text was found.
  'not-principal': () => 'Has prohibited field NotPrincipal',
  'no-principal': () => 'Missing required field Principal',
  'principal-type': syntax,
  'aws-principal': (item) => invalidPrincipal('AWS', item),
  'service-principal': (item) => invalidPrincipal('SERVICE', item),
  // github.com/terraform-aws-modules/terraform-aws-iam/issues/202
  'federated-principal': () => 'Federated principals must be valid domain names or SAML metadata ARNs',
  'trust-action': () => 'AssumeRole policy may only specify STS AssumeRole actions.',
  // No copy of AWS's text was found, so this one is ours.
  'shared-issuer': (key) =>
    `The trust policy must limit the claim ${key} to a value that is not only a wildcard, because the ` +
    'OIDC provider is shared by many organizations.',
};
