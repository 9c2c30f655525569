import type { Tag } from '@aws-sdk/client-iam';
import { IamError, invalidInput, overQuota } from '../wire/errors.ts';
import { quotas, type Context } from './context.ts';
import { pageFields, paginateUnsorted, type PageRequest } from './paginate.ts';
import type { TagRecord } from './records.ts';
import type { State } from './state.ts';
import type { Table } from './table.ts';

export const toTags = (tags: readonly TagRecord[]): Tag[] =>
  tags.map(({ key, value }) => ({ Key: key, Value: value }));

/**
 * How the keys of one kind of object are compared: of users and roles without case, of all else with it (IAM User
 * Guide, "Tags for IAM resources"), which differ in what they say, too (recorded from AWS).
 */
interface Keys {
  /** Whether a call must name one. */
  readonly needed?: true;
  readonly of: (key: string) => string;
  readonly twice: string;
  readonly tooMany: IamError;
}

export const withoutCase = (quotaName: string): Keys => ({
  of: (key) => key.toLowerCase(),
  twice: 'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
  tooMany: overQuota(quotaName, quotas.tagsPerResource),
});

const withCase: Keys = {
  of: (key) => key,
  twice: 'Duplicate tag keys found.',
  tooMany: new IamError('LimitExceeded', 'The number of tags has reached the maximum limit.'),
};

/** "You cannot create a tag key or value that begins with the text aws:" (IAM User Guide, "Tags for IAM resources"). */
export const isReserved = ({ Key = '' }: Tag): boolean => Key.toLowerCase().startsWith('aws:');
export const reserved = 'Caller does not have permission to create tags with reserved prefix aws:';

export const ofProviders: Keys = { ...withCase, needed: true };

/** Recorded from AWS, its words excepted. */
function checkNeeded({ needed }: Keys, given: readonly unknown[]): void {
  if (needed && given.length === 0) throw invalidInput('At least one tag must be given.');
}

function mergeTags(before: readonly TagRecord[], added: readonly Tag[], keys: Keys): TagRecord[] {
  const merged = new Map(before.map((tag) => [keys.of(tag.key), tag]));
  const seen = new Set<string>();
  for (const tag of added) {
    const { Key, Value } = tag;
    const key = keys.of(Key ?? '');
    if (seen.has(key)) throw invalidInput(keys.twice);
    if (isReserved(tag)) throw invalidInput(reserved);
    seen.add(key);
    // An existing key keeps its spelling; only its value changes.
    merged.set(key, { key: merged.get(key)?.key ?? Key ?? '', value: Value ?? '' });
  }
  if (merged.size > quotas.tagsPerResource) throw keys.tooMany;
  return [...merged.values()];
}

interface Tagged {
  readonly id: string;
  readonly tags: readonly TagRecord[];
}

/** The operations on the tags of one kind of object. */
export const taggingOf = <Item extends Tagged>(
  tableOf: (state: State) => Table<Item>,
  keys: Keys = withCase,
) => ({
  initial: (given: readonly Tag[] = []): TagRecord[] => mergeTags([], given, keys),

  add(ctx: Context, item: Item, added: readonly Tag[]): void {
    checkNeeded(keys, added);
    tableOf(ctx.state).put({ ...item, tags: mergeTags(item.tags, added, keys) });
  },

  remove(ctx: Context, item: Item, removed: readonly string[]): void {
    checkNeeded(keys, removed);
    const gone = new Set(removed.map(keys.of));
    const tags = item.tags.filter((tag) => !gone.has(keys.of(tag.key)));
    tableOf(ctx.state).put({ ...item, tags });
  },
});

/** A page of the tags of the object with that id. */
export function listTags(ctx: Context, input: PageRequest, { id, tags }: Tagged) {
  const page = paginateUnsorted(ctx, input, tags, (tag) => tag.key, id);
  return { Tags: toTags(page.items), ...pageFields(page) };
}
