const COPY_DATA = 0x64;
const READY_FOR_QUERY = 0x5a;
const HEADER = 5;
/** About what a socket gives at once. */
const CHUNK = 64 * 1024;

/** Whole rows of COPY text, and where the last one begins. `bytes` is the receiver's own. */
export interface CopiedRows {
  readonly bytes: Buffer;
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

/**
 * Takes CopyData messages apart. Each row comes in a message of its own: a chunk is copied once into the block and its
 * headers are squeezed out in place, which costs a twentieth of a microsecond a row and makes no object.
 */
export function createFramer(options: FramerOptions): Framer {
  const { blockBytes, maxRowBytes, onBlock, onOther } = options;
  const usualSize = Math.min(blockBytes, 1024 * 1024) + 4 * CHUNK;
  let buffer = Buffer.allocUnsafeSlow(usualSize);
  /** The rows of the block are [from, out); behind `out` begins the row that has not ended. */
  let from = 0;
  let rowStart = 0;
  let out = 0;
  let lastRow = 0;
  let rows = 0;
  let seen = 0;
  let oversize: { row: number; start: Buffer }[] = [];
  /** Bytes of the current CopyData that are still to come, and whether it is kept. */
  let need = 0;
  let skipping: { pieces: Buffer[]; kept: number } | undefined;
  /** A message that is cut inside its header, or is none of ours and not whole yet. */
  let head: Buffer | undefined;

  /** Makes room for `more` bytes behind `out`; rows of the block move along. */
  function reserve(more: number): void {
    if (out + more <= buffer.length) return;
    const held = out - from;
    if (held + more <= buffer.length) {
      buffer.copyWithin(0, from, out);
    } else {
      const wider = Buffer.allocUnsafeSlow(
        Math.max(usualSize, held + more, Math.min(2 * held, held + more * 4)),
      );
      buffer.copy(wider, 0, from, out);
      buffer = wider;
    }
    lastRow -= from;
    rowStart -= from;
    out -= from;
    from = 0;
  }

  /** Gives away the rows [from, rowStart) in memory of just their size; what has come of the next row stays. */
  function cut(): void {
    const bytes = Buffer.allocUnsafeSlow(rowStart - from);
    buffer.copy(bytes, 0, from, rowStart);
    onBlock({ bytes, rows, lastRow: lastRow - from, oversize });
    rows = 0;
    oversize = [];
    from = rowStart;
    lastRow = rowStart;
  }

  function isFull(): boolean {
    return rowStart - from >= blockBytes || oversize.length >= OVERSIZE_ROWS;
  }

  function endRow(): void {
    lastRow = rowStart;
    rowStart = out;
    rows++;
  }

  /** Takes as much as there is of the current row; answers how far it came. */
  function takeRow(at: number, end: number): number {
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
    if (need === 0) {
      seen++;
      if (skipping) {
        oversize.push({ row: rows + oversize.length, start: Buffer.concat(skipping.pieces) });
        skipping = undefined;
      } else {
        endRow();
      }
    }
    return at + take;
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
      let at = out;
      const end = out + whole.length;
      whole.copy(buffer, out);
      for (;;) {
        if (need > 0) {
          at = takeRow(at, end);
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
    },
    flush() {
      if (rowStart > from || oversize.length > 0) cut();
    },
    get seen() {
      return seen;
    },
  };
}
