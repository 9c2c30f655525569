/** Which of many entries are shown, and in how much detail, where not everything has room. */

export interface Entry {
  /** From the shortest to the whole; each says by itself what it leaves out. */
  readonly levels: readonly (() => string)[];
}

/** One round of giving room: entries that are not yet in this form get it while there is room. */
export interface Pass<E extends Entry> {
  readonly entries: readonly E[];
  readonly level: number;
  /** At most this part of all room is used up when the round ends. Default 1. */
  readonly share?: number;
}

/** After so many that did not fit a round ends: to measure 50,000 policy diffs for the last free line costs too much. */
const patience = 30;

/** Bytes of UTF-8, which are never fewer than UTF-16 units: whichever of them is counted, the text fits. */
export const sizeOf = (text: string): number => Buffer.byteLength(text, 'utf8');

/**
 * Gives each entry the largest form for which there is room, in the order of the rounds.
 *
 * @returns the text of each entry that is shown, and the number of its form.
 */
export function fitBudget<E extends Entry>(
  passes: readonly Pass<E>[],
  room: number,
): Map<E, { readonly text: string; readonly level: number }> {
  const shown = new Map<E, { text: string; level: number }>();
  let used = 0;
  for (const { entries, level, share = 1 } of passes) {
    let misses = 0;
    for (const entry of entries) {
      const now = shown.get(entry);
      const next = Math.min(level, entry.levels.length - 1);
      if (now && now.level >= next) continue;
      const text = entry.levels[next]!();
      // One more for the line break between entries.
      const cost = sizeOf(text) + 1 - (now ? sizeOf(now.text) + 1 : 0);
      if (used + cost <= room * share) {
        shown.set(entry, { text, level: next });
        used += cost;
      } else {
        misses += 1;
        if (misses >= patience) break;
      }
    }
  }
  return shown;
}
