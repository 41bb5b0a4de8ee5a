import { type Static, Type } from '@sinclair/typebox';
import { ColumnNameSchema } from '../catalog/item.js';
import { ResourceCodeSchema } from '../catalog/resource.js';
import { modelErrors } from '../errors.js';
import { checkShape } from '../shape.js';

/** Of a found file, what travels to be compared: digests and their order, no value. */
export const TraceSampleHeadSchema = Type.Object(
  {
    resource: ResourceCodeSchema,
    columns: Type.Array(ColumnNameSchema, { minItems: 1, maxItems: 1000 }),
    keyed: Type.Boolean({
      description: 'the file has every key item, so that a row begins with the digest of its key',
    }),
    rowsInFile: Type.Integer({ minimum: 0 }),
    rows: Type.Integer({
      minimum: 0,
      description: 'rows of the sample, spread evenly over the file, in its order',
    }),
  },
  { additionalProperties: false },
);
export type TraceSampleHead = Static<typeof TraceSampleHeadSchema>;

/** First 16 bytes of SHA-256 over the key's row text. */
export const KEY_DIGEST_BYTES = 16;
/** `cellHash` of each column. */
export const CELL_HASH_BYTES = 4;

/** Bytes of one row of a sample. */
export function traceRowBytes({
  keyed,
  columns,
}: {
  readonly keyed: boolean;
  readonly columns: readonly string[];
}): number {
  return (keyed ? KEY_DIGEST_BYTES : 0) + CELL_HASH_BYTES * columns.length;
}

/** Length of the head (4 bytes, big-endian), the head as JSON, the rows. */
export function packTraceSample(head: TraceSampleHead, rows: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(head));
  const bytes = new Uint8Array(4 + text.length + rows.length);
  new DataView(bytes.buffer).setUint32(0, text.length);
  bytes.set(text, 4);
  bytes.set(rows, 4 + text.length);
  return bytes;
}

/** Throws QZ_MODEL_SHAPE_WRONG for bytes that are no sample. */
export function unpackTraceSample(bytes: Uint8Array): {
  readonly head: TraceSampleHead;
  readonly rows: Uint8Array;
} {
  const what = 'trace sample';
  const wrong = (problem: string) => modelErrors.SHAPE_WRONG({ what, where: '/', problem });
  const length = bytes.length >= 4 ? new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) : 0;
  if (length === 0 || bytes.length < 4 + length) throw wrong('too short');
  let read: unknown;
  try {
    read = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(4, 4 + length)));
  } catch {
    throw wrong('JSON');
  }
  const head = checkShape(TraceSampleHeadSchema, read, what);
  const rows = bytes.subarray(4 + length);
  if (rows.length !== head.rows * traceRowBytes(head)) throw wrong('rows');
  return { head, rows };
}
