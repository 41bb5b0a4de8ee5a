/**
 * A batch is cut at the first of these or the mode's time bound; a row over `rowBytes` goes to quarantine.
 * Raw bytes are uncompressed row text, stored bytes the zstd frame.
 */
export const rowLimits = {
  batchRawBytes: 16 * 1024 * 1024,
  batchStoredBytes: 4 * 1024 * 1024,
  batchRows: 100_000,
  rowBytes: 8 * 1024 * 1024,
} as const;
