const MiB = 1024 * 1024;
/** Less than this is allocated as quickly as it is found, and is not shared. */
export const LENT_FROM_BYTES = 256 * 1024;
/**
 * Sizes of slots: of stored bytes, and of raw rows. The system gives memory where it is first written, so a slot costs what
 * was ever put into it, and any that is idle serves the next batch, however large it turns out.
 */
const slotSizes = [3 * MiB, 6 * MiB, 17 * MiB] as const;
const MOST_IDLE_SLOTS = 6;

const idle = new Map<number, SharedArrayBuffer[]>(slotSizes.map((size) => [size, []]));
const lent = new WeakSet<ArrayBufferLike>();

/**
 * Memory for the bytes of a batch, used over and over: a fresh buffer of megabytes for each batch costs more in page
 * faults and garbage collection than all checks of its rows. Shared, so that the row thread reads and writes it in place.
 * What is never returned is collected like any other memory. The content is whatever the last one left.
 */
export function lendBytes(length: number): Uint8Array {
  if (length < LENT_FROM_BYTES) return new Uint8Array(length);
  const size = slotSizes.find((bytes) => bytes >= length);
  if (size === undefined) return new Uint8Array(new SharedArrayBuffer(length));
  const memory = idle.get(size)!.pop() ?? new SharedArrayBuffer(size);
  lent.add(memory);
  return new Uint8Array(memory, 0, length);
}

/** Gives lent memory back; nobody may look at it afterwards. Bytes of any other origin are left alone. */
export function returnBytes(bytes: Uint8Array): void {
  const memory = bytes.buffer;
  if (!(memory instanceof SharedArrayBuffer) || !lent.delete(memory)) return;
  const slots = idle.get(memory.byteLength)!;
  if (slots.length < MOST_IDLE_SLOTS) slots.push(memory);
}

/** Lets go of what is not lent at the moment. */
export function dropIdleBytes(): void {
  for (const slots of idle.values()) slots.length = 0;
}
