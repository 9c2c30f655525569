/**
 * Policy variables filled in. Source: IAM User Guide, "IAM policy elements: Variables and tags": `${name}`,
 * `${name, 'default'}`, and the characters `${*}`, `${?}` and `${$}`.
 */

/** The values of a condition key, by its name in lower case. Empty: not in the request. Undefined: not known. */
export type ValuesOf = (key: string) => readonly string[] | undefined;

/** Characters that are no wildcards and begin no variable, told from those that are. */
const literals: { readonly [char: string]: string } = { '*': '\uE000', '?': '\uE001', $: '\uE002' };
const characters = new Map(Object.entries(literals).map(([char, literal]) => [literal, char]));

/** A text as a pattern that only it matches. */
export const literal = (text: string): string => text.replaceAll(/[*?$]/g, (char) => literals[char]!);

/** A filled pattern as people read it. */
export const readable = (pattern: string): string =>
  pattern.replaceAll(/[\uE000-\uE002]/g, (char) => characters.get(char)!);

interface Filled {
  /** Variables whose value is not known are left as they are. */
  readonly text: string;
  /** Names of those. */
  readonly open: readonly string[];
  /** Names of variables that have no value: the text matches nothing, and AWS may drop the whole statement. */
  readonly absent: readonly string[];
}

/** @param valuesOf null: `${…}` is plain text, as in documents of 2008. */
export function fill(pattern: string, valuesOf: ValuesOf | null): Filled {
  const open: string[] = [];
  const absent: string[] = [];
  const text = pattern.replaceAll(/\$(?:\{([^}]*)\})?/g, (whole, inner: string | undefined) => {
    if (inner === undefined || !valuesOf) return `${literals.$}${whole.slice(1)}`;
    if (/^[*?$]$/.test(inner)) return literals[inner]!;
    const [, name = '', fallback] = /^\s*([^,]*?)\s*(?:,\s*'(.*)'\s*)?$/.exec(inner) ?? [];
    const key = (name || inner.trim()).toLowerCase();
    const values = valuesOf(key);
    if (values?.length === 1) return literal(values[0]!);
    if (values?.length === 0 && fallback !== undefined) return literal(fallback);
    // Keys with several values are no variables.
    (values?.length === 0 ? absent : open).push(key);
    return whole;
  });
  return { text, open, absent };
}

/** A pattern without variables, in which `${*}`, `${?}` and `${$}` are characters. */
export const pattern = (text: string): string =>
  text.replaceAll(/\$(?:\{([*?$])\})?/g, (_, char: string | undefined) => literals[char ?? '$']!);
