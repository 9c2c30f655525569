import type { FaultEngine } from './faults.ts';
import { createMinter, type Minter } from './iam/ids.ts';
import { createState, type State } from './iam/state.ts';
import type { Write } from './iam/table.ts';
import { createLag, type Lag } from './lag.ts';
import type { IamOptions } from './options.ts';
import { openStore, type Store } from './store.ts';

/** One account: its objects, its clock, and how what a call has written is kept. */
export class Account {
  readonly id: string;
  readonly partition: string;
  readonly state: State;
  readonly mint: Minter;
  /**
   * Secrets of access keys by id, for checking signatures. They live in memory only: the file never holds them, so a
   * key from before a restart is known by its id alone and its signature goes unchecked.
   */
  readonly secrets = new Map<string, string>();
  readonly lag: Lag;
  /** The time of the last look at the clock: a test's clock may go on with each look. */
  lastTime = new Date(0);
  readonly #timer: () => Date;
  readonly #store: Store | null;
  #writes: Write[] = [];

  constructor(options: IamOptions, { faults }: FaultEngine) {
    this.id = options.account ?? '123456789012';
    this.partition = options.partition ?? 'aws';
    this.#timer = options.clock ?? (() => new Date());
    this.mint = createMinter(options.seed);
    this.state = createState((write) => void this.#writes.push(write));
    this.#store = options.file === undefined ? null : openStore(options.file, this.id, this.state, this.mint);
    this.#writes = [];
    this.lag = createLag(this.state, faults, this.clock);
    if (!this.state.account.has('account')) {
      const createdAt = this.now();
      this.state.account.put({ id: 'account', createdAt, alias: null, passwordPolicy: null, report: null });
      this.commit();
    }
  }

  readonly clock = (): Date => (this.lastTime = this.#timer());
  /** The clock's time to the second, as IAM keeps it. */
  readonly now = (): string => `${this.clock().toISOString().slice(0, 19)}Z`;

  /** Keeps what has been written since the last time. */
  commit(): void {
    if (this.#writes.length === 0) return;
    const done = this.#writes;
    this.#writes = [];
    this.lag.wrote(done);
    this.#store?.append(done);
  }

  close(): void {
    this.#store?.close();
  }
}
