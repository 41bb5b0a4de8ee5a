import type { CatalogResource, MaskRule } from '@qianzhi/model';
import type { RowFile, WrittenFile } from './requests.js';

/** A batch file: where it lies in a larger one, and which of its fields are which. */
export interface BatchFile extends RowFile {
  /** The frame is so many bytes from `offset` on; the whole file where left out. */
  readonly slice?: { readonly offset: number; readonly length: number };
  /**
   * For each item of the resource, the position of its field in this file, null where it has none. Left out: the fields
   * are the items.
   */
  readonly fields?: readonly (number | null)[];
  /** How many fields a row has, where `fields` is given. */
  readonly width?: number;
}

export interface FoldRequest {
  /** Gives the fields of the result. Without key items every row of `batches` is kept, and there must be no `base`. */
  readonly resource: CatalogResource;
  /** The state before, as an earlier fold wrote it: rows (op `S`), each key once. */
  readonly base: readonly BatchFile[];
  /** Snapshot parts and deltas in the order of their stream: of each key the last row counts, `D` removes it. */
  readonly batches: readonly BatchFile[];
  /** Folder for the result; must not exist, its parent must, on the file system of the work folder. */
  readonly output: string;
}

export interface FoldResult {
  /** Rows (op `S`) in byte order of the key's row text, plain, about 4 MiB each. */
  readonly files: readonly (WrittenFile & { readonly bytesDigest: string })[];
  readonly rows: number;
}

export const deliverFormats = ['csv', 'xlsx', 'jsonl', 'parquet'] as const;
export type DeliverFormat = (typeof deliverFormats)[number];

export interface DeliverRequest {
  /** The state's fields and key. */
  readonly resource: CatalogResource;
  /** Granted columns; order is the resource's. */
  readonly columns: readonly string[];
  readonly masks: Readonly<Record<string, MaskRule>>;
  /** Row scopes over the state's items: of the rows now, and of those the base had. Left out: all rows. */
  readonly scope?: { readonly rows?: string | undefined; readonly base?: string | undefined };
  /** 32 bytes in hex; needed where a mask is `pseudonym`. */
  readonly pseudonymKey?: string | undefined;
  /** One for each supplier: its state, and the state that changes are counted from. */
  readonly suppliers: readonly {
    readonly rows: readonly RowFile[];
    readonly base?: readonly RowFile[];
  }[];
  /** Changes since `base` instead of all rows. */
  readonly changes: boolean;
  readonly format: DeliverFormat;
  readonly encoding: 'utf-8' | 'gb18030';
  readonly header: 'names' | 'columns';
  /** Key of this download, 32 bytes in hex: decides the order of the rows. */
  readonly seed: string;
  /** Name of the data file without extension. */
  readonly name: string;
  readonly output: string;
}

/** What the manifest of a delivered file has to say. */
export interface DeliverNotes {
  /** Text cells that a spreadsheet would take for formulas, by column: made harmless. */
  readonly neutralised: Readonly<Record<string, number>>;
  /** Rows with private-use characters, whose GB18030 code points other programs may read as other characters. */
  readonly privateUse: number;
  /** Number columns with values that the format cannot hold as numbers exactly, and that are text there. */
  readonly asText: readonly string[];
  /** Of an XLSX. */
  readonly sheets?: number;
}

export interface DeliverResult {
  readonly file: string;
  readonly bytes: number;
  /** `sha-256:…` of the file. */
  readonly digest: string;
  readonly rows: number;
  readonly upserts: number;
  readonly deletes: number;
  readonly notes: DeliverNotes;
  /** Name of the file that recognises these rows again (see `trace`). */
  readonly traceFile: string;
}

export interface TraceCandidate {
  readonly id: string;
  readonly seed: string;
  /** Undefined where it is gone: the order alone is judged then. */
  readonly traceFile: string | undefined;
  /** The file names the keys, and the download's order is that of its keys. */
  readonly keyed: boolean;
  /** How many columns a row of the trace file has. */
  readonly width: number;
  /** For each column of the found file its place among the delivered ones; null: it was not delivered. */
  readonly columns: readonly (number | null)[];
}

export interface TraceRequest {
  /** `TraceSample` of the model as bytes. */
  readonly sample: Uint8Array;
  readonly candidates: readonly TraceCandidate[];
}

export interface TraceEvidence {
  readonly id: string;
  /** Rows of the sample that are rows of this download: by key, or by content where the file has no key. */
  readonly found: number;
  /** Rows all of whose shared columns have the delivered values. */
  readonly equal: number;
  /** For each column of the found file: rows with the delivered value, of those found; null: not delivered. */
  readonly equalByColumn: readonly (number | null)[];
  /** Of neighbours among the rows found, how many stand in this download's order. */
  readonly inOrder: number;
  readonly neighbours: number;
}
