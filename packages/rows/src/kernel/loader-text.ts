import { FROM, kernel, piecesOf } from './kernel.js';

/**
 * Row text without its op field, as a bulk loader reads it, in pieces of about 128 KiB of whole rows. Each holds until the
 * next one is asked for, because they share one buffer.
 */
export function* rowsWithoutOps(bytes: Uint8Array): Generator<Uint8Array> {
  let buffer = Buffer.alloc(0);
  for (const { rows } of piecesOf(bytes)) {
    if (buffer.length < rows.length) buffer = Buffer.allocUnsafeSlow(rows.length);
    const { take, withoutOps, give } = kernel();
    const end = withoutOps(FROM, take(rows));
    give(FROM, end, buffer, 0);
    yield buffer.subarray(0, end - FROM);
  }
}

/**
 * Whether any time of a block may have more than six digits of a second, which most databases would round away: a byte
 * search, so that the usual block needs no look at its fields. May say yes of a text that merely looks so.
 */
export function mayHoldNanoseconds(bytes: Uint8Array): boolean {
  const { take, hasNanoseconds } = kernel();
  for (const { rows } of piecesOf(bytes)) {
    if (hasNanoseconds(FROM, take(rows)) !== 0) return true;
  }
  return false;
}
