import { managedPolicyArn } from '../../core/arn.ts';
import { limits } from '../../core/limits.ts';
import { isLock } from '../../core/lock.ts';
import type { ManagedPolicy } from '../../core/state.ts';
import { field, place, textOf } from '../../core/tree.ts';
import { documentSize } from '../../policy/index.ts';
import type { ManifestContext } from '../reading/context.ts';
import { readPolicyDocument } from '../reading/documents.ts';
import { readTags } from '../reading/identities.ts';
import { policyPath } from '../reading/policies.ts';
import { readSection } from '../reading/section.ts';
import { about } from './about.ts';

/** The `policies` section. A policy with errors in its document is left out. */
export function readPolicies(context: ManifestContext): Map<string, ManagedPolicy> {
  return readSection(about, ['path', 'description', 'tags', 'document'], context, (declared) => {
    const { name, at, value, ref, what } = declared;
    if (isLock(name)) {
      context.report.error(
        'reserved-name',
        place(at),
        `${what} has the name of the lock that apply makes while it runs`,
        { hint: 'give the policy another name' },
      );
    }
    const tags = readTags(value, ref, context);
    const description = textOf(field(value, 'description')?.value);
    const node = field(value, 'document')?.value;
    const document = node && readPolicyDocument(node, 'managed', context);
    if (!node || !document) return null;
    const size = documentSize(document);
    if (size > limits.managedPolicy) {
      context.report.error(
        'policy-size',
        place(node),
        `the document of ${what} has ${size} characters without white space; IAM allows ${limits.managedPolicy}`,
        { hint: 'split it into several policies, or shorten it with wildcards' },
      );
    }
    const path = policyPath(value);
    return {
      name,
      path,
      arn: managedPolicyArn(context.partition, context.account ?? '', path, name),
      ...(description === undefined ? {} : { description }),
      ...(tags === undefined ? {} : { tags }),
      document,
    };
  });
}
