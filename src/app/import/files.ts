import { existsSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { byText } from '../../core/json.ts';
import type { JsonObject } from '../../core/json.ts';
import { addEntries, addItems } from '../../manifest/edit/index.ts';
import type { NewEntry } from '../../manifest/edit/index.ts';
import { displayName, readSource } from '../../manifest/files.ts';
import { Report } from '../../core/report.ts';
import { entryAt, type Source } from '../../core/tree.ts';
import {
  flow,
  ignoredLines,
  inChunks,
  numbered,
  renderFile,
  scalar,
  yamlEntry,
} from '../../manifest/write/index.ts';
import type { Ignored } from '../../manifest/write/index.ts';
import { RollcallError } from '../../core/errors.ts';
import type { FileEdit } from '../edits.ts';
import type { Known } from './known.ts';

/** Where a section stands in a file. */
const keysOf = (section: string): [string, ...string[]] => section.split('.') as [string, ...string[]];

/** A document as its file holds it. */
export const documentText = (document: JsonObject): string => `${JSON.stringify(document, null, 2)}\n`;

/** Names for files of documents: an existing file with other content is never overwritten. */
export function fileNamer(dir: string): (name: string, text: string) => string {
  return (name, text) => {
    for (let number = 1; ; number += 1) {
      const free = numbered(name, number);
      const path = join(dir, free);
      if (!existsSync(path) || readFileSync(path, 'utf8') === text) return free;
    }
  };
}

/** The files of a directory as they will be after the import; all other files stay. */
export class FileSet {
  /** As the user typed it. */
  readonly #name: string;
  readonly #dir: string;
  readonly #cwd: string;
  readonly #known: Known;
  readonly #edited = new Map<string, { readonly before: Source | null; after: Source | string }>();

  constructor(dir: string, known: Known, cwd = '') {
    this.#name = dir;
    this.#dir = resolve(cwd, dir);
    this.#cwd = cwd;
    this.#known = known;
  }

  create(name: string, text: string): void {
    const path = join(this.#dir, name);
    // The file is there already with the same content.
    if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
    this.#edited.set(path, { before: null, after: text });
  }

  /** Puts entries into the file of that name if it can be added to, else into a new one with a number in its name. */
  async add(name: string, content: ReadonlyMap<string, readonly NewEntry[]>): Promise<void> {
    for (let number = 1; ; number += 1) {
      const path = join(this.#dir, numbered(name, number));
      const source = await this.#source(path);
      if (source === null) {
        if (!existsSync(path)) {
          this.#create(name, number, content);
          return;
        }
        continue;
      }
      let after: Source | null = source;
      for (const [section, entries] of content) after &&= addEntries(after, keysOf(section), entries);
      if (after) {
        this.#replace(path, source, after);
        return;
      }
    }
  }

  #create(name: string, first: number, content: ReadonlyMap<string, readonly NewEntry[]>): void {
    const chunks: Map<string, readonly NewEntry[]>[] = [];
    for (const [section, entries] of content) {
      for (const [index, chunk] of inChunks(entries).entries()) {
        (chunks[index] ??= new Map()).set(section, chunk);
      }
    }
    let number = first;
    for (const chunk of chunks) {
      while (existsSync(join(this.#dir, numbered(name, number)))) number += 1;
      const file = numbered(name, number);
      this.create(file, renderFile(file, chunk));
      number += 1;
    }
  }

  /** Adds names to a list of `ignore`, in whichever file that list is. */
  async ignore(section: string, ignored: readonly Ignored[]): Promise<void> {
    if (ignored.length === 0) return;
    const items = ignored.map((one) => ({
      value: one.name,
      block: ignoredLines(one),
      flow: scalar(one.name),
    }));
    const list = ignored.map(({ name }) => name);
    const path = keysOf(section);
    const key = path.at(-1)!;
    const entry = {
      ...yamlEntry(key, list),
      block: [`${key}:`, ...items.flatMap(({ block }) => block.map((line) => `  ${line}`))],
      flow: `${key}: ${flow(list)}`,
    };
    const isAdded = await this.#setting(
      'ignore',
      path,
      (now) =>
        addItems(now, ['ignore', ...path], items) ??
        addEntries(now, ['ignore', ...path.slice(0, -1)], [entry]),
    );
    if (isAdded) return;
    throw new RollcallError(`ignore.${section} cannot be added to`, {
      hint: `add ${flow(list)} to it by hand, and run again`,
    });
  }

  /** Only what is declared of a section is managed. */
  async manageDeclared(section: string): Promise<void> {
    const path = keysOf(section);
    const entry = yamlEntry(path.at(-1)!, 'declared');
    const isAdded = await this.#setting('manage', path, (now) =>
      addEntries(now, ['manage', ...path.slice(0, -1)], [entry]),
    );
    if (isAdded) return;
    throw new RollcallError(`manage.${section} cannot be added`, {
      hint: `write manage: { ${section}: declared } by hand, and run again`,
    });
  }

  /** Adds to a setting in the file that has it, or to that of the account; whether it could. */
  async #setting(
    setting: string,
    path: readonly string[],
    add: (now: Source) => Source | null,
  ): Promise<boolean> {
    const has = (keys: readonly string[]) =>
      this.#known.files.filter(({ root }) => entryAt(root, keys) !== undefined);
    for (const { source } of [has([setting, ...path]), has([setting]), has(['account'])].flat()) {
      const now = (await this.#source(source.path)) ?? source;
      const after = add(now);
      if (!after) continue;
      this.#replace(source.path, now, after);
      return true;
    }
    return false;
  }

  #replace(path: string, before: Source, after: Source): void {
    const known = this.#edited.get(path);
    this.#edited.set(path, { before: known ? known.before : before, after });
  }

  /** An existing YAML file, with the edits so far. */
  async #source(path: string): Promise<Source | null> {
    const edited = this.#edited.get(path)?.after;
    if (edited !== undefined) return typeof edited === 'string' ? null : edited;
    const known = this.#known.files.find(({ source }) => source.path === path);
    if (known) return known.source;
    return existsSync(path) ? await readSource(path, new Report()) : null;
  }

  edits(): FileEdit[] {
    const inOrder = [...this.#edited].sort(([a], [b]) => byText(a, b));
    return inOrder.map(([path, { before, after }]) => ({
      name: displayName(join(this.#name, relative(this.#dir, path)), this.#cwd),
      path,
      before: before === null ? null : before.bytes,
      after: typeof after === 'string' ? Buffer.from(after) : after.bytes,
    }));
  }
}
