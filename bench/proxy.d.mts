import type { Server } from 'node:http';

interface ProxyOptions {
  readonly target: string;
  /** Milliseconds that a call takes on its way, both ways together. */
  readonly latency?: number;
  readonly limit?: {
    readonly rate: number;
    readonly burst: number;
    /** One bucket for all calls, or one for each operation. */
    readonly per: 'account' | 'operation';
  } | null;
  /** Shares of the calls that fail, and whose answers are lost. */
  readonly errors?: number;
  readonly lost?: number;
  readonly seed?: number;
  readonly clock?: { now(): number; wait(ms: number): Promise<unknown> };
}

export declare function createProxy(options: ProxyOptions): {
  readonly server: Server;
  readonly calls: {
    readonly in: number;
    readonly out: number;
    readonly op: string;
    readonly about: string;
    readonly outcome: 'passed' | 'throttled' | 'error' | 'lost';
    readonly status: number;
  }[];
  close(): void;
};
