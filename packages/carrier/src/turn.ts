/** One after the other, in the order asked for; one that fails holds up nobody, and is told to whoever asked for it. */
export interface Turn {
  take<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when all that was asked for so far is over. */
  over(): Promise<void>;
}

export function createTurn(): Turn {
  let last: Promise<void> = Promise.resolve();
  const nothing = () => undefined;
  return {
    take(work) {
      const next = last.then(work);
      last = next.then(nothing, nothing);
      return next;
    },
    over: () => last,
  };
}
