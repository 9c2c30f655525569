import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** What AWS answered to the calls of one test, by the name that the test gave the answer. */
export interface Recorded {
  readonly 'recorded-date': string;
  readonly 'recorded-content': Readonly<Record<string, unknown>>;
}

/**
 * Files with recordings, none of which is part of the project: `ROLLCALL_RECORDINGS` lists them, separated by colons; else
 * the one in ../shared/corpus. Plain or gzipped JSON, as LocalStack keeps them (tests/aws/services/iam/test_iam.snapshot.json).
 */
const files = (
  process.env['ROLLCALL_RECORDINGS'] ??
  ['../shared/corpus/aws-recorded-iam.json.gz', '/work/shared/corpus/aws-recorded-iam.json.gz'].find((file) =>
    existsSync(file),
  ) ??
  ''
)
  .split(':')
  .filter((file) => file !== '' && existsSync(file));

/** All recorded tests, by class and name (`TestRoles::test_role_with_tags`); empty where no file is at hand. */
export function readRecordings(): ReadonlyMap<string, Recorded> {
  const found = new Map<string, Recorded>();
  for (const file of files) {
    const bytes = readFileSync(file);
    const text = (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString();
    for (const [id, recorded] of Object.entries(JSON.parse(text) as Record<string, Recorded>)) {
      found.set(id.split('::').slice(1).join('::'), recorded);
    }
  }
  return found;
}

/** One answer as a client sees it: members with the HTTP status, or an error's parts. */
export interface Seen {
  readonly ok?: object;
  readonly error?: { readonly Code: string; readonly Message: string; readonly Type: string };
  readonly status: number;
}

const placeholder = /<([\w-]+(?::\d+)?)>/;

/**
 * Recorded texts have placeholders for names, ids and times (`<role-name:1>`): each stands for one text throughout a
 * test, and is bound where it stands alone.
 */
export class Recording {
  readonly #bound = new Map<string, string>();

  constructor(account: string) {
    for (const [name, text] of [
      ['partition', 'aws'],
      ['account', account],
    ] as const) {
      this.#bound.set(name, text);
    }
  }

  /** Where the answer is another one than was recorded; null if it is the same in every field. */
  difference(recorded: unknown, seen: Seen): string | null {
    const { ResponseMetadata, Error: error, ...members } = recorded as Record<string, unknown>;
    const status = (ResponseMetadata as { HTTPStatusCode?: number } | undefined)?.HTTPStatusCode ?? 200;
    if (status !== seen.status) return `HTTP status: ${status} recorded, ${seen.status} here`;
    const pairs: [string, string, string][] = [];
    const found = error
      ? this.#walk(error, seen.error, 'Error', pairs)
      : this.#walk(members, seen.ok, '', pairs);
    if (found !== null) return found;
    // Alone first: of several placeholders side by side, none says where it ends.
    const isAlone = (text: string): boolean => placeholder.exec(text)?.[0] === text;
    for (const [path, text, here] of [
      ...pairs.filter(([, text]) => isAlone(text)),
      ...pairs.filter(([, text]) => !isAlone(text)),
    ]) {
      if (!this.#fits(text, here))
        return `${path}: ${JSON.stringify(text)} recorded, ${JSON.stringify(here)} here`;
    }
    return null;
  }

  #walk(recorded: unknown, here: unknown, path: string, pairs: [string, string, string][]): string | null {
    const at = path === '' ? 'the answer' : path;
    if (typeof recorded === 'string' && typeof here === 'string') {
      pairs.push([at, recorded, here]);
      return null;
    }
    if (recorded === '<datetime>' && here instanceof Date) return null;
    if (typeof recorded !== 'object' || recorded === null || typeof here !== 'object' || here === null) {
      return recorded === here
        ? null
        : `${at}: ${JSON.stringify(recorded)} recorded, ${JSON.stringify(here)} here`;
    }
    const without = (some: object, other: object): string[] =>
      Object.keys(some).filter((key) => !Object.hasOwn(other, key));
    const [missing, extra] = [without(recorded, here), without(here, recorded)];
    if (missing.length > 0) return `${at}: no ${missing.join(', ')} here`;
    if (extra.length > 0) return `${at}: ${extra.join(', ')} only here`;
    for (const [key, value] of Object.entries(recorded)) {
      const inner = (here as Record<string, unknown>)[key];
      const found = this.#walk(value, inner, path === '' ? key : `${path}.${key}`, pairs);
      if (found !== null) return found;
    }
    return null;
  }

  #fits(recorded: string, here: string): boolean {
    let names: string[] = [];
    // Accounts are recorded as twelve ones.
    const parts = recorded.replaceAll('1'.repeat(12), '<account>').split(new RegExp(placeholder, 'g'));
    const pattern = parts.map((part, index) => {
      if (index % 2 === 0) return escape(part);
      const known = this.#bound.get(part);
      if (known !== undefined) return escape(known);
      if (names.includes(part)) return `\\${names.indexOf(part) + 1}`;
      names = [...names, part];
      return '(.+)';
    });
    const found = new RegExp(`^${pattern.join('')}$`, 's').exec(here);
    if (!found) return false;
    names.forEach((name, index) => this.#bound.set(name, found[index + 1]!));
    return true;
  }
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
