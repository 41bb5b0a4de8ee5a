import type { CopiedRows } from './copy-framer.js';

/** Blocks between the socket and whoever takes them, bounded in bytes. */
export interface BlockQueue {
  push(block: CopiedRows): void;
  end(error?: unknown): void;
  /** Undefined at the end; throws what ended it once the blocks before are taken. */
  next(): Promise<CopiedRows | undefined>;
  /** Called with true when `aheadBytes` are reached, and with false when there is room again. */
  onFull: (full: boolean) => void;
}

export function createBlockQueue(aheadBytes: number): BlockQueue {
  const blocks: CopiedRows[] = [];
  let bytes = 0;
  let full = false;
  let ended = false;
  let failure: unknown;
  let wake: (() => void) | undefined;

  function count(more: number): void {
    bytes += more;
    if (full === bytes >= aheadBytes) return;
    full = !full;
    queue.onFull(full);
  }

  const queue: BlockQueue = {
    onFull: () => {},
    push(block) {
      blocks.push(block);
      count(block.bytes.length);
      wake?.();
    },
    end(error) {
      ended = true;
      failure = error;
      wake?.();
    },
    async next() {
      for (;;) {
        const block = blocks.shift();
        if (block) {
          count(-block.bytes.length);
          return block;
        }
        if (ended) {
          if (failure !== undefined) throw failure;
          return undefined;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        wake = undefined;
      }
    },
  };
  return queue;
}
