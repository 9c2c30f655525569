import type { HttpRequest, HttpResponse } from '@smithy/core/protocols';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { Readable } from 'node:stream';

/** How much one request may take, times in ms. */
interface Limits {
  /** Until there is a connection. */
  readonly connect: number;
  /** Without a byte of the answer. */
  readonly silence: number;
  /** For all of the answer, however it trickles. */
  readonly whole: number;
  /** Of the answer's body: the SDK's XML parser takes up to forty times as much memory. */
  readonly bytes: number;
}

/** Of one `--timeout`, in seconds. IAM answers within a second or two, a page of a big account within ten. */
export const limitsOf = (seconds = 20): Limits => ({
  // Below the silence, which would else be told in its place.
  connect: Math.min(seconds / 2, 5) * 1000,
  silence: seconds * 1000,
  whole: seconds * 3000,
  bytes: 16 * 1024 * 1024,
});

/** The name by which the SDK knows what may be tried again. */
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
 * HTTP whose requests end, whatever the other side does: the SDK's own handler ends no answer that has begun and then
 * stops or trickles, and takes a body of any length.
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

/** Over one request: aborts it when it takes too long. */
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
    // What came while this process was busy is read before it is called late.
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
