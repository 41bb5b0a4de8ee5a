import { stat } from 'node:fs/promises';
import { systemCode } from '@qianzhi/model';

const LOOK_EVERY_MS = 1_000;

/** Which content a file has, as far as its folder knows: another one after every write. Take it before the file is read. */
export async function stampOf(file: string): Promise<string> {
  try {
    const { mtimeNs, size, ino } = await stat(file, { bigint: true });
    return `${mtimeNs} ${size} ${ino}`;
  } catch (error) {
    return systemCode(error) ?? String(error);
  }
}

/**
 * Calls `changed` once a file was written, replaced, removed or put back since `stamp` was taken, and then left alone for a second: an
 * editor may write it in pieces. Looks by stat, which works on network folders and over renames. Answers a function that ends it.
 */
export function watchConfigFile(file: string, stamp: string, changed: () => void): () => void {
  let known = stamp;
  let seen = stamp;
  let ended = false;
  let next: NodeJS.Timeout;
  async function look(): Promise<void> {
    const now = await stampOf(file);
    if (ended) return;
    if (now === seen && now !== known) {
      known = now;
      changed();
    }
    seen = now;
    lookLater();
  }
  function lookLater(): void {
    next = setTimeout(look, LOOK_EVERY_MS);
    next.unref();
  }
  lookLater();
  return () => {
    ended = true;
    clearTimeout(next);
  };
}
