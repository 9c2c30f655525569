import { createHash } from 'node:crypto';
import type { FaultEngine } from './faults.ts';
import { createMinter, type Minter } from './iam/ids.ts';
import { createState, type State } from './iam/state.ts';
import type { Write } from './iam/table.ts';
import { createLag, type Lag } from './lag.ts';
import type { IamOptions } from './options.ts';
import { openStore, type Store } from './store.ts';
import { createIssuers, type Issuers } from './sts/issuers.ts';

interface KeyPair {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/**
 * The operator's key pair. It is the same for every run on an account, so that it can be kept in a profile, and it is
 * public by design.
 */
function operatorOf(account: string): KeyPair {
  const digest = createHash('sha512').update(`rollcall sandbox operator of ${account}`).digest('base64');
  return { accessKeyId: 'AKIASANDBOXOPERATOR2', secretAccessKey: digest.slice(0, 40) };
}

/** One account: its objects, its clock, and the way in which writes are kept. */
export class Account {
  readonly id: string;
  readonly partition: string;
  readonly operator: KeyPair;
  readonly state: State;
  readonly mint: Minter;
  /**
   * Secrets of access keys by id, for checking signatures. They are in memory only and never in the file: after a
   * restart a key is recognised by its id, and its signature is not checked.
   */
  readonly secrets = new Map<string, string>();
  readonly lag: Lag;
  readonly issuers: Issuers;
  /** When the clock was last read: a test's clock may advance with each read. */
  lastTime = new Date(0);
  readonly #timer: () => Date;
  readonly #store: Store | null;
  #writes: Write[] = [];

  constructor(options: IamOptions, { faults }: FaultEngine) {
    this.id = options.account ?? '123456789012';
    this.partition = options.partition ?? 'aws';
    this.operator = operatorOf(this.id);
    this.#timer = options.clock ?? (() => new Date());
    this.mint = createMinter(options.seed);
    this.state = createState((write) => void this.#writes.push(write));
    this.#store = options.file === undefined ? null : openStore(options.file, this.id, this.state, this.mint);
    this.#writes = [];
    this.lag = createLag(this.state, faults, this.clock);
    this.issuers = createIssuers(options.issuers ?? {}, this.clock);
    if (!this.state.account.has('account')) {
      const createdAt = this.now();
      this.state.account.put({ id: 'account', createdAt, alias: null, passwordPolicy: null, report: null });
      this.commit();
    }
  }

  /** What sessions are sealed with: as public as the operator's key, and the same after a restart. */
  get seal(): string {
    return this.operator.secretAccessKey;
  }

  readonly clock = (): Date => (this.lastTime = this.#timer());
  /** The clock's time in whole seconds, as IAM keeps it. */
  readonly now = (): string => `${this.clock().toISOString().slice(0, 19)}Z`;

  /** Stores everything that was written since the last commit. */
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
