import { rowsWithoutOps } from '@qianzhi/rows';

const LF = 10;
/** Small enough to stay in the processor's cache between us, the kernel and the server. */
const CHUNK_BYTES = 64 * 1024;

export interface LoaderForm {
  /** Whether the loader gets the op field too. */
  readonly op: boolean;
  /** Row text of further fields, each after a TAB: values that are the same in every row. */
  readonly constants: Uint8Array;
}

/**
 * Row text as a bulk loader reads it: with or without the op field, constants at the end. Pieces of 64 or 128 KiB that
 * end anywhere; each holds until the next one is asked for, because they share one buffer or are views of `bytes`.
 */
export function* loaderChunks(bytes: Uint8Array, { op, constants }: LoaderForm): Generator<Uint8Array> {
  if (op && constants.length === 0) {
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
    return;
  }
  if (!op && constants.length === 0) return yield* rowsWithoutOps(bytes);
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const skipped = op ? 0 : 2;
  let chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let length = 0;
  for (let start = 0; start < source.length; ) {
    const end = source.indexOf(LF, start);
    const needed = end - start - skipped + constants.length + 1;
    if (length + needed > chunk.length) {
      if (length > 0) yield chunk.subarray(0, length);
      if (needed > chunk.length) chunk = Buffer.allocUnsafe(needed);
      length = 0;
    }
    length += source.copy(chunk, length, start + skipped, end);
    chunk.set(constants, length);
    length += constants.length;
    chunk[length++] = LF;
    start = end + 1;
  }
  if (length > 0) yield chunk.subarray(0, length);
}

/** Constant values as `LoaderForm.constants`. */
export function constantFields(values: readonly (string | null)[]): Uint8Array {
  const field = (value: string | null) =>
    value === null
      ? '\\N'
      : value.replace(/[\\\t\n\r]/g, (c) => `\\${({ '\t': 't', '\n': 'n', '\r': 'r' })[c] ?? c}`);
  return Buffer.from(values.map((value) => `\t${field(value)}`).join(''));
}
