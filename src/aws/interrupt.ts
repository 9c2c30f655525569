import { setTimeout as sleep } from 'node:timers/promises';
import { RollcallError } from '../core/errors.ts';

/** What ends when the user ends the run. */
export class Interrupted extends RollcallError {
  constructor() {
    super('interrupted', { remedy: 'again' });
  }
}

/** The outcome of the work, or `Interrupted` as soon as the signal says so: whatever the work then does is lost. */
export async function interruptible<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  if (!signal) return await work();
  if (signal.aborted) throw new Interrupted();
  return await new Promise<T>((resolve, reject) => {
    const stop = (): void => reject(new Interrupted());
    signal.addEventListener('abort', stop, { once: true });
    void work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', stop));
  });
}

export const pause = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  interruptible(signal, () => sleep(ms));

/** The outcome of the work, or this error where it does not come within so many ms. */
export async function within<T>(ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}
