import { attachmentRef, partRef } from '../../core/references.ts';
import { byText } from '../../core/json.ts';
import type { Documents, Tags } from '../../core/state.ts';
import { quote } from '../../core/text.ts';
import { entriesOf, field, place, textOf } from '../../core/tree.ts';
import type { Node } from '../../core/tree.ts';
import { documentSize } from '../../policy/index.ts';
import type { ManifestContext } from './context.ts';
import { resolvePolicy } from './policies.ts';
import { Duplicates, readItems } from './section.ts';
import type { Declared } from './section.ts';

/**
 * The sorted ARNs in `attach`, without what has expired.
 *
 * @param limits the quota, and the value to which AWS raises it on request; between the two, the account may or may
 * not allow it.
 */
export function readAttached(
  { value: owner, ref, what }: Pick<Declared, 'value' | 'ref' | 'what'>,
  limits: { readonly attached: number; readonly mostAttached: number },
  context: ManifestContext,
): string[] {
  const duplicates = new Duplicates(context);
  const attachedPolicyArns: string[] = [];
  for (const { node, name } of readItems(owner, 'attach', 'policy')) {
    const arn = resolvePolicy(name, context);
    const written = textOf(name) ?? '';
    const itemRef = attachmentRef(ref, arn ?? written);
    context.source(itemRef, node);
    context.tell(itemRef, node);
    const counts = context.counts(node, itemRef, `attachment of policy ${quote(written)} to ${what}`);
    if (arn !== null && duplicates.isNew(arn, node, `policy ${quote(written)}`) && counts)
      attachedPolicyArns.push(arn);
  }
  const list = field(owner, 'attach');
  if (list && attachedPolicyArns.length > limits.attached) {
    const message = `${what} has ${attachedPolicyArns.length} attached policies; IAM allows ${limits.attached}`;
    if (attachedPolicyArns.length > limits.mostAttached)
      context.report.error('quota', place(list.at), message, { hint: 'merge some of them' });
    else {
      context.report.warning('quota', place(list.at), `${message} unless AWS has raised the quota`, {
        hint: 'merge some of them, or ask for a higher quota',
      });
    }
  }
  return attachedPolicyArns.sort(byText);
}

/** All inline policies of one identity count together. */
export function checkInlineSize(
  owner: Node,
  documents: Documents,
  most: number,
  what: string,
  context: ManifestContext,
): void {
  const sizes = Object.entries(documents).map(([name, document]) => ({ name, size: documentSize(document) }));
  const total = sizes.reduce((sum, { size }) => sum + size, 0);
  const policies = field(owner, 'policies');
  if (total <= most || !policies) return;
  const largest = sizes.reduce((a, b) => (b.size > a.size ? b : a));
  context.report.error(
    'policy-size',
    place(policies.at),
    `the inline policies of ${what} have ${total} characters without white space; IAM allows ${most} in all`,
    {
      hint: `make ${quote(largest.name)} (${largest.size}) a managed policy: declare it under policies and attach it`,
    },
  );
}

export function readTags(owner: Node, ref: string, context: ManifestContext): Tags | undefined {
  const tags = field(owner, 'tags');
  if (!tags) return undefined;
  const folded = new Map<string, Node['offset']>();
  const result: [string, string][] = [];
  for (const { key, at, value } of entriesOf(tags.value)) {
    const text = textOf(value);
    if (text !== undefined) result.push([key, text]);
    context.source(partRef(ref, 'tags', key), at);
    if (/^aws:/i.test(key)) {
      context.report.error('reserved-name', place(at), 'tag keys that begin with "aws:" are reserved by AWS');
    } else if (/^rollcall-/i.test(key)) {
      context.report.error('reserved-name', place(at), 'tag keys that begin with "rollcall-" are reserved', {
        hint: 'rollcall marks users with them; choose another key',
      });
    }
    const first = folded.get(key.toLowerCase());
    if (first === undefined) folded.set(key.toLowerCase(), at.offset);
    else {
      context.report.error(
        'case-collision',
        place(at),
        `the tag key ${quote(key)} is there twice: IAM does not tell case apart`,
        {
          hint: 'keep one',
          related: [{ message: 'first here', at: at.source.locate(first) }],
        },
      );
    }
  }
  return Object.fromEntries(result.sort(([a], [b]) => byText(a, b)));
}
