import { createHash } from 'node:crypto';
import { byText } from '../../core/json.ts';
import { nameKey } from '../../core/names.ts';
import { validationError } from '../wire/errors.ts';
import type { Context } from './context.ts';

interface Page<T> {
  readonly items: T[];
  readonly IsTruncated: boolean;
  readonly Marker?: string;
}

export interface PageRequest {
  readonly MaxItems?: number | undefined;
  readonly Marker?: string | undefined;
}

const defaultSize = 100;

const digest = (op: string, scope: string, key: string): string =>
  createHash('sha256').update(`${op}\n${scope}\n${key}`).digest('base64url').slice(0, 8);

/** The marker: the key of the last item, sealed for one operation and its arguments, and opaque to clients. */
const seal = (op: string, scope: string, key: string): string =>
  Buffer.from(`${digest(op, scope, key)}${key}`).toString('base64url');

function open(op: string, scope: string, marker: string, bad = (_key: string) => 'Invalid Marker.'): string {
  const text = Buffer.from(marker, 'base64url').toString();
  const key = text.slice(8);
  if (text.slice(0, 8) !== digest(op, scope, key)) throw validationError(bad(key));
  return key;
}

/**
 * One page of a list in the order of its keys, starting after the marker's key, so that an object created or deleted
 * between two pages neither repeats nor hides others.
 */
export function paginate<T>(
  ctx: Context,
  input: PageRequest,
  list: readonly T[],
  keyOf: (item: T) => string,
  options: {
    readonly scope?: string;
    readonly keep?: (item: T) => boolean;
    /** What is said of a marker of another list, or of none, from the key that it seems to hold. */
    readonly badMarker?: (key: string) => string;
  } = {},
): Page<T> {
  const scope = options.scope ?? '';
  const size = Math.min(input.MaxItems ?? defaultSize, ctx.pageCap ?? Number.MAX_SAFE_INTEGER);
  let start = 0;
  if (input.Marker !== undefined) {
    const after = open(ctx.op, scope, input.Marker, options.badMarker);
    let high = list.length;
    while (start < high) {
      const middle = (start + high) >> 1;
      if (byText(keyOf(list[middle]!), after) <= 0) start = middle + 1;
      else high = middle;
    }
  }
  const items: T[] = [];
  for (let index = start; index < list.length; index++) {
    const item = list[index]!;
    if (options.keep && !options.keep(item)) continue;
    if (items.length === size) {
      return { items, IsTruncated: true, Marker: seal(ctx.op, scope, keyOf(items.at(-1)!)) };
    }
    items.push(item);
  }
  return { items, IsTruncated: false };
}

/** `paginate` for short lists in any order. */
export const paginateUnsorted = <T>(
  ctx: Context,
  input: PageRequest,
  list: readonly T[],
  keyOf: (item: T) => string,
  scope = '',
): Page<T> =>
  paginate(
    ctx,
    input,
    [...list].sort((a, b) => byText(keyOf(a), keyOf(b))),
    keyOf,
    { scope },
  );

export const pageFields = (page: Page<unknown>): { IsTruncated: boolean; Marker?: string } => ({
  IsTruncated: page.IsTruncated,
  ...(page.Marker === undefined ? {} : { Marker: page.Marker }),
});

/** The order of tables: names without case. */
export const inTable = (record: { readonly name: string }): string => nameKey(record.name);
