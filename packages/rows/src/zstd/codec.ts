import { rowLimits } from '../limits.js';
import {
  type FrameHeader,
  frameError,
  plainContent,
  plainFrame,
  readFrameHeader,
  walkBlocks,
  withContentSize,
} from './frame.js';
import { zstd } from './library.js';

/** Largest window a reader grants beyond the content itself: what level 1 to 19 use. */
const MAX_WINDOW_BYTES = 8 * 1024 * 1024;
/** Encoders split a block of 128 KiB into at most this many. */
const MAX_BLOCK_SPLIT = 4;
const BLOCK_BYTES = 128 * 1024;
/** A few rows gain little by compression, and the way to a thread and back costs more than all else done with them. */
const PLAIN_BELOW_BYTES = 2048;

/**
 * One zstd frame, level 1, with the content size in its header; off the event loop, but for a few rows, which are framed as
 * they are. The bytes differ between libraries: they are no identity.
 */
export async function compress(raw: Uint8Array): Promise<Uint8Array> {
  const pieces = await compressToPieces(raw);
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
}

/** The frame in pieces, for whoever copies it elsewhere anyway. */
export async function compressToPieces(raw: Uint8Array): Promise<readonly Uint8Array[]> {
  if (raw.length < PLAIN_BELOW_BYTES) return plainFrame(raw);
  return withContentSize(await zstd().compress(raw), raw.length);
}

export interface DecompressLimits {
  /** What the manifest declares; the frame must declare the same. */
  readonly rawBytes: number;
  /** Cap; `rowLimits.batchRawBytes` unless told. */
  readonly maxRawBytes?: number;
}

/**
 * Reads the frame's structure before anything is allocated. Throws QZ_ROWS_FRAME (integrity) for a frame without
 * content size, several or skippable frames, trailing bytes, a dictionary, another declared size, a size over
 * the cap, or a damaged frame. A frame whose blocks lie costs at most four times the declared size.
 */
export async function decompress(stored: Uint8Array, limits: DecompressLimits): Promise<Uint8Array> {
  const header = checkFrame(stored, limits);
  let raw: Uint8Array;
  try {
    raw = plainContent(stored, header) ?? (await zstd().decompress(stored, limits.rawBytes));
  } catch (cause) {
    throw frameError('damaged', cause);
  }
  if (raw.length !== limits.rawBytes) throw frameError('otherSize');
  return raw;
}

function checkFrame(stored: Uint8Array, limits: DecompressLimits): FrameHeader {
  const { rawBytes, maxRawBytes = rowLimits.batchRawBytes } = limits;
  const header = readFrameHeader(stored);
  if (header.contentBytes === undefined) throw frameError('noSize');
  if (header.contentBytes > maxRawBytes) throw frameError('overCap');
  if (header.contentBytes !== rawBytes) throw frameError('otherSize');
  if (header.windowBytes > Math.max(MAX_WINDOW_BYTES, maxRawBytes)) throw frameError('window');
  const most = walkBlocks(stored, header);
  if (most < rawBytes) throw frameError('blocks');
  if (most > rawBytes * MAX_BLOCK_SPLIT + BLOCK_BYTES) throw frameError('blocks');
  return header;
}
