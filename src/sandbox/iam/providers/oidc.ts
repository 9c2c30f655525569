import type { GetOpenIDConnectProviderResponse } from '@aws-sdk/client-iam';
import { alreadyExists, invalidInput, noSuchEntity, overQuota, validationError } from '../../wire/errors.ts';
import type { Context, Handlers } from '../context.ts';
import type { OidcProviderRecord } from '../records.ts';
import { taggingOf, toTags } from '../tags.ts';
import { checkProviderArn, providerArn } from './arn.ts';

const tagging = taggingOf('TagsPerOpenIDConnectProvider', (state) => state.oidcProviders);

/** Without its scheme, as IAM keeps it. Its path may be any, a query is none of it. */
function addressOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed?.protocol !== 'https:' || parsed.search !== '' || parsed.hash !== '')
    throw validationError('Invalid Open ID Connect Provider URL');
  return url.slice('https://'.length);
}

function provider(ctx: Context, arn: string): OidcProviderRecord {
  checkProviderArn(ctx, arn, 'oidc-provider');
  const found = ctx.state.oidcProviders.get(arn);
  if (!found) throw noSuchEntity(`OpenIDConnect Provider not found for arn ${arn}`);
  return found;
}

export const oidcProviderHandlers = {
  CreateOpenIDConnectProvider(input, ctx) {
    const { ClientIDList: clients = [], ThumbprintList: thumbprints = [] } = input;
    const address = addressOf(input.Url);
    const id = providerArn(ctx, 'oidc-provider', address);
    const { providersPerAccount, clientsPerProvider, thumbprintsPerProvider } = ctx.quotas;
    if (thumbprints.length > thumbprintsPerProvider)
      throw invalidInput(`Thumbprint list must contain fewer than ${thumbprintsPerProvider} entries.`);
    if (clients.length > clientsPerProvider)
      throw overQuota('ClientIdsPerOpenIdConnectProvider', clientsPerProvider);
    if (ctx.state.oidcProviders.has(id))
      throw alreadyExists(`Provider with url ${input.Url} already exists.`);
    if (ctx.state.oidcProviders.size >= providersPerAccount)
      throw overQuota('OpenIdConnectProvidersPerAccount', providersPerAccount);
    const tags = tagging.initial(input.Tags);
    ctx.state.oidcProviders.put({
      id,
      address,
      clients,
      // IAM looks up the certificate of the provider's authority; the sandbox calls nobody.
      thumbprints: thumbprints.length > 0 ? thumbprints : [ctx.mint.text(40, '0123456789abcdef')],
      createdAt: ctx.now(),
      tags,
    });
    return { OpenIDConnectProviderArn: id, ...(tags.length === 0 ? {} : { Tags: toTags(tags) }) };
  },

  GetOpenIDConnectProvider(input, ctx) {
    const { address, clients, thumbprints, createdAt, tags } = provider(ctx, input.OpenIDConnectProviderArn);
    const answer: GetOpenIDConnectProviderResponse = {
      Url: address,
      ClientIDList: [...clients],
      ThumbprintList: [...thumbprints],
      CreateDate: new Date(createdAt),
      Tags: toTags(tags),
    };
    return answer;
  },

  /** All in one answer: IAM has no pages here. */
  ListOpenIDConnectProviders: (_input, ctx) => ({
    OpenIDConnectProviderList: ctx.state.oidcProviders.sorted().map(({ id }) => ({ Arn: id })),
  }),

  /** One that is not there is no error. */
  DeleteOpenIDConnectProvider(input, ctx) {
    checkProviderArn(ctx, input.OpenIDConnectProviderArn, 'oidc-provider');
    ctx.state.oidcProviders.delete(input.OpenIDConnectProviderArn);
  },
} satisfies Handlers;
