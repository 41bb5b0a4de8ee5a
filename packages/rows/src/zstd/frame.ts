import { rowsErrors } from '../errors.js';
import { frameProblems } from '../problems.js';

/** What a zstd frame says of itself (RFC 8878 §3.1.1). */
export interface FrameHeader {
  /** Bytes of the header, magic number included. */
  readonly headerBytes: number;
  /** Undefined when the frame does not say. */
  readonly contentBytes: number | undefined;
  readonly windowBytes: number;
  readonly checksum: boolean;
}

const MAGIC = 0xfd2fb528;
const MAX_BLOCK_BYTES = 128 * 1024;
const RAW = 0;
const RLE = 1;

export function frameError(problem: keyof typeof frameProblems, cause?: unknown) {
  return rowsErrors.FRAME(frameProblems[problem], cause);
}

/** Throws QZ_ROWS_FRAME when these bytes do not begin with a plain zstd frame. */
export function readFrameHeader(bytes: Uint8Array): FrameHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 6) throw frameError('cut');
  if (view.getUint32(0, true) !== MAGIC) throw frameError('magic');
  const descriptor = bytes[4]!;
  if (descriptor & 0b0000_1000) throw frameError('reserved');
  if (descriptor & 0b0000_0011) throw frameError('dictionary');
  const single = (descriptor & 0b0010_0000) !== 0;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? (single ? 1 : 0) : 1 << sizeFlag;
  const sizeAt = single ? 5 : 6;
  const headerBytes = sizeAt + sizeBytes;
  if (bytes.length < headerBytes) throw frameError('cut');
  const contentBytes = contentSize(view, sizeAt, sizeBytes);
  return {
    headerBytes,
    contentBytes,
    windowBytes: single ? (contentBytes ?? 0) : windowSize(bytes[5]!),
    checksum: (descriptor & 0b0000_0100) !== 0,
  };
}

function contentSize(view: DataView, at: number, bytes: number): number | undefined {
  if (bytes === 0) return undefined;
  if (bytes === 1) return view.getUint8(at);
  if (bytes === 2) return view.getUint16(at, true) + 256;
  return bytes === 4 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true));
}

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

/**
 * Walks the blocks to the end of the frame. Answers the most bytes they can become: raw and RLE blocks say it,
 * a compressed one is at most 128 KiB. Throws QZ_ROWS_FRAME when blocks and bytes do not end together.
 */
export function walkBlocks(bytes: Uint8Array, header: FrameHeader): number {
  let most = 0;
  let at = header.headerBytes;
  for (let last = false; !last; ) {
    if (at + 3 > bytes.length) throw frameError('cut');
    const block = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
    last = (block & 1) === 1;
    const type = (block >> 1) & 3;
    const size = block >> 3;
    if (type === 3 || size > MAX_BLOCK_BYTES) throw frameError('block');
    most += type === RAW || type === RLE ? size : MAX_BLOCK_BYTES;
    at += 3 + (type === RLE ? 1 : size);
  }
  if (header.checksum) at += 4;
  if (at > bytes.length) throw frameError('cut');
  if (at < bytes.length) throw frameError('trailing');
  return most;
}

/** A frame that holds the content as it is, in pieces: of each block its head, and the content of the block. */
export function plainFrame(raw: Uint8Array): readonly Uint8Array[] {
  const short = raw.length < 256;
  const blocks = Math.max(1, Math.ceil(raw.length / MAX_BLOCK_BYTES));
  const headerBytes = short ? 6 : 9;
  const heads = Buffer.alloc(headerBytes + 3 * blocks);
  heads.writeUInt32LE(MAGIC, 0);
  if (short) {
    heads[4] = 0b0010_0000;
    heads[5] = raw.length;
  } else {
    heads[4] = 0b1010_0000;
    heads.writeUInt32LE(raw.length, 5);
  }
  const pieces: Uint8Array[] = [];
  for (let block = 0; block < blocks; block++) {
    const content = raw.subarray(block * MAX_BLOCK_BYTES, (block + 1) * MAX_BLOCK_BYTES);
    const last = block === blocks - 1 ? 1 : 0;
    const end = headerBytes + 3 * (block + 1);
    heads.writeUIntLE((content.length << 3) | (RAW << 1) | last, end - 3, 3);
    pieces.push(heads.subarray(block === 0 ? 0 : end - 3, end), content);
  }
  return pieces;
}

/** Views of the content of a frame that holds it as it is, walked before; undefined for any other. */
export function plainContent(
  bytes: Uint8Array,
  { headerBytes, checksum }: FrameHeader,
): readonly Uint8Array[] | undefined {
  if (checksum) return undefined;
  const pieces: Uint8Array[] = [];
  for (let at = headerBytes, last = false; !last; ) {
    const block = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
    if (((block >> 1) & 3) !== RAW) return undefined;
    last = (block & 1) === 1;
    const end = at + 3 + (block >> 3);
    pieces.push(bytes.subarray(at + 3, end));
    at = end;
  }
  return pieces;
}

/**
 * The same frame, in pieces, with its content size in the header: for a library that streams and leaves it out. The
 * header is not covered by any checksum, and a decoder compares the size with what it decoded.
 */
export function withContentSize(frame: Uint8Array, contentBytes: number): readonly Uint8Array[] {
  const { contentBytes: known } = readFrameHeader(frame);
  if (known === contentBytes) return [frame];
  if (known !== undefined) throw frameError('otherSize');
  const header = Buffer.alloc(10);
  header.set(frame.subarray(0, 6), 0);
  header[4] = frame[4]! | 0b1000_0000; // a content size of four bytes follows the window
  header.writeUInt32LE(contentBytes, 6);
  return [header, frame.subarray(6)];
}
