const STEP_BYTES = 1024 * 1024;
/** Less than this is allocated as quickly as it is found. */
const LENT_FROM_BYTES = 256 * 1024;
const MOST_IDLE_BYTES = 48 * 1024 * 1024;

const idle: SharedArrayBuffer[] = [];
const lent = new WeakSet<ArrayBufferLike>();

/**
 * Memory for the bytes of a batch, used over and over: a fresh buffer of megabytes for each batch costs more in page
 * faults and garbage collection than all checks of its rows. Shared, so that the row thread reads and writes it in place.
 * What is never returned is collected like any other memory. The content is whatever the last one left.
 */
export function lendBytes(length: number): Uint8Array {
  if (length < LENT_FROM_BYTES) return new Uint8Array(length);
  let best = -1;
  for (let i = 0; i < idle.length; i++) {
    const fits = idle[i]!.byteLength >= length;
    if (fits && (best < 0 || idle[i]!.byteLength < idle[best]!.byteLength)) best = i;
  }
  const memory =
    best < 0 ? new SharedArrayBuffer(Math.ceil(length / STEP_BYTES) * STEP_BYTES) : idle.splice(best, 1)[0]!;
  lent.add(memory);
  return new Uint8Array(memory, 0, length);
}

/** Gives lent memory back; nobody may look at it afterwards. Bytes of any other origin are left alone. */
export function returnBytes(bytes: Uint8Array): void {
  const memory = bytes.buffer;
  if (!(memory instanceof SharedArrayBuffer) || !lent.delete(memory)) return;
  idle.push(memory);
  let sum = idle.reduce((all, one) => all + one.byteLength, 0);
  while (sum > MOST_IDLE_BYTES) sum -= idle.shift()!.byteLength;
}

/** Lets go of what is not lent at the moment. */
export function dropIdleBytes(): void {
  idle.length = 0;
}
