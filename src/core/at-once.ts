/**
 * Works on all items, so many at a time; they begin in their order. After an error no other item begins, and those that
 * run come to their end.
 *
 * @returns what the work gives, in the order of the items.
 * @throws the error of the first item in that order that has one, whichever came first: the same each time.
 */
export async function atOnce<T, R>(
  limit: number,
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let failed: { readonly index: number; readonly error: unknown } | undefined;
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      try {
        results[index] = await work(item);
      } catch (error) {
        if (!failed || index < failed.index) failed = { index, error };
      }
      if (failed) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  // The compiler does not see that the workers set it.
  const first = failed as { readonly error: unknown } | undefined;
  if (first) throw first.error;
  return results;
}
