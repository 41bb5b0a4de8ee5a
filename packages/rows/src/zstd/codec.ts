/** One zstd frame, level 1, with the content size in its header. */
export function compress(_raw: Uint8Array): Promise<Uint8Array> {
  throw new Error('comes with the next commit');
}

export interface DecompressLimits {
  /** What the manifest declares; the frame must declare the same. */
  readonly rawBytes: number;
  /** Cap; `rowLimits.batchRawBytes` unless told. */
  readonly maxRawBytes?: number;
}

/**
 * Reads the frame's header before anything is allocated. Throws QZ_ROWS_FRAME (integrity) for a frame without content
 * size, several or skippable frames, trailing bytes, a dictionary, another declared size, a size over the cap,
 * or a damaged frame.
 */
export function decompress(_stored: Uint8Array, _limits: DecompressLimits): Promise<Uint8Array> {
  throw new Error('comes with the next commit');
}
