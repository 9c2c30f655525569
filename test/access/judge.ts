/** What everybody in an account may do, decided request by request by the evaluator that is written apart. */
import { parseRef, objectRef, type Ref } from '../../src/core/references.ts';
import type { AccountState, PolicyDocument, Role, User } from '../../src/core/state.ts';
import { evaluate, readings, type Reading, type Universe } from '../policy/evaluator.ts';
import type { Random } from '../sim/random.ts';
import type { Hidden, Start } from './random-accounts.ts';
import { actions, resources, type Taste } from './random-documents.ts';

type Context = Universe['contexts'][number];

/** Every combination of what the keys may have. */
function contextsOf({ keys, variables }: Taste): Context[] {
  const all = [
    ...keys.map(({ key, found }) => ({ key: key.toLowerCase(), found })),
    ...(variables ? [{ key: 'aws:principaltag/team', found: [null, 'a', 'b', ''] as const }] : []),
  ];
  return all.reduce<Context[]>(
    (contexts, { key, found }) =>
      contexts.flatMap((context) =>
        found.map((value) => (value === null ? context : { ...context, [key]: value })),
      ),
    [{}],
  );
}

function holder(state: AccountState, ref: Ref): User | Role | undefined {
  const { kind, name } = parseRef(ref);
  return kind === 'user' ? state.users.get(name) : state.roles.get(name);
}

type Said = ReturnType<typeof evaluate>;

export class Judge {
  readonly #hidden: Hidden;
  readonly #contexts: readonly Context[];
  readonly #said = new Map<PolicyDocument, Map<string, Said>>();
  readonly readings: readonly Reading[];

  /** @param most as many circumstances are tried, drawn at random where there are more. */
  constructor({ hidden, taste }: Start, random: Random, most: number) {
    this.#hidden = hidden;
    const all = contextsOf(taste);
    this.#contexts = all.length > most ? random.some(all, most / all.length) : all;
    this.readings = readings.filter(({ noValue }) => taste.variables || noValue === 'void');
  }

  universe(ref: Ref): Universe {
    const { kind, name } = parseRef(ref);
    const contexts =
      kind === 'user' ? this.#contexts.map((one) => ({ ...one, 'aws:username': name })) : this.#contexts;
    return { actions, resources, contexts, principals: ['nobody'] };
  }

  #evaluate(document: PolicyDocument, ref: Ref, reading: Reading): Said {
    const known = this.#said.get(document) ?? new Map<string, Said>();
    this.#said.set(document, known);
    const name = JSON.stringify(document).includes('username') ? ref : '';
    const key = `${name} ${reading.noValue} ${reading.wildcards}`;
    const said = known.get(key) ?? evaluate(document, this.universe(ref), reading);
    known.set(key, said);
    return said;
  }

  #document(state: AccountState, arn: string): PolicyDocument {
    const own = [...state.policies.values()].find((policy) => policy.arn === arn);
    return own?.document ?? this.#hidden.get(arn) ?? { Version: '2012-10-17', Statement: [] };
  }

  /** All policies of somebody but the boundary, by where they are. */
  documents(state: AccountState, ref: Ref): ReadonlyMap<string, PolicyDocument> {
    const found = holder(state, ref);
    if (!found) return new Map();
    const groups = 'groups' in found ? found.groups.flatMap((group) => state.groups.get(group) ?? []) : [];
    return new Map(
      [found, ...groups].flatMap(({ policies, attachedPolicyArns }, at) => {
        const where = at === 0 ? '' : groups[at - 1]!.name;
        return [
          ...Object.entries(policies),
          ...attachedPolicyArns.map((arn) => [arn, this.#document(state, arn)] as const),
        ].map(([name, document]) => [`${where} ${name}`, document] as const);
      }),
    );
  }

  /** Whether one of the documents denies the request. */
  denies(documents: readonly PolicyDocument[], ref: Ref, reading: Reading, request: number): boolean {
    return documents.some((document) => this.#evaluate(document, ref, reading).deny[request] === 1);
  }

  /**
   * By request: 1 if it is allowed. Nobody there: nothing is.
   *
   * @param limited without Denies and the boundary: what some Allow grants.
   */
  allowed(state: AccountState, ref: Ref, reading: Reading, limited = true): Uint8Array {
    const found = holder(state, ref);
    const { contexts } = this.universe(ref);
    const sum = new Uint8Array(actions.length * resources.length * contexts.length);
    if (!found || ('suspended' in found && found.suspended)) return sum;
    const said = [...this.documents(state, ref).values()].map((document) =>
      this.#evaluate(document, ref, reading),
    );
    const limit =
      found.boundary === null ? null : this.#evaluate(this.#document(state, found.boundary), ref, reading);
    for (let at = 0; at < sum.length; at += 1) {
      const isLimited =
        (limit && !limit.allow[at]) || limit?.deny[at] === 1 || said.some(({ deny }) => deny[at]);
      if (!(limited && isLimited) && said.some(({ allow }) => allow[at])) sum[at] = 1;
    }
    return sum;
  }

  /** Positions of the requests that `after` allows and `before` does not, in each reading. */
  gained(before: AccountState, after: AccountState, ref: Ref): { reading: Reading; requests: number[] }[] {
    return this.readings.map((reading) => {
      const [was, is] = [this.allowed(before, ref, reading), this.allowed(after, ref, reading)];
      const requests: number[] = [];
      for (let at = 0; at < is.length; at += 1) if (is[at] && !was[at]) requests.push(at);
      return { reading, requests };
    });
  }
}

export const principalsOf = (...states: readonly AccountState[]): Ref[] => [
  ...new Set(
    states.flatMap(({ users, roles }) => [
      ...[...users.keys()].map((name) => objectRef('user', name)),
      ...[...roles.keys()].map((name) => objectRef('role', name)),
    ]),
  ),
];
