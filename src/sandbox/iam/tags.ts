import type { Tag } from '@aws-sdk/client-iam';
import { invalidInput, overQuota } from '../wire/errors.ts';
import { quotas } from './context.ts';
import type { TagRecord } from './state.ts';

export const toTags = (tags: readonly TagRecord[]): Tag[] =>
  tags.map(({ key, value }) => ({ Key: key, Value: value }));

/** Tag keys are unique without case (IAM User Guide, "Tags for IAM resources"). */
export function mergeTags(
  before: readonly TagRecord[],
  added: readonly Tag[],
  quotaName: string,
): TagRecord[] {
  const merged = new Map(before.map((tag) => [tag.key.toLowerCase(), tag]));
  const seen = new Set<string>();
  for (const { Key, Value } of added) {
    const key = (Key ?? '').toLowerCase();
    if (seen.has(key)) {
      throw invalidInput('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
    }
    if (key.startsWith('aws:')) {
      throw invalidInput('Caller does not have permission to create tags with reserved prefix aws:');
    }
    seen.add(key);
    // An existing key keeps its spelling; only its value changes.
    merged.set(key, { key: merged.get(key)?.key ?? Key ?? '', value: Value ?? '' });
  }
  if (merged.size > quotas.tagsPerResource) throw overQuota(quotaName, quotas.tagsPerResource);
  return [...merged.values()];
}

export function withoutTags(before: readonly TagRecord[], keys: readonly string[]): TagRecord[] {
  const gone = new Set(keys.map((key) => key.toLowerCase()));
  return before.filter((tag) => !gone.has(tag.key.toLowerCase()));
}
