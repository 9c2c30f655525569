import type { IAMClient } from '@aws-sdk/client-iam';
import { isThrottle } from './errors.ts';

/** Of a call that waits for its turn, perhaps for minutes: whether it is still wanted when that comes. */
export interface Permit {
  /** Once it is aborted, the call waits no longer. */
  readonly signal: AbortSignal;
  /** Asked when its turn has come. */
  mayGo(): boolean;
}

/** Thrown for a call that was no longer wanted before it was sent: it had no effect, for certain. */
export class Withdrawn extends Error {
  override readonly name = 'Withdrawn';
}

/** A call with its permit. */
interface Turn {
  readonly permit: Permit;
  /** Whether an attempt went out that IAM did not turn away: it may have its effect, so the call goes on to its end. */
  sent: boolean;
}

type Command = Parameters<IAMClient['send']>[0];
type WithTurn = { turn?: Turn };

/** The call goes out only as its permit says. */
export function withPermit(command: Command, permit: Permit): void {
  const turn: Turn = { permit, sent: false };
  command.middlewareStack.add(
    (next, context) => async (args) => {
      (context as WithTurn).turn = turn;
      return await next(args);
    },
    { step: 'initialize', name: 'permit' },
  );
}

/**
 * Waits for the turn of an attempt and sends it.
 *
 * @param context of the call.
 * @param inTurn runs what it is given when it is its turn, and again when IAM throttled it.
 * @throws Withdrawn if nothing of the call was sent, and it is no longer wanted.
 */
export async function whileWanted<T>(
  context: object,
  inTurn: (attempt: () => Promise<T>) => Promise<T>,
  attempt: () => Promise<T>,
): Promise<T> {
  const { turn } = context as WithTurn;
  if (!turn || turn.sent) return await inTurn(attempt);
  const { signal } = turn.permit;
  const once = async (): Promise<T> => {
    if (signal.aborted || !turn.permit.mayGo()) throw new Withdrawn();
    turn.sent = true;
    try {
      return await attempt();
    } catch (error) {
      if (!isThrottle(error)) throw error;
      if (signal.aborted) throw new Withdrawn();
      turn.sent = false;
      throw error;
    }
  };
  return await new Promise<T>((resolve, reject) => {
    const leave = (): void => {
      if (!turn.sent) reject(new Withdrawn());
    };
    signal.addEventListener('abort', leave);
    inTurn(once)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', leave));
    if (signal.aborted) leave();
  });
}
