import { rowLimits } from '../limits.js';
import { copyBytes, copyPieces } from '../views.js';
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

/** Larger content is looked at before all of it is compressed: pictures, video and archives gain nothing by it. */
const SAMPLED_FROM_BYTES = 256 * 1024;
const SAMPLE_BYTES = 32 * 1024;
/** Samples from which a frame that is not compressed costs less than all that is done with a compressed one. */
const WORTH_IT = 0.97;

/** As `compressToPieces`, but content whose samples do not shrink is framed as it is: any reader of zstd takes that, and more quickly. */
export async function compressOrKeep(raw: Uint8Array): Promise<readonly Uint8Array[]> {
  if (raw.length < SAMPLED_FROM_BYTES) return compressToPieces(raw);
  const samples = Buffer.alloc(3 * SAMPLE_BYTES);
  for (const n of [0, 1, 2]) {
    const from = Math.floor((raw.length * (2 * n + 1)) / 6) - SAMPLE_BYTES / 2;
    copyBytes(samples, n * SAMPLE_BYTES, raw.subarray(from, from + SAMPLE_BYTES));
  }
  const shrunk = await zstd().compress(samples);
  return shrunk.length < samples.length * WORTH_IT ? compressToPieces(raw) : plainFrame(raw);
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
  return ownContent(await openFrame(stored, limits));
}

/** Content of a frame in its order. */
export interface FrameContent {
  readonly pieces: readonly Uint8Array[];
  /** The pieces are of the frame itself. */
  readonly views: boolean;
}

/** As `decompress`, but what stands in the frame as it is is not copied. */
export async function openFrame(stored: Uint8Array, limits: DecompressLimits): Promise<FrameContent> {
  const header = checkFrame(stored, limits);
  const plain = plainContent(stored, header);
  if (plain) {
    if (lengthOf(plain) !== limits.rawBytes) throw frameError('otherSize');
    return { pieces: plain, views: true };
  }
  let raw: Uint8Array;
  try {
    raw = await zstd().decompress(stored, limits.rawBytes);
  } catch (cause) {
    throw frameError('damaged', cause);
  }
  if (raw.length !== limits.rawBytes) throw frameError('otherSize');
  return { pieces: [raw], views: false };
}

/** One piece of memory that is not the frame's. */
export function ownContent({ pieces, views }: FrameContent): Uint8Array {
  if (!views) return pieces[0]!;
  const content = Buffer.allocUnsafeSlow(lengthOf(pieces));
  copyPieces(content, pieces);
  return content;
}

function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
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
