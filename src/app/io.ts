import type { Readable } from 'node:stream';
import type { Endpoint } from '../aws/client.ts';

/** Where text goes. */
export interface Output {
  write(text: string): void;
  readonly isTTY: boolean;
  /** Of a terminal: how many characters a line has. */
  readonly columns?: number | undefined;
}

/**
 * All that a run meets outside of its files: nothing else of the process is looked at, so that many runs can share one.
 */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: NodeJS.ProcessEnv;
  /** Directory that relative paths are seen from: absolute. */
  readonly cwd: string;
  readonly now: () => Date;
  /** How AWS is reached, where that is not HTTP and real time. */
  readonly network: Pick<Endpoint, 'requestHandler' | 'wait' | 'retryDelay'>;
  /** Calls the listener whenever the user asks the run to end. @returns what stops that. */
  readonly onInterrupt: (listener: () => void) => () => void;
}
