import { createReadStream } from 'node:fs';
import { ORDERED } from './keyed-order.js';

/** One row to be written. `place`: 16 hex digits of its place in the order. */
export interface OrderedRow {
  readonly place: string;
  readonly op: 'S' | 'U' | 'D';
  readonly fields: readonly (string | null)[];
}

const PIECE_BYTES = 256 * 1024;
const unescaped: Readonly<Record<string, string>> = { '\\\\': '\\', '\\t': '\t', '\\n': '\n', '\\r': '\r' };

/** The rows in their order, some hundred at a time. */
export async function* orderedRows(): AsyncGenerator<readonly OrderedRow[], void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of createReadStream(ORDERED, { highWaterMark: PIECE_BYTES })) {
    const held = rest.length > 0 ? Buffer.concat([rest, piece]) : (piece as Buffer);
    const end = held.lastIndexOf(10) + 1;
    rest = Buffer.from(held.subarray(end));
    if (end > 0)
      yield held
        .toString('utf8', 0, end - 1)
        .split('\n')
        .map(rowOf);
  }
}

function rowOf(line: string): OrderedRow {
  const [place = '', op, ...fields] = line.split('\t') as (string | null)[];
  if (line.includes('\\')) {
    for (let at = 0; at < fields.length; at++) {
      const text = fields[at]!;
      if (text === '\\N') fields[at] = null;
      else if (text.includes('\\')) fields[at] = text.replace(/\\[\\tnr]/g, (pair) => unescaped[pair]!);
    }
  }
  return { place: place ?? '', op: op as OrderedRow['op'], fields };
}
