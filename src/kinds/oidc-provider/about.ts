import { limits } from '../../core/limits.ts';
import type { AccountState, OidcProvider } from '../../core/state.ts';

/** What a provider of web identities is called, where manifests have it, and IAM's limits. */
export const about = {
  name: 'oidc-provider',
  title: 'OIDC provider',
  plural: 'OIDC providers',
  section: 'identityProviders.oidc',
  limits: {
    name: limits.oidcUrl - 'https://'.length,
    perAccount: limits.oidcProvidersPerAccount,
    mostPerAccount: 700,
  },
} as const;

export const of = (state: AccountState): ReadonlyMap<string, OidcProvider> => state.oidcProviders;
