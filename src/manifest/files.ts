import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { extname, dirname, isAbsolute, join, normalize, relative, resolve, sep } from 'node:path';
import { errorCode } from '../core/durable.ts';
import type { Location } from '../core/errors.ts';
import { byText } from '../core/json.ts';
import type { Report } from '../core/report.ts';
import { whyUnreadable } from '../core/system-errors.ts';
import { didYouMean, quote } from '../core/text.ts';
import { Source } from '../core/tree.ts';

/** Larger files are refused unread. The manifest of 5,000 users has about half a MiB. */
const mostFileBytes = 5 * 1024 * 1024;

const isManifestName = (name: string): boolean => /\.ya?ml$/.test(name) && !name.startsWith('.');

/** A path as the user would type it: relative to the current directory if it is below it, else as it was given. */
export function displayName(path: string, cwd = ''): string {
  const inside = relative(cwd, resolve(cwd, path));
  const typed =
    isAbsolute(path) && !inside.startsWith('..') && !isAbsolute(inside) ? inside : normalize(path);
  return typed === '' ? '.' : typed;
}

/** Whether a path is the directory or below it. Both are absolute; links are not resolved. */
export function isBelow(directory: string, path: string): boolean {
  const inside = relative(directory, path);
  return inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
}

/** Whether a path is in the directory once links are resolved. If there is no such file, its folder is checked. */
export async function staysBelow(directory: string, path: string): Promise<boolean> {
  try {
    return isBelow(await realpath(directory), await realpath(path));
  } catch {
    const parent = dirname(path);
    return parent === path || (await staysBelow(directory, parent));
  }
}

/** Paths in one form on every system, for the hash. */
export const portable = (path: string): string => path.split(sep).join('/');

/**
 * All manifest files below a directory, in text order. Hidden directories and `node_modules` are skipped, links within
 * the directory are followed, and each file counts once. A link that leads outside is an error: through it a pull
 * request could have other files of the machine read and rewritten.
 */
export async function listManifests(dir: string, report: Report): Promise<string[]> {
  const found: string[] = [];
  const at = (path: string): string => resolve(report.cwd, path);
  const seen = new Set<string>();
  let root = dir;

  async function walk(path: string): Promise<void> {
    const entries = await readdir(at(path), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => byText(a.name, b.name))) {
      const child = join(path, entry.name);
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      if (!entry.isDirectory() && !entry.isSymbolicLink() && !isManifestName(entry.name)) continue;
      try {
        const isDirectory = entry.isSymbolicLink()
          ? (await stat(at(child))).isDirectory()
          : entry.isDirectory();
        if (!isDirectory && !isManifestName(entry.name)) continue;
        const real = await realpath(at(child));
        if (!isBelow(root, real)) {
          leadsOutside(report, child, dir);
          continue;
        }
        if (seen.has(real)) continue;
        seen.add(real);
        if (isDirectory) await walk(child);
        else found.push(child);
      } catch (error) {
        // A broken link that is not named like a manifest does not matter.
        if (entry.isSymbolicLink() && !isManifestName(entry.name)) continue;
        unreadable(report, child, error, entry.isSymbolicLink());
      }
    }
  }

  try {
    root = await realpath(at(dir));
    seen.add(root);
    await walk(dir);
  } catch (error) {
    report.error(
      'no-directory',
      undefined,
      `cannot read the directory ${quote(displayName(dir, report.cwd))}: ${whyUnreadable(error)}`,
      {
        hint: 'name the directory of the manifests with --manifests DIR, or begin one with rollcall init',
      },
    );
  }
  return found;
}

function leadsOutside(report: Report, path: string, dir: string): void {
  report.error(
    'link-outside',
    { file: displayName(path, report.cwd), line: 1, column: 1 },
    'the symbolic link leads outside the directory of the manifests',
    {
      hint: `move what it leads to below ${displayName(dir, report.cwd)}, or name a directory that holds both`,
    },
  );
}

function unreadable(report: Report, path: string, error: unknown, isLink = false): void {
  report.error(
    'unreadable-file',
    { file: displayName(path, report.cwd), line: 1, column: 1 },
    `cannot read the file: ${whyUnreadable(error)}`,
    { hint: isLink ? 'mend or remove the symbolic link' : undefined },
  );
}

/**
 * Reads a file of UTF-8 text. Null if it cannot be used, which is reported; only a missing file is left to `missing`.
 */
export async function readSource(
  path: string,
  report: Report,
  missing?: () => void,
  mostBytes = mostFileBytes,
): Promise<Source | null> {
  const name = displayName(path, report.cwd);
  const file = resolve(report.cwd, path);
  const start: Location = { file: name, line: 1, column: 1 };
  try {
    const info = await stat(file);
    if (!info.isFile()) {
      report.error('unreadable-file', start, 'cannot read the file: it is not a regular file');
      return null;
    }
    if (info.size > mostBytes) {
      report.error(
        'file-too-large',
        start,
        `the file has ${info.size} bytes; at most ${mostBytes} (${mostBytes / 1024 / 1024} MiB) are read`,
        {
          hint: 'split it: all files of the directory are merged',
        },
      );
      return null;
    }
    const bytes = await readFile(file);
    return new Source(name, file, bytes, new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof TypeError) {
      report.error('not-utf-8', start, 'the file is not UTF-8 text', { hint: 'save it as UTF-8' });
    } else if (missing && errorCode(error) === 'ENOENT') missing();
    else unreadable(report, path, error);
    return null;
  }
}

/** Reports a reference to a missing file, with the name that was probably meant. */
export async function missingFile(
  reference: string,
  path: string,
  at: Location,
  report: Report,
): Promise<void> {
  const folder = join(path, '..');
  const names = await readdir(folder).catch(() => []);
  const wanted = path.slice(folder.length + 1);
  const hint = didYouMean(
    wanted,
    names.filter((name) => extname(name) === extname(path) || /\.(json|ya?ml)$/.test(name)),
  );
  report.error('missing-document', at, `there is no file ${quote(reference)}`, {
    hint: hint ?? `it is looked for as ${displayName(path, report.cwd)}, relative to the manifest file`,
  });
}
