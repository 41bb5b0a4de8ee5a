import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { keySpans } from '@qianzhi/rows/keys';

const LF = 10;
const PIECE_BYTES = 1024 * 1024;

export interface MergedCounts {
  /** Rows of the state before. */
  readonly baseRows: number;
  readonly changes: number;
  readonly written: number;
}

/**
 * Writes the state before with changes laid over it, both in byte order of their keys: a pass over each, whatever their size.
 * A change is a row of op `S`, or of op `D` with its key.
 */
export async function mergeState(
  base: readonly string[],
  changes: string,
  keyFields: readonly number[],
  target: string,
): Promise<MergedCounts> {
  const out = await open(target, 'wx');
  const keyOf = keyReader(keyFields);
  const upcoming = eachLine(changes);
  let baseRows = 0;
  let taken = 0;
  let written = 0;
  let change: Buffer | undefined;
  let key: Buffer = Buffer.alloc(0);

  async function advance(): Promise<void> {
    const next = await upcoming.next();
    change = next.done ? undefined : next.value;
    if (!change) return;
    taken++;
    key = Buffer.from(keyOf(change, 0));
  }
  async function emit(): Promise<void> {
    if (change![0] !== 0x44) {
      written++;
      await out.writeFile(change!);
    }
    await advance();
  }

  try {
    await advance();
    for (const file of base) {
      for await (const block of blocks(file)) {
        let from = 0;
        for (let start = 0; start < block.length; ) {
          const end = block.indexOf(LF, start) + 1;
          baseRows++;
          const order = change ? Buffer.compare(key, keyOf(block, start)) : 1;
          if (order > 0) {
            written++;
            start = end;
            continue;
          }
          await out.writeFile(block.subarray(from, start));
          // a change before this row goes in; one of its key takes its place
          await emit();
          from = order === 0 ? end : start;
          if (order === 0) start = end;
          else baseRows--;
        }
        await out.writeFile(block.subarray(from));
      }
    }
    while (change) await emit();
  } finally {
    await out.close();
  }
  return { baseRows, changes: taken, written };
}

/** The key of the row at `start`, as one run of bytes. */
function keyReader(keyFields: readonly number[]): (bytes: Buffer, start: number) => Uint8Array {
  const spans = new Int32Array(2 * keyFields.length);
  const last = keyFields.length - 1;
  const adjoining = keyFields.every((field, at) => at === 0 || field === keyFields[at - 1]! + 1);
  return (bytes, start) => {
    keySpans(bytes, start, keyFields, spans, 0);
    if (adjoining) return bytes.subarray(spans[0], spans[2 * last + 1]);
    const tab = Buffer.from('\t');
    const parts = keyFields.flatMap((_, at) => [
      ...(at > 0 ? [tab] : []),
      bytes.subarray(spans[2 * at], spans[2 * at + 1]),
    ]);
    return Buffer.concat(parts);
  };
}

/** A file in blocks of whole rows. */
async function* blocks(file: string): AsyncGenerator<Buffer, void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of createReadStream(file, { highWaterMark: PIECE_BYTES })) {
    const held = rest.length > 0 ? Buffer.concat([rest, piece]) : (piece as Buffer);
    const end = held.lastIndexOf(LF) + 1;
    if (end > 0) yield held.subarray(0, end);
    rest = Buffer.from(held.subarray(end));
  }
}

async function* eachLine(file: string): AsyncGenerator<Buffer, void, undefined> {
  for await (const block of blocks(file)) {
    for (let start = 0; start < block.length; ) {
      const end = block.indexOf(LF, start) + 1;
      yield block.subarray(start, end);
      start = end;
    }
  }
}
