/** More files at a time gain nothing: the system's own threads are four. */
const AT_ONCE = 8;

/**
 * Does the work on each item, several side by side; answers in the order of the items. After an error nothing more is begun, and it is
 * thrown when what was begun has settled.
 */
export async function sideBySide<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const answers: R[] = [];
  let next = 0;
  let failed: { readonly error: unknown } | undefined;
  const line = async () => {
    while (next < items.length && !failed) {
      const index = next++;
      try {
        answers[index] = await work(items[index]!, index);
      } catch (error) {
        failed ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, line));
  if (failed) throw failed.error;
  return answers;
}
