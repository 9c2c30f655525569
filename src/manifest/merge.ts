import { NameMap } from '../core/names.ts';
import type { Report } from '../core/report.ts';
import { quote } from '../core/text.ts';
import { entriesOf, place } from '../core/tree.ts';
import type { Entry, Node } from '../core/tree.ts';
import { kinds } from '../kinds/index.ts';
import type { Kind } from '../kinds/index.ts';
import type { Merged } from '../kinds/reading/context.ts';
import { describe } from './words.ts';

/** Keys of one value each, whichever file has them. */
const settings: ReadonlySet<string> = new Set(['partition', ...kinds.flatMap((kind) => kind.settings ?? [])]);

/** Merges files by key. If two places say the same, that is an error that shows both: neither wins silently. */
export function mergeManifests(roots: readonly Node[], report: Report): Merged {
  const merged = {
    sections: new Map(kinds.map(({ section }) => [section, new Map<string, Entry>()])),
    settings: new Map<string, Entry>(),
  };
  const named = new Map(kinds.map(({ section }) => [section, new NameMap<Entry>()]));

  const declare = ({ section }: Kind<unknown>, entry: Entry): void => {
    const first = merged.sections.get(section)!.get(entry.key);
    const similar = named.get(section)!.get(entry.key);
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
    merged.sections.get(section)!.set(entry.key, entry);
    named.get(section)!.set(entry.key, entry);
  };

  const set = (path: string, entry: Entry): boolean => {
    const first = merged.settings.get(path);
    if (!first) merged.settings.set(path, entry);
    else {
      report.error('duplicate-key', place(entry.at), `${quote(path)} is set twice`, {
        hint: 'keep one',
        related: [{ message: 'first here', at: place(first.at) }],
      });
    }
    return first === undefined;
  };

  for (const root of roots) {
    for (const entry of entriesOf(root)) {
      if (entry.key === 'account') setAccount(entry, set);
      else if (settings.has(entry.key)) set(entry.key, entry);
      else if (entry.key === 'manage') setManage(entry, set);
      else if (entry.key === 'ignore' || entry.key === 'removed') {
        for (const item of entriesOf(entry.value)) set(`${entry.key}.${item.key}`, item);
      } else if (entry.key === 'rails') {
        for (const rail of entriesOf(entry.value)) {
          if (rail.value.kind === 'list') set(`rails.${rail.key}`, rail);
          for (const item of entriesOf(rail.value)) set(`rails.${rail.key}.${item.key}`, item);
        }
      }
      const kind = kinds.find(({ section }) => section === entry.key);
      if (kind) for (const item of entriesOf(entry.value)) declare(kind, item);
    }
  }
  for (const { section, only } of kinds) {
    const entry = only === undefined ? undefined : merged.settings.get(section);
    if (only !== undefined && entry) merged.sections.get(section)!.set(only, entry);
  }
  return merged;
}

/** `account: '123456789012'` is short for `account: { id: '123456789012' }`. */
function setAccount(account: Entry, set: (path: string, entry: Entry) => unknown): void {
  if (account.value.kind !== 'map') set('account', account);
  for (const entry of entriesOf(account.value)) {
    set(entry.key === 'id' ? 'account' : `account.${entry.key}`, entry);
  }
}

/** `manage: declared` is short for the same of every section. */
function setManage(manage: Entry, set: (path: string, entry: Entry) => boolean): void {
  if (manage.value.kind !== 'map') {
    const sections = kinds.flatMap(({ section, only }) => (only === undefined ? [section] : []));
    sections.every((section) => set(`manage.${section}`, manage));
  }
  for (const entry of entriesOf(manage.value)) set(`manage.${entry.key}`, entry);
}
