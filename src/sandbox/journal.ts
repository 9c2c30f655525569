import { detached } from './wire/query.ts';

/** One call as CloudTrail would record it, with secrets and passwords redacted. */
export interface JournalEntry {
  /** ISO 8601. */
  readonly time: string;
  readonly requestId: string;
  readonly caller: { readonly arn: string; readonly accessKeyId: string };
  readonly source: 'iam.amazonaws.com' | 'sts.amazonaws.com';
  readonly op: string;
  readonly readOnly: boolean;
  readonly params: Readonly<Record<string, unknown>>;
  /** HTTP status; 0 if the reply was lost. */
  readonly status: number;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  /** The fault that was injected, if any. */
  readonly fault?: string;
}

/** Characters of all entries together. */
const room = 128 * 1024 * 1024;
/** Nobody reads longer values to their end: names of operations that do not exist, and messages about long values. */
const longest = 2000;

export type Journal = ReturnType<typeof createJournal>;

/** The newest entries, limited in number and in size, because callers decide how long their requests are. */
export function createJournal(cap: number) {
  const entries: JournalEntry[] = [];
  const sizes: number[] = [];
  let size = 0;
  const drop = (count: number): void => {
    entries.splice(0, count);
    for (const one of sizes.splice(0, count)) size -= one;
  };
  /** How many of the oldest entries must go to free a tenth of the room. */
  const fewest = (): number => {
    let [count, left] = [0, size];
    while (left > 0.9 * room && count < entries.length - 1) left -= sizes[count++]!;
    return count;
  };
  return {
    entries: entries as readonly JournalEntry[],
    add({ errorMessage, ...entry }: JournalEntry): void {
      const kept = {
        ...entry,
        op: shortened(entry.op),
        ...(errorMessage === undefined ? {} : { errorMessage: shortened(errorMessage) }),
      };
      entries.push(kept);
      sizes.push(weigh(kept.params) + 500);
      size += sizes.at(-1)!;
      // A tenth at once, because dropping one entry per call would move the whole array each time.
      if (entries.length > cap) drop(Math.max(1, Math.floor(cap / 10)));
      if (size > room) drop(fewest());
    },
    clear: () => drop(entries.length),
  };
}

const shortened = (text: string): string => (text.length > longest ? detached(text.slice(0, longest)) : text);

/** About how many characters a value takes. */
function weigh(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 8;
  let sum = 0;
  for (const item of Object.values(value)) sum += 16 + weigh(item);
  return sum;
}

const redacted = '***';

export const redact = (
  params: Readonly<Record<string, unknown>>,
  sensitive: ReadonlySet<string>,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, sensitive.has(name) ? redacted : value]),
  );
