import type { GetSAMLProviderResponse, UpdateSAMLProviderRequest } from '@aws-sdk/client-iam';
import { alreadyExists, invalidInput, noSuchEntity, overQuota } from '../../wire/errors.ts';
import type { Context, Handlers } from '../context.ts';
import type { SamlProviderRecord } from '../records.ts';
import { listTags, ofProviders, taggingOf, toTags } from '../tags.ts';
import { checkProviderArn, providerArn } from './arn.ts';

const tagging = taggingOf((state) => state.samlProviders, ofProviders);

function provider(ctx: Context, arn: string): SamlProviderRecord {
  checkProviderArn(ctx, arn, 'saml-provider');
  const found = ctx.state.samlProviders.get(arn);
  if (!found) throw noSuchEntity(`Manifest not found for arn ${arn}`);
  return found;
}

/** What the metadata say, else a century, as IAM does. */
function validUntil(metadata: string, createdAt: string): Date {
  const said = new Date(/\bvalidUntil\s*=\s*["']([^"']+)["']/.exec(metadata)?.[1] ?? NaN);
  if (!Number.isNaN(said.getTime())) return said;
  const end = new Date(createdAt);
  end.setUTCFullYear(end.getUTCFullYear() + 100);
  return end;
}

function checkMetadata(metadata: string): void {
  if (!/<(?:[\w-]+:)?EntityDescriptor\s/.test(metadata)) throw invalidInput('Could not parse metadata');
}

type PrivateKey = SamlProviderRecord['keys'][number];

const newKey = (ctx: Context): PrivateKey => ({ id: ctx.mint.id('', 22), createdAt: ctx.now() });

/** The keys after an update: one may come, or one may go, and there are two at most. */
function keysAfter(ctx: Context, before: readonly PrivateKey[], input: UpdateSAMLProviderRequest) {
  const { AddPrivateKey: added, RemovePrivateKey: removed } = input;
  if (added !== undefined && removed !== undefined)
    throw invalidInput('A private key is added in one request and another removed in a second one.');
  if (removed !== undefined && !before.some(({ id }) => id === removed))
    throw noSuchEntity(`Private key ${removed} cannot be found.`);
  if (added !== undefined && before.length >= ctx.quotas.keysPerSamlProvider)
    throw overQuota('PrivateKeysPerSAMLProvider', ctx.quotas.keysPerSamlProvider);
  return [...before.filter(({ id }) => id !== removed), ...(added === undefined ? [] : [newKey(ctx)])];
}

export const samlProviderHandlers = {
  CreateSAMLProvider(input, ctx) {
    const metadata = input.SAMLMetadataDocument;
    checkMetadata(metadata);
    const id = providerArn(ctx, 'saml-provider', input.Name);
    if (ctx.state.samlProviders.has(id))
      throw alreadyExists(`SAML Provider with name ${input.Name} already exists.`);
    const { providersPerAccount } = ctx.quotas;
    if (ctx.state.samlProviders.size >= providersPerAccount)
      throw overQuota('SAMLProvidersPerAccount', providersPerAccount);
    const createdAt = ctx.now();
    const tags = tagging.initial(input.Tags);
    ctx.state.samlProviders.put({
      id,
      uuid: ctx.mint.id('', 22),
      metadata,
      encryption: input.AssertionEncryptionMode ?? null,
      // The key itself is a secret, which IAM never gives back.
      keys: input.AddPrivateKey === undefined ? [] : [newKey(ctx)],
      createdAt,
      tags,
    });
    return { SAMLProviderArn: id, ...(tags.length === 0 ? {} : { Tags: toTags(tags) }) };
  },

  GetSAMLProvider(input, ctx) {
    const { uuid, metadata, encryption, keys, createdAt, tags } = provider(ctx, input.SAMLProviderArn);
    const answer: GetSAMLProviderResponse = {
      SAMLProviderUUID: uuid,
      SAMLMetadataDocument: metadata,
      CreateDate: new Date(createdAt),
      ValidUntil: validUntil(metadata, createdAt),
      Tags: toTags(tags),
      AssertionEncryptionMode: encryption ?? 'Allowed',
      PrivateKeyList: keys.map((key) => ({ KeyId: key.id, Timestamp: new Date(key.createdAt) })),
    };
    return answer;
  },

  /** All in one answer: IAM has no pages here. */
  ListSAMLProviders: (_input, ctx) => ({
    SAMLProviderList: ctx.state.samlProviders.sorted().map(({ id, metadata, createdAt }) => ({
      Arn: id,
      ValidUntil: validUntil(metadata, createdAt),
      CreateDate: new Date(createdAt),
    })),
  }),

  DeleteSAMLProvider(input, ctx) {
    ctx.state.samlProviders.delete(provider(ctx, input.SAMLProviderArn).id);
  },

  UpdateSAMLProvider(input, ctx) {
    const before = provider(ctx, input.SAMLProviderArn);
    const { SAMLMetadataDocument: metadata = before.metadata } = input;
    checkMetadata(metadata);
    ctx.state.samlProviders.put({
      ...before,
      metadata,
      encryption: input.AssertionEncryptionMode ?? before.encryption,
      keys: keysAfter(ctx, before.keys, input),
    });
    return { SAMLProviderArn: before.id };
  },

  TagSAMLProvider: (input, ctx) => tagging.add(ctx, provider(ctx, input.SAMLProviderArn), input.Tags),
  UntagSAMLProvider: (input, ctx) => tagging.remove(ctx, provider(ctx, input.SAMLProviderArn), input.TagKeys),
  ListSAMLProviderTags: (input, ctx) => listTags(ctx, input, provider(ctx, input.SAMLProviderArn)),
} satisfies Handlers;
