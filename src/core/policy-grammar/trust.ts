import { isObject, type Json, type JsonObject } from '../json.ts';
import type { Collector, Path, Rule, Scope } from './findings.ts';

const trustActions =
  /^sts:(?:\*|AssumeRole\w*\*?|TagSession|SetSourceIdentity|SetContext|GetFederationToken|GetSessionToken|GetCallerIdentity)$/;

/**
 * `arn:aws:iam::123456789012:user/…`: groups are no principals, and part of a principal is no wildcard. Source: IAM User
 * Guide, "AWS JSON policy elements: Principal".
 */
const namedPrincipal =
  /^arn:([^:*?]+):(?:iam::\d{12}:(?:root|(?:user|role)\/[^*?]+)|sts::\d{12}:(?:assumed-role\/[^*?/]+|federated-user)\/[^*?/]+)$/;
/** What IAM shows for a user or role that is gone (`AIDA…`, `AROA…`), and takes for one that is there. */
export const uniqueId = /^A(?:IDA|ROA)[A-Z0-9]+$/;
const domain = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i;
const provider = /^arn:[^:*?]+:iam::\d{12}:(?:oidc|saml)-provider\/[^*?]+$/;

type Faulty = 'aws-principal' | 'service-principal' | 'federated-principal';

const forms: {
  readonly [type: string]: (item: string, partition: string | undefined) => Faulty | null;
} = {
  AWS(item, partition) {
    if (item === '*' || /^\d{12}$/.test(item) || uniqueId.test(item)) return null;
    const named = namedPrincipal.exec(item);
    return named && (partition === undefined || named[1] === partition) ? null : 'aws-principal';
  },
  Service: (item) =>
    domain.test(item) && !/^amazonaws\.com(?:\.cn)?$/.test(item) ? null : 'service-principal',
  // A provider need not be there: one that is deleted stays in the trusts that name it (IAM User Guide, "Create an
  // OpenID Connect identity provider"), and no refusal of an unknown one is known.
  Federated: (item) => (provider.test(item) || domain.test(item) ? null : 'federated-principal'),
  CanonicalUser: () => null,
};

/** What a trust policy has of its own. Findings are in the order in which IAM looks at a statement. */
export function checkTrustStatement(statement: JsonObject, path: Path, { found, partition }: Scope): void {
  for (const key of ['Resource', 'NotResource'])
    if (statement[key] !== undefined) found.add('prohibited-resource', [...path, key], key, { on: 'key' });
  if (statement['NotPrincipal'] !== undefined)
    found.add('not-principal', [...path, 'NotPrincipal'], 'NotPrincipal', { on: 'key' });
  else if (statement['Principal'] === undefined) found.add('no-principal', path, 'Principal');
  else checkPrincipal(statement['Principal'], [...path, 'Principal'], found, partition);
  for (const key of ['Action', 'NotAction'])
    eachText(statement[key], [...path, key], (action, at) => {
      // Of what is no action at all another rule tells.
      const isAction = action === '*' || /^[\w.*-]+:[^:]+$/.test(action);
      if (isAction && !trustActions.test(action)) found.add('trust-action', at, action);
    });
  checkShared(statement, path, found);
}

function checkPrincipal(principal: Json, path: Path, found: Collector, partition: string | undefined): void {
  if (principal === '*') return;
  if (!isObject(principal) || Object.keys(principal).length === 0) {
    found.add('principal-type', path);
    return;
  }
  for (const [type, value] of Object.entries(principal)) {
    const form = Object.hasOwn(forms, type) ? forms[type]! : null;
    const list = Array.isArray(value) ? (value as readonly Json[]) : [value];
    if (!form) found.add('principal-type', [...path, type], type, { on: 'key' });
    else if (list.length === 0 || list.some((item) => typeof item !== 'string'))
      found.add('principal-type', [...path, type], type);
    else
      eachText(value, [...path, type], (item, at) => {
        const fault: Rule | null = form(item, partition);
        if (fault) found.add(fault, at, item);
      });
  }
}

function eachText(value: Json | undefined, path: Path, check: (text: string, path: Path) => void): void {
  const isList = Array.isArray(value);
  for (const [index, item] of (isList ? (value as readonly Json[]) : [value]).entries())
    if (typeof item === 'string') check(item, isList ? [...path, index] : path);
}

/** Of a token: of whom it tells. */
export const isSubjectKey = (key: string): boolean => /:sub$/i.test(key);
/** Of a token or an assertion: for whom it was made. */
export const isAudienceKey = (key: string): boolean => /:aud$/i.test(key);
/** What is so of whoever comes whenever they come: claims, an external id, their account. */
export const saysWho = (key: string): boolean =>
  /^(?:sts:externalid$|saml:|[^:]*\.[^:]*:|aws:principal)/i.test(key);

/** Whether a text may be of who calls, by condition keys or variables. */
export const mayNameCaller = (text: string): boolean => /aws:(?:principal|user)/i.test(text);

/**
 * Issuers whose tokens anybody can get, with the claim that says who it is.
 * Source: IAM User Guide, "Identity-provider controls for shared OIDC providers".
 */
const sharedIssuers: ReadonlyMap<string, 'sub' | 'aud'> = new Map([
  ['agent.buildkite.com', 'sub'],
  ['api.pulumi.com/oidc', 'aud'],
  ['app.terraform.io', 'sub'],
  ['cognito-identity.amazonaws.com', 'aud'],
  ['gitlab.com', 'sub'],
  ['oidc.vercel.com', 'aud'],
  ['token.actions.githubusercontent.com', 'sub'],
]);

/** The issuer of a `Federated` principal: a host with its path, without a scheme. */
export const issuerOf = (federated: string): string => federated.replace(/^arn:.*:oidc-provider\//, '');

/** The condition key that IAM wants limited for tokens of an issuer; undefined: the issuer is nobody's but its owner's. */
export function claimOf(issuer: string): string | undefined {
  const claim = sharedIssuers.get(issuer);
  return claim && `${issuer}:${claim}`;
}

/**
 * A statement that lets in everybody who has a token of a shared issuer. A trust that stood before AWS began to check
 * stays as it is until it is written again.
 */
function checkShared(statement: JsonObject, path: Path, found: Collector): void {
  const { Principal: principal } = statement;
  if (statement['Effect'] !== 'Allow' || !isObject(principal ?? null)) return;
  const { Federated: federated } = principal as JsonObject;
  eachText(federated, [...path, 'Principal', 'Federated'], (item, at) => {
    const key = claimOf(issuerOf(item));
    if (key !== undefined && limitsOf(statement['Condition'], key).length === 0)
      found.add('shared-issuer', at, key);
  });
}

/** Values of which a claim must be one. */
interface Limit {
  readonly values: readonly string[];
  /** Whether wildcards in them are such. */
  readonly like: boolean;
}

/**
 * What a claim of a token must be, by each condition. What also holds of other values or without the claim is no limit:
 * `ForAllValues`, `…IfExists`, what is negated, and a list with a bare wildcard.
 *
 * @param key such as `token.actions.githubusercontent.com:sub`.
 */
export function limitsOf(condition: Json | undefined, key: string): readonly Limit[] {
  if (!isObject(condition ?? null)) return [];
  return Object.entries(condition as JsonObject).flatMap(([operator, keys]): Limit[] => {
    const [, how] = /^(?:foranyvalue:)?string(equals|like|equalsignorecase)$/i.exec(operator) ?? [];
    if (how === undefined || !isObject(keys)) return [];
    return Object.entries(keys).flatMap(([name, value]): Limit[] => {
      const values = (Array.isArray(value) ? (value as readonly Json[]) : [value]).map(String);
      const limits = values.length > 0 && values.every((text) => !/^[*?]*$/.test(text));
      if (!limits || name.toLowerCase() !== key.toLowerCase()) return [];
      return [{ values, like: how.toLowerCase() === 'like' }];
    });
  });
}
