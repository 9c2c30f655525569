import type { Path, Rule, Scope } from './findings.ts';

/** Source: the partitions of the SDK's endpoints. */
const partitions: ReadonlySet<string> = new Set([
  'aws',
  'aws-cn',
  'aws-us-gov',
  'aws-iso',
  'aws-iso-b',
  'aws-iso-e',
  'aws-iso-f',
  'aws-eusc',
]);

/** What the path of a resource of IAM begins with, as its error has it. */
export const iamTypes: readonly string[] = [
  'user/',
  'federated-user/',
  'role/',
  'group/',
  'instance-profile/',
  'mfa/',
  'server-certificate/',
  'policy/',
  'sms-mfa/',
  'saml-provider/',
  'oidc-provider/',
  'report/',
  'access-report/',
];

/**
 * The types of S3 that are in a region; buckets and objects are in none. Source: Service Authorization Reference,
 * "Actions, resources, and condition keys for Amazon S3".
 */
const regionalS3 = /^(?:accesspoint|access-grants|async-request|job|storage-lens|storage-lens-group)\//;

export function checkResource(resource: string, path: Path, { found, partition, variables }: Scope): void {
  if (resource === '*') return;
  const parts = partsOf(resource);
  const fault = faultOf(parts, partition);
  if (fault !== null) found.add(fault, path, resource);
  else {
    if (parts.length < 6) found.add('short-arn', path, resource);
    if (!variables && resource.includes('${')) found.add('variables', path, resource);
  }
}

/** The parts between colons. A policy variable may have colons, and is one value. */
export function partsOf(arn: string): readonly string[] {
  if (!arn.includes('${')) return arn.split(':');
  const parts: string[] = [];
  const last = arn.lastIndexOf('}');
  let start = 0;
  for (let at = 0; at < arn.length; at += 1) {
    if (at < last && arn.startsWith('${', at)) at = arn.indexOf('}', at);
    else if (arn[at] === ':') {
      parts.push(arn.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, arn.slice(start)];
}

/** In IAM's order. It fills up what is cut short with wildcards, so that the region of `arn:aws:s3` is any. */
function faultOf(parts: readonly string[], only: string | undefined): Rule | null {
  const [arn, partition = '', service, region = '*', account, ...rest] = parts;
  if (parts.length === 1) return 'no-arn';
  const isKnown = only === undefined ? partitions.has(partition) : partition === only;
  if (partition !== '*' && !isKnown) return 'partition';
  if (service === undefined || /[*?]/.test(service)) return 'resource-service';
  const name = rest.join(':');
  const hasRegion = region !== '' || account === undefined;
  if (service === 'iam') {
    if (hasRegion) return 'iam-region';
    if (name !== '*' && name !== 'root' && !iamTypes.some((type) => name.startsWith(type))) return 'iam-path';
  }
  if (service === 's3' && hasRegion && !regionalS3.test(name)) return 's3-region';
  if (service === '' || (parts.length < 6 && parts.slice(1, -1).includes(''))) return 'few-colons';
  return arn === 'arn' ? null : 'no-arn';
}
