import type { Tag } from '@aws-sdk/client-iam';
import { byText, own, sortedKeys } from '../core/json.ts';
import type { Call } from '../core/operations.ts';
import { partRef } from '../core/references.ts';
import type { Ref } from '../core/references.ts';
import type { Detail } from '../core/plan.ts';
import type { Tags } from '../core/state.ts';
import type { StepDraft } from './kind.ts';

export const tagList = (tags: Tags): { Key: string; Value: string }[] =>
  sortedKeys(tags).map((Key) => ({ Key, Value: tags[Key]! }));

/** What changes between two sets of tags, for a reviewer and as calls; null where nothing does. */
export function diffTags(
  calls: { tag(tags: Tag[]): Call; untag(keys: string[]): Call },
  ref: Ref,
  desired: Tags,
  live: Tags,
): { summary: string; details: Detail[]; steps: StepDraft[] } | null {
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
          } as const,
        ]
      : []),
  ];
  const signs = [
    ...set.map((key) => `${Object.hasOwn(live, key) ? '~' : '+'}${key}`),
    ...removed.map((key) => `-${key}`),
  ];
  return {
    summary: `tags ${signs.sort((a, b) => byText(a.slice(1), b.slice(1))).join(' ')}`,
    details: [
      ...set.map((key): Detail =>
        Object.hasOwn(live, key)
          ? { sign: '~', text: `tag ${key}: ${live[key]} → ${desired[key]}` }
          : { sign: '+', text: `tag ${key}: ${desired[key]}` },
      ),
      ...removed.map((key): Detail => ({ sign: '-', text: `tag ${key}: ${live[key]}` })),
    ],
    steps,
  };
}
