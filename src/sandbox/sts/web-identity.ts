import { isObject, type Json, type JsonObject } from '../../core/json.ts';
import type { Values } from '../authorize/values.ts';
import type { Context, Handlers } from '../iam/context.ts';
import { providerArn } from '../iam/providers/arn.ts';
import type { OidcProviderRecord } from '../iam/records.ts';
import { IamError } from '../wire/errors.ts';
import { assumedRole, durationOf, narrowingOf, openSession, roleAt } from './open.ts';
import { checkFederated, tagValuesOf } from './trusting.ts';

/** In the words that people report of AWS, unless said otherwise. */
const invalid = (message: string): IamError => new IamError('InvalidIdentityToken', message);

/** "IAM provides a five-minute window beyond the expiration time" (IAM User Guide, "OIDC federation"). */
const skew = 300;

interface Token {
  readonly header: JsonObject;
  readonly claims: JsonObject;
  readonly signed: string;
  readonly signature: string;
}

function parsed(token: string): Token {
  const part = (text: string | undefined): JsonObject => {
    try {
      const value = JSON.parse(Buffer.from(text ?? '', 'base64url').toString()) as Json;
      if (isObject(value)) return value;
    } catch {
      // Told below.
    }
    throw invalid(
      'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
    );
  };
  const [header, body, signature = ''] = token.split('.');
  return { header: part(header), claims: part(body), signed: `${header}.${body}`, signature };
}

const asTexts = (value: Json): readonly string[] =>
  (Array.isArray(value) ? (value as readonly Json[]) : [value])
    .filter((item) => typeof item !== 'object')
    .map(String);

/** A claim that every token has. */
function required(claims: JsonObject, name: string): readonly string[] {
  const value = claims[name];
  if (value === undefined || value === null) throw invalid(`Missing a required claim: ${name}`);
  return asTexts(value);
}

/** Who the token is for: the authorized party, where it names one. */
const audienceOf = (claims: JsonObject): readonly string[] =>
  required(claims, typeof claims['azp'] === 'string' ? 'azp' : 'aud');

/** The provider of a token that is good. Throws InvalidIdentityToken, ExpiredTokenException. */
function check(ctx: Context, { header, claims, signed, signature }: Token): OidcProviderRecord {
  const [issuer = ''] = required(claims, 'iss');
  const provider = ctx.state.oidcProviders.get(
    providerArn(ctx, 'oidc-provider', issuer.replace(/^https:\/\//, '')),
  );
  if (!provider) throw invalid(`No OpenIDConnect provider found in your account for ${issuer}`);
  const isSigned =
    header['alg'] === 'RS256' ? ctx.issuers.verifies(issuer, header['kid'], signed, signature) : false;
  if (isSigned === null) {
    throw invalid(
      "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity " +
        'documentation for requirements',
    );
  }
  if (!isSigned) {
    // The words of the API Reference.
    throw invalid(
      'The web identity token that was passed could not be validated by AWS. Get a new identity token from the identity ' +
        'provider and then retry the request.',
    );
  }
  checkTimes(ctx, claims);
  if (!audienceOf(claims).some((client) => provider.clients.includes(client)))
    throw invalid('Incorrect token audience');
  required(claims, 'sub');
  return provider;
}

function checkTimes(ctx: Context, claims: JsonObject): void {
  const time = Math.floor(Date.parse(ctx.now()) / 1000);
  const end = Number(required(claims, 'exp'));
  if (!(time < end + skew)) {
    throw new IamError(
      'ExpiredTokenException',
      `Token expired: current date/time ${time} must be before the expiration date/time ${end}`,
    );
  }
  required(claims, 'iat');
  // The words of AWS for a token of the future are not known.
  if (Number(claims['nbf'] ?? 0) > time + skew) throw invalid('The ID Token provided is not valid yet.');
}

/**
 * Condition keys of a provider: its address, a colon, and the claim. With `azp` in a token, `aud` means that claim and
 * `oaud` the audience (IAM User Guide, "Available keys for AWS OIDC federation"). AWS takes some claims alone, and of the
 * well-known issuers more of them; the sandbox takes all.
 */
function claimValues({ address }: OidcProviderRecord, claims: JsonObject): Values {
  const { aud, azp, ...rest } = claims;
  const named = { ...rest, ...(azp === undefined ? { aud } : { aud: azp, oaud: aud }) };
  return Object.fromEntries(
    Object.entries(named)
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([name, value]) => [`${address}:${name}`.toLowerCase(), asTexts(value!)]),
  );
}

/** Session tags that the token asks for (IAM User Guide, "Pass session tags in AWS STS"). */
function tagsIn(claims: JsonObject) {
  const asked = claims['https://aws.amazon.com/tags'];
  const { principal_tags: tags, transitive_tag_keys: keys } = isObject(asked) ? asked : {};
  return {
    tags: Object.entries(isObject(tags) ? tags : {}).map(([key, value]) => ({
      key,
      value: asTexts(value)[0] ?? '',
    })),
    transitive: keys === undefined ? [] : asTexts(keys),
  };
}

export const webIdentityHandlers = {
  AssumeRoleWithWebIdentity(input, ctx) {
    const role = roleAt(ctx, input.RoleArn);
    const token = parsed(input.WebIdentityToken);
    const { claims } = token;
    const provider = check(ctx, token);
    const { tags, transitive } = tagsIn(claims);
    const source = claims['https://aws.amazon.com/source_identity'];
    const sourceIdentity = typeof source === 'string' ? source : null;
    const federated: Values = { 'aws:federatedprovider': [provider.id], ...claimValues(provider, claims) };
    checkFederated(ctx, role, provider.id, {
      tags: tags.length > 0,
      sourceIdentity: sourceIdentity !== null,
      values: {
        ...federated,
        ...tagValuesOf(tags.map(({ key, value }) => ({ Key: key, Value: value }))),
        'sts:rolesessionname': [input.RoleSessionName],
        ...(sourceIdentity === null ? {} : { 'sts:sourceidentity': [sourceIdentity] }),
      },
    });
    const { packed, ...narrowing } = narrowingOf(ctx, input);
    const seconds = durationOf(ctx, role, input.DurationSeconds);
    return {
      Credentials: openSession(ctx, seconds, {
        kind: 'role',
        of: role.id,
        name: input.RoleSessionName,
        ...narrowing,
        tags,
        transitive,
        sourceIdentity,
        provider: provider.id,
      }),
      SubjectFromWebIdentityToken: required(claims, 'sub')[0]!,
      AssumedRoleUser: assumedRole(ctx, role, input.RoleSessionName),
      ...(packed + tags.length > 0 ? { PackedPolicySize: Math.max(packed, 1) } : {}),
      Provider: provider.id,
      Audience: audienceOf(claims)[0]!,
      ...(sourceIdentity === null ? {} : { SourceIdentity: sourceIdentity }),
    };
  },
} satisfies Handlers;
