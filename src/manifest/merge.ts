import { NameMap } from '../core/names.ts';
import { quote } from '../core/text.ts';
import type { Report } from './report.ts';
import { entriesOf, place } from './tree.ts';
import type { Entry, Node } from './tree.ts';
import { describe } from './words.ts';

export const sections = ['users', 'groups', 'policies'] as const;
export type Section = (typeof sections)[number];

/** Keys that make a YAML file a manifest, and not a policy document. */
export const manifestKeys: readonly string[] = [
  'version',
  'account',
  'partition',
  'rails',
  'ignore',
  'roles',
  'serviceCredentials',
  ...sections,
];

/** What all files of one account declare together, by key. */
export interface Merged {
  account: Entry | undefined;
  readonly users: Map<string, Entry>;
  readonly groups: Map<string, Entry>;
  readonly policies: Map<string, Entry>;
  /** The same as IAM compares names. */
  readonly named: Readonly<Record<Section, NameMap<Entry>>>;
  /** By dotted path, such as `rails.maxRemovals.users` and `ignore.roles`. */
  readonly settings: Map<string, Entry>;
}

/** Merges files by key. What two places say is an error that shows both: neither wins silently. */
export function mergeManifests(roots: readonly Node[], report: Report): Merged {
  const merged: Merged = {
    account: undefined,
    users: new Map(),
    groups: new Map(),
    policies: new Map(),
    named: { users: new NameMap(), groups: new NameMap(), policies: new NameMap() },
    settings: new Map(),
  };

  const declare = (section: Section, entry: Entry): void => {
    const first = merged[section].get(entry.key);
    const similar = merged.named[section].get(entry.key);
    const what = describe([section, entry.key]);
    if (first) {
      report.error('duplicate-name', place(entry.at), `${what} is declared twice`, {
        hint: 'keep one, with what both say',
        related: [{ message: 'first here', at: place(first.at) }],
      });
      return;
    }
    if (similar) {
      report.error(
        'case-collision',
        place(entry.at),
        `${what} and ${quote(similar.key)} differ only in case: for IAM they are the same`,
        {
          hint: 'keep one, or give one another name',
          related: [{ message: `${quote(similar.key)} is here`, at: place(similar.at) }],
        },
      );
    }
    merged[section].set(entry.key, entry);
    merged.named[section].set(entry.key, entry);
  };

  const set = (path: string, entry: Entry): void => {
    const first = path === 'account' ? merged.account : merged.settings.get(path);
    if (first) {
      report.error('duplicate-key', place(entry.at), `${quote(path)} is set twice`, {
        hint: 'keep one',
        related: [{ message: 'first here', at: place(first.at) }],
      });
    } else if (path === 'account') merged.account = entry;
    else merged.settings.set(path, entry);
  };

  for (const root of roots) {
    for (const entry of entriesOf(root)) {
      if (['account', 'partition', 'serviceCredentials'].includes(entry.key)) set(entry.key, entry);
      else if (entry.key === 'ignore') {
        for (const kind of entriesOf(entry.value)) set(`ignore.${kind.key}`, kind);
      } else if (entry.key === 'rails') {
        for (const rail of entriesOf(entry.value)) {
          for (const item of entriesOf(rail.value)) set(`rails.${rail.key}.${item.key}`, item);
        }
      }
      const section = sections.find((name) => name === entry.key);
      if (section) for (const item of entriesOf(entry.value)) declare(section, item);
    }
  }
  return merged;
}
