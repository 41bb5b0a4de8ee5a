import { unwatchFile, watchFile } from 'node:fs';

const LOOK_EVERY_MS = 1_000;

/**
 * Calls `changed` once a file was written, replaced, removed or put back, and then left alone for a second: an editor may write it in
 * pieces. Looks by stat, which works on network folders and over renames. Answers a function that ends it.
 */
export function watchConfigFile(file: string, changed: () => void): () => void {
  let settling: NodeJS.Timeout | undefined;
  function noticed(): void {
    clearTimeout(settling);
    settling = setTimeout(changed, LOOK_EVERY_MS);
  }
  watchFile(file, { interval: LOOK_EVERY_MS, persistent: false }, noticed);
  return () => {
    unwatchFile(file, noticed);
    clearTimeout(settling);
  };
}
