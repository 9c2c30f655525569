import * as sdk from '@aws-sdk/client-iam';
import type { IAMClient } from '@aws-sdk/client-iam';
import type { Call } from '../core/operations.ts';
import { kinds } from '../kinds/index.ts';
import { pages } from './pages.ts';
import { withPermit } from './permit.ts';
import type { Permit } from './permit.ts';

/** The SDK's classes of operations, by name. */
const commands: { readonly [name: string]: unknown } = sdk;

/** Every call that a plan may hold: what the kinds declare. A plan file cannot make the executor run anything else. */
const planned = new Set(kinds.flatMap(({ calls }) => Object.keys(calls)));

export const isPlanCall = ({ op }: Call): boolean => planned.has(op);

/** What the SDK answers: plain data and `$metadata`. */
export type Answer = Record<string, unknown> & {
  readonly $metadata: { readonly requestId?: string; readonly attempts?: number };
};

/** Sends one call. @throws the SDK's own errors; Withdrawn, if it has a permit. */
export async function send(client: IAMClient, { op, input }: Call, permit?: Permit): Promise<Answer> {
  const Command = commands[`${op}Command`] as new (input: object) => Parameters<IAMClient['send']>[0];
  const command = new Command(input);
  if (permit) withPermit(command, permit);
  return (await client.send(command)) as unknown as Answer;
}

/**
 * All pages of a List call as one answer. @throws RollcallError when an answer does not say how to get the next page.
 */
export async function sendWhole(client: IAMClient, { op, input }: Call, permit?: Permit): Promise<Answer> {
  const page = (from: object): Promise<Answer> =>
    send(client, { op, input: { ...input, ...from } } as Call, permit);
  let whole: Answer | undefined;
  for await (const answer of pages(op, page, 'run again')) {
    whole ??= answer;
    if (answer === whole) continue;
    for (const [field, value] of Object.entries(answer)) {
      if (Array.isArray(value))
        whole[field] = [...((whole[field] ?? []) as unknown[]), ...(value as unknown[])];
    }
  }
  return whole!;
}
