import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import { isPair, isScalar, parseDocument, visit } from 'yaml';
import type { Desired } from '../../src/core/desired.ts';
import { formatLocation } from '../../src/core/errors.ts';
import type { Diagnostic } from '../../src/core/errors.ts';
import { isObject } from '../../src/core/json.ts';
import { loadManifests } from '../../src/manifest/index.ts';
import type { LoadOptions } from '../../src/manifest/index.ts';
import schema from '../../schemas/manifest.schema.json' with { type: 'json' };

export const now = new Date('2026-11-24T12:00:00Z');

/** As editors check. */
export const ajv = new Ajv2020({ allowUnionTypes: true, strictRequired: false, strict: true });
ajv.addVocabulary(['markdownDescription', 'patternErrorMessage', 'doNotSuggest']);
const published = ajv.compile(schema);

export type Files = Readonly<Record<string, string | Uint8Array>>;

/** Runs with a directory that holds the files. */
export async function withFiles<T>(files: Files, use: (dir: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'rollcall-manifest-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(dir, name)), { recursive: true });
      await writeFile(join(dir, name), content);
    }
    return await use(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Loads files, with their names relative to their directory. */
export async function load(
  files: Files,
  options: LoadOptions = {},
): Promise<{ desired: Desired | null; diagnostics: Diagnostic[] }> {
  return await withFiles(files, async (dir) => {
    const result = await loadManifests(dir, { now, ...options });
    if (result.desired) expect(await markedByEditors(result.desired.files)).toEqual([]);
    return { desired: result.desired, diagnostics: relativeTo(dir, result.diagnostics) };
  });
}

/** What the published schema marks in manifests. What `validate` takes, an editor must not mark. */
export async function markedByEditors(paths: readonly string[]): Promise<unknown[]> {
  const marked: unknown[] = [];
  for (const path of paths) {
    const document = parseDocument(await readFile(path, 'utf8'), { merge: true });
    visit(document, (_, node) => {
      // A key is a name as it is written, `null` too.
      if (isPair(node) && isScalar(node.key) && node.key.value === null) node.key.value = node.key.source;
    });
    const value: unknown = document.toJS();
    // A file of comments alone, and a policy document that a manifest names, which another schema is for.
    const isManifest = isObject(value) && !('Statement' in (value as object));
    if (isManifest && !published(value)) marked.push([path, published.errors]);
  }
  return marked;
}

const relativeTo = (dir: string, diagnostics: Diagnostic[]): Diagnostic[] =>
  JSON.parse(JSON.stringify(diagnostics).replaceAll(`${dir}/`, '').replaceAll(dir, 'DIR')) as Diagnostic[];

/** The state that files without any diagnostic give. */
export async function loadClean(files: Files, options: LoadOptions = {}): Promise<Desired> {
  const { desired, diagnostics } = await load(files, options);
  expect(diagnostics).toEqual([]);
  return desired!;
}

/** `[code, message, hint]`; warnings have `warning ` before the code. */
export type Expected = readonly [code: string, message: string, hint?: string];

/** What diagnostics come to, for comparison: each with its place, and the places of related ones. */
export interface Found {
  readonly diagnostics: readonly (readonly string[])[];
  readonly related: readonly string[];
  /** There is no state exactly if there is an error. */
  readonly hasState: boolean;
}

/**
 * Loads files in which `▸` marks the place of each wanted diagnostic, in order, and `◂` that of its related places.
 * `▸▸` are two at one place.
 */
export async function diagnose(
  marked: string | Files,
  expected: readonly Expected[],
  options: LoadOptions = {},
): Promise<{ found: Found; wanted: Found }> {
  const files = typeof marked === 'string' ? { 'm.yaml': marked } : marked;
  const places: Record<'▸' | '◂', string[]> = { '▸': [], '◂': [] };
  const clean: Record<string, string | Uint8Array> = {};
  for (const [name, content] of Object.entries(files)) {
    if (typeof content !== 'string') {
      clean[name] = content;
      continue;
    }
    let [line, column] = [1, 1];
    let text = '';
    for (const char of content) {
      if (char === '▸' || char === '◂') places[char].push(`${name}:${line}:${column}`);
      else {
        text += char;
        if (char === '\n') [line, column] = [line + 1, 1];
        else column += char.length;
      }
    }
    clean[name] = text;
  }
  const { desired, diagnostics } = await load(clean, options);
  return {
    found: {
      diagnostics: diagnostics.map(({ severity, code, message, hint, at }) => [
        at ? formatLocation(at) : '',
        `${severity === 'warning' ? 'warning ' : ''}${code}`,
        message,
        ...(hint === undefined ? [] : [hint]),
      ]),
      related: diagnostics.flatMap(({ related }) => (related ?? []).map(({ at }) => formatLocation(at))),
      hasState: desired !== null,
    },
    wanted: {
      diagnostics: expected.map(([code, ...words], index) => [
        places['▸'][index] ?? '',
        code,
        ...words.filter((word) => word !== undefined),
      ]),
      related: places['◂'],
      hasState: expected.every(([code]) => code.startsWith('warning ')),
    },
  };
}
