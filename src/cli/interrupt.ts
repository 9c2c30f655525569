import { setMaxListeners } from 'node:events';
import { Interrupted } from '../aws/interrupt.ts';
import { exitCode } from '../core/errors.ts';
import type { ExitCode } from '../core/errors.ts';
import type { Terminal } from './terminal.ts';

/** How long what runs may take to end by itself, in ms; and then how long it may take to report. */
const patience = 5000;
const reporting = 3000;

/**
 * SIGINT and SIGTERM during a command that changes the account. While nothing is being changed, the first ends
 * everything at once. Afterwards it lets the running step end, for some seconds. The second ends the process.
 */
export class Interruption {
  readonly #terminal: Terminal;
  readonly #stop = new AbortController();
  readonly #over = new AbortController();
  readonly #handler = (): void => this.#interrupt();
  #changing = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    // One for each call that runs.
    setMaxListeners(0, this.#over.signal);
    process.on('SIGINT', this.#handler).on('SIGTERM', this.#handler);
  }

  /** Aborted: no further step begins. */
  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  /** Aborted: nothing is waited for any more. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** From now on the account is being changed. @throws Interrupted where it is too late to begin. */
  begin(): void {
    if (this.#stop.signal.aborted) throw new Interrupted();
    this.#changing = true;
  }

  end(): void {
    process.off('SIGINT', this.#handler).off('SIGTERM', this.#handler);
  }

  get #exit(): ExitCode {
    return this.#changing ? exitCode.partial : exitCode.error;
  }

  #interrupt(): void {
    if (this.#stop.signal.aborted) process.exit(this.#exit);
    this.#terminal.error(
      this.#changing
        ? 'Interrupted: the running step ends, then rollcall stops. Again ends it at once.'
        : 'Nothing was changed.',
    );
    this.#stop.abort();
    const wait = this.#changing ? patience : 0;
    setTimeout(() => this.#over.abort(), wait).unref();
    setTimeout(() => process.exit(this.#exit), wait + reporting).unref();
  }
}
