import { membershipRef, objectRef } from '../../../core/references.ts';
import { limits } from '../../../core/limits.ts';
import { NameMap } from '../../../core/names.ts';
import type { AccessKeySpec, ConsoleSpec, Tags, User } from '../../../core/state.ts';
import { quote } from '../../../core/text.ts';
import { entriesOf, field, place, textOf } from '../../../core/tree.ts';
import type { Node } from '../../../core/tree.ts';
import { readMembers } from '../../group/manifest.ts';
import type { Memberships } from '../../group/manifest.ts';
import type { ManifestContext } from '../../reading/context.ts';
import { readInline } from '../../reading/documents.ts';
import { checkInlineSize, readAttached, readTags } from '../../reading/identities.ts';
import { resolvePolicy } from '../../reading/policies.ts';
import { daysOf, Duplicates, readItems, readRenamedFrom, readSection } from '../../reading/section.ts';
import type { Declared } from '../../reading/section.ts';
import { about } from '../about.ts';
import { isKeyDescription } from '../state-tags.ts';
import { Pins } from './pins.ts';
import { Recipients } from './recipients.ts';

const ownKeys = [
  'path',
  'boundary',
  'expires',
  'suspended',
  'accessKey',
  'console',
  'serviceCredentials',
  'renamedFrom',
] as const;

/** The `users` section. A user who has expired is checked like the others, but left out. */
export function readUsers(context: ManifestContext): Map<string, User> {
  const claimed = new NameMap<Node>();
  const recipients = new Recipients(context);
  const pins = new Pins(context);
  const memberships = readMembers(context);
  const users = readSection(about, ownKeys, context, (declared) => {
    const { name, value, ref, what } = declared;
    const counts = context.counts(value, ref, what);
    readGroupNames(name, value, context, memberships);
    const policies = readInline(value, ref, context);
    checkInlineSize(value, policies, about.limits.inline, what, context);
    const boundary = field(value, 'boundary')?.value;
    const suspended = field(value, 'suspended')?.value;
    const renamedFrom = readRenamedFrom(about, value, claimed, context);
    if (renamedFrom !== undefined) context.expireAlso(objectRef(about.name, renamedFrom), ref);
    const accessKey = readAccessKey(name, value, recipients, pins, context);
    const console = readConsole(name, value, recipients, pins);
    const services = textOf(
      (field(value, 'serviceCredentials') ?? context.merged.settings.get('serviceCredentials'))?.value,
    );
    const groups = memberships.of(name);
    checkGroupCount(declared, groups, context);
    const user: User = {
      name,
      path: textOf(field(value, 'path')?.value) ?? '/',
      policies,
      attachedPolicyArns: readAttached(declared, about.limits, context),
      tags: withoutDescriptions(declared, readTags(value, ref, context) ?? {}, context),
      groups,
      boundary: boundary ? resolvePolicy(boundary, context) : null,
      ...(renamedFrom === undefined ? {} : { renamedFrom }),
      ...(accessKey === undefined ? {} : { accessKey }),
      ...(console === undefined ? {} : { console }),
      ...(suspended?.kind === 'scalar' && suspended.value === true ? { suspended: true } : {}),
      ...(services === 'forbidden' ? { forbidsServiceCredentials: true } : {}),
    };
    return counts ? user : null;
  });
  recipients.checkShared();
  return users;
}

function readGroupNames(user: string, value: Node, context: ManifestContext, memberships: Memberships): void {
  const duplicates = new Duplicates(context);
  for (const { node, name } of readItems(value, 'groups', 'name')) {
    const group = textOf(name) ?? '';
    if (!context.declared('groups').has(group)) {
      if (context.isIgnored('groups', group)) {
        context.report.error(
          'ignored-group',
          place(name),
          `group ${quote(group)} is ignored: so are its members`,
          {
            hint: 'take it out here, or stop ignoring the group and declare it under groups',
          },
        );
        continue;
      }
      if (context.complete) {
        context.report.error('unknown-group', place(name), `there is no group ${quote(group)}`, {
          hint:
            context.report.suggest('groups', group, context.declared('groups').keys()) ??
            (context.mayBeLeft('groups', group)
              ? 'declare it under groups: of a group that is not managed, so are its members'
              : 'declare it under groups'),
        });
      }
      continue;
    }
    if (!duplicates.isNew(group, node, `group ${quote(group)}`)) continue;
    const ref = membershipRef(user, group);
    // The user's own entry is the place to look, even if the group lists the user too.
    context.sources.set(ref, place(node));
    context.tell(ref, node);
    const what = `membership of user ${quote(user)} in group ${quote(group)}`;
    if (context.counts(node, ref, what)) memberships.add(user, group);
  }
}

function checkGroupCount(
  { value, at, what }: Declared,
  groups: readonly string[],
  context: ManifestContext,
): void {
  if (groups.length <= limits.groupsPerUser) return;
  context.report.error(
    'quota',
    place(field(value, 'groups')?.at ?? at),
    `${what} is in ${groups.length} groups; IAM allows ${limits.groupsPerUser}`,
    { hint: `in ${groups.join(', ')}` },
  );
}

function readAccessKey(
  user: string,
  owner: Node,
  recipients: Recipients,
  pins: Pins,
  context: ManifestContext,
): AccessKeySpec | undefined {
  const key = field(owner, 'accessKey')?.value;
  if (key?.kind !== 'map') return undefined;
  const deliverTo = recipients.read(user, key);
  const countNode = field(key, 'count')?.value;
  const count = countNode?.kind === 'scalar' && countNode.value === 2 ? 2 : 1;
  const graceNode = field(key, 'grace');
  const rotateAfter = daysOf(field(key, 'rotateAfter')?.value);
  const grace = daysOf(graceNode?.value);
  if (graceNode && !field(key, 'rotateAfter')) {
    context.report.error('bad-value', place(graceNode.at), 'grace means nothing without rotateAfter', {
      hint: 'add rotateAfter: 90d, or drop it',
    });
  }
  if (graceNode && grace !== undefined && rotateAfter !== undefined && grace >= rotateAfter) {
    context.report.error('bad-value', place(graceNode.value), 'grace must be shorter than rotateAfter', {
      hint: 'the old key must be gone before the new one is rotated',
    });
  }
  if (countNode && count === 2 && rotateAfter !== undefined) {
    context.report.error('bad-value', place(countNode), 'two keys cannot be rotated: IAM allows two in all', {
      hint: 'write count: 1, or drop rotateAfter',
    });
  }
  const ids = pins.readIds(user, key, count);
  return {
    count,
    ...(ids === undefined ? {} : { ids }),
    ...(deliverTo === undefined ? {} : { deliverTo }),
    ...(rotateAfter === undefined ? {} : { rotateAfter }),
    ...(grace === undefined ? {} : { grace }),
  };
}

function readConsole(user: string, owner: Node, recipients: Recipients, pins: Pins): ConsoleSpec | undefined {
  const node = field(owner, 'console')?.value;
  if (node?.kind !== 'map') return undefined;
  const deliverTo = recipients.read(user, node);
  const createdAt = pins.readCreatedAt(user, node);
  return {
    ...(deliverTo === undefined ? {} : { deliverTo }),
    ...(createdAt === undefined ? {} : { createdAt }),
  };
}

/** What the console calls access keys is theirs, and comes and goes with them. */
function withoutDescriptions(
  { value, what }: Pick<Declared, 'value' | 'what'>,
  tags: Tags,
  { report }: ManifestContext,
): Tags {
  const node = field(value, 'tags');
  for (const { key, at } of node ? entriesOf(node.value) : []) {
    if (!isKeyDescription(key)) continue;
    report.warning(
      'key-description',
      place(at),
      `the tag ${key} of ${what} is what the console calls an access key: it is the key's, and not looked at`,
      { hint: 'take it out: it stays while there is the key, and goes with it' },
    );
  }
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !isKeyDescription(key)));
}
