import type {
  ChainBegin,
  DeliveryStream,
  Head,
  Problem,
  Receipt,
  ReceiptStage,
  Signed,
  Stream,
} from '@qianzhi/model';
import type { PlannedJob, RunSummary } from '@qianzhi/plugin-api';
import type { Reconciling } from './reconcile/reconciling.js';

/** What the agent's local API and CLI see. Every stopped thing carries `problem` and the command in `restart`. */
export interface Engine {
  /** Compares heads, re-sends what has no receipt and starts the scheduler. Resolves at once; the link may be down. */
  start(): Promise<void>;
  /** Ends reading, finishes the current batch, then closes; aborts what is left after the deadline. */
  stop(options?: { readonly deadlineMs?: number }): Promise<void>;
  /** Assignments, lease or link changed: look at everything that waits now. */
  wake(): void;
  readonly jobs: Jobs;
  readonly exchanges: { list(): readonly ExchangeInfo[] };
  readonly streams: Streams;
  readonly quarantine: QuarantineControl;
  readonly reconciling: Reconciling;
  /** Answers none that a loss of power could still take back. */
  readonly receipts: {
    list(filter?: ReceiptFilter): Promise<readonly StoredReceipt[]>;
    /** Where chains go on whose beginning was moved into files. */
    begins(name?: string): readonly ChainBegin[];
  };
  /** State and sizes as of now, for monitoring: a few indexed queries. */
  facts(): EngineFacts;
  /** Calls `listener` for each event until the answered function is called. */
  on(listener: (event: EngineEvent) => void): () => void;
}

/** A thing that does not go on by itself, or waits: why, and the command that starts it again. */
export interface Halted {
  readonly problem?: Problem;
  readonly restart?: string;
}

export const jobStates = ['queued', 'running', 'waiting', 'done', 'failed', 'cancelled'] as const;
export type JobState = (typeof jobStates)[number];

export interface JobInfo extends Halted {
  readonly id: string;
  readonly exchange: string;
  readonly state: JobState;
  readonly cause: PlannedJob['cause'];
  readonly dueAt: string;
  readonly attempt: number;
  /** When a waiting job is tried again. */
  readonly nextAt?: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly progress?: Progress;
  /**
   * Set when done, over all attempts of the job (one that a crash cut off excepted). A run with rejects is never plain
   * success: see `summary.rejected`.
   */
  readonly summary?: RunSummary;
}

export interface Progress {
  readonly rows: number;
  readonly bytes: number;
  readonly batches: number;
  readonly rowsPerSecond: number;
  readonly bytesPerSecond: number;
  /** Supply: sealed batches without receipt and their bytes. Consume: prefetched deliveries not yet applied. */
  readonly waitingBatches: number;
  readonly waitingBytes: number;
}

export interface JobLine {
  readonly at: string;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface Jobs {
  /** Newest first. */
  list(filter?: {
    readonly exchange?: string;
    readonly state?: JobState;
    readonly limit?: number;
  }): readonly JobInfo[];
  /** Queues a run by hand; answers the job already queued by hand if there is one. Throws for a stopped exchange. */
  run(exchange: string): JobInfo;
  status(id: string): JobInfo;
  /** Queues a failed, cancelled or waiting job to run now. */
  retry(id: string): JobInfo;
  cancel(id: string): JobInfo;
  /** Ends the running job after its current batch and plans no more, until `resume`. */
  pause(exchange: string): ExchangeInfo;
  /** Starts a paused or stopped exchange again; one that was stopped runs at once. */
  resume(exchange: string): ExchangeInfo;
  log(id: string): readonly JobLine[];
  /** Resolves when the job is done, failed or cancelled. */
  ended(id: string, signal: AbortSignal): Promise<JobInfo>;
}

export interface ExchangeInfo extends Halted {
  readonly exchange: string;
  readonly resource: string;
  readonly direction: 'supply' | 'consume';
  readonly state: 'running' | 'waiting' | 'paused' | 'stopped';
  readonly lastSuccessAt?: string;
}

export interface StreamInfo extends Halted {
  /** `resource/agent/epoch`, or of a delivery `agreement/grantVersion/resource/agent/epoch`. */
  readonly name: string;
  readonly direction: 'supply' | 'consume';
  readonly stream: Stream;
  readonly delivery?: DeliveryStream;
  readonly exchange?: string;
  readonly state: 'running' | 'waiting' | 'paused' | 'stopped' | 'revoked';
  /** Newest sealed batch, or newest delivery applied. */
  readonly head: Head;
  /** Newest seq with a receipt: the platform's, or of a delivery ours that the platform holds. */
  readonly receiptedSeq: number;
  readonly waitingBatches: number;
  readonly waitingBytes: number;
  readonly schemaVersion?: number;
  readonly snapshot?: { readonly id: string; readonly part: number };
  /** Keys whose newest row was rejected and not yet replaced by a valid one. */
  readonly staleKeys: number;
}

export interface Streams {
  list(): readonly StreamInfo[];
  /** By stream name or resource. Throws QZ_ENGINE_STREAM_UNKNOWN. */
  show(name: string): StreamInfo;
  /**
   * How far rows have come: `within` says of a checkpoint whether a read up to there has given them. `waiting` too for rows of an epoch
   * that was given up.
   */
  reach(resource: string, within: (checkpoint: string) => boolean): StreamReach;
  /** Lets a stopped stream (of that name, or all of a resource) go on from where it is. */
  resume(name: string): readonly StreamInfo[];
  /** Accepts the catalog's current schema of a resource; opens a new epoch where the change needs one. */
  acceptSchema(resource: string, signal: AbortSignal): Promise<StreamInfo>;
  /** The next run reads a whole snapshot. */
  resnapshot(resource: string): StreamInfo;
  /**
   * Gives up what is sealed and has no receipt, once no run of `exchange` seals more: it is not sent any more. The stream is stopped, and goes
   * on by `recover` in a new epoch, with a whole copy; where nothing is given up it stays as it is. Throws QZ_ENGINE_EXCHANGE_BUSY.
   */
  discard(resource: string, exchange: string): Promise<Discarded>;
  /** Opens epoch + 1 after lost or restored state: of one resource, or of every stream that needs it. */
  recover(
    options: { readonly resource?: string; readonly reason: string },
    signal: AbortSignal,
  ): Promise<readonly StreamInfo[]>;
}

export interface Discarded {
  /** So many were given up. */
  readonly batches: number;
  readonly stream: StreamInfo;
}

export interface StreamReach {
  /** Not in a batch yet; in a batch; in one with the platform's receipt, of which nothing more is told where it may have left the store. */
  readonly stage: 'waiting' | 'sealed' | 'stored';
  readonly stream?: string;
  readonly epoch?: number;
  readonly seq?: number;
  readonly batch?: string;
  readonly sealedAt?: string;
  /** Id of the platform's receipt. */
  readonly receipt?: string | undefined;
}

export interface QuarantineFilter {
  readonly exchange?: string;
  readonly reason?: string;
  readonly limit?: number;
}

/** What may be shown of a quarantined row: never its values. */
export interface QuarantineEntry {
  readonly id: number;
  readonly exchange: string;
  readonly resource: string;
  readonly direction: 'supply' | 'consume';
  readonly op: string;
  readonly item: string;
  readonly reason: string;
  readonly bytes: number;
  readonly at: string;
  /** Where it stood at its source when it was last met, such as `town.csv:17`; null where there is no such place. */
  readonly place: string | null;
  readonly seen: number;
  readonly exported: boolean;
}

export interface QuarantineControl {
  list(filter?: QuarantineFilter): readonly QuarantineEntry[];
  /**
   * Writes the rows in clear, as row text with op, item and reason, to a new file of mode 0600; answers their number.
   * Exported rows make room when the quarantine is full.
   */
  export(filter: QuarantineFilter, path: string, signal: AbortSignal): Promise<number>;
  /** Checks a supply exchange's rows against the current catalog and sends valid ones whose key is still stale as `U`. */
  retry(
    exchange: string,
    signal: AbortSignal,
  ): Promise<{ readonly sent: number; readonly stillRejected: number; readonly superseded: number }>;
}

export interface ReceiptFilter {
  /** Name of a stream or delivery stream, or a resource code. */
  readonly name?: string;
  readonly stage?: ReceiptStage;
  /** Id of the last receipt of the page before. */
  readonly before?: string;
  readonly limit?: number;
}

export interface StoredReceipt {
  readonly subject: string;
  readonly digest: string;
  readonly document: Signed<Receipt>;
  /** The platform holds it: always true for the platform's own. */
  readonly held: boolean;
}

/** One batch reached a stage; `rows` as that stage counts them. */
export interface BatchEvent {
  readonly kind: 'batch';
  /** `sealed` here, `sent`: its receipt is committed; `staged` or `applied` in the target. */
  readonly stage: 'sealed' | 'sent' | 'staged' | 'applied';
  readonly exchange: string;
  readonly resource: string;
  readonly batch: string;
  readonly seq: number;
  /** In the batch; of `applied` those the target took, earlier parts of a snapshot included. */
  readonly rows: number;
  /** Refused by validation before it was sealed, or by the target. */
  readonly rejected: number;
  /** As stored. */
  readonly bytes: number;
}

/** What monitoring asks of an engine. Times are ISO, sizes in bytes. */
export interface EngineFacts {
  /** Set when nothing is written any more, after a failed fsync. */
  readonly halted?: Problem;
  /** Without receipt, and above which reading pauses. */
  readonly outboxBytes: number;
  readonly outboxLimitBytes: number;
  /** When the oldest batch without receipt was sealed; resources with none are left out. */
  readonly oldestUnreceipted: readonly { readonly resource: string; readonly sealedAt: string }[];
  readonly jobs: Readonly<Record<JobState, number>>;
  readonly exchanges: readonly ExchangeFacts[];
}

export interface ExchangeFacts {
  readonly exchange: string;
  /** When this agent first knew it. */
  readonly since: string;
  /** When its newest batch with rows was sealed: here, or of a consuming exchange by the provider. */
  readonly dataAt?: string;
  /** Rows in quarantine that nobody exported yet. */
  readonly quarantined: number;
}

export type EngineEvent =
  | BatchEvent
  /** Rows went into quarantine; one that is read again and refused again is told of again. */
  | { readonly kind: 'rejected'; readonly exchange: string; readonly rows: number }
  | { readonly kind: 'job'; readonly job: JobInfo }
  | {
      readonly kind: 'progress';
      readonly job: string;
      readonly exchange: string;
      readonly progress: Progress;
    }
  /** A stream stopped, or goes on. */
  | { readonly kind: 'stream'; readonly stream: StreamInfo }
  | { readonly kind: 'alarm'; readonly problem: Problem; readonly about: string };
