import type { ErrorDetails } from '@qianzhi/model';
import type { datasetErrors } from './errors.js';
import type { Comparison, DiffCounts } from './requests.js';
import type {
  BatchFile,
  DeliverRequest,
  DeliverResult,
  TraceCandidate,
  TraceEvidence,
} from './requests-deliver.js';

/** What the child must know of a resource. Key fields are positions among the items, from 0, without the op field. */
export interface RowLayout {
  readonly resource: string;
  readonly fields: number;
  readonly keyFields: readonly number[];
  readonly maxRowBytes: number;
}

/** The sets a job reads. The child's SQL knows them by these names only, never by a path. */
export type SetName =
  | 'baseline'
  | 'candidate'
  | 'rejected'
  | 'a'
  | 'b'
  | 'base'
  | 'batches'
  | `rows${number}`
  | `base${number}`
  | `rows${number}-shown`
  | `base${number}-shown`;
export type RowSets = Readonly<Partial<Record<SetName, readonly BatchFile[]>>>;

/** What `deliver` must know besides the sets. */
export type DeliverSpec = Omit<DeliverRequest, 'suppliers' | 'output'> & { readonly suppliers: number };

export interface TraceSpec {
  readonly sampleFile: string;
  readonly candidates: readonly TraceCandidate[];
}

export interface ChildRequest {
  readonly job: JobName;
  readonly layout: RowLayout;
  readonly sets: RowSets;
  readonly deliver?: DeliverSpec;
  readonly trace?: TraceSpec;
  readonly memoryLimitMb: number;
  readonly threads: number;
}

/** Names are relative to the run folder's `out`. */
export interface CutFile {
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
  readonly bytesDigest: string;
}

export interface FoldOutcome {
  readonly files: readonly CutFile[];
  readonly rows: number;
}

export interface DiffOutcome {
  readonly delta: readonly CutFile[];
  readonly carried: readonly CutFile[];
  readonly counts: DiffCounts;
}

/** What each job answers. */
export interface JobOutcomes {
  readonly diff: DiffOutcome;
  readonly compare: Comparison;
  readonly count: number;
  readonly fold: FoldOutcome;
  readonly deliver: DeliverResult;
  readonly trace: readonly TraceEvidence[];
}
export type JobName = keyof JobOutcomes;

export type ErrorName = keyof typeof datasetErrors;

/** Errors cross as a name and facts: DuckDB's own messages quote rows, so they stay in the child. */
export type ChildAnswer = { readonly ok: true; readonly outcome: JobOutcomes[JobName] } | Refusal;

/** Sent any number of times before the answer. */
export interface ChildProgress {
  readonly progress: number;
}

/** Facts that only the child knows; the parent adds resource and work folder. */
export interface Refusal {
  readonly ok: false;
  readonly error: ErrorName;
  readonly details: ErrorDetails;
}
