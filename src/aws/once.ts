import type { Aws } from './client.ts';
import type { Answer } from './commands.ts';
import { isThrottle, wasRefused } from './errors.ts';

const attempts = 4;

/**
 * Sends what must not be repeated blindly until IAM has said yes or no. Whenever nobody knows, `recover` looks: it
 * gives what had been made after all, or null once nothing of it is left.
 *
 * @throws the error of `create`, `settled` where nothing of it is left; or that of `recover`.
 */
export async function untilKnown(
  aws: Aws,
  create: () => Promise<Answer>,
  recover: () => Promise<Answer | null>,
): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await create();
    } catch (error) {
      if (!wasRefused(error)) {
        const made = await recover();
        if (made) return made;
        Object.assign(error as object, { settled: true });
      } else if (!isThrottle(error)) throw error;
      if (attempt >= attempts) throw error;
      await aws.wait(500 * 2 ** attempt);
    }
  }
}
