import { createIam, type Iam } from './engine.ts';
import { listen } from './http/server.ts';
import { createTransport, type SandboxHandler } from './http/transport.ts';
import type { IamOptions } from './options.ts';

export { createIam, type Iam } from './engine.ts';
export type { CallInfo, Consistency, FaultKind, FaultRule, Faults } from './faults.ts';
export type { JournalEntry } from './journal.ts';
export type { State } from './iam/state.ts';
export { IamError } from './wire/errors.ts';
export type { OpInput, OpName } from './wire/types.ts';

export interface SandboxOptions extends IamOptions {
  /** Address to listen on; default 127.0.0.1, reachable from this machine only. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Further names by which clients may call it, besides `localhost` and the addresses that it listens on. */
  readonly allowHosts?: readonly string[];
}

/** An IAM that speaks HTTP. */
export interface Sandbox extends Omit<Iam, 'close'> {
  readonly url: string;
  /** A `requestHandler` for SDK clients: the same code, without a socket. */
  readonly handler: SandboxHandler;
  /** Stops at once and closes open connections; the file is complete afterwards. */
  close(): Promise<void>;
}

export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const iam = createIam(options);
  try {
    const front = await listen(
      iam,
      options.host ?? '127.0.0.1',
      options.port ?? 0,
      undefined,
      options.allowHosts,
    );
    return {
      ...iam,
      get journal() {
        return iam.journal;
      },
      url: front.url,
      handler: createTransport(iam),
      async close() {
        await front.close();
        iam.close();
      },
    };
  } catch (error) {
    iam.close();
    throw error;
  }
}
