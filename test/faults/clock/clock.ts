import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildPreload, preloadMissing } from '../preload.js';

const source = fileURLToPath(new URL('./clock.c', import.meta.url));

export const clockMissing = () => preloadMissing(source);

/** The wall clock of the machine of the processes that are started with `env`. */
export interface Clock {
  readonly env: Readonly<Record<string, string>>;
  /** The clock is this far ahead of the true one from now on; behind, where negative. */
  step(aheadSeconds: number): void;
}

/** `file` holds how far the clock is off. */
export function createClock(file: string): Clock {
  const seconds = (ahead: number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(ahead));
    return bytes;
  };
  writeFileSync(file, seconds(0));
  return {
    env: { LD_PRELOAD: buildPreload(source), QZ_TEST_CLOCK: file },
    step(aheadSeconds) {
      // in place and at once: the file is mapped by who runs by it
      const open = openSync(file, 'r+');
      writeSync(open, seconds(aheadSeconds), 0, 8, 0);
      closeSync(open);
    },
  };
}
