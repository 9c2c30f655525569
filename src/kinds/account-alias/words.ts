import { mark, plain } from '../../core/marked.ts';
import { fill } from '../change.ts';
import type { Changes, FromTemplates, Words } from '../change.ts';

type AliasFact = {
  readonly fact: 'alias';
  readonly before: string | null;
  readonly after: string | null;
};

const reasonTexts = {
  'sign-in-address': ({ before, after }: { before: string | null; after: string | null }) => [
    ...(after === null ? [] : [`users can sign in at the address of ${mark(after)}`]),
    ...(before === null
      ? []
      : [`the sign-in address of ${mark(before)} stops working, and any other account can take that alias`]),
  ],
};

export type AliasChange = Changes<'account', { object: AliasFact }, FromTemplates<typeof reasonTexts>, never>;

const text = ({ before, after }: AliasFact): string => `${before ?? 'none'} → ${after ?? 'none'}`;

export const aliasWords: Words<AliasChange> = {
  summary: ({ facts: [fact] }) => text(fact!),
  // No effect on access, but what a reviewer must know: an address that people use goes.
  details: ({ facts: [fact], reasons }) =>
    fact!.before === null
      ? []
      : reasons.flatMap((one) => fill(reasonTexts, one).map((text) => ({ sign: ' ', text: plain(text) }))),
  fact: (fact) => `alias ${text(fact)}`,
  reason: (one) => fill(reasonTexts, one),
  danger: (none: never) => none,
};
