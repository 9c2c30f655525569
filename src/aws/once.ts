import type { Aws } from './client.ts';
import type { Answer } from './commands.ts';
import { wasRefused } from './errors.ts';
import { Withdrawn } from './permit.ts';

const attempts = 4;

/**
 * Sends a call that must not be repeated blindly, until IAM has answered yes or no. After a call without an answer,
 * `recover` looks in the account: it returns what that call made, or null once nothing of it is left.
 *
 * @throws the error of `create` (`settled` if nothing of the call is left), or that of `recover`. Withdrawn, if `create` is.
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
      if (error instanceof Withdrawn || wasRefused(error)) throw error;
      const made = await recover();
      if (made) return made;
      Object.assign(error as object, { settled: true });
      if (attempt >= attempts) throw error;
      await aws.wait(500 * 2 ** attempt);
    }
  }
}
