/** What has to be closed again, in reverse order of opening. */
export interface Closers {
  add(close: () => unknown): void;
  /** Closes everything once; one failure does not keep the rest open, and the first is thrown at the end. */
  closeAll(): Promise<void>;
}

export function createClosers(): Closers {
  const closers: (() => unknown)[] = [];
  return {
    add: (close) => closers.push(close),
    async closeAll() {
      const failures: unknown[] = [];
      for (const close of closers.splice(0).reverse()) {
        try {
          await close();
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw failures[0];
    },
  };
}
