import { byText } from '../../core/json.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import { NameMap } from '../../core/names.ts';
import { objectRef } from '../../core/references.ts';
import type { Ref } from '../../core/references.ts';
import type { AccountState } from '../../core/state.ts';
import { kinds } from '../../kinds/index.ts';
import type { Kind, References } from '../../kinds/index.ts';
import type { NewEntry } from '../../manifest/edit/index.ts';
import { brief, fileFor, fileName, readsWell, wayUp, yamlEntry } from '../../manifest/write/index.ts';
import type { Layout } from '../../manifest/write/index.ts';
import { documentText } from './files.ts';
import type { Known } from './known.ts';

/** Something that a manifest cannot say, or does not say, and why. */
export interface Finding {
  readonly kind: string;
  readonly name: string;
  readonly text: string;
}

/** What will be written, before it is assigned to places in files. */
export interface Additions {
  /** By file and section, in text order of names. */
  readonly entries: ReadonlyMap<string, ReadonlyMap<string, readonly NewEntry[]>>;
  /** What an account has one of: keys of `account`. */
  readonly account: JsonObject;
  /** Texts of files that are no manifests: policy documents, and what else has files of its own. */
  readonly documents: ReadonlyMap<string, string>;
  /** Names by section. */
  readonly added: BySection<string>;
  /** Objects that no manifest can describe: they are ignored, so that no plan changes them. */
  readonly unsaid: BySection<Finding>;
  readonly notes: readonly Finding[];
}

export type BySection<T> = Readonly<Record<string, readonly T[]>>;

interface Options {
  readonly layout: Layout;
  /** The free name of a document's file. */
  readonly nameFile: (name: string, text: string) => string;
  /** What more is said of an object than an account knows. */
  readonly complete?: (ref: Ref, value: Json, references: References) => Json;
}

/** Objects of the account that the manifests neither declare nor ignore. */
export const newNames = (live: AccountState, known: Known, kind: Kind<unknown>): string[] =>
  [...kind.of(live)].flatMap(([name, object]) =>
    kind.isAws?.(object) !== true &&
    known.declared(kind.name, name) === undefined &&
    !known.isIgnored(kind.name, name)
      ? [name]
      : [],
  );

/** What entries of others may declare comes last. */
const inOrderOfNames = [...kinds]
  .reverse()
  .sort((a, b) => Number(a.implied !== undefined) - Number(b.implied !== undefined));

/**
 * New objects as entries of manifests.
 *
 * @param live with what each kind reads for it (`readForImport`).
 */
export function additionsToManifest(live: AccountState, known: Known, options: Options): Additions {
  const found = new Found();
  // Those that others refer to come first: whether a manifest can say them decides how they are called.
  for (const kind of inOrderOfNames) {
    // Where there are manifests, what an account has one of is in them, or left alone.
    if (kind.only !== undefined && known.desired) continue;
    const twins = caseTwins(kind.of(live).keys());
    for (const name of newNames(live, known, kind)) {
      addObject(found, kind, name, twins.has(name), live, known, options);
    }
  }
  return found.inOrder();
}

class Found {
  readonly entries = new Map<string, Map<string, NewEntry[]>>();
  readonly account: [key: string, value: Json][] = [];
  readonly documents = new Map<string, string>();
  readonly added = new Map<string, string[]>(kinds.map(({ section }) => [section, []]));
  readonly unsaid = new Map<string, Finding[]>(kinds.map(({ section }) => [section, []]));
  readonly notes: Finding[] = [];

  /** Files in text order, sections in theirs. */
  inOrder(): Additions {
    const sections = kinds.map(({ section }) => section);
    const entries = [...this.entries]
      .sort(([a], [b]) => byText(a, b))
      .map(([file, content]) => {
        const inOrder = sections.flatMap((section) => {
          const held = content.get(section);
          return held ? [[section, held] as const] : [];
        });
        return [file, new Map(inOrder)] as const;
      });
    return {
      entries: new Map(entries),
      account: Object.fromEntries(this.account),
      documents: this.documents,
      notes: this.notes,
      // Of what an account has one of, only what there is.
      added: Object.fromEntries(
        kinds.flatMap(({ section, only }) => {
          const names = this.added.get(section)!;
          return only !== undefined && names.length === 0 ? [] : [[section, names]];
        }),
      ),
      unsaid: Object.fromEntries(this.unsaid),
    };
  }
}

function addObject(
  found: Found,
  kind: Kind<unknown>,
  name: string,
  hasTwin: boolean,
  live: AccountState,
  known: Known,
  { layout, nameFile, complete }: Options,
): void {
  const { section } = kind;
  const object = kind.of(live).get(name);
  const file = fileFor(layout, section, pathOf(object));
  const own = new Map<string, string>();
  const place = (wanted: readonly string[], ending: string, text: string): string => {
    const free = nameFile(`${wanted.map(fileName).join('/')}${ending}`, text);
    own.set(free, text);
    return `${wayUp(file)}${free}`;
  };
  const references: References = {
    live,
    declared: (of, one) => known.declared(of, one),
    isLeftOut: (of, one) =>
      known.isIgnored(of, one) ||
      [...found.unsaid.values()].flat().some((finding) => finding.kind === of && finding.name === one),
    document: (wanted, document) =>
      readsWell(document) ? brief(document) : place(wanted, '.json', documentText(document)),
    text: place,
  };
  const { value: bare, reasons, notes, isImplied } = kind.toManifest(object, references);
  const reason = hasTwin ? 'another name differs from it only in case' : reasons[0];
  if (reason !== undefined) {
    found.unsaid.get(section)!.push({ kind: kind.name, name, text: reason });
    return;
  }
  found.added.get(section)!.push(name);
  if (isImplied) return;
  found.notes.push(...notes.map((text) => ({ kind: kind.name, name, text })));
  const value = complete?.(objectRef(kind.name, name), bare, references) ?? bare;
  for (const [path, text] of own) found.documents.set(path, text);
  if (kind.only !== undefined) {
    found.account.unshift([section.slice(section.indexOf('.') + 1), value]);
    return;
  }
  const ofFile = found.entries.get(file) ?? new Map<string, NewEntry[]>();
  found.entries.set(file, ofFile.set(section, [...(ofFile.get(section) ?? []), yamlEntry(name, value)]));
}

/** IAM's path of an object that has one. */
const pathOf = (object: unknown): string => (object as { readonly path?: string }).path ?? '/';

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
