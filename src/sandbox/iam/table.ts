import { byText } from '../../core/json.ts';
import { nameKey } from '../../core/names.ts';

/** A change of one record, for the store; `null` means deleted. */
export interface Write {
  readonly table: string;
  readonly id: string;
  readonly record: unknown;
  /** True if the record is new. */
  readonly created: boolean;
}

export interface Keys<T> {
  /** Name unique in the account, compared without case. */
  readonly name?: (record: T) => string;
  /** Id of the record that it belongs to. */
  readonly owner?: (record: T) => string;
}

/**
 * Records of one kind. Records are immutable: a change puts a new one, so that copying the whole state is cheap (for
 * reads that lag) and every write can be logged.
 */
export class Table<T extends { readonly id: string }> {
  readonly label: string;
  #keys: Keys<T>;
  #log: (write: Write) => void;
  #records = new Map<string, T>();
  #names = new Map<string, string>();
  #owned = new Map<string, Set<string>>();
  #sorted: T[] | null = null;
  #hidden = new Set<string>();
  #revision = 0;

  constructor(label: string, keys: Keys<T>, log: (write: Write) => void) {
    this.label = label;
    this.#keys = keys;
    this.#log = log;
  }

  get size(): number {
    return this.#records.size;
  }

  /** Grows with every write, so that data derived from the records is valid for one revision. */
  get revision(): number {
    return this.#revision;
  }

  get(id: string): T | undefined {
    return this.#hidden.has(id) ? undefined : this.#records.get(id);
  }

  /** Like `get`, but also finds what eventual consistency still hides. */
  has(id: string): boolean {
    return this.#records.has(id);
  }

  find(name: string): T | undefined {
    const id = this.#names.get(nameKey(name));
    return id === undefined ? undefined : this.get(id);
  }

  /** Like `find`, but also finds what eventual consistency still hides: a name is taken at once. */
  taken(name: string): T | undefined {
    const id = this.#names.get(nameKey(name));
    return id === undefined ? undefined : this.#records.get(id);
  }

  /** In the order in which they were made. */
  ownedBy(owner: string): T[] {
    const ids = this.#owned.get(owner);
    if (!ids) return [];
    return [...ids].map((id) => this.get(id)).filter((record) => record !== undefined);
  }

  /** All records by name, or by id if they have none. */
  sorted(): readonly T[] {
    this.#sorted ??= [...this.#records.values()].sort((a, b) => byText(this.#key(a), this.#key(b)));
    if (this.#hidden.size === 0) return this.#sorted;
    return this.#sorted.filter((record) => !this.#hidden.has(record.id));
  }

  put(record: T): void {
    this.#revision += 1;
    const before = this.#records.get(record.id);
    // In the common case, the sorted and owned lists keep their order.
    const stays =
      before !== undefined &&
      this.#key(before) === this.#key(record) &&
      this.#keys.owner?.(before) === this.#keys.owner?.(record);
    if (stays && this.#sorted) this.#sorted[this.#place(record)] = record;
    if (before && !stays) this.#unlink(before);
    this.#records.set(record.id, record);
    if (!stays) this.#link(record);
    this.#log({ table: this.label, id: record.id, record, created: before === undefined });
  }

  delete(id: string): void {
    const before = this.#records.get(id);
    if (!before) return;
    this.#revision += 1;
    this.#unlink(before);
    this.#records.delete(id);
    this.#hidden.delete(id);
    this.#log({ table: this.label, id, record: null, created: false });
  }

  /** For eventual consistency: the record exists, but reads do not find it yet. */
  hide(id: string): void {
    this.#revision += 1;
    this.#hidden.add(id);
  }

  unhide(id: string): void {
    this.#revision += 1;
    this.#hidden.delete(id);
  }

  clone(): Table<T> {
    const copy = new Table<T>(this.label, this.#keys, () => {
      throw new Error('a copy of the state is read only');
    });
    copy.#records = new Map(this.#records);
    copy.#names = new Map(this.#names);
    copy.#owned = new Map([...this.#owned].map(([owner, ids]) => [owner, new Set(ids)]));
    copy.#hidden = new Set(this.#hidden);
    return copy;
  }

  #key(record: T): string {
    const name = this.#keys.name?.(record);
    return name === undefined ? record.id : nameKey(name);
  }

  #link(record: T): void {
    const name = this.#keys.name?.(record);
    if (name !== undefined) this.#names.set(nameKey(name), record.id);
    const owner = this.#keys.owner?.(record);
    if (owner !== undefined) {
      const ids = this.#owned.get(owner);
      if (ids) ids.add(record.id);
      else this.#owned.set(owner, new Set([record.id]));
    }
    if (this.#sorted) this.#sorted.splice(this.#place(record), 0, record);
  }

  #unlink(record: T): void {
    const name = this.#keys.name?.(record);
    if (name !== undefined) this.#names.delete(nameKey(name));
    const owner = this.#keys.owner?.(record);
    if (owner !== undefined) {
      const ids = this.#owned.get(owner);
      ids?.delete(record.id);
      if (ids?.size === 0) this.#owned.delete(owner);
    }
    if (this.#sorted) this.#sorted.splice(this.#place(record), 1);
  }

  /** Index of the first sorted record whose key is not smaller. */
  #place(record: T): number {
    const key = this.#key(record);
    const list = this.#sorted!;
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (byText(this.#key(list[middle]!), key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
