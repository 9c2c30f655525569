import { setTimeout as sleep } from 'node:timers/promises';
import { RollcallError } from '../core/errors.ts';

/** Thrown by whatever is cut short because the user interrupts the run. */
export class Interrupted extends RollcallError {
  constructor() {
    super('interrupted', { remedy: 'again' });
  }
}

/**
 * The result of the work. @throws Interrupted as soon as the signal is aborted; what the work returns later is
 * ignored.
 */
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

/** The result of the work, or the error of `late` if there is none within that many ms. */
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
