/** One call, as CloudTrail would record it. Secrets and passwords are redacted. */
export interface JournalEntry {
  /** ISO 8601. */
  readonly time: string;
  readonly requestId: string;
  readonly caller: { readonly arn: string; readonly accessKeyId: string };
  readonly source: 'iam.amazonaws.com' | 'sts.amazonaws.com';
  readonly op: string;
  readonly readOnly: boolean;
  readonly params: Readonly<Record<string, unknown>>;
  /** HTTP status; 0: the reply was lost. */
  readonly status: number;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  /** The fault that was injected, if any. */
  readonly fault?: string;
}

/** The newest entries, up to a cap. */
export interface Journal {
  readonly entries: readonly JournalEntry[];
  add(entry: JournalEntry): void;
  clear(): void;
}

export function createJournal(cap: number): Journal {
  const entries: JournalEntry[] = [];
  return {
    entries,
    add(entry) {
      entries.push(entry);
      // A tenth at once: dropping one entry per call would move the whole array each time.
      if (entries.length > cap) entries.splice(0, Math.max(1, Math.floor(cap / 10)));
    },
    clear: () => void entries.splice(0),
  };
}

const redacted = '***';

export const redact = (
  params: Readonly<Record<string, unknown>>,
  sensitive: ReadonlySet<string>,
): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(params).map(([name, value]) => [name, sensitive.has(name) ? redacted : value]),
  );
