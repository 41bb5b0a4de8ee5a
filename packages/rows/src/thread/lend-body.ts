import { copyBytes } from '../views.js';
import { collectBuffers } from './collect.js';
import { lendBytes, returnBytes } from './lent-bytes.js';

const COLLECT_EVERY_BYTES = 1024 * 1024;

/** The bytes of a body as its pieces come. */
export interface LentBody {
  take(piece: Uint8Array): void;
  /** What was taken so far, in lent memory: whoever has it hands it to `returnBytes` in the end. */
  readonly bytes: Uint8Array;
}

/**
 * Puts a body together in lent memory, room for `length` bytes at first. What its pieces came in is collected on the way:
 * left to V8, a few bodies of it pass for a heap that has grown, and bring full collections one after another.
 */
export function lendBody(length: number): LentBody {
  let memory = lendBytes(length);
  let held = 0;
  let uncollected = 0;

  function widen(bytes: number): void {
    const wider = lendBytes(bytes);
    copyBytes(wider, 0, memory.subarray(0, held));
    returnBytes(memory);
    memory = wider;
  }

  return {
    take(piece) {
      const end = held + piece.length;
      if (end > memory.length) widen(Math.max(end, memory.length * 2));
      copyBytes(memory, held, piece);
      held = end;
      uncollected += piece.length;
      if (uncollected < COLLECT_EVERY_BYTES) return;
      uncollected = 0;
      collectBuffers();
    },
    get bytes() {
      return memory.subarray(0, held);
    },
  };
}
