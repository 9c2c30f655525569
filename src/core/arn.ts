/** IAM ARNs: `arn:PARTITION:iam::ACCOUNT:TYPE/PATH/NAME`. Source: IAM User Guide, "IAM identifiers". */

export const managedPolicyArn = (partition: string, account: string, path: string, name: string): string =>
  `arn:${partition}:iam::${account}:policy${path}${name}`;

export const roleArn = (partition: string, account: string, path: string, name: string): string =>
  `arn:${partition}:iam::${account}:role${path}${name}`;

/** The name of the role of a session, as `GetCallerIdentity` tells it: without its path. */
export const sessionRole = (arn: string): string | undefined =>
  /^arn:[^:]+:sts::\d{12}:assumed-role\/([^/]+)\//.exec(arn)?.[1];

export const awsPolicyArn = (partition: string, name: string, path = '/'): string =>
  `arn:${partition}:iam::aws:policy${path}${name}`;

export const isAwsManaged = (arn: string): boolean => /^arn:[^:]+:iam::aws:policy\//.test(arn);

/** A policy of AWS for the service-linked roles of its services: IAM attaches it to nobody else. */
export const isOfServiceRoles = (arn: string): boolean =>
  /^arn:[^:]+:iam::aws:policy\/aws-service-role\//.test(arn);

/** @param name of an OIDC provider its URL without `https://`. */
export const providerArn = (
  type: 'oidc-provider' | 'saml-provider',
  { partition, account }: { readonly partition: string; readonly account: string | null },
  name: string,
): string => `arn:${partition}:iam::${account ?? ''}:${type}/${name}`;

/** `{ path, name }` of a managed policy's ARN. */
export function policyArnParts(arn: string): { account: string; path: string; name: string } | null {
  const match = /^arn:[^:]+:iam::(aws|\d{12}):policy(\/(?:.*\/)?)([^/]+)$/.exec(arn);
  return match ? { account: match[1]!, path: match[2]!, name: match[3]! } : null;
}
