import names from './aws-managed-policies.json' with { type: 'json' };

/**
 * Names and paths of the policies that AWS manages, for completion and existence checks; not their documents.
 * Source: the AWS Managed Policy Reference Guide, as of early 2026 (cross-checked with the list in moto 5.2).
 * The file groups names by path, each group one space-separated text, to stay small.
 */
export function* readAwsManagedPolicies(): Generator<{ readonly name: string; readonly path: string }> {
  for (const [path, list] of Object.entries(names)) {
    for (const name of list.split(' ')) yield { name, path };
  }
}
