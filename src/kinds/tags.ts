import type { Tag } from '@aws-sdk/client-iam';
import { own, sortedKeys } from '../core/json.ts';
import type { Call } from '../core/operations.ts';
import { partRef } from '../core/references.ts';
import type { Ref } from '../core/references.ts';
import type { Tags } from '../core/state.ts';
import type { TagFact } from './facts.ts';
import type { StepDraft } from './kind.ts';

export const tagList = (tags: Tags): { Key: string; Value: string }[] =>
  sortedKeys(tags).map((Key) => ({ Key, Value: tags[Key]! }));

/** The tags that a new object has. */
export const tagFacts = (tags: Tags): TagFact[] =>
  sortedKeys(tags).map((key) => ({ fact: 'tag', key, before: null, after: tags[key]! }));

/** What changes between two sets of tags, for a reviewer and as calls; null where nothing does. */
export function diffTags(
  calls: { tag(tags: Tag[]): Call; untag(keys: string[]): Call },
  ref: Ref,
  desired: Tags,
  live: Tags,
): { facts: TagFact[]; steps: StepDraft[] } | null {
  const removed = sortedKeys(live).filter((key) => !Object.hasOwn(desired, key));
  const set = sortedKeys(desired).filter((key) => desired[key] !== own(live, key));
  if (removed.length + set.length === 0) return null;
  const rest = { about: partRef(ref, 'tags'), cls: 'neutral', uses: [ref] } as const;
  const steps: StepDraft[] = [
    ...(removed.length > 0 ? [{ ...calls.untag(removed), purpose: 'untag', ...rest } as const] : []),
    ...(set.length > 0
      ? [
          {
            ...calls.tag(set.map((Key) => ({ Key, Value: desired[Key]! }))),
            purpose: 'tag',
            ...rest,
            // To IAM keys that differ only in case are one: what goes would take with it what has come.
            chained: removed.length > 0,
          } as const,
        ]
      : []),
  ];
  return {
    facts: [
      ...set.map((key) => ({
        fact: 'tag' as const,
        key,
        before: own(live, key) ?? null,
        after: desired[key]!,
      })),
      ...removed.map((key) => ({ fact: 'tag' as const, key, before: live[key]!, after: null })),
    ],
    steps,
  };
}
