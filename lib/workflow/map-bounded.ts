/** Works on many things with a bound on how many are in flight: ten thousand conditional writes at once would drown any service. */

/** Resolves to the results in order. After the first rejection nothing new begins, and it rejects with that once the rest has ended. */
export async function mapBounded<T, R>(items: readonly T[], inFlight: number, work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  // One queue for all workers: each takes what comes next.
  const queue = items.entries();
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (failures.length > 0) return;
      try {
        results[index] = await work(item, index);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
  return results;
}
