import { byText, own, sortedKeys } from '../core/json.ts';
import type { Detail } from '../core/plan.ts';
import type { Tags } from '../core/state.ts';
import type { StepDraft } from './kind.ts';

export const tagList = (tags: Tags) => sortedKeys(tags).map((Key) => ({ Key, Value: tags[Key]! }));

/** What changes between two sets of tags, for a reviewer and as calls; null where nothing does. */
export function diffTags(
  noun: 'User' | 'Policy',
  target: { readonly [field: string]: string },
  ref: string,
  desired: Tags,
  live: Tags,
): { summary: string; details: Detail[]; steps: StepDraft[] } | null {
  const removed = sortedKeys(live).filter((key) => !Object.hasOwn(desired, key));
  const set = sortedKeys(desired).filter((key) => desired[key] !== own(live, key));
  if (removed.length + set.length === 0) return null;
  const steps: StepDraft[] = [];
  if (removed.length > 0) {
    steps.push({
      op: `Untag${noun}`,
      purpose: 'untag',
      input: { ...target, TagKeys: removed },
      cls: 'neutral',
      uses: [ref],
    });
  }
  if (set.length > 0) {
    steps.push({
      op: `Tag${noun}`,
      purpose: 'tag',
      input: { ...target, Tags: set.map((Key) => ({ Key, Value: desired[Key]! })) },
      cls: 'neutral',
      uses: [ref],
    });
  }
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
