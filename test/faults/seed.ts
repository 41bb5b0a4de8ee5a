/** Choices of one run, the same for the same seed. */
export interface Dice {
  /** In [0, 1). */
  next(): number;
  /** A whole number in [0, below). */
  below(below: number): number;
  pick<T>(from: readonly T[]): T;
}

/** QZ_FAULT_SEED repeats a run; else each has its own, but in CI, where a commit is to be judged alike each time. */
export const seed = Number(process.env.QZ_FAULT_SEED ?? (process.env.CI ? 1 : Date.now() % 1_000_000_000));

/** QZ_FAULT_LONG=1: many more moments and rounds, for a night rather than for each commit. */
export const long = process.env.QZ_FAULT_LONG === '1';

/** Dice of one test; `what` makes them its own. The seed is printed, so that a failure can be repeated. */
export function throwDice(what: string): Dice {
  console.log(`${what}: QZ_FAULT_SEED=${seed}`);
  return diceFor(what);
}

/** The same without a word: where one test has many dice. */
export function diceFor(what: string): Dice {
  let state = [...what].reduce((hash, char) => (Math.imul(hash, 31) + char.charCodeAt(0)) | 0, seed);
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return { next, below, pick: (from) => from[below(from.length)]! };
}
