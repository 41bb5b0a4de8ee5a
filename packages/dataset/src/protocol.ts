import type { ErrorDetails } from '@qianzhi/model';
import type { datasetErrors } from './errors.js';
import type { Comparison, DiffCounts, RowFile } from './requests.js';

/** What the child must know of a resource. Key fields are positions among the items, from 0, without the op field. */
export interface RowLayout {
  readonly resource: string;
  readonly fields: number;
  readonly keyFields: readonly number[];
  readonly maxRowBytes: number;
}

/** The sets a job reads. The child's SQL knows them by these names only, never by a path. */
export type SetName = 'baseline' | 'candidate' | 'rejected' | 'a' | 'b';
export type RowSets = Readonly<Partial<Record<SetName, readonly RowFile[]>>>;

export interface ChildRequest {
  readonly job: JobName;
  readonly layout: RowLayout;
  readonly sets: RowSets;
  readonly memoryLimitMb: number;
  readonly threads: number;
}

/** Names are relative to the run folder's `out`. */
export interface CutFile {
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
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
}
export type JobName = keyof JobOutcomes;

export type ErrorName = keyof typeof datasetErrors;

/** Errors cross as a name and facts: DuckDB's own messages quote rows, so they stay in the child. */
export type ChildAnswer = { readonly ok: true; readonly outcome: JobOutcomes[JobName] } | Refusal;

/** Facts that only the child knows; the parent adds resource and work folder. */
export interface Refusal {
  readonly ok: false;
  readonly error: ErrorName;
  readonly details: ErrorDetails;
}
