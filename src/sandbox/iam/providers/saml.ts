import type { GetSAMLProviderResponse } from '@aws-sdk/client-iam';
import { alreadyExists, invalidInput, noSuchEntity, overQuota } from '../../wire/errors.ts';
import type { Context, Handlers } from '../context.ts';
import type { SamlProviderRecord } from '../records.ts';
import { taggingOf, toTags } from '../tags.ts';
import { checkProviderArn, providerArn } from './arn.ts';

const tagging = taggingOf('TagsPerSAMLProvider', (state) => state.samlProviders);

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

export const samlProviderHandlers = {
  CreateSAMLProvider(input, ctx) {
    const metadata = input.SAMLMetadataDocument;
    if (!/<(?:[\w-]+:)?EntityDescriptor\s/.test(metadata)) throw invalidInput('Could not parse metadata');
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
      keys: input.AddPrivateKey === undefined ? [] : [{ id: ctx.mint.id('', 22), createdAt }],
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
      ...(encryption === null ? {} : { AssertionEncryptionMode: encryption }),
      ...(keys.length === 0
        ? {}
        : { PrivateKeyList: keys.map((key) => ({ KeyId: key.id, Timestamp: new Date(key.createdAt) })) }),
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
} satisfies Handlers;
