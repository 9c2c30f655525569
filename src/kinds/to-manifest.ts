import { awsPolicyArn, policyArnParts } from '../core/arn.ts';
import { awsPolicyPath } from '../core/aws-managed-policies.ts';
import { isObject } from '../core/json.ts';
import type { Json, JsonObject } from '../core/json.ts';
import { limits, patterns } from '../core/limits.ts';
import { NameMap } from '../core/names.ts';
import type { AccountState, Documents, Identity, PolicyDocument, Tags } from '../core/state.ts';
import { earlierVersion } from '../core/policy-language.ts';
import { quote } from '../core/text.ts';
import { hasVariables } from '../policy/canonical.ts';
import { checkDocument, withVersion } from '../policy/grammar/index.ts';
import type { DocumentUse } from '../policy/grammar/index.ts';
import { documentSize } from '../policy/index.ts';
import { isQuarantine } from '../access/documents.ts';
import { isReserved } from './access.ts';

/** An object as a manifest entry. If there are reasons, no manifest can describe it: the plan would change it. */
export interface ManifestEntry {
  readonly value: Json;
  readonly reasons: readonly string[];
  /** Facts that the manifest leaves out and that change no plan. */
  readonly notes: readonly string[];
  /** The entry of another object says it: it needs none of its own. */
  readonly isImplied?: true;
}

/** How the manifests call what an object refers to. */
export interface References {
  readonly live: AccountState;
  /** The name under which an object of the account is declared already. */
  declared(kind: string, name: string): string | undefined;
  /** It is ignored, or no manifest can say it. */
  isLeftOut(kind: string, name: string): boolean;
  /** A document as the manifest holds it: itself, or the path of the file that takes it. */
  document(file: readonly string[], document: PolicyDocument): Json;
  /** The path of the file that takes a longer text. @param ending of its name, such as `.xml`. */
  text(file: readonly string[], ending: string, text: string): Json;
}

/** A user or a group by name; null: it is left out, and so is what refers to it. */
export const nameOf = (kind: string, name: string, references: References): string | null =>
  references.declared(kind, name) ?? (references.isLeftOut(kind, name) ? null : name);

/** A managed policy as `attach` and `boundary` name it; null if manifests have no name for it. */
export function policyReference(arn: string, references: References): string | null {
  const { live } = references;
  const parts = policyArnParts(arn);
  if (!parts) return null;
  const { account, path, name } = parts;
  if (account === 'aws') {
    // An AWS policy whose path is not the known one would be taken for a typing error, so its whole ARN is
    // written.
    const known = awsPolicyPath(name) ?? path;
    return known === path && arn === awsPolicyArn(live.partition, name, path)
      ? `aws:${path.slice(1)}${name}`
      : null;
  }
  if (account !== live.account) return null;
  const declared = references.declared('policy', name);
  if (declared !== undefined) return declared;
  if (references.isLeftOut('policy', name)) return arn;
  return live.policies.get(name)?.arn === arn ? name : null;
}

/** A live document as a manifest must say it to mean the same; or why no manifest can. */
export function documentToManifest(
  live: PolicyDocument,
  use: DocumentUse,
  partition: string,
):
  | { readonly document: PolicyDocument; readonly reason?: never }
  | { readonly document?: never; readonly reason: string } {
  // Without a version, IAM assumes that of 2008, in which variables are plain text.
  const document =
    live['Version'] === undefined && hasVariables(live) ? { Version: earlierVersion, ...live } : live;
  const issue = checkDocument(document, use, partition).find(({ severity }) => severity === 'error');
  if (issue) return { reason: issue.message };
  const odd = unreadable(document);
  return odd === null ? { document } : { reason: odd };
}

/** Why the readers of manifests would refuse the document; null if they would not. */
export function unreadable(value: Json): string | null {
  if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER)
    return `the number ${value} is not exact`;
  if (Array.isArray(value))
    return (value as readonly Json[]).map(unreadable).find((reason) => reason !== null) ?? null;
  if (!isObject(value)) return null;
  if (Object.hasOwn(value, '__proto__')) return `the key ${quote('__proto__')} cannot be written`;
  return (
    Object.values(value)
      .map(unreadable)
      .find((reason) => reason !== null) ?? null
  );
}

/** What user and group have in common: policies, inline and attached. */
export function policiesToManifest(
  { section, limits: most }: { readonly section: string; readonly limits: IdentityLimits },
  identity: Identity,
  references: References,
): { value: JsonObject; reasons: string[]; notes: string[] } {
  const inline = inlineToManifest(section, most.inline, identity, references);
  const kept = identity.attachedPolicyArns.filter((arn) => !isQuarantine(arn));
  const reasons = [...inline.reasons];
  const attach: string[] = [];
  for (const arn of kept) {
    const name = policyReference(arn, references);
    if (name === null) reasons.push(`the attached policy ${arn} has no name in manifests`);
    else attach.push(name);
  }
  if (kept.length > most.mostAttached)
    reasons.push(`it has ${kept.length} attached policies; a manifest may have ${most.mostAttached}`);
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

interface IdentityLimits {
  readonly inline: number;
  readonly mostAttached: number;
}

function inlineToManifest(
  section: string,
  most: number,
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
    const { document, reason } = documentToManifest(live, 'inline', references.live.partition);
    if (reason !== undefined || name === '__proto__') {
      reasons.push(`its inline policy ${quote(name)}: ${reason ?? 'the name cannot be written'}`);
      continue;
    }
    size += documentSize(withVersion(document));
    written.push([name, references.document(['policies', section, identity, name], document)]);
  }
  if (size > most) reasons.push(`its inline policies have ${size} characters; a manifest may have ${most}`);
  return { policies: Object.fromEntries(written), reasons };
}

/** IAM itself has no such names and paths; an emulator may. */
export const nameReasons = (
  { name, path }: { readonly name: string; readonly path: string },
  most: number,
  paths: RegExp = patterns.path,
): string[] => [
  ...(name === '__proto__' || !patterns.name.test(name) || name.length > most
    ? [`the name ${quote(name)} cannot be written`]
    : []),
  ...(paths.test(path) && path.length <= limits.path ? [] : [`the path ${quote(path)} cannot be written`]),
];

/** A policy in IAM may have tag keys that differ only in case; a manifest cannot. */
export function tagReasons(tags: Tags): string[] {
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

export const sortedTags = (tags: Tags): JsonObject =>
  Object.fromEntries(Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1)));
