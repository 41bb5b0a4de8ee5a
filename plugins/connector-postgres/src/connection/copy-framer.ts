import { keepMemory, takeMemory } from './block-memory.js';

const COPY_DATA = 0x64;
const READY_FOR_QUERY = 0x5a;
const HEADER = 5;
/** About what a socket gives at once. */
const CHUNK = 64 * 1024;

/** Whole rows of COPY text, and where the last one begins. `bytes` is the receiver's own, or until it is released. */
export interface CopiedRows {
  readonly bytes: Buffer;
  /** Gives the memory back for another block; nobody may look at `bytes` afterwards. Whoever never calls it only costs memory. */
  release(): void;
  readonly rows: number;
  readonly lastRow: number;
  /** Rows over the limit: how many rows stood before each in this block, and how the row begins. */
  readonly oversize: readonly { readonly row: number; readonly start: Buffer }[];
}

export interface FramerOptions {
  /** A block is cut at the first row end at or behind this size. */
  readonly blockBytes: number;
  readonly maxRowBytes: number;
  readonly onBlock: (block: CopiedRows) => void;
  /** Any other message of the server, whole; true for ReadyForQuery, after which nothing more is framed. */
  readonly onOther: (message: Buffer, ready: boolean) => void;
}

export interface Framer {
  /** Bytes as they come from the socket, cut anywhere. */
  push(chunk: Buffer): void;
  /** Gives the rows that have not filled a block; call it at the end of the data. */
  flush(): void;
  /** Rows seen so far, oversize ones included. */
  readonly seen: number;
}

/** How much of an oversize row is kept, for its key, and how many of them make a block. */
const KEPT_OF_OVERSIZE = CHUNK;
const OVERSIZE_ROWS = 16;
const NO_MEMORY = Buffer.alloc(0);
/** Rows of less are given as a copy: a block's memory for a few of them would be the most of what following a log costs. */
const COPIED_BELOW = CHUNK;

/**
 * Takes CopyData messages apart. Each row comes in a message of its own: a chunk is copied once into the block and its
 * headers are squeezed out in place, which costs a twentieth of a microsecond a row and makes no object.
 */
export function createFramer(options: FramerOptions): Framer {
  const { blockBytes, maxRowBytes, onBlock, onOther } = options;
  const usualSize = Math.min(blockBytes, 1024 * 1024) + 4 * CHUNK;
  let buffer = NO_MEMORY;
  /** The rows of the block are [0, rowStart), and [rowStart, out) has come of the next one. */
  let rowStart = 0;
  let out = 0;
  /** What was copied from the socket and is not taken apart yet. */
  let at = 0;
  let end = 0;
  let lastRow = 0;
  let rows = 0;
  let seen = 0;
  let oversize: { row: number; start: Buffer }[] = [];
  /** Bytes of the current CopyData that are still to come, and whether it is kept. */
  let need = 0;
  let skipping: { pieces: Buffer[]; kept: number } | undefined;
  /** A message that is cut inside its header, or is none of ours and not whole yet. */
  let head: Buffer | undefined;

  /** Makes room for `more` bytes behind `out`. */
  function reserve(more: number): void {
    if (out + more <= buffer.length) return;
    const size = Math.max(usualSize, out + more, Math.min(2 * out, out + more * 4));
    const wider = size === usualSize ? takeMemory(size) : Buffer.allocUnsafeSlow(size);
    buffer.copy(wider, 0, 0, out);
    keep(buffer);
    buffer = wider;
  }

  /** Gives the rows away with the memory they lie in; what else lies there moves to other memory. */
  function cut(): void {
    const full = buffer;
    const rest = end - at;
    const begun = out - rowStart;
    buffer = takeMemory(usualSize);
    if (buffer.length < begun + rest) buffer = Buffer.allocUnsafeSlow(begun + rest + CHUNK);
    full.copy(buffer, 0, rowStart, out);
    full.copy(buffer, begun, at, end);
    onBlock({ bytes: full.subarray(0, rowStart), rows, lastRow, oversize, release: () => keep(full) });
    rows = 0;
    oversize = [];
    rowStart = 0;
    lastRow = 0;
    out = begun;
    at = begun;
    end = begun + rest;
  }

  /** Gives a copy of the last rows; the memory stays. */
  function cutCopy(): void {
    const bytes = Buffer.from(buffer.subarray(0, rowStart));
    onBlock({ bytes, rows, lastRow, oversize, release: () => undefined });
    rows = 0;
    oversize = [];
    rowStart = 0;
    lastRow = 0;
    out = 0;
    at = 0;
    end = 0;
  }

  function keep(memory: Buffer<ArrayBuffer>): void {
    if (memory.length === usualSize) keepMemory(memory);
  }

  function isFull(): boolean {
    return rowStart >= blockBytes || oversize.length >= OVERSIZE_ROWS;
  }

  function endRow(): void {
    lastRow = rowStart;
    rowStart = out;
    rows++;
  }

  /** Takes as much as there is of the current row. */
  function takeRow(): void {
    const take = Math.min(need, end - at);
    if (skipping) {
      const room = Math.min(take, KEPT_OF_OVERSIZE - skipping.kept);
      if (room > 0) skipping.pieces.push(Buffer.from(buffer.subarray(at, at + room)));
      skipping.kept += Math.max(room, 0);
    } else {
      if (out < at) buffer.copyWithin(out, at, at + take);
      out += take;
    }
    need -= take;
    at += take;
    if (need === 0) {
      seen++;
      if (skipping) {
        oversize.push({ row: rows + oversize.length, start: Buffer.concat(skipping.pieces) });
        skipping = undefined;
      } else {
        endRow();
      }
    }
  }

  function beginRow(length: number): void {
    need = length;
    if (length > maxRowBytes) skipping = { pieces: [], kept: 0 };
  }

  return {
    push(chunk) {
      const whole = head ? Buffer.concat([head, chunk]) : chunk;
      head = undefined;
      // a row that has begun is made room for as a whole, so that it is not moved once for each chunk
      reserve(whole.length + (skipping ? 0 : Math.max(0, need - whole.length) + CHUNK));
      at = out;
      end = out + whole.length;
      whole.copy(buffer, out);
      for (;;) {
        if (need > 0) {
          takeRow();
          if (need === 0 && isFull()) cut();
          if (at === end) return;
          continue;
        }
        if (end - at < HEADER) break;
        const length = buffer.readUInt32BE(at + 1) - 4;
        if (buffer[at] === COPY_DATA) {
          at += HEADER;
          beginRow(length);
          continue;
        }
        if (end - at < HEADER + length) break;
        const message = Buffer.from(buffer.subarray(at, at + HEADER + length));
        at += message.length;
        onOther(message, message[0] === READY_FOR_QUERY);
      }
      if (at < end) head = Buffer.from(buffer.subarray(at, end));
      at = end;
    },
    flush() {
      if (rowStart > 0 || oversize.length > 0) {
        if (rowStart < COPIED_BELOW && out === rowStart && at === end) cutCopy();
        else cut();
      }
      if (out > 0 || at < end) return;
      keep(buffer);
      buffer = NO_MEMORY;
    },
    get seen() {
      return seen;
    },
  };
}
