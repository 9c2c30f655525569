import type { Tag } from '@aws-sdk/client-iam';
import { invalidInput, overQuota } from '../wire/errors.ts';
import { quotas, type Context } from './context.ts';
import { pageFields, paginateUnsorted, type PageRequest } from './paginate.ts';
import type { TagRecord } from './records.ts';
import type { State } from './state.ts';
import type { Table } from './table.ts';

export const toTags = (tags: readonly TagRecord[]): Tag[] =>
  tags.map(({ key, value }) => ({ Key: key, Value: value }));

/** Tag keys are unique without case (IAM User Guide, "Tags for IAM resources"). */
function mergeTags(before: readonly TagRecord[], added: readonly Tag[], quotaName: string): TagRecord[] {
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

interface Tagged {
  readonly id: string;
  readonly tags: readonly TagRecord[];
}

/** The operations on the tags of one kind of object. */
export const taggingOf = <Item extends Tagged>(
  quotaName: string,
  tableOf: (state: State) => Table<Item>,
) => ({
  initial: (given: readonly Tag[] = []): TagRecord[] => mergeTags([], given, quotaName),

  add(ctx: Context, item: Item, added: readonly Tag[]): void {
    tableOf(ctx.state).put({ ...item, tags: mergeTags(item.tags, added, quotaName) });
  },

  remove(ctx: Context, item: Item, keys: readonly string[]): void {
    const gone = new Set(keys.map((key) => key.toLowerCase()));
    const tags = item.tags.filter((tag) => !gone.has(tag.key.toLowerCase()));
    tableOf(ctx.state).put({ ...item, tags });
  },
});

/** A page of the tags of the object with that id. */
export function listTags(ctx: Context, input: PageRequest, { id, tags }: Tagged) {
  const page = paginateUnsorted(ctx, input, tags, (tag) => tag.key, id);
  return { Tags: toTags(page.items), ...pageFields(page) };
}
