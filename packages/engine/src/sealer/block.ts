import type { Checkpoint } from '@qianzhi/plugin-api';

/** Rows that passed validation, ready to be sealed; counts are of this block alone. */
export interface CleanBlock {
  readonly phase: 'snapshot' | 'delta';
  /** Row text; belongs to the sealer from here on. */
  readonly bytes: Uint8Array;
  readonly rows: number;
  readonly rejected: number;
  readonly flagged: number;
  readonly repeated: number;
  readonly lastOfSnapshot: boolean;
  /** An unfinished snapshot is void: this block begins a new one. */
  readonly restart: boolean;
  /** Undefined: reading does not move (rows of a retry). */
  readonly checkpoint: Checkpoint | undefined;
}

/** Blocks that go into one or, when they turn out too large, several batches sealed together. */
export interface Cut {
  readonly phase: 'snapshot' | 'delta';
  readonly parts: Uint8Array[];
  rawBytes: number;
  rows: number;
  rejected: number;
  flagged: number;
  repeated: number;
  last: boolean;
  readonly restart: boolean;
  checkpoint: Checkpoint | undefined;
}

export function newCut(block: CleanBlock): Cut {
  return {
    phase: block.phase,
    parts: [],
    rawBytes: 0,
    rows: 0,
    rejected: 0,
    flagged: 0,
    repeated: 0,
    last: false,
    restart: block.restart,
    checkpoint: undefined,
  };
}

export function addTo(cut: Cut, block: CleanBlock): void {
  if (block.bytes.length > 0) cut.parts.push(block.bytes);
  cut.rawBytes += block.bytes.length;
  cut.rows += block.rows;
  cut.rejected += block.rejected;
  cut.flagged += block.flagged;
  cut.repeated += block.repeated;
  cut.last ||= block.lastOfSnapshot;
  cut.checkpoint = block.checkpoint ?? cut.checkpoint;
}
