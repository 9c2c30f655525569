import { setMaxListeners } from 'node:events';
import type { Io } from '../app/io.ts';
import { Interrupted } from '../aws/interrupt.ts';
import { exitCode } from '../core/errors.ts';
import type { ExitCode } from '../core/errors.ts';
import type { Terminal } from './terminal.ts';

/** How many ms running work may take to end by itself after an interrupt, and then to report. */
const patience = 5000;
const reporting = 3000;

/**
 * Interrupts of a command that changes the account. Before it changes anything, the first interrupt ends it at once.
 * Afterwards the first one lets running steps end, for some seconds, and the second one ends the command whatever is
 * still running.
 */
export class Interruption {
  readonly #terminal: Terminal;
  readonly #stop = new AbortController();
  readonly #over = new AbortController();
  readonly #unsubscribe: () => void;
  readonly #timers: NodeJS.Timeout[] = [];
  #changing = false;
  #abandon: (code: ExitCode) => void = () => {};

  constructor(io: Io, terminal: Terminal) {
    this.#terminal = terminal;
    // Every running call listens to it.
    setMaxListeners(0, this.#over.signal);
    this.#unsubscribe = io.onInterrupt(() => this.#interrupt());
  }

  /** Once it is aborted, no further step begins. */
  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  /** Once it is aborted, nothing is waited for any more. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Says that the account is being changed from now on. @throws Interrupted if the run was interrupted before. */
  begin(): void {
    if (this.#stop.signal.aborted) throw new Interrupted();
    this.#changing = true;
  }

  /** The result of the work or, if it does not end in time after an interrupt, the exit code that says so. */
  async watch<T>(work: () => Promise<T>): Promise<T | ExitCode> {
    const abandoned = new Promise<ExitCode>((resolve) => (this.#abandon = resolve));
    try {
      return await Promise.race([work(), abandoned]);
    } finally {
      this.#unsubscribe();
      this.#timers.forEach(clearTimeout);
    }
  }

  get #exit(): ExitCode {
    return this.#changing ? exitCode.partial : exitCode.error;
  }

  #interrupt(): void {
    if (this.#stop.signal.aborted) {
      this.#over.abort();
      this.#abandon(this.#exit);
      return;
    }
    this.#terminal.error(
      this.#changing
        ? 'Interrupted: running steps end, then rollcall stops. Again ends it at once.'
        : 'Nothing was changed.',
    );
    this.#stop.abort();
    const wait = this.#changing ? patience : 0;
    this.#timers.push(
      setTimeout(() => this.#over.abort(), wait),
      setTimeout(() => this.#abandon(this.#exit), wait + reporting),
    );
  }
}
