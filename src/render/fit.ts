/** Which of many entries are shown, and in how much detail, where not everything has room. */

export interface Entry {
  /** From the shortest to the whole; each says by itself what it leaves out. */
  readonly forms: readonly (() => string)[];
}

/** One round of giving room: entries that are not yet in this form get it while there is room. */
export interface Round<E extends Entry> {
  readonly entries: readonly E[];
  readonly form: number;
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
export function fit<E extends Entry>(
  rounds: readonly Round<E>[],
  room: number,
): Map<E, { readonly text: string; readonly form: number }> {
  const shown = new Map<E, { text: string; form: number }>();
  let used = 0;
  for (const { entries, form, share = 1 } of rounds) {
    let misses = 0;
    for (const entry of entries) {
      const now = shown.get(entry);
      const next = Math.min(form, entry.forms.length - 1);
      if (now && now.form >= next) continue;
      const text = entry.forms[next]!();
      // One more for the line break between entries.
      const cost = sizeOf(text) + 1 - (now ? sizeOf(now.text) + 1 : 0);
      if (used + cost <= room * share) {
        shown.set(entry, { text, form: next });
        used += cost;
      } else {
        misses += 1;
        if (misses >= patience) break;
      }
    }
  }
  return shown;
}
