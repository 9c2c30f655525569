import type { Readable } from 'node:stream';
import type { Endpoint } from '../aws/client.ts';

/** Where text goes. */
export interface Output {
  write(text: string): void;
  readonly isTTY: boolean;
  /** Characters per line, of a terminal. */
  readonly columns?: number | undefined;
}

/**
 * Everything that a run takes from its process besides files. It looks at nothing else of the process, so that several
 * runs can share one.
 */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: NodeJS.ProcessEnv;
  /** Absolute path that relative paths are resolved against. */
  readonly cwd: string;
  readonly now: () => Date;
  /** How AWS is reached, if not by HTTP and in real time. */
  readonly network: Pick<Endpoint, 'requestHandler' | 'wait' | 'retryDelay' | 'elapsed'>;
  /** Calls again and again after so many ms, as long as the run lasts. @returns a function that stops this. */
  readonly every: (ms: number, tick: () => void) => () => void;
  /** Calls the listener whenever the user asks to end the run. @returns a function that stops this. */
  readonly onInterrupt: (listener: () => void) => () => void;
}
