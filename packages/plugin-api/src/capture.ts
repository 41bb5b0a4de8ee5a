/**
 * Makes tables record their own changes, for strategy `change-table`: a change table of our own for each, filled by triggers. Names
 * follow from the table's alone, so that whoever asks later finds what was made.
 */
export interface Capture {
  /** What `install` and `remove` would run, for a person to review. Changes nothing. */
  plan(spec: CaptureSpec, signal: AbortSignal): Promise<CapturePlan>;
  /**
   * Makes what is missing, disabled or changed, and nothing else; then marks the change table, so that its reader begins with a full
   * copy: changes from before are not in it. Answers the steps that were run. May be repeated.
   */
  install(spec: CaptureSpec, signal: AbortSignal): Promise<readonly CaptureStep[]>;
  /** Drops exactly what `install` makes, recorded changes included. Answers the steps that were run. */
  remove(spec: CaptureSpec, signal: AbortSignal): Promise<readonly CaptureStep[]>;
  /** How each object is now. Reads the database's catalog alone. */
  inspect(spec: CaptureSpec, signal: AbortSignal): Promise<readonly CaptureObjectState[]>;
}

export interface CaptureSpec {
  /** Schema or database; without it where the connector looks tables up. */
  readonly schema?: string;
  readonly table: string;
  /** Columns that are recorded: those of the resource's key items. Without them the table's primary key. */
  readonly key?: readonly string[];
}

/** One statement, and why. */
export interface CaptureStep {
  readonly zh: string;
  readonly en: string;
  readonly sql: string;
}

export interface CapturePlan {
  /** As statements name it. */
  readonly table: string;
  readonly install: readonly CaptureStep[];
  readonly remove: readonly CaptureStep[];
  /** `changeTable` of the exchange's source. */
  readonly changeTable: Readonly<Record<string, unknown>>;
  /** What is not seen, and what the rights have to be. */
  readonly notes: readonly { readonly zh: string; readonly en: string }[];
  /** Ends a statement when a client of the database runs the plan; its own line where it is no `;`. */
  readonly terminator: string;
}

export interface CaptureObjectState {
  readonly kind: 'table' | 'function' | 'trigger';
  readonly name: string;
  readonly state: 'ok' | 'missing' | 'disabled' | 'changed';
}
