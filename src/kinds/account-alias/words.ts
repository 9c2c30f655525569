import { fill } from '../change.ts';
import type { Changes, FromTemplates, Words } from '../change.ts';

type AliasFact = {
  readonly fact: 'alias';
  readonly before: string | null;
  readonly after: string | null;
};

const reasonTexts = {
  'sign-in-address': ({ before, after }: { before: string | null; after: string | null }) =>
    [
      ...(after === null ? [] : [`users can sign in at the address of ${after}`]),
      ...(before === null
        ? []
        : [`the sign-in address of ${before} stops working, and any other account can take that alias`]),
    ].join('; '),
};

export type AliasChange = Changes<'account', { object: AliasFact }, FromTemplates<typeof reasonTexts>, never>;

const text = ({ before, after }: AliasFact): string => `${before ?? 'none'} → ${after ?? 'none'}`;

export const aliasWords: Words<AliasChange> = {
  summary: ({ facts: [fact] }) => text(fact!),
  // No effect on access, but what a reviewer must know: an address that people use goes.
  details: ({ facts: [fact], reasons }) =>
    fact!.before === null ? [] : reasons.map((one) => ({ sign: ' ', text: fill(reasonTexts, one) })),
  fact: (fact) => `alias ${text(fact)}`,
  reason: (one) => fill(reasonTexts, one),
  danger: (none: never) => none,
};
