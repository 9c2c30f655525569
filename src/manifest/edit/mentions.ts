import type { Location } from '../../core/errors.ts';
import { sameName } from '../../core/names.ts';
import { quote } from '../../core/text.ts';
import { documentPath } from '../../kinds/reading/documents.ts';
import { documentReferences, isManifest } from '../documents.ts';
import { listManifests, readSource } from '../files.ts';
import { Report } from '../../core/report.ts';
import {
  entriesOf,
  entryAt,
  field,
  itemsOf,
  place,
  textOf,
  type Node,
  type Position,
  type Source,
} from '../../core/tree.ts';
import { describe } from '../words.ts';
import { readYaml } from '../yaml.ts';
import type { Target } from './remove.ts';

/** A manifest file that can be edited. */
export interface ManifestFile {
  readonly source: Source;
  readonly root: Node;
}

/** Opens the manifests of a directory. Errors in them are left to `loadManifests`. */
export async function openManifests(dir: string, cwd: string | undefined): Promise<ManifestFile[]> {
  const report = new Report(cwd);
  const files: ManifestFile[] = [];
  for (const path of await listManifests(dir, report)) {
    const source = await readSource(path, report);
    const root = source && readYaml(source, report);
    if (source && root && isManifest(root)) files.push({ source, root });
  }
  return files;
}

/** A place that names a user. */
export interface Mention {
  readonly role: 'entry' | 'member' | 'trusted' | 'excepted' | 'protected' | 'renamed-from';
  /** `user "lorax"`, `member of group "admins"`. */
  readonly what: string;
  readonly source: Source;
  readonly target: Target;
  readonly at: Location;
}

const inRails: ReadonlySet<Mention['role']> = new Set(['excepted', 'protected']);

/**
 * Every place that names a user, once even if aliases lead to it several times. Declarations and references spell a
 * name in one way; the rails and `renamedFrom` may use another case.
 *
 * @param leaving everybody who goes: what names none but them goes as a whole.
 */
export function mentionsOf(
  { root }: ManifestFile,
  name: string,
  leaving: readonly string[] = [name],
): Mention[] {
  const found = new Map<string, Mention>();
  const add = (role: Mention['role'], what: string, target: Target, node: Node | Position): void => {
    const key = `${role} ${JSON.stringify(target)}`;
    if (!found.has(key)) found.set(key, { role, what, source: node.source, target, at: place(node) });
  };
  const addItems = (list: Node | undefined, role: Mention['role'], what: string): void => {
    for (const [index, item] of itemsOf(list).entries()) {
      const text = textOf(item.kind === 'map' ? field(item, 'name')?.value : item);
      if (list && text !== undefined && isNamed(text, role))
        add(role, what, { list: list.offset, index }, item);
    }
  };

  const isNamed = (text: string, role: Mention['role']): boolean =>
    inRails.has(role) ? sameName(text, name) : text === name;

  const users = field(root, 'users')?.value;
  const own = field(users, name);
  if (own) add('entry', describe(['users', name]), { key: own.at.offset }, own.at);
  for (const { key, value } of entriesOf(users)) {
    const renamed = field(value, 'renamedFrom');
    if (renamed && sameName(textOf(renamed.value) ?? '', name)) {
      add('renamed-from', describe(['users', key]), { key: renamed.at.offset }, renamed.at);
    }
  }
  for (const { key, value } of entriesOf(field(root, 'groups')?.value)) {
    addItems(field(value, 'members')?.value, 'member', `member of group ${quote(key)}`);
  }
  for (const { key, value } of entriesOf(field(root, 'roles')?.value)) {
    const trust = field(value, 'trust')?.value;
    const what = `the trust of role ${quote(key)}`;
    for (const [index, item] of itemsOf(trust).entries()) {
      const whom = field(item, 'user')?.value;
      const names = whom?.kind === 'list' ? itemsOf(whom).map(textOf) : [textOf(whom)];
      if (!trust || !names.includes(name)) continue;
      if (names.every((one) => one !== undefined && leaving.includes(one)))
        add('trusted', what, { list: trust.offset, index }, item);
      else addItems(whom, 'trusted', what);
    }
  }
  const rails = field(root, 'rails')?.value;
  for (const denied of itemsOf(field(rails, 'deny')?.value)) {
    const except = field(denied, 'except')?.value;
    addItems(field(except, 'users')?.value, 'excepted', 'an exception of rails.deny');
  }
  const protect = field(rails, 'protect')?.value;
  addItems(field(protect, 'users')?.value, 'protected', 'rails.protect.users');
  return [...found.values()];
}

/** The users that a file declares. */
export const userNames = ({ root }: ManifestFile): string[] =>
  entriesOf(field(root, 'users')?.value).map(({ key }) => key);

/** The old names of users or groups, by their new ones. */
export const renamedFrom = ({ root }: ManifestFile, section: string): { name: string; from: string }[] =>
  entriesOf(entryAt(root, section.split('.'))?.value).flatMap(({ key, value }) => {
    const from = textOf(field(value, 'renamedFrom')?.value);
    return from === undefined ? [] : [{ name: key, from }];
  });

/** The files of policy documents that a manifest names. */
export const documentPaths = ({ root }: ManifestFile): string[] =>
  documentReferences(root).flatMap((node) => documentPath(node) ?? []);
