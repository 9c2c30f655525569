/** Both are counted for so many ms at least, and until so many calls have passed. */
const [time, calls] = [2_000, 10];
/** So much of what passes more may pass less of the others by chance. */
const chance = 0.3;

/** Calls that IAM took so far. */
interface Passed {
  /** Of the operations that others are held back for. */
  readonly first: number;
  /** Of all others. */
  readonly others: number;
}

/**
 * Finds out whether IAM limits each operation by itself, or all calls together. Nobody is told, so operations that are
 * held back for the sake of others are let go for some seconds. What then passes of them is missing from the others if
 * they share a limit.
 */
export class Trial {
  #since: (Passed & { readonly at: number }) | null = null;
  /** Calls per ms while the others were held back. */
  #before: Passed | null = null;
  #verdict: boolean | null = null;

  /**
   * Whether operations may go now that are held back for the sake of others.
   *
   * @param at milliseconds.
   */
  lets(at: number, passed: Passed): boolean {
    if (this.#verdict !== null) return this.#verdict;
    this.#since ??= { at, ...passed };
    const ms = at - this.#since.at;
    const first = passed.first - this.#since.first;
    const others = passed.others - this.#since.others;
    if (ms < time || first + others < calls) return this.#before !== null;
    const now = { first: first / ms, others: others / ms };
    this.#since = { at, ...passed };
    if (this.#before === null) {
      this.#before = now;
      return true;
    }
    const more = now.others - this.#before.others;
    const less = this.#before.first - now.first;
    const each = less <= chance * Math.max(more, 0);
    // Where less passed of everything, it was something else.
    if (each || more > 0) this.#verdict = each;
    else this.#before = null;
    return each;
  }
}
