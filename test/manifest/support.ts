import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import type { Desired } from '../../src/core/desired.ts';
import { formatLocation } from '../../src/core/errors.ts';
import type { Diagnostic } from '../../src/core/errors.ts';
import { loadManifests } from '../../src/manifest/index.ts';
import type { LoadOptions } from '../../src/manifest/index.ts';

export const now = new Date('2026-11-24T12:00:00Z');

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
    return { desired: result.desired, diagnostics: relativeTo(dir, result.diagnostics) };
  });
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
