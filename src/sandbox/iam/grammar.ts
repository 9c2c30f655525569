import { isObject, parseJson, type Json, type JsonObject } from '../../core/json.ts';
import {
  conditionOperators,
  currentVersion,
  earlierVersion,
  statementsOf,
} from '../../core/policy-language.ts';
import { IamError } from '../wire/errors.ts';

/**
 * The grammar of policy documents that IAM checks before it stores one. Sources: IAM User Guide, "Grammar of the IAM
 * JSON policy language"; error texts as the service returns them.
 */
const malformed = (message: string): IamError => new IamError('MalformedPolicyDocument', message);
const syntax = (): IamError => malformed('Syntax errors in policy.');

const documentKeys = new Set(['Version', 'Id', 'Statement']);
const statementKeys = new Set([
  'Sid',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Principal',
  'NotPrincipal',
  'Condition',
]);

const operators = new Set(conditionOperators.map((operator) => operator.toLowerCase()));

/** Inline policies may have version 2008-10-17 (or none); managed ones may not. */
type PolicyUse = 'inline' | 'managed' | 'trust';

/** Throws MalformedPolicyDocument if IAM would not store the text. */
export function checkDocument(text: string, use: PolicyUse): void {
  const document = parse(text, use);
  for (const key of Object.keys(document)) if (!documentKeys.has(key)) throw syntax();
  if (document['Id'] !== undefined && typeof document['Id'] !== 'string') throw syntax();
  const statements = statementsOf(document);
  if (statements.length === 0 || !statements.every(isObject)) throw syntax();
  const sids = new Set<string>();
  for (const statement of statements) {
    checkShape(statement);
    const sid = statement['Sid'];
    if (typeof sid === 'string' && sid !== '') {
      if (!/^[A-Za-z0-9]*$/.test(sid)) {
        throw malformed(
          `Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*`,
        );
      }
      if (sids.has(sid)) throw malformed('Statement IDs (SID) in a single policy must be unique.');
      sids.add(sid);
    }
  }
  const version = document['Version'];
  if (version !== undefined && version !== currentVersion && version !== earlierVersion) throw syntax();
  if (use === 'managed' && version !== currentVersion) {
    throw malformed('Policy document must be version 2012-10-17 or greater.');
  }
  for (const statement of statements) {
    checkActions(statement);
    if (use === 'trust') checkTrust(statement);
    else checkIdentity(statement);
  }
}

function parse(text: string, use: PolicyUse): JsonObject {
  let value: Json;
  try {
    value = parseJson(text);
  } catch {
    throw use === 'trust' ? malformed('This policy contains invalid Json') : syntax();
  }
  if (!isObject(value)) throw syntax();
  return value;
}

function checkShape(statement: JsonObject): void {
  for (const key of Object.keys(statement)) if (!statementKeys.has(key)) throw syntax();
  const effect = statement['Effect'];
  if (typeof effect !== 'string' || !/^(?:allow|deny)$/i.test(effect)) throw syntax();
  if (effect !== 'Allow' && effect !== 'Deny') throw malformed('The policy failed legacy parsing');
  if (statement['Sid'] !== undefined && typeof statement['Sid'] !== 'string') throw syntax();
  for (const [one, other] of [
    ['Action', 'NotAction'],
    ['Resource', 'NotResource'],
    ['Principal', 'NotPrincipal'],
  ] as const) {
    if (statement[one] !== undefined && statement[other] !== undefined) throw syntax();
  }
  for (const key of ['Action', 'NotAction', 'Resource', 'NotResource']) {
    if (statement[key] !== undefined && !isTexts(statement[key])) throw syntax();
  }
  if (statement['Condition'] !== undefined) checkCondition(statement['Condition']);
}

const isTexts = (value: Json): boolean =>
  typeof value === 'string' || (Array.isArray(value) && value.every((item) => typeof item === 'string'));

const texts = (value: Json | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : (value as readonly string[]);

function checkCondition(condition: Json): void {
  if (!isObject(condition)) throw syntax();
  for (const [operator, keys] of Object.entries(condition)) {
    const bare = operator.replace(/^For(?:Any|All)Values?:/i, '').replace(/IfExists$/i, '');
    if (!operators.has(bare.toLowerCase()) || !isObject(keys)) throw syntax();
    for (const [key, value] of Object.entries(keys)) {
      const values = Array.isArray(value) ? (value as readonly Json[]) : [value];
      if (values.some((item) => !['string', 'number', 'boolean'].includes(typeof item))) throw syntax();
      if (!key.includes(':')) {
        throw malformed('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.');
      }
    }
  }
}

function checkActions(statement: JsonObject): void {
  const actions = texts(statement['Action'] ?? statement['NotAction']);
  if (actions.length === 0) throw malformed('Policy statement must contain actions.');
  for (const action of actions) {
    if (action === '*') continue;
    const parts = action.split(':');
    if (parts.length === 1) {
      throw malformed('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.');
    }
    if (parts.length > 2) throw malformed('Actions/Condition can contain only one colon.');
    const [vendor, verb] = parts as [string, string];
    if (vendor !== '*' && !/^[a-zA-Z0-9\-.]+$/.test(vendor)) {
      throw malformed(`Vendor ${vendor} is not valid`);
    }
    if (verb === '' || /[^\w*?\-.]/.test(verb)) throw syntax();
  }
}

function checkIdentity(statement: JsonObject): void {
  if (statement['Principal'] !== undefined || statement['NotPrincipal'] !== undefined) {
    throw malformed('Policy document should not specify a principal.');
  }
  const resources = texts(statement['Resource'] ?? statement['NotResource']);
  if (resources.length === 0) throw malformed('Policy statement must contain resources.');
  for (const resource of resources) checkResource(resource);
}

const partitions = /^(?:\*|aws|aws-cn|aws-us-gov|aws-iso|aws-iso-b|aws-iso-e|aws-iso-f|aws-eusc)$/;
const iamTypes =
  'user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, ' +
  'saml-provider/, oidc-provider/, report/, access-report/';

/** Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3". */
const regionalS3 = /^(?:accesspoint|access-grants|async-request|job|storage-lens|storage-lens-group)\//;

function checkResource(resource: string): void {
  if (resource === '*') return;
  // Policy variables may contain colons, but stand for one value.
  const parts = resource.replace(/\$\{[^}]*\}/g, '_').split(':');
  if (parts.length === 1 || parts[0] !== 'arn') {
    throw malformed(`Resource ${resource} must be in ARN format or "*".`);
  }
  const [, partition, service, region, account, ...rest] = parts;
  if (!partitions.test(partition ?? '')) {
    const shown = [service ?? '', region ?? '*', account ?? '*', rest.length > 0 ? rest.join(':') : '*'];
    throw malformed(
      `Partition "${partition}" is not valid for resource "arn:${partition}:${shown.join(':')}".`,
    );
  }
  if (parts.length < 3 || service === '' || /[*?]/.test(service ?? '')) {
    // `arn:aws:*` is refused as well: the vendor must be spelled out.
    throw malformed('Resource vendor must be fully qualified and cannot contain regexes.');
  }
  if (parts.length < 6) throw malformed('The policy failed legacy parsing');
  const path = rest.join(':');
  if (service === 'iam') {
    if (region !== '') throw malformed(`IAM resource ${resource} cannot contain region information.`);
    const fits =
      path === '*' || path === 'root' || iamTypes.split(', ').some((type) => path.startsWith(type));
    if (!fits) {
      throw malformed(`IAM resource path must either be "*" or start with ${iamTypes}.`);
    }
  }
  if (service === 's3' && region !== '' && !regionalS3.test(path)) {
    throw malformed(`Resource ${resource} can not contain region information.`);
  }
}

const trustActions =
  /^sts:(?:\*|AssumeRole\w*\*?|TagSession|SetSourceIdentity|SetContext|GetFederationToken|GetSessionToken|GetCallerIdentity)$/;

function checkTrust(statement: JsonObject): void {
  if (statement['Resource'] !== undefined || statement['NotResource'] !== undefined) {
    throw malformed('Has prohibited field Resource');
  }
  const principal = statement['Principal'] ?? statement['NotPrincipal'];
  if (principal === undefined) throw malformed('Missing required field Principal');
  if (principal !== '*') {
    if (!isObject(principal) || Object.keys(principal).length === 0) throw syntax();
    for (const [type, value] of Object.entries(principal)) {
      if (!['AWS', 'Service', 'Federated', 'CanonicalUser'].includes(type) || !isTexts(value)) throw syntax();
      for (const item of texts(value)) {
        const fits =
          type !== 'AWS' ||
          item === '*' ||
          /^\d{12}$/.test(item) ||
          /^arn:[^:]+:(?:iam|sts)::\d{12}:.+$/.test(item) ||
          /^A(?:IDA|ROA)[A-Z0-9]+$/.test(item);
        if (!fits) throw malformed(`Invalid principal in policy: "${type}":"${item}"`);
      }
    }
  }
  for (const action of texts(statement['Action'] ?? statement['NotAction'])) {
    if (!trustActions.test(action)) {
      throw malformed('AssumeRole policy may only specify STS AssumeRole actions.');
    }
  }
}
