import { byText } from '../core/json.ts';
import { limits } from '../core/limits.ts';
import type { NameMap } from '../core/names.ts';
import type { Documents, Tags } from '../core/state.ts';
import { quote } from '../core/text.ts';
import { documentSize } from '../policy/index.ts';
import type { Context } from './context.ts';
import { resolvePolicy } from './references.ts';
import { entriesOf, field, itemsOf, place, textOf } from './tree.ts';
import type { Node } from './tree.ts';

/** An entry of `groups`, `members` or `attach`: text, or a mapping that names it and may say when it expires. */
interface ListItem {
  readonly node: Node;
  /** The text's own node. */
  readonly name: Node;
}

/** The entries of a list that are what the schema wants. */
export function readItems(owner: Node, list: string, key: 'name' | 'policy'): ListItem[] {
  return itemsOf(field(owner, list)?.value).flatMap((node) => {
    const name = node.kind === 'map' ? field(node, key)?.value : node;
    return name !== undefined && textOf(name) !== undefined ? [{ node, name }] : [];
  });
}

/** Reports what is in a list twice: taking one out would not take the access away. */
export class Duplicates {
  readonly #seen = new Map<string, Node>();
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  isNew(id: string, node: Node, what: string): boolean {
    const first = this.#seen.get(id);
    if (!first) {
      this.#seen.set(id, node);
      return true;
    }
    this.#context.report.error('duplicate-entry', place(node), `${what} is there twice in this list`, {
      hint: 'keep one',
      related: [{ message: 'first here', at: place(first) }],
    });
    return false;
  }
}

/** `attach` as sorted ARNs of what counts now. */
export function readAttached(owner: Node, ref: string, what: string, context: Context): string[] {
  const duplicates = new Duplicates(context);
  const attachedPolicyArns: string[] = [];
  for (const { node, name } of readItems(owner, 'attach', 'policy')) {
    const arn = resolvePolicy(name, context);
    const written = textOf(name) ?? '';
    const itemRef = `${ref}/attach/${arn ?? written}`;
    context.source(itemRef, node);
    const counts = context.counts(node, itemRef, `attachment of policy ${quote(written)} to ${what}`);
    if (arn !== null && duplicates.isNew(arn, node, `policy ${quote(written)}`) && counts)
      attachedPolicyArns.push(arn);
  }
  const list = field(owner, 'attach');
  if (list && attachedPolicyArns.length > limits.attachedPerUser) {
    const isUser = ref.startsWith('user:');
    const most = isUser ? hardLimits.attachedPerUser : limits.attachedPerGroup;
    const message = `${what} has ${attachedPolicyArns.length} attached policies; IAM allows ${limits.attachedPerUser}`;
    if (attachedPolicyArns.length > most)
      context.report.error('quota', place(list.at), message, { hint: 'merge some of them' });
    else {
      context.report.warning('quota', place(list.at), `${message} unless AWS has raised the quota`, {
        hint: 'merge some of them, or ask for a higher quota',
      });
    }
  }
  return attachedPolicyArns.sort(byText);
}

/**
 * What AWS raises quotas to at most, on request, where `limits` has the default. Source: IAM User Guide, "IAM and AWS
 * STS quotas". Between the two the account may or may not allow it: a warning.
 */
export const hardLimits = {
  attachedPerUser: 20,
  users: limits.usersPerAccount,
  groups: 500,
  policies: 10_000,
} as const;

/** All inline policies of one holder count together. */
export function checkInlineSize(
  owner: Node,
  documents: Documents,
  most: number,
  what: string,
  context: Context,
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

export function readTags(owner: Node, ref: string, context: Context): Tags | undefined {
  const tags = field(owner, 'tags');
  if (!tags) return undefined;
  const folded = new Map<string, Node['offset']>();
  const result: [string, string][] = [];
  for (const { key, at, value } of entriesOf(tags.value)) {
    const text = textOf(value);
    if (text !== undefined) result.push([key, text]);
    context.source(`${ref}/tags/${key}`, at);
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

/** A declared name that `ignore` also names: should it be changed or left alone? */
export function checkIgnored(
  section: 'users' | 'groups' | 'policies',
  name: string,
  node: Parameters<typeof place>[0],
  what: string,
  context: Context,
): void {
  if (!context.isIgnored(section, name)) return;
  context.report.error(
    'ignored-and-declared',
    place(node),
    `${what} is declared, but ignore.${section} names it too`,
    {
      hint: 'drop it here, or narrow the pattern',
    },
  );
}

/** `renamedFrom`: an old name that nothing else lays claim to. */
export function readRenamedFrom(
  section: 'users' | 'groups',
  owner: Node,
  claimed: NameMap<Node>,
  context: Context,
): string | undefined {
  const node = field(owner, 'renamedFrom')?.value;
  const name = textOf(node);
  if (node === undefined || name === undefined) return undefined;
  const kind = section === 'users' ? 'user' : 'group';
  const declared = context.merged.named[section].get(name);
  if (declared?.value === owner && declared.key !== name) {
    context.report.error(
      'bad-rename',
      place(node),
      `${quote(name)} and ${quote(declared.key)} differ only in case: for IAM they are the same, and it refuses such a rename`,
      { hint: `drop renamedFrom, and call the ${kind} as IAM has it` },
    );
  } else if (declared) {
    context.report.error(
      'bad-rename',
      place(node),
      `${kind} ${quote(name)} is still declared: it cannot be renamed too`,
      {
        hint: 'drop the old declaration, or renamedFrom',
        related: [{ message: 'declared here', at: place(declared.at) }],
      },
    );
  } else if (context.isIgnored(section, name)) {
    context.report.error(
      'bad-rename',
      place(node),
      `${kind} ${quote(name)} is ignored: it cannot be renamed`,
      {
        hint: `narrow the pattern in ignore.${section}`,
      },
    );
  } else if (claimed.has(name)) {
    context.report.error('bad-rename', place(node), `${kind} ${quote(name)} is renamed twice`, {
      hint: 'keep one renamedFrom',
      related: [{ message: 'first here', at: place(claimed.get(name)!) }],
    });
  } else claimed.set(name, node);
  return name;
}
