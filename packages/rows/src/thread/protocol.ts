import type { FilePart, QianzhiError } from '@qianzhi/model';
import type { SuiteName } from '@qianzhi/model/crypto';
import type { RowsAbout } from '../digest.js';
import type { RowCounts } from '../scan.js';

/** What a manifest says of a batch's stored bytes. */
export interface RowsClaim extends RowsAbout {
  readonly rawBytes: number;
  readonly rowsDigest: string;
  readonly bytesDigest: string;
  /** Digest of the stored bytes where whoever brought them has proven it: it is not computed twice. */
  readonly provenDigest?: string | undefined;
  /** Fields of a row without the op field. */
  readonly fields: number;
  /** Cap on `rawBytes`; `rowLimits.batchRawBytes` unless told. */
  readonly maxRawBytes?: number;
}

/** Which of the digests is not that of the claim. */
export interface RowsDiffer {
  readonly differs: 'bytes' | 'rows';
}

export interface SealRequest {
  readonly act: 'seal';
  readonly raw: Uint8Array;
  readonly about: RowsAbout;
  readonly suite: SuiteName;
  readonly into: Uint8Array;
}

export interface OpenRequest {
  readonly act: 'open';
  readonly stored: Uint8Array;
  readonly claim: RowsClaim;
  readonly suite: SuiteName;
  /** Where the raw rows go; undefined when nobody wants them. */
  readonly into: Uint8Array | undefined;
}

export interface SealAnswer {
  readonly storedBytes: number;
  /** Only where the bytes did not fit into the memory that was handed over. */
  readonly stored: Uint8Array | undefined;
  readonly rowsDigest: string;
  readonly bytesDigest: string;
}

export interface OpenedRows {
  readonly counts: RowCounts;
  /** Of several whole files: those of their list, in its order. The bytes of each are proven; its name and the like are not judged. */
  readonly files?: readonly FilePart[] | undefined;
}

export type OpenAnswer = RowsDiffer | OpenedRows;

export interface ActOf {
  readonly seal: { readonly request: SealRequest; readonly answer: SealAnswer };
  readonly open: { readonly request: OpenRequest; readonly answer: OpenAnswer };
}

/** A coded error, as far as it can be posted. */
export type Refusal = Pick<QianzhiError, 'code' | 'kind' | 'texts' | 'details'>;

export type ThreadAnswer =
  | { readonly answer: ActOf[keyof ActOf]['answer'] }
  | { readonly refusal: Refusal }
  | { readonly broken: string };
