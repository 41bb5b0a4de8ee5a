/** What is kept for all copies together: blocks in the queue, at the reader and at the sealer. */
const IDLE_BLOCKS = 6;

const idle: Buffer<ArrayBuffer>[] = [];

/**
 * Memory for blocks that is used over and over. It outlives a copy: a table is read by many, and what each left would lie
 * about until V8 collects it, which memory outside its heap does not hurry.
 */
export function takeMemory(bytes: number): Buffer<ArrayBuffer> {
  const at = idle.findIndex((memory) => memory.length === bytes);
  return at < 0 ? Buffer.allocUnsafeSlow(bytes) : idle.splice(at, 1)[0]!;
}

/** Nobody may look at it any more. The memory kept longest gives way: it may be of a size nobody asks for now. */
export function keepMemory(memory: Buffer<ArrayBuffer>): void {
  idle.push(memory);
  if (idle.length > IDLE_BLOCKS) idle.shift();
}
