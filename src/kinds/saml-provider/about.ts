import { limits } from '../../core/limits.ts';
import type { AccountState, SamlProvider } from '../../core/state.ts';

/** What a provider of SAML assertions is called, where manifests have it, and IAM's limits. */
export const about = {
  name: 'saml-provider',
  title: 'SAML provider',
  plural: 'SAML providers',
  section: 'identityProviders.saml',
  limits: {
    name: limits.samlProviderName,
    perAccount: limits.samlProvidersPerAccount,
    mostPerAccount: limits.samlProvidersPerAccount,
  },
} as const;

export const of = (state: AccountState): ReadonlyMap<string, SamlProvider> => state.samlProviders;
