import { isUtf8 } from 'node:buffer';
import type { RowRejection } from '@qianzhi/plugin-api';
import { createRowWriter, decodeField } from '@qianzhi/rows';
import { behindFields, eachRow, fieldValues, rowBefore, tooLarge, withoutBadText } from '@qianzhi/sql-kit';
import type { CopiedRows } from '../connection/copy-framer.js';
import type { Projection } from './projection.js';
import { withoutRareEscapes } from './rare-escapes.js';

/** How a statement writes its rows. */
export interface RowForm {
  readonly projection: Projection;
  /** The database checks and converts text; false for SQL_ASCII, where anything may come. */
  readonly checksText: boolean;
  /** Columns before the op, to be taken off. */
  readonly prefix: number;
  /** Without a prefix: positions among the items of what is wanted of the last row. */
  readonly wanted: readonly number[];
}

/** Judges a row: its prefix at [start, content), its row text at [content, end). False leaves it out. */
export type Keep = (bytes: Buffer, start: number, content: number, end: number) => boolean;

/** Rows of a block as row text. */
export interface FinishedRows {
  readonly bytes: Buffer;
  readonly rows: number;
  readonly rejected: readonly RowRejection[];
  /** Rows of the statement that the block stands for, those left out included. */
  readonly taken: number;
  /** Prefix or wanted values of the last of them. */
  readonly last: readonly (string | null)[];
}

/**
 * Makes row text of COPY text: rewrites the rare escapes, takes the prefix off, and only where the table asks for it looks at
 * single values: such as PostgreSQL cannot spell, or text of a database that does not check it.
 */
export function finishRows(copied: CopiedRows, form: RowForm, keep?: Keep): FinishedRows {
  const { projection, prefix } = form;
  const raw = withoutRareEscapes(copied.bytes);
  const last = lastValues(copied, raw, form);
  let rejected = copied.oversize.map(({ row, start }) =>
    tooLarge(start.subarray(behindFields(start, 0, prefix)), row, projection),
  );
  let { bytes, rows } = prefix > 0 ? withoutPrefix(raw, prefix, keep) : { bytes: raw, rows: copied.rows };
  if (!form.checksText && !isUtf8(bytes)) {
    const good = withoutBadText(bytes, projection);
    rejected = [...rejected, ...good.rejected];
    ({ bytes, rows } = good);
  }
  if (projection.respells) bytes = respelled(bytes, projection.respells);
  return { bytes, rows, rejected, taken: copied.rows + copied.oversize.length, last };
}

function lastValues(copied: CopiedRows, raw: Buffer, { prefix, wanted }: RowForm): (string | null)[] {
  const large = copied.oversize.at(-1);
  const isLast = large !== undefined && large.row === copied.rows + copied.oversize.length - 1;
  const from = isLast ? withoutRareEscapes(Buffer.from(large.start)) : raw;
  const start = isLast ? 0 : raw === copied.bytes ? copied.lastRow : rowBefore(raw, raw.length);
  const end = isLast ? from.length : from.length - 1;
  const fields =
    prefix > 0 ? Array.from({ length: prefix }, (_, at) => at) : wanted.map((field) => field + 1);
  return fieldValues(from, start, end, fields);
}

/** Squeezes the prefixes out in place, and the rows that are not to be kept with them. */
function withoutPrefix(bytes: Buffer, prefix: number, keep: Keep | undefined) {
  let out = 0;
  let rows = 0;
  for (let start = 0; start < bytes.length; ) {
    const content = behindFields(bytes, start, prefix);
    const end = bytes.indexOf(10, content) + 1;
    if (!keep || keep(bytes, start, content, end)) {
      bytes.copyWithin(out, content, end);
      out += end - content;
      rows++;
    }
    start = end;
  }
  return { bytes: bytes.subarray(0, out), rows };
}

function respelled(bytes: Buffer, respells: NonNullable<Projection['respells']>): Buffer {
  const writer = createRowWriter(bytes.length + bytes.length / 8 + 1024);
  eachRow(bytes, (spans, op) => {
    writer.begin(op);
    respells.forEach((respell, at) => {
      const from = spans[2 * at + 2]!;
      const to = spans[2 * at + 3]!;
      const text = respell && decodeField(bytes.subarray(from, to));
      if (respell && typeof text === 'string') writer.text(respell(text));
      else writer.field(bytes, from, to);
    });
    writer.end();
  });
  const taken = writer.take();
  return Buffer.from(taken.buffer, taken.byteOffset, taken.length);
}
