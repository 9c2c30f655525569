import { NameMap } from '../core/names.ts';
import type { Report } from '../core/report.ts';
import { quote } from '../core/text.ts';
import { entriesOf, place } from '../core/tree.ts';
import type { Entry, Node } from '../core/tree.ts';
import { kinds } from '../kinds/index.ts';
import type { Kind } from '../kinds/index.ts';
import type { Merged } from '../kinds/reading/context.ts';
import { bySection, namedKinds } from '../kinds/sections.ts';
import { describe } from './words.ts';

/** Keys of one value each, whichever file has them. */
const settings: ReadonlySet<string> = new Set(['partition', ...kinds.flatMap((kind) => kind.settings ?? [])]);

/** Merges files by key. If two places say the same, that is an error that shows both: neither wins silently. */
export function mergeManifests(roots: readonly Node[], report: Report): Merged {
  const merged = {
    sections: new Map(kinds.map(({ section }) => [section, new Map<string, Entry>()])),
    settings: new Map<string, Entry>(),
    present: new Set<string>(),
  };
  const named = new Map(kinds.map(({ section }) => [section, new NameMap<Entry>()]));

  const declare = ({ section }: Kind<unknown>, entry: Entry): void => {
    const first = merged.sections.get(section)!.get(entry.key);
    const similar = named.get(section)!.get(entry.key);
    const what = describe([...section.split('.'), entry.key]);
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

  const set: SetOnce = (path, entry) => {
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
    for (const entry of entriesOf(root)) setEntry(entry, set);
    for (const [key, entry] of bySection(root)) {
      const kind = namedKinds.find(({ section }) => section === key);
      if (!kind) continue;
      merged.present.add(key);
      for (const item of entriesOf(entry.value)) declare(kind, item);
    }
  }
  for (const kind of namedKinds) for (const entry of kind.implied?.(merged) ?? []) declare(kind, entry);
  for (const { section, only } of kinds) {
    const entry = only === undefined ? undefined : merged.settings.get(section);
    if (only !== undefined && entry) merged.sections.get(section)!.set(only, entry);
  }
  return merged;
}

/** Tells whether nothing was set there before. */
type SetOnce = (path: string, entry: Entry) => boolean;

function setEntry(entry: Entry, set: SetOnce): void {
  const { key, value } = entry;
  if (key === 'account') setAccount(entry, set);
  else if (settings.has(key)) set(key, entry);
  else if (key === 'manage') setManage(entry, set);
  else if (key === 'ignore' || key === 'removed') {
    for (const [section, item] of bySection(value)) set(`${key}.${section}`, item);
  } else if (key === 'rails') {
    for (const rail of entriesOf(value)) {
      if (rail.value.kind === 'list') set(`rails.${rail.key}`, rail);
      for (const [section, item] of bySection(rail.value)) set(`rails.${rail.key}.${section}`, item);
    }
  }
}

/** `account: '123456789012'` is short for `account: { id: '123456789012' }`. */
function setAccount(account: Entry, set: SetOnce): void {
  if (account.value.kind !== 'map') set('account', account);
  for (const entry of entriesOf(account.value)) {
    set(entry.key === 'id' ? 'account' : `account.${entry.key}`, entry);
  }
}

/** `manage: declared` is short for the same of every section. */
function setManage(manage: Entry, set: SetOnce): void {
  if (manage.value.kind !== 'map') {
    namedKinds.every(({ section }) => set(`manage.${section}`, manage));
  }
  for (const [section, entry] of bySection(manage.value)) set(`manage.${section}`, entry);
}
