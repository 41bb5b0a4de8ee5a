import { type FilePart, fileListText } from '@qianzhi/model';
import type { Checkpoint } from '@qianzhi/plugin-api';
import { copyBytes, lendBytes, returnBytes } from '@qianzhi/rows';

/** Rows that passed validation, or a part of a file, ready to be sealed; counts are of this block alone. */
export interface CleanBlock {
  readonly phase: 'snapshot' | 'delta' | 'files';
  /** Of phase `files`: which part the bytes are. It is a batch of its own. */
  readonly file?: FilePart;
  /** Of phase `files`: whole files whose bytes these are. They are a batch of their own, too. */
  readonly files?: readonly FilePart[];
  /** Row text, or the files' bytes; belongs to the sealer from here on. */
  readonly bytes: Uint8Array;
  /** Called when the bytes were copied. */
  readonly release?: (() => void) | undefined;
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
  readonly phase: CleanBlock['phase'];
  readonly file: FilePart | undefined;
  /** Of whole files: length of their list, which comes first. */
  readonly listBytes: number | undefined;
  /** Lent memory, with rows up to `rawBytes`; of a part of a file, the block's own. */
  memory: Uint8Array;
  /** Called when nobody looks at `memory` any more. */
  release: () => void;
  rawBytes: number;
  rows: number;
  rejected: number;
  flagged: number;
  repeated: number;
  last: boolean;
  readonly restart: boolean;
  checkpoint: Checkpoint | undefined;
}

/** `expectedBytes`: how large it will probably become. */
export function newCut(block: CleanBlock, expectedBytes: number): Cut {
  // a part of a file is a batch of its own: nothing is gathered, so nothing need be copied
  const whole = block.file && block.bytes;
  const list = block.files && Buffer.from(fileListText(block.files));
  const bytes = (list?.length ?? 0) + block.bytes.length;
  const memory = whole ?? lendBytes(list ? bytes : Math.max(expectedBytes, bytes));
  const cut: Cut = {
    phase: block.phase,
    file: block.file,
    listBytes: list?.length,
    memory,
    release: whole ? () => block.release?.() : () => returnBytes(cut.memory),
    rawBytes: 0,
    rows: 0,
    rejected: 0,
    flagged: 0,
    repeated: 0,
    last: false,
    restart: block.restart,
    checkpoint: undefined,
  };
  if (list) append(cut, list);
  return cut;
}

/** Files are a batch as they come: nothing joins them. */
export function isOfFiles({ phase: kind }: Pick<Cut | CleanBlock, 'phase'>): boolean {
  return kind === 'files';
}

export function addTo(cut: Cut, block: CleanBlock): void {
  if (cut.memory === block.bytes) cut.rawBytes = block.bytes.length;
  else {
    append(cut, block.bytes);
    block.release?.();
  }
  cut.rows += block.rows;
  cut.rejected += block.rejected;
  cut.flagged += block.flagged;
  cut.repeated += block.repeated;
  cut.last ||= block.lastOfSnapshot;
  cut.checkpoint = block.checkpoint ?? cut.checkpoint;
}

/** Rows are copied as they come: one batch is one piece of memory, and a source's block is free again at once. */
function append(cut: Cut, bytes: Uint8Array): void {
  const end = cut.rawBytes + bytes.length;
  if (end > cut.memory.length) {
    const wider = lendBytes(Math.max(end, cut.memory.length * 2));
    copyBytes(wider, 0, cut.memory.subarray(0, cut.rawBytes));
    returnBytes(cut.memory);
    cut.memory = wider;
  }
  copyBytes(cut.memory, cut.rawBytes, bytes);
  cut.rawBytes = end;
}
