import { objectRef, partRef } from '../../core/references.ts';
import { entriesOf, field, numberOf, place, textOf } from '../../core/tree.ts';
import type { Node } from '../../core/tree.ts';
import type { ManifestContext } from '../reading/context.ts';
import { daysOf } from '../reading/section.ts';
import { about, defaults, rules } from './about.ts';
import type { PasswordPolicy } from './about.ts';

const ref = objectRef(about.name, about.only);
const mostDays = 1095;

/** Null: the manifests say that there is none. */
export function readPasswordPolicy(context: ManifestContext): Map<string, PasswordPolicy | null> {
  const entry = context.declared(about.section).get(about.only);
  if (!entry) return new Map();
  context.source(ref, entry.at);
  for (const { key, at } of entriesOf(entry.value)) context.source(partRef(ref, key), at);
  const policy = textOf(entry.value) === 'none' ? null : toPolicy(entry.value, context);
  return new Map([[about.only, policy]]);
}

function toPolicy(node: Node, context: ManifestContext): PasswordPolicy {
  const written = rules.map((rule) => {
    const value = field(node, rule)?.value;
    const said = value?.kind === 'scalar' ? value.value : null;
    return [rule, said ?? defaults[rule]] as const;
  });
  const policy = Object.fromEntries(written) as unknown as PasswordPolicy;
  return { ...policy, maxAge: readDays(field(node, 'maxAge')?.value, context) };
}

/** Days of `90d`; what is no number of days the schema has reported. */
function readDays(node: Node | undefined, { report }: ManifestContext): number | null {
  const days = daysOf(node) ?? numberOf(node);
  if (!node || days === undefined) return null;
  if (days > mostDays) {
    report.error('bad-value', place(node), `maxAge is ${days} days; IAM allows ${mostDays}`, {
      hint: `write ${mostDays}d or less, or drop it: then passwords do not expire`,
    });
  }
  return days;
}
