import type { Made } from '../core/made.ts';
import type { Call } from '../core/operations.ts';
import { kinds } from '../kinds/index.ts';
import type { Aws } from './client.ts';
import { iamOver, readAccount } from './read.ts';
import type { Place } from './read.ts';

/** ms before each look: what was made a moment ago may not be listed yet. */
const patience = [0, 1000, 2000, 4000];

/**
 * The object of the wanted name, if it was made by our own call, whose first answer was lost. It was if it is just as
 * we asked for it, was made after the call began by AWS's clock, and has nothing attached yet (`LiveReader.asMade`).
 * Otherwise somebody else was quicker, and the object must not get what was meant for ours.
 *
 * @param since AWS's time before the call.
 */
export async function findAsMade(
  aws: Aws,
  call: Call,
  { since, place }: { readonly since: Date; readonly place: Place },
): Promise<Made | false> {
  const iam = iamOver(aws);
  for (const wait of patience) {
    if (wait > 0) await aws.wait(wait);
    const account = await readAccount(aws, place);
    for (const { live } of kinds) {
      const found = await live.asMade?.(call, account, { iam, since });
      if (found !== undefined) return found;
    }
  }
  return false;
}

/** Whether the first try of such a call was carried out, though its answer was lost (`LiveReader.isDone`). */
export async function isDone(aws: Aws, call: Call): Promise<boolean> {
  for (const wait of patience) {
    if (wait > 0) await aws.wait(wait);
    const answers = kinds.map(async ({ live }) => await live.isDone?.(call, iamOver(aws)));
    const known = (await Promise.all(answers)).filter((done) => done !== undefined);
    if (known.length === 0 || known.includes(true)) return known.length > 0;
  }
  return false;
}
