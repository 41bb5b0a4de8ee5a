export interface Handles<T extends AsyncDisposable> {
  /**
   * The handle of `key`, opened by `open` where there is none, or none of what `by` says; one it stands in for is closed. One that
   * cannot be opened is not kept: whoever asks next tries again.
   */
  get(key: string, by: unknown, open: () => Promise<T>): Promise<T>;
  /** Closes those of other keys, one after the other, and yields the key of each. */
  keepOnly(keys: ReadonlySet<string>): AsyncGenerator<string>;
  /** Closes all. */
  close(): Promise<void>;
}

interface Opened<T> {
  readonly by: string;
  readonly handle: Promise<T>;
}

/** One open handle for each key, shared by whoever asks for it. */
export function createHandles<T extends AsyncDisposable>(): Handles<T> {
  const opened = new Map<string, Opened<T>>();
  return {
    get(key, by, open) {
      const wanted = JSON.stringify(by);
      const known = opened.get(key);
      if (known?.by === wanted) return known.handle;
      const mine: Opened<T> = { by: wanted, handle: open() };
      opened.set(key, mine);
      mine.handle.catch(() => {
        // one opened since then stays, or nobody would close it
        if (opened.get(key) === mine) opened.delete(key);
      });
      if (known) void dispose(known);
      return mine.handle;
    },
    async *keepOnly(keys) {
      for (const [key, one] of opened) {
        if (keys.has(key)) continue;
        opened.delete(key);
        await dispose(one);
        yield key;
      }
    },
    async close() {
      const all = [...opened.values()];
      opened.clear();
      await Promise.all(all.map(dispose));
    },
  };
}

/** One that could not be opened was told to who asked for it, and has nothing to close. */
async function dispose<T extends AsyncDisposable>({ handle }: Opened<T>): Promise<void> {
  const one = await handle.catch(() => undefined);
  await one?.[Symbol.asyncDispose]();
}
