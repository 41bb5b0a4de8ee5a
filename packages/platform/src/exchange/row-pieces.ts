import { setImmediate as nextTurn } from 'node:timers/promises';

const PIECE_BYTES = 1024 * 1024;
const LF = 10;

/** A block of row text in pieces of about 1 MiB that end with a row; other requests get their turn in between. */
export async function* rowPieces(block: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  for (let start = 0; start < block.length; ) {
    if (start > 0) await nextTurn();
    const cut = start + PIECE_BYTES < block.length ? block.indexOf(LF, start + PIECE_BYTES) + 1 : 0;
    const end = cut || block.length;
    yield block.subarray(start, end);
    start = end;
  }
}
