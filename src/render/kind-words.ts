/** What kinds say of their changes. */
import { mark } from '../core/marked.ts';
import type { AnyChange, Words } from '../kinds/change.ts';
import { kinds } from '../kinds/index.ts';
import type { Change, DriftImpact } from '../kinds/plan.ts';

const words = new Map(kinds.map((kind) => [kind.name, kind.words]));
export const wordsOf = ({ kind }: Pick<Change, 'kind'>): Words<AnyChange> => words.get(kind)!;

/** The reasons, a sentence each, with names marked. */
export const sentencesOf = (
  change: Pick<Change, 'kind'>,
  { reasons }: Pick<DriftImpact, 'reasons'>,
): string[] => reasons.flatMap((reason) => wordsOf(change).reason(reason));

/** Of a policy of AWS, the name marked. */
export const notLookedAt = (policy: string): string =>
  `what the policy ${mark(policy)} of AWS allows; not looked at`;
