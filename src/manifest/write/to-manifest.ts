import type { Json, JsonObject } from '../../core/json.ts';
import { limits, patterns } from '../../core/limits.ts';
import { NameMap } from '../../core/names.ts';
import type { AccessKey, Documents, Group, Identity, ManagedPolicy, Tags, User } from '../../core/state.ts';
import { plural, quote } from '../../core/text.ts';
import { inlineNamed, isReserved, suspendedDeny, withoutInline } from '../../kinds/access.ts';
import { isQuarantine, isSuspended, withoutMarks } from '../../kinds/index.ts';
import { withVersion } from '../../policy/grammar/index.ts';
import { documentSize } from '../../policy/index.ts';
import { brief, documentToManifest, readsWell } from './documents.ts';

/** The names of the account's objects in the manifests. */
export interface References {
  /** A managed policy as `attach` and `boundary` name it; null if manifests have no name for it. */
  policy(arn: string): string | null;
  /** Null if it is ignored, and with it its members. */
  group(name: string): string | null;
  /** Keeps the document in a file of its own, and returns its path as the manifest writes it. */
  file(name: string, document: JsonObject): string;
}

/** A user's access keys and password, as far as manifests declare them. */
export interface SignIn {
  readonly accessKeys: readonly AccessKey[];
  readonly console: boolean;
}

/** An object as a manifest entry. If there are reasons, no manifest can describe it: the plan would change it. */
export interface ManifestEntry {
  readonly value: JsonObject;
  readonly reasons: readonly string[];
  /** Facts that the manifest leaves out and that change no plan. */
  readonly notes: readonly string[];
}

export function userToManifest(user: User, signIn: SignIn, references: References): ManifestEntry {
  const reasons: string[] = [];
  const notes: string[] = [];
  const tags = withoutMarks(user.tags);
  const deny = inlineNamed(user.policies, suspendedDeny);
  const suspended = isSuspended(user) && deny !== undefined;
  const others = withoutInline(user.policies, suspendedDeny);
  const policies = suspended ? others : user.policies;
  if (user.groups.length > limits.groupsPerUser)
    reasons.push(`it is in ${plural(user.groups.length, 'group')}`);
  const groups = user.groups.flatMap((name) => references.group(name) ?? []);
  const held = identityToManifest('users', { ...user, policies }, references);
  const boundary = user.boundary === null ? null : references.policy(user.boundary);
  if (user.boundary !== null && boundary === null)
    reasons.push(`its boundary ${user.boundary} has no name in manifests`);
  reasons.push(...nameReasons(user.name, user.path, limits.userName), ...tagReasons(tags), ...held.reasons);
  const inactive = signIn.accessKeys.filter(({ status }) => status !== 'Active');
  if (inactive.length > 0 && !suspended) {
    notes.push(
      `${inactive.map(({ id, status }) => `access key ${id} is ${status.toLowerCase()}`).join(', ')}: it is declared, and stays so`,
    );
  }
  if (suspended && (inactive.length < signIn.accessKeys.length || signIn.console)) {
    notes.push('it is suspended, but has credentials that work: the plan takes their force');
  }
  return {
    value: {
      ...(user.path === '/' ? {} : { path: user.path }),
      ...(Object.keys(tags).length === 0 ? {} : { tags: sorted(tags) }),
      ...(groups.length === 0 ? {} : { groups }),
      ...held.value,
      ...(boundary === null ? {} : { boundary }),
      ...(suspended ? { suspended: true } : {}),
      ...(signIn.accessKeys.length === 0
        ? {}
        : { accessKey: signIn.accessKeys.length === 1 ? {} : { count: signIn.accessKeys.length } }),
      ...(signIn.console ? { console: {} } : {}),
    },
    reasons,
    notes: [...notes, ...held.notes],
  };
}

/** @param members users that the group itself must name, because their own entries cannot. */
export function groupToManifest(
  group: Group,
  members: readonly string[],
  references: References,
): ManifestEntry {
  const { value, reasons, notes } = identityToManifest('groups', group, references);
  return {
    value: {
      ...(group.path === '/' ? {} : { path: group.path }),
      ...value,
      ...(members.length === 0 ? {} : { members: [...members] }),
    },
    reasons: [...nameReasons(group.name, group.path, limits.groupName), ...reasons],
    notes,
  };
}

export function policyToManifest(policy: ManagedPolicy, references: References): ManifestEntry {
  const { document, reason } = documentToManifest(policy.document, 'managed');
  const size = document && documentSize(withVersion(document));
  const tags = policy.tags ?? {};
  const badTags = tagReasons(tags);
  return {
    value: {
      ...(policy.path === '/' ? {} : { path: policy.path }),
      ...(policy.description === undefined ? {} : { description: policy.description }),
      ...(Object.keys(tags).length === 0 || badTags.length > 0 ? {} : { tags: sorted(tags) }),
      ...(document
        ? {
            document: readsWell(document)
              ? brief(document)
              : references.file(`policies/${fileName(policy.name)}.json`, document),
          }
        : {}),
    },
    reasons: [
      ...nameReasons(policy.name, policy.path, limits.policyName, policyPath),
      ...(reason === undefined ? [] : [`its document: ${reason}`]),
      ...(size !== undefined && size > limits.managedPolicy
        ? [`its document has ${size} characters; a manifest may have ${limits.managedPolicy}`]
        : []),
    ],
    // Tags are compared only where they are declared.
    notes: badTags.map((bad) => `${bad}: its tags are not written`),
  };
}

/** Policies, inline and attached. */
function identityToManifest(
  section: 'users' | 'groups',
  identity: Identity,
  references: References,
): { value: { [key: string]: Json }; reasons: string[]; notes: string[] } {
  const inline = inlineToManifest(section, identity, references);
  const kept = identity.attachedPolicyArns.filter((arn) => !isQuarantine(arn));
  const most = section === 'users' ? 20 : limits.attachedPerGroup;
  const reasons = [...inline.reasons];
  const attach: string[] = [];
  for (const arn of kept) {
    const name = references.policy(arn);
    if (name === null) reasons.push(`the attached policy ${arn} has no name in manifests`);
    else attach.push(name);
  }
  if (kept.length > most)
    reasons.push(`it has ${kept.length} attached policies; a manifest may have ${most}`);
  return {
    value: {
      ...(Object.keys(inline.policies).length === 0 ? {} : { policies: inline.policies }),
      ...(attach.length === 0 ? {} : { attach }),
    },
    reasons,
    notes: identity.attachedPolicyArns
      .filter(isQuarantine)
      .map(
        (arn) =>
          `AWS has attached ${arn.slice(arn.lastIndexOf('/') + 1)} to it: a key has leaked; it is left alone`,
      ),
  };
}

function inlineToManifest(
  section: 'users' | 'groups',
  { name: identity, policies }: { readonly name: string; readonly policies: Documents },
  references: References,
): { policies: { [name: string]: Json }; reasons: string[] } {
  const reasons: string[] = [];
  const written: [string, Json][] = [];
  let size = 0;
  // IAM allows no names that differ only in case; an emulator may.
  const seen = new NameMap<true>();
  for (const [name, live] of Object.entries(policies)) {
    if (seen.has(name)) {
      const first = seen.spelling(name)!;
      reasons.push(`its inline policies ${quote(first)} and ${quote(name)} differ only in case`);
    }
    seen.set(name, true);
    if (isReserved(name)) {
      reasons.push(
        `its inline policy ${quote(name)} is of rollcall itself, left by a run that was cut short`,
      );
      continue;
    }
    const { document, reason } = documentToManifest(live, 'inline');
    if (reason !== undefined || name === '__proto__') {
      reasons.push(`its inline policy ${quote(name)}: ${reason ?? 'the name cannot be written'}`);
      continue;
    }
    size += documentSize(withVersion(document));
    const file = `policies/${section}/${fileName(identity)}/${fileName(name)}.json`;
    written.push([name, readsWell(document) ? brief(document) : references.file(file, document)]);
  }
  const most = section === 'users' ? limits.inlineUser : limits.inlineGroup;
  if (size > most) reasons.push(`its inline policies have ${size} characters; a manifest may have ${most}`);
  return { policies: Object.fromEntries(written), reasons };
}

/** Paths of managed policies may have fewer characters than other paths. Source: the IAM API's type policyPathType. */
const policyPath = /^\/(?:[\w.,+@=-]+\/)*$/;

/** IAM itself has no such names and paths; an emulator may. */
const nameReasons = (name: string, path: string, most: number, paths: RegExp = patterns.path): string[] => [
  ...(name === '__proto__' || !patterns.name.test(name) || name.length > most
    ? [`the name ${quote(name)} cannot be written`]
    : []),
  ...(paths.test(path) && path.length <= limits.path ? [] : [`the path ${quote(path)} cannot be written`]),
];

/** A policy in IAM may have tag keys that differ only in case; a manifest cannot. */
function tagReasons(tags: Tags): string[] {
  const seen = new NameMap(Object.keys(tags).map((key) => [key, key] as const));
  const bad = Object.entries(tags).filter(
    ([key, value]) =>
      seen.get(key) !== key ||
      /^(?:aws:|rollcall-)/i.test(key) ||
      key === '__proto__' ||
      !patterns.tagKey.test(key) ||
      !patterns.tagValue.test(value),
  );
  return bad.map(([key]) =>
    /^rollcall-/i.test(key)
      ? `its tag ${quote(key)} is of rollcall itself, left by a run that was cut short`
      : `its tag ${quote(key)} cannot be written`,
  );
}

const sorted = (tags: Tags): JsonObject =>
  Object.fromEntries(Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1)));

/**
 * A name or path segment as a file name. Characters that IAM allows and file systems do not are written like `%2E`. A
 * leading dot is among them: it would hide the file, and two would lead out of the directory.
 */
export const fileName = (name: string): string =>
  name
    .replace(
      /^\.|[^\w+=,.@-]/g,
      (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .replace(/^node_modules$/, 'node%5Fmodules');
