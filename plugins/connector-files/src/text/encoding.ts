import { isUtf8 } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';
import { throwIfCancelled } from '@qianzhi/model';
import type { Encoding } from '../config.js';

const SAMPLE_BYTES = 256 * 1024;

/** Encoding of a file and how many bytes of it are its byte order mark. */
export interface Detected {
  readonly encoding: Encoding;
  readonly bomBytes: number;
}

const marks: readonly { readonly bytes: readonly number[]; readonly encoding: Encoding }[] = [
  { bytes: [0xef, 0xbb, 0xbf], encoding: 'utf-8' },
  { bytes: [0xff, 0xfe], encoding: 'utf-16le' },
  { bytes: [0xfe, 0xff], encoding: 'utf-16be' },
];

/**
 * A byte order mark decides. Without one the first stretch with a byte beyond ASCII does: UTF-8 unless it is none, then GB18030, of
 * which GBK and GB2312 are part. UTF-16 without a mark must be declared. A declared encoding is taken as it is, its mark left out.
 */
export async function encodingOf(
  file: FileHandle,
  declared: Encoding | 'auto',
  signal: AbortSignal,
): Promise<Detected> {
  const buffer = Buffer.allocUnsafe(SAMPLE_BYTES);
  for (let at = 0; ; ) {
    throwIfCancelled(signal, 'detect the encoding');
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    const sample = buffer.subarray(0, bytesRead);
    if (at === 0) {
      const mark = marks.find(({ bytes }) => bytes.every((byte, index) => sample[index] === byte));
      if (mark && (declared === 'auto' || declared === mark.encoding)) {
        return { encoding: mark.encoding, bomBytes: mark.bytes.length };
      }
      if (declared !== 'auto') return { encoding: declared, bomBytes: 0 };
    }
    if (bytesRead === 0) return { encoding: 'utf-8', bomBytes: 0 };
    if (!sample.every((byte) => byte < 0x80)) return { encoding: guess(sample), bomBytes: 0 };
    at += bytesRead;
  }
}

/** One bad byte among much UTF-8 does not make it GB18030: its row is rejected then, and the others stay what they are. */
function guess(sample: Buffer): Encoding {
  let good = 0;
  let bad = 0;
  for (let i = 0; i < sample.length; ) {
    const c = sample[i]!;
    const length = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
    if (length === 1) {
      i++;
    } else if (i + length > sample.length || isUtf8(sample.subarray(i, i + length))) {
      // what is cut off at the end is judged by nobody
      good++;
      i += length;
    } else {
      bad++;
      i++;
    }
  }
  return good > bad * 4 ? 'utf-8' : 'gb18030';
}

/** GBK is read as GB18030, which it is part of: what some systems call GBK holds four-byte characters. */
const labels: Readonly<Record<Encoding, string>> = {
  'utf-8': 'utf-8',
  gbk: 'gb18030',
  gb18030: 'gb18030',
  'utf-16le': 'utf-16le',
  'utf-16be': 'utf-16be',
};

/** Marks a place where bytes were no character: it is no UTF-8, so the row that holds it is found like any other bad one. */
const BAD = Buffer.from([0xff]);
const REPLACEMENT = Buffer.from('\ufffd');

export interface Transcoder {
  /** Whole lines in the file's encoding as UTF-8; `valid` is false where a line holds bytes that are no character. */
  toUtf8(bytes: Buffer): { readonly text: Buffer; readonly valid: boolean };
  /** One piece that is cut at character boundaries; undefined if it holds bytes that are no character. */
  decode(bytes: Buffer): string | undefined;
}

export function createTranscoder(encoding: Encoding): Transcoder {
  const options = { ignoreBOM: true };
  const strict = new TextDecoder(labels[encoding], { ...options, fatal: true });
  const lenient = new TextDecoder(labels[encoding], options);

  function decode(bytes: Buffer): string | undefined {
    try {
      return strict.decode(bytes);
    } catch (error) {
      if (error instanceof TypeError) return undefined;
      throw error;
    }
  }

  function marked(line: Buffer): Buffer {
    const text = decode(line);
    if (text !== undefined) return Buffer.from(text);
    const parts: Buffer[] = [];
    const replaced = Buffer.from(lenient.decode(line));
    for (let from = 0; ; ) {
      const at = replaced.indexOf(REPLACEMENT, from);
      if (at < 0) return Buffer.concat([...parts, replaced.subarray(from)]);
      parts.push(replaced.subarray(from, at), BAD);
      from = at + REPLACEMENT.length;
    }
  }

  return {
    decode,
    toUtf8(bytes) {
      if (encoding === 'utf-8') return { text: bytes, valid: isUtf8(bytes) };
      const text = decode(bytes);
      if (text !== undefined) return { text: Buffer.from(text), valid: true };
      const lines: Buffer[] = [];
      for (let from = 0; from < bytes.length; ) {
        const end = lineEnd(bytes, from, encoding) || bytes.length;
        lines.push(marked(bytes.subarray(from, end)));
        from = end;
      }
      return { text: Buffer.concat(lines), valid: false };
    },
  };
}

/** Where the line that begins at `from` ends, behind its LF; 0 if it does not end. */
export function lineEnd(bytes: Buffer, from: number, encoding: Encoding): number {
  if (!encoding.startsWith('utf-16')) return bytes.indexOf(10, from) + 1;
  const low = encoding === 'utf-16le' ? 0 : 1;
  for (let at = bytes.indexOf(10, from); at >= 0; at = bytes.indexOf(10, at + 1)) {
    const unit = at - low;
    if ((unit - from) % 2 === 0 && unit >= from && bytes[unit + (1 - low)] === 0 && unit + 2 <= bytes.length)
      return unit + 2;
  }
  return 0;
}

/** Where the last whole line ends, behind its LF; 0 if there is none. `bytes` begin with a line. */
export function lastLineEnd(bytes: Buffer, encoding: Encoding): number {
  if (!encoding.startsWith('utf-16')) return bytes.lastIndexOf(10) + 1;
  const low = encoding === 'utf-16le' ? 0 : 1;
  for (let at = bytes.lastIndexOf(10); at >= 0; at = at === 0 ? -1 : bytes.lastIndexOf(10, at - 1)) {
    const unit = at - low;
    if (unit >= 0 && unit % 2 === 0 && bytes[unit + (1 - low)] === 0 && unit + 2 <= bytes.length)
      return unit + 2;
  }
  return 0;
}
