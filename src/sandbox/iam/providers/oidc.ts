import type { GetOpenIDConnectProviderResponse } from '@aws-sdk/client-iam';
import { alreadyExists, invalidInput, noSuchEntity, overQuota, validationError } from '../../wire/errors.ts';
import type { Context, Handlers } from '../context.ts';
import type { OidcProviderRecord } from '../records.ts';
import { listTags, ofProviders, taggingOf, toTags } from '../tags.ts';
import { checkProviderArn, providerArn } from './arn.ts';

const tagging = taggingOf((state) => state.oidcProviders, ofProviders);

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

function checkThumbprints({ quotas }: Context, thumbprints: readonly string[]): void {
  if (thumbprints.length > quotas.thumbprintsPerProvider)
    throw invalidInput(`Thumbprint list must contain fewer than ${quotas.thumbprintsPerProvider} entries.`);
}

function checkClients({ quotas }: Context, clients: readonly string[]): void {
  if (clients.length > quotas.clientsPerProvider)
    throw overQuota('ClientIdsPerOpenIdConnectProvider', quotas.clientsPerProvider);
}

export const oidcProviderHandlers = {
  CreateOpenIDConnectProvider(input, ctx) {
    const { ClientIDList: clients = [], ThumbprintList: thumbprints = [] } = input;
    const address = addressOf(input.Url);
    const id = providerArn(ctx, 'oidc-provider', address);
    const { providersPerAccount } = ctx.quotas;
    checkThumbprints(ctx, thumbprints);
    checkClients(ctx, clients);
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

  /** The API Reference calls it idempotent, but AWS was recorded to refuse what is not there. */
  DeleteOpenIDConnectProvider(input, ctx) {
    const arn = input.OpenIDConnectProviderArn;
    checkProviderArn(ctx, arn, 'oidc-provider');
    if (!ctx.state.oidcProviders.get(arn))
      throw noSuchEntity(`OpenId connect Provider ${arn} cannot be found.`);
    ctx.state.oidcProviders.delete(arn);
  },

  /** One that is there already is no error. */
  AddClientIDToOpenIDConnectProvider(input, ctx) {
    const before = provider(ctx, input.OpenIDConnectProviderArn);
    const clients = [...new Set([...before.clients, input.ClientID])];
    checkClients(ctx, clients);
    ctx.state.oidcProviders.put({ ...before, clients });
  },

  /** One that is not there is no error. */
  RemoveClientIDFromOpenIDConnectProvider(input, ctx) {
    const before = provider(ctx, input.OpenIDConnectProviderArn);
    const clients = before.clients.filter((client) => client !== input.ClientID);
    ctx.state.oidcProviders.put({ ...before, clients });
  },

  /** All of them at once, and never none (github.com/hashicorp/terraform-provider-aws/issues/29963). */
  UpdateOpenIDConnectProviderThumbprint(input, ctx) {
    const before = provider(ctx, input.OpenIDConnectProviderArn);
    const thumbprints = input.ThumbprintList;
    if (thumbprints.length === 0) throw invalidInput('Thumbprint list must contain at least one entry.');
    checkThumbprints(ctx, thumbprints);
    ctx.state.oidcProviders.put({ ...before, thumbprints });
  },

  TagOpenIDConnectProvider: (input, ctx) =>
    tagging.add(ctx, provider(ctx, input.OpenIDConnectProviderArn), input.Tags),
  UntagOpenIDConnectProvider: (input, ctx) =>
    tagging.remove(ctx, provider(ctx, input.OpenIDConnectProviderArn), input.TagKeys),
  ListOpenIDConnectProviderTags: (input, ctx) =>
    listTags(ctx, input, provider(ctx, input.OpenIDConnectProviderArn)),
} satisfies Handlers;
