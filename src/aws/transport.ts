import type { HttpRequest, HttpResponse } from '@smithy/core/protocols';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { Readable } from 'node:stream';

/** Limits of one request; times in ms. */
interface Limits {
  /** For making the connection. */
  readonly connect: number;
  /** For waiting without a byte of the answer. */
  readonly silence: number;
  /** For the whole answer, even if it arrives byte by byte. */
  readonly whole: number;
  /** Size of the answer's body in bytes: the SDK's XML parser takes up to forty times as much memory. */
  readonly bytes: number;
}

/**
 * The limits for a `--timeout` in seconds. IAM answers within a second or two, a page of a large account within ten.
 */
export const limitsOf = (seconds = 20): Limits => ({
  // Shorter than `silence`, or a failed connection would be reported as a silent server.
  connect: Math.min(seconds / 2, 5) * 1000,
  silence: seconds * 1000,
  whole: seconds * 3000,
  bytes: 16 * 1024 * 1024,
});

/** The name by which the SDK recognises errors that it may retry. */
export class NoAnswer extends Error {
  override readonly name = 'TimeoutError';
}

/** Nothing was sent. */
export class NoConnection extends NoAnswer {
  constructor(ms: number) {
    super(`no connection within ${ms / 1000} s`);
  }
}

export class TooLongAnswer extends Error {
  override readonly name = 'TooLongAnswer';

  constructor(bytes: number) {
    super(`it is longer than ${bytes / 1024 / 1024} MiB`);
  }
}

/**
 * HTTP whose requests always end, whatever the server does. The SDK's own handler has no limit for an answer that
 * stalls or trickles after it has begun, and none for its size.
 */
export class BoundedHandler extends NodeHttpHandler {
  readonly #limits: Limits;

  constructor(limits: Limits) {
    super({ connectionTimeout: limits.connect });
    this.#limits = limits;
  }

  override async handle(request: HttpRequest): Promise<{ response: HttpResponse }> {
    const watch = new Watch(this.#limits);
    try {
      const { response } = await super.handle(request, { abortSignal: watch.signal });
      watch.heard();
      const body: unknown = response.body;
      if (body instanceof Readable) {
        watch.signal.addEventListener('abort', () => body.destroy(), { once: true });
        response.body = Readable.from(pass(body, watch, this.#limits.bytes), { objectMode: false });
      } else watch.end();
      return { response };
    } catch (error) {
      watch.end();
      if ((error as Error).message.includes('did not establish a connection'))
        throw new NoConnection(this.#limits.connect);
      throw watch.reason ?? error;
    }
  }
}

async function* pass(body: Readable, watch: Watch, most: number): AsyncGenerator<Buffer, void, undefined> {
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      watch.heard();
      size += chunk.length;
      if (size > most) throw new TooLongAnswer(most);
      yield chunk;
    }
    if (watch.reason) throw watch.reason;
  } catch (error) {
    throw watch.reason ?? error;
  } finally {
    watch.end();
  }
}

/** Watches one request and aborts it when it takes too long. */
class Watch {
  readonly #limits: Limits;
  readonly #controller = new AbortController();
  readonly #start = performance.now();
  #last = performance.now();
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#wait();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get reason(): Error | undefined {
    return this.signal.aborted ? (this.signal.reason as Error) : undefined;
  }

  heard(): void {
    this.#last = performance.now();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #left(): number {
    const now = performance.now();
    return Math.min(this.#last + this.#limits.silence, this.#start + this.#limits.whole) - now;
  }

  #wait(): void {
    // Bytes that arrived while this process was busy are read first, before the request counts as late.
    this.#timer = setTimeout(() => setImmediate(() => this.#look()), Math.max(1, this.#left()));
  }

  #look(): void {
    if (this.#timer === undefined) return;
    if (this.#left() > 0) return this.#wait();
    const { silence, whole } = this.#limits;
    const late = performance.now() - this.#start >= whole;
    this.end();
    this.#controller.abort(
      new NoAnswer(late ? `not whole after ${whole / 1000} s` : `no byte for ${silence / 1000} s`),
    );
  }
}
