import type { Tag } from '@aws-sdk/client-iam';
import { own, sortedKeys } from '../core/json.ts';
import type { Call } from '../core/operations.ts';
import { objectRef, partRef } from '../core/references.ts';
import type { Ref } from '../core/references.ts';
import type { Tags } from '../core/state.ts';
import { makeChange } from './change.ts';
import type { ChangeOf } from './change.ts';
import type { TagFact } from './facts.ts';
import type { Draft, StepDraft } from './kind.ts';

export const tagList = (tags: Tags): { Key: string; Value: string }[] =>
  sortedKeys(tags).map((Key) => ({ Key, Value: tags[Key]! }));

/** The tags that a new object has. */
export const tagFacts = (tags: Tags): TagFact[] =>
  sortedKeys(tags).map((key) => ({ fact: 'tag', key, before: null, after: tags[key]! }));

interface TagCalls {
  tag(tags: Tag[]): Call;
  untag(keys: string[]): Call;
}

/** The change of the tags of an object that there is on both sides, which policies may match on; none where they are alike. */
export function tagDrafts<const Kind extends string>(
  {
    kind,
    name,
    ref = objectRef(kind, name),
  }: { readonly kind: Kind; readonly name: string; readonly ref?: Ref },
  calls: TagCalls,
  desired: Tags,
  live: Tags,
): Draft<ChangeOf<Kind, 'tags', TagFact, MayMatch, never>>[] {
  const tags = diffTags(calls, ref, desired, live);
  if (!tags) return [];
  const change = makeChange({
    kind,
    name,
    aspect: 'tags',
    action: 'update',
    effect: 'unclear',
    reasons: [{ code: 'may-match', on: 'tags' }],
    facts: tags.facts,
    before: { tags: { ...live } },
    after: { tags: { ...desired } },
  });
  return [{ change, steps: tags.steps }];
}

interface MayMatch {
  readonly code: 'may-match';
  readonly on: 'tags';
}

/** What changes between two sets of tags, for a reviewer and as calls; null where nothing does. */
function diffTags(
  calls: TagCalls,
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
