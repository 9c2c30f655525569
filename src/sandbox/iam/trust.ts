import { isObject, parseJson, type Json, type JsonObject } from '../../core/json.ts';
import { statementsOf } from '../../core/policy-language.ts';
import { uniqueId } from '../../core/policy-grammar/trust.ts';
import { IamError } from '../wire/errors.ts';
import { roleArn, userArn, type Context } from './context.ts';

const malformed = (message: string): IamError => new IamError('MalformedPolicyDocument', message);

/** IAM's own words, with the type in capitals (github.com/aws-samples/aws-cdk-examples/issues/801). */
export const invalidPrincipal = (type: string, item: string): string =>
  `Invalid principal in policy: "${type}":"${item}"`;

const invalid = (item: string): IamError => malformed(invalidPrincipal('AWS', item));

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
    if (item.startsWith('arn:') && !item.startsWith(`arn:${ctx.partition}:`)) throw invalid(item);
    if (!uniqueId.test(item) && !item.startsWith(`${own}user/`) && !item.startsWith(`${own}role/`))
      return item;
    if (item === `${own}user/sandbox-operator`) return item;
    const id = uniqueId.test(item) ? item : idOf(ctx, item);
    if (id === undefined || arnOfId(ctx, id) === undefined) throw invalid(item);
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
