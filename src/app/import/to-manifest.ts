import { policyArnParts, awsPolicyArn } from '../../core/arn.ts';
import { readAwsManagedPolicies } from '../../core/aws-managed-policies.ts';
import { byText } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import { NameMap } from '../../core/names.ts';
import type { AccountState } from '../../core/state.ts';
import type { NewEntry } from '../../manifest/edit/index.ts';
import {
  groupToManifest,
  policyToManifest,
  userToManifest,
  fileFor,
  wayUp,
  yamlEntry,
} from '../../manifest/write/index.ts';
import type { ManifestEntry, Layout, References, SignIn } from '../../manifest/write/index.ts';
import { sections } from './known.ts';
import type { Known, Section } from './known.ts';

/** Something that a manifest cannot say, or does not say, and why. */
export interface Finding {
  readonly kind: 'user' | 'group' | 'policy';
  readonly name: string;
  readonly text: string;
}

/** What will be written, before it is assigned to places in files. */
export interface Additions {
  /** By file and section, in text order of names. */
  readonly entries: ReadonlyMap<string, ReadonlyMap<Section, readonly NewEntry[]>>;
  /** Policy documents in files of their own. */
  readonly documents: ReadonlyMap<string, JsonObject>;
  readonly added: Readonly<Record<Section, readonly string[]>>;
  /** Objects that no manifest can describe: they are ignored, so that no plan changes them. */
  readonly unsaid: Readonly<Record<Section, readonly Finding[]>>;
  readonly notes: readonly Finding[];
}

const kindOf = { users: 'user', groups: 'group', policies: 'policy' } as const;

/** Objects of the account that the manifests neither declare nor ignore. */
export const newNames = (live: AccountState, known: Known, section: Section): string[] =>
  [...live[section].keys()].filter(
    (name) => known.declared(section, name) === undefined && !known.isIgnored(section, name),
  );

function addEntry(
  entries: Map<string, Map<Section, NewEntry[]>>,
  file: string,
  section: Section,
  entry: NewEntry,
): void {
  const ofFile = entries.get(file) ?? new Map<Section, NewEntry[]>();
  const ofSection = ofFile.get(section) ?? [];
  entries.set(file, ofFile.set(section, ofSection));
  ofSection.push(entry);
}

/**
 * New objects as entries of manifests.
 *
 * @param signIns the access keys and passwords of each new user that has some.
 * @param nameFile returns a free file name for a document.
 */
export function additionsToManifest(
  live: AccountState,
  signIns: ReadonlyMap<string, SignIn>,
  known: Known,
  options: { readonly layout: Layout; readonly nameFile: (name: string, document: JsonObject) => string },
): Additions {
  const entries = new Map<string, Map<Section, NewEntry[]>>();
  const documents = new Map<string, JsonObject>();
  const added: Record<Section, string[]> = { users: [], groups: [], policies: [] };
  const unsaid: Record<Section, Finding[]> = { users: [], groups: [], policies: [] };
  const notes: Finding[] = [];
  const twins = {
    users: caseTwins(live.users.keys()),
    groups: caseTwins(live.groups.keys()),
    policies: caseTwins(live.policies.keys()),
  };

  const add = (
    section: Section,
    name: string,
    path: string,
    toManifest: (references: References) => ManifestEntry,
  ): void => {
    const kind = kindOf[section];
    const file = fileFor(options.layout, section, path);
    const own = new Map<string, JsonObject>();
    const {
      value,
      reasons,
      notes: told,
    } = toManifest({
      ...names,
      file: (wanted, document) => {
        const free = options.nameFile(wanted, document);
        own.set(free, document);
        return `${wayUp(file)}${free}`;
      },
    });
    const reason = twins[section].has(name) ? 'another name differs from it only in case' : reasons[0];
    if (reason !== undefined) {
      unsaid[section].push({ kind, name, text: reason });
      return;
    }
    added[section].push(name);
    notes.push(...told.map((text) => ({ kind, name, text })));
    for (const [path, document] of own) documents.set(path, document);
    addEntry(entries, file, section, yamlEntry(name, value));
  };
  const names = namesOf(live, known, (section, name) => unsaid[section].some((one) => one.name === name));
  for (const name of newNames(live, known, 'policies')) {
    const policy = live.policies.get(name)!;
    add('policies', name, policy.path, (references) => policyToManifest(policy, references));
  }
  for (const name of newNames(live, known, 'groups')) {
    const group = live.groups.get(name)!;
    const members = [...live.users.values()]
      .filter((user) => user.groups.includes(name))
      .flatMap((user) => known.declared('users', user.name) ?? []);
    add('groups', name, group.path, (references) => groupToManifest(group, members.sort(byText), references));
  }
  for (const name of newNames(live, known, 'users')) {
    const user = live.users.get(name)!;
    const signIn = signIns.get(name) ?? { accessKeys: [], console: false };
    add('users', name, user.path, (references) => userToManifest(user, signIn, references));
  }
  return { entries: inOrder(entries), documents, added, unsaid, notes };
}

/** The names by which manifests refer to policies and groups. */
function namesOf(
  live: AccountState,
  known: Known,
  isUnsaid: (section: Section, name: string) => boolean,
): Pick<References, 'policy' | 'group'> {
  const ofAws = new Map([...readAwsManagedPolicies()].map(({ path, name }) => [name, path]));
  return {
    group: (name) =>
      known.declared('groups', name) ??
      (known.isIgnored('groups', name) || isUnsaid('groups', name) ? null : name),
    policy: (arn) => {
      const parts = policyArnParts(arn);
      if (!parts) return null;
      const { account, path, name } = parts;
      if (account === 'aws') {
        // An AWS policy whose path is not the known one would be taken for a typing error, so its whole ARN is
        // written.
        const isKnown = !ofAws.has(name) || ofAws.get(name) === path;
        return isKnown && arn === awsPolicyArn(live.partition, name, path)
          ? `aws:${path.slice(1)}${name}`
          : null;
      }
      if (account !== live.account) return null;
      const declared = known.declared('policies', name);
      if (declared !== undefined) return declared;
      if (known.isIgnored('policies', name) || isUnsaid('policies', name)) return arn;
      return live.policies.get(name)?.arn === arn ? name : null;
    },
  };
}

/** IAM forbids names that differ only in case; an emulator of it may not. */
function caseTwins(names: Iterable<string>): NameMap<true> {
  const seen = new NameMap<true>();
  const twins = new NameMap<true>();
  for (const name of names) {
    if (seen.has(name)) twins.set(name, true);
    seen.set(name, true);
  }
  return twins;
}

/** Files in text order, sections in theirs. */
const inOrder = (
  entries: ReadonlyMap<string, ReadonlyMap<Section, readonly NewEntry[]>>,
): Map<string, Map<Section, readonly NewEntry[]>> =>
  new Map(
    [...entries]
      .sort(([a], [b]) => byText(a, b))
      .map(([file, content]) => [
        file,
        new Map(
          sections.flatMap((section) => (content.has(section) ? [[section, content.get(section)!]] : [])),
        ),
      ]),
  );
