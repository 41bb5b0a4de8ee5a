import type { FileHandle } from 'node:fs/promises';
import { throwIfCancelled } from '@qianzhi/model';
import { rowLimits } from '@qianzhi/rows';
import type { Encoding } from '../config.js';
import { createTranscoder, lastLineEnd, lineEnd, type Transcoder } from './encoding.js';

const CHUNK_BYTES = 256 * 1024;
/** A line longer than this is no row: its text would be over the limit, in whatever encoding. */
const LINE_BYTES = rowLimits.rowBytes * 2;

/** Whole lines of a file as UTF-8. `text` is valid until the next chunk is asked for. */
export interface TextChunk {
  readonly text: Buffer;
  /** False: some line holds bytes that are no character; there the text is no UTF-8 either. */
  readonly valid: boolean;
  /** Where the chunk begins in the file. */
  readonly offset: number;
  /** The file ends here. */
  readonly last: boolean;
  /** Lines left out before this chunk, because each is longer than a row may be. */
  readonly overlong: number;
}

/**
 * Reads from `from`, where a line begins, to the end. Memory: a chunk, or the longest line up to twice the row limit. Another
 * `transcoder` leaves the bytes as they are, for formats that count them.
 */
export async function* readText(
  file: FileHandle,
  encoding: Encoding,
  from: number,
  signal: AbortSignal,
  transcoder: Pick<Transcoder, 'toUtf8'> = createTranscoder(encoding),
): AsyncGenerator<TextChunk> {
  let buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  let held = 0;
  let offset = from;
  let overlong = 0;
  let skipping = false;
  for (;;) {
    throwIfCancelled(signal, 'read a file');
    if (held === buffer.length) {
      const wider = Buffer.allocUnsafeSlow(buffer.length * 2);
      buffer.copy(wider, 0, 0, held);
      buffer = wider;
    }
    const { bytesRead } = await file.read(buffer, held, buffer.length - held, offset + held);
    held += bytesRead;
    const last = bytesRead === 0;
    if (skipping) {
      const end = lineEnd(buffer.subarray(0, held), 0, encoding);
      if (end === 0 && !last) {
        // an odd byte of UTF-16 stays, so that units are still seen as pairs
        const gone = held - (held % 2);
        buffer.copyWithin(0, gone, held);
        offset += gone;
        held -= gone;
        continue;
      }
      skipping = false;
      overlong++;
      const gone = end || held;
      buffer.copyWithin(0, gone, held);
      offset += gone;
      held -= gone;
    }
    const end = last ? held : lastLineEnd(buffer.subarray(0, held), encoding);
    if (end === 0 && !last) {
      if (held >= LINE_BYTES) {
        skipping = true;
        held = 0;
        offset += buffer.length - (buffer.length % 2);
        buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES);
      }
      continue;
    }
    yield { ...transcoder.toUtf8(buffer.subarray(0, end)), offset, last, overlong };
    overlong = 0;
    if (last) return;
    buffer.copyWithin(0, end, held);
    offset += end;
    held -= end;
  }
}
