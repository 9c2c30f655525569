import { managedPolicyArn } from '../core/arn.ts';
import { byText } from '../core/json.ts';
import { limits } from '../core/limits.ts';
import { isLock } from '../core/lock.ts';
import type { ManagedPolicy } from '../core/state.ts';
import { documentSize } from '../policy/index.ts';
import type { Context } from './context.ts';
import { readPolicyDocument } from './documents.ts';
import { checkIgnored, readTags } from './holders.ts';
import { policyPath } from './references.ts';
import { field, place, textOf } from './tree.ts';
import { describe } from './words.ts';

/** The `policies` section. A policy with errors in its document is left out. */
export function readPolicies(context: Context): Map<string, ManagedPolicy> {
  const policies: [string, ManagedPolicy][] = [];
  for (const [name, { at, value }] of context.merged.policies) {
    const ref = `policy:${name}`;
    context.source(ref, at);
    for (const key of ['path', 'description', 'tags', 'document']) {
      const entry = field(value, key);
      if (entry) context.source(`${ref}/${key}`, entry.at);
    }
    if (isLock(name)) {
      context.report.error(
        'reserved-name',
        place(at),
        `${describe(['policies', name])} has the name of the lock that apply makes while it runs`,
        { hint: 'give the policy another name' },
      );
    }
    checkIgnored('policies', name, at, describe(['policies', name]), context);
    const tags = readTags(value, ref, context);
    const description = textOf(field(value, 'description')?.value);
    const node = field(value, 'document')?.value;
    const document = node && readPolicyDocument(node, 'managed', context);
    if (!node || !document) continue;
    const size = documentSize(document);
    if (size > limits.managedPolicy) {
      context.report.error(
        'policy-size',
        place(node),
        `the document of ${describe(['policies', name])} has ${size} characters without white space; IAM allows ${limits.managedPolicy}`,
        { hint: 'split it into several policies, or shorten it with wildcards' },
      );
    }
    const path = policyPath(value);
    policies.push([
      name,
      {
        name,
        path,
        arn: managedPolicyArn(context.partition, context.account ?? '', path, name),
        ...(description === undefined ? {} : { description }),
        ...(tags === undefined ? {} : { tags }),
        document,
      },
    ]);
  }
  return new Map(policies.sort(([a], [b]) => byText(a, b)));
}
