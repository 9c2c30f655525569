import { invalidInput } from '../../wire/errors.ts';
import { checkArn } from '../arn.ts';
import type { Context } from '../context.ts';

type ProviderType = 'oidc-provider' | 'saml-provider';

export const providerArn = ({ partition, account }: Context, type: ProviderType, name: string): string =>
  `arn:${partition}:iam::${account}:${type}/${name}`;

/** @throws ValidationError for what is no ARN, InvalidInput for one of something else. */
export function checkProviderArn(ctx: Context, arn: string, type: ProviderType): void {
  checkArn(ctx, arn);
  if (!/^arn:[^:]+:iam::\d{12}:[^/]+\/.+/.test(arn) || arn.split(':')[5]!.split('/')[0] !== type)
    throw invalidInput(`Invalid ARN: ${arn}`);
}
