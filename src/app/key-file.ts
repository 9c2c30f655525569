import { open } from 'node:fs/promises';
import type { Secret } from '../aws/execute.ts';
import { RollcallError } from '../core/errors.ts';

/**
 * A file for new access keys in clear, one JSON object a line, readable by its owner alone.
 *
 * @throws RollcallError where it cannot be written or others may read it: before any key is made.
 */
export async function keyFile(path: string): Promise<{ append(secret: Secret): Promise<void> }> {
  const handle = await open(path, 'a', 0o600).catch((error: NodeJS.ErrnoException) => {
    throw new RollcallError(`--keys-to ${path} cannot be written (${error.code})`, {
      hint: 'name another file',
    });
  });
  try {
    const { mode } = await handle.stat();
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new RollcallError(`--keys-to ${path} may be read by others`, { hint: `chmod 600 ${path}` });
    }
  } finally {
    await handle.close();
  }
  return {
    async append({ delivery, accessKeyId, secretAccessKey }) {
      const out = await open(path, 'a', 0o600);
      try {
        await out.write(`${JSON.stringify({ user: delivery.user, accessKeyId, secretAccessKey })}\n`);
        await out.sync();
      } finally {
        await out.close();
      }
    },
  };
}
