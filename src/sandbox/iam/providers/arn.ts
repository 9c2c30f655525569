import { invalidInput } from '../../wire/errors.ts';
import type { Context } from '../context.ts';

type ProviderType = 'oidc-provider' | 'saml-provider';

export const providerArn = ({ partition, account }: Context, type: ProviderType, name: string): string =>
  `arn:${partition}:iam::${account}:${type}/${name}`;

/** @throws InvalidInput for what is no ARN of such a provider. */
export function checkProviderArn(arn: string, type: ProviderType): void {
  if (!/^arn:[^:]+:iam::\d{12}:[^/]+\/.+/.test(arn) || arn.split(':')[5]!.split('/')[0] !== type)
    throw invalidInput(`Invalid ARN: ${arn}`);
}
