import { isObject, parseJson, type Json, type JsonObject } from '../../core/json.ts';
import { statementsOf } from '../../core/policy-language.ts';
import { texts } from '../authorize/evaluate.ts';
import { IamError } from '../wire/errors.ts';
import { roleArn, userArn, type Context } from './context.ts';

const malformed = (message: string): IamError => new IamError('MalformedPolicyDocument', message);

const isTexts = (value: Json): boolean =>
  typeof value === 'string' || (Array.isArray(value) && value.every((item) => typeof item === 'string'));

const trustActions =
  /^sts:(?:\*|AssumeRole\w*\*?|TagSession|SetSourceIdentity|SetContext|GetFederationToken|GetSessionToken|GetCallerIdentity)$/;

/** Throws MalformedPolicyDocument if IAM would not store a trust policy with such a statement. */
export function checkTrust(statement: JsonObject): void {
  if (statement['Resource'] !== undefined || statement['NotResource'] !== undefined) {
    throw malformed('Has prohibited field Resource');
  }
  const principal = statement['Principal'] ?? statement['NotPrincipal'];
  if (principal === undefined) throw malformed('Missing required field Principal');
  if (principal !== '*') {
    if (!isObject(principal) || Object.keys(principal).length === 0)
      throw malformed('Syntax errors in policy.');
    for (const [type, value] of Object.entries(principal)) {
      if (!Object.hasOwn(forms, type) || !isTexts(value)) throw malformed('Syntax errors in policy.');
      for (const item of texts(value)) forms[type as PrincipalType](item);
    }
  }
  for (const action of texts(statement['Action'] ?? statement['NotAction'])) {
    if (!trustActions.test(action)) {
      throw malformed('AssumeRole policy may only specify STS AssumeRole actions.');
    }
  }
  checkShared(statement);
}

/** IAM's own words, with the type in capitals (github.com/aws-samples/aws-cdk-examples/issues/801). */
const invalid = (type: string, item: string): IamError =>
  malformed(`Invalid principal in policy: "${type.toUpperCase()}":"${item}"`);

/** `arn:aws:iam::123456789012:user/…`: groups are no principals, and part of a principal is no wildcard. */
const namedPrincipal =
  /^arn:[^:*?]+:(?:iam::\d{12}:(?:root|(?:user|role)\/[^*?]+)|sts::\d{12}:(?:assumed-role\/[^*?/]+|federated-user)\/[^*?/]+)$/;
const uniqueId = /^A(?:IDA|ROA)[A-Z0-9]+$/;
const domain = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i;
const provider = /^arn:[^:*?]+:iam::\d{12}:(?:oidc|saml)-provider\/[^*?]+$/;

type PrincipalType = 'AWS' | 'Service' | 'Federated' | 'CanonicalUser';

/** What principals look like. Source: IAM User Guide, "AWS JSON policy elements: Principal". */
const forms: Readonly<Record<PrincipalType, (item: string) => void>> = {
  AWS(item) {
    const fits = item === '*' || /^\d{12}$/.test(item) || namedPrincipal.test(item) || uniqueId.test(item);
    if (!fits) throw invalid('AWS', item);
  },
  Service(item) {
    if (!domain.test(item) || /^amazonaws\.com(?:\.cn)?$/.test(item)) throw invalid('Service', item);
  },
  // A provider need not be there: one that is deleted stays in the trusts that name it (IAM User Guide, "Create an
  // OpenID Connect identity provider"), and no refusal of an unknown one is known. The text:
  // github.com/terraform-aws-modules/terraform-aws-iam/issues/202.
  Federated(item) {
    if (!provider.test(item) && !domain.test(item))
      throw malformed('Federated principals must be valid domain names or SAML metadata ARNs');
  },
  CanonicalUser: () => undefined,
};

/**
 * Issuers whose tokens anybody can get, with the claim that says who it is.
 * Source: IAM User Guide, "Identity-provider controls for shared OIDC providers".
 */
const sharedIssuers: Readonly<Record<string, string>> = {
  'agent.buildkite.com': 'sub',
  'api.pulumi.com/oidc': 'aud',
  'app.terraform.io': 'sub',
  'cognito-identity.amazonaws.com': 'aud',
  'gitlab.com': 'sub',
  'oidc.vercel.com': 'aud',
  'token.actions.githubusercontent.com': 'sub',
};

/**
 * Throws MalformedPolicyDocument for a statement that lets in everybody who has a token of a shared issuer. A trust that
 * stood before AWS began to check stays as it is until it is written again.
 */
function checkShared(statement: JsonObject): void {
  if (statement['Effect'] !== 'Allow' || !isObject(statement['Principal'])) return;
  for (const item of texts(statement['Principal']['Federated'])) {
    const issuer = item.replace(/^arn:.*:oidc-provider\//, '');
    const claim = Object.hasOwn(sharedIssuers, issuer) ? sharedIssuers[issuer] : undefined;
    if (claim === undefined || isLimited(statement['Condition'], `${issuer}:${claim}`)) continue;
    // No copy of AWS's text was found, so this one is ours.
    throw malformed(
      `The trust policy must limit the claim ${issuer}:${claim} to a value that is not only a wildcard, because the ` +
        'OIDC provider is shared by many organizations.',
    );
  }
}

/** Whether a condition compares the key with something else than a bare wildcard. */
function isLimited(condition: Json | undefined, key: string): boolean {
  if (!isObject(condition)) return false;
  return Object.entries(condition).some(
    ([operator, keys]) =>
      operator.toLowerCase() !== 'null' &&
      isObject(keys) &&
      Object.entries(keys).some(
        ([name, value]) =>
          name.toLowerCase() === key.toLowerCase() && texts(value).some((text) => !/^[*?]*$/.test(text)),
      ),
  );
}

/**
 * The text that IAM stores: users and roles of the account become unique ids, and account ids `…:root`.
 * Throws MalformedPolicyDocument for a user, role or id that the account does not have; nothing is known of others.
 * Source: IAM User Guide, "AWS JSON policy elements: Principal". That ids of the deleted cannot be written again:
 * repost.aws/knowledge-center/iam-trust-policy-error ("confirm that the user or role wasn't deleted").
 */
export function storedTrust(ctx: Context, text: string): string {
  const own = `arn:${ctx.partition}:iam::${ctx.account}:`;
  return withPrincipals(text, (item) => {
    if (/^\d{12}$/.test(item)) return `arn:${ctx.partition}:iam::${item}:root`;
    if (item.startsWith('arn:') && !item.startsWith(`arn:${ctx.partition}:`)) throw invalid('AWS', item);
    if (!uniqueId.test(item) && !item.startsWith(`${own}user/`) && !item.startsWith(`${own}role/`))
      return item;
    if (item === `${own}user/sandbox-operator`) return item;
    const id = uniqueId.test(item) ? item : idOf(ctx, item);
    if (id === undefined || arnOfId(ctx, id) === undefined) throw invalid('AWS', item);
    return id;
  });
}

/** The text that IAM shows: a unique id is shown as the ARN of its user or role as long as that is there. */
export const shownTrust = (ctx: Context, text: string): string =>
  /"A(?:IDA|ROA)/.test(text) ? withPrincipals(text, (item) => arnOfId(ctx, item) ?? item) : text;

/** By the state that trusts see, which may lag behind the one that is written. */
function idOf(ctx: Context, arn: string): string | undefined {
  const name = arn.slice(arn.lastIndexOf('/') + 1);
  const user = ctx.seen.users.find(name);
  if (user && userArn(ctx, user) === arn) return user.id;
  const role = ctx.seen.roles.find(name);
  return role && roleArn(ctx, role) === arn ? role.id : undefined;
}

function arnOfId(ctx: Context, id: string): string | undefined {
  const user = ctx.state.users.get(id);
  if (user) return userArn(ctx, user);
  const role = ctx.state.roles.get(id);
  return role && roleArn(ctx, role);
}

/** A document with other `AWS` principals. It is written anew only where one of them changes. */
function withPrincipals(text: string, change: (item: string) => string): string {
  const document = parseJson(text) as JsonObject;
  let changed = false;
  const each = (item: Json): Json => {
    const after = change(item as string);
    if (after !== item) changed = true;
    return after;
  };
  const inElement = (value: Json | undefined): Json | undefined => {
    if (!isObject(value) || value['AWS'] === undefined) return value;
    const { AWS } = value;
    return { ...value, AWS: Array.isArray(AWS) ? (AWS as readonly Json[]).map(each) : each(AWS) };
  };
  const inStatement = (statement: JsonObject): JsonObject =>
    Object.fromEntries(
      Object.entries(statement).map(([key, value]) => [
        key,
        key === 'Principal' || key === 'NotPrincipal' ? inElement(value)! : value,
      ]),
    );
  const statements = (statementsOf(document) as readonly JsonObject[]).map(inStatement);
  const one = isObject(document['Statement']);
  return changed ? JSON.stringify({ ...document, Statement: one ? statements[0]! : statements }) : text;
}
