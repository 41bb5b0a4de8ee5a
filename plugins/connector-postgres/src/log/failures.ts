import { PostgresCause } from '../connection/classify.js';

/** So many tries in a row of one reader, none of which came further, and what the slot needs of the log is taken as damaged. */
const TRIES = 3;

/** What a slot's readers could not be told, because the server fails over its own log. */
export interface Failures {
  /** Work that reads the slot behind the position; its errors are thrown on. */
  during<T>(resource: string, position: () => bigint, work: () => Promise<T>): Promise<T>;
  /** It came to the end of the log. */
  passed(resource: string): void;
  isBroken(resource: string): boolean;
  /** The slot was made anew. */
  clear(): void;
}

export function createFailures(): Failures {
  const failed = new Map<string, { readonly position: bigint; readonly times: number }>();
  return {
    async during(resource, position, work) {
      try {
        return await work();
      } catch (error) {
        if (!isInternal(error)) throw error;
        const before = failed.get(resource);
        const here = position();
        if (!before || here > before.position) failed.set(resource, { position: here, times: 1 });
        else failed.set(resource, { ...before, times: before.times + 1 });
        throw error;
      }
    },
    passed: (resource) => void failed.delete(resource),
    isBroken: (resource) => (failed.get(resource)?.times ?? 0) >= TRIES,
    clear: () => failed.clear(),
  };
}

/** Class XX: the log, or what the server keeps of it for a slot, is not as it wrote it. */
export function isInternal(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof PostgresCause && cause.code.startsWith('XX');
}
