/**
 * IAM compares the names of users, groups, roles, managed and inline policies without case, and keeps the spelling that
 * an object was made with (docs/manifests.md). Whether two names are the same is decided here and nowhere else. Paths,
 * tag values, and what documents say keep their case.
 */

/** Equal for names that are the same to IAM; for the keys of maps and sets. */
export const nameKey = (name: string): string => name.toLowerCase();

export const sameName = (a: string, b: string): boolean => nameKey(a) === nameKey(b);

/** Values by name. Of two spellings of one name the first is kept, as in IAM. */
export class NameMap<T> {
  readonly #entries = new Map<string, { readonly name: string; value: T }>();

  constructor(entries: Iterable<readonly [name: string, value: T]> = []) {
    for (const [name, value] of entries) if (!this.has(name)) this.set(name, value);
  }

  has(name: string): boolean {
    return this.#entries.has(nameKey(name));
  }

  get(name: string): T | undefined {
    return this.#entries.get(nameKey(name))?.value;
  }

  /** The name as it was first spelled. */
  spelling(name: string): string | undefined {
    return this.#entries.get(nameKey(name))?.name;
  }

  set(name: string, value: T): void {
    this.#entries.set(nameKey(name), { name: this.spelling(name) ?? name, value });
  }

  values(): T[] {
    return [...this.#entries.values()].map(({ value }) => value);
  }
}

/**
 * How a name is spelled in the list, or undefined if it is not there. The same spelling comes first, since an emulator
 * of IAM may tell names apart by case.
 */
export function spellingIn(names: readonly string[], name: string): string | undefined {
  return names.includes(name) ? name : names.find((other) => sameName(other, name));
}
