import type { ConsumeExchange, Exchange, SupplyExchange } from '@qianzhi/model';
import type { TSchema } from '@sinclair/typebox';
import type { AnsweringMode } from './answering.js';
import type { PluginContext } from './context.js';

/** A way to share named by regulation (R034): decides when and in what portions exchanges run. */
export interface ExchangeMode {
  readonly kind: 'mode';
  /** Schema of the mode's own part of an exchange (`modeOptions`). */
  readonly configSchema: TSchema;
  /**
   * The jobs due now for one exchange. Pure: the same state and time give the same plan; a job already
   * queued under the same id is not queued twice. `lastPlanned` is the time of the newest planned job.
   */
  plan(exchange: Exchange, state: PlanState, now: Date): readonly PlannedJob[];
  /**
   * When `plan` may next have something, so that nobody polls; undefined: never by itself. A mode without it is asked
   * again every minute. Pure, like `plan`.
   */
  nextDue?(exchange: Exchange, state: PlanState, now: Date): Date | undefined;
  /** Runs one leased job through the ports. Returning is success, throwing decides by the error's kind. */
  run(job: RunningJob, ports: ModePorts, signal: AbortSignal): Promise<RunSummary>;
  /** Only of a mode that answers single requests, and has no exchanges. */
  readonly answering?: AnsweringMode;
}

export interface PlanState {
  /** When the exchange was first known to this agent. */
  readonly since: Date;
  readonly lastPlanned: Date | undefined;
}

export interface PlannedJob {
  /** Same id = same job. For a schedule: the exchange and the slot's time. */
  readonly id: string;
  readonly exchange: string;
  readonly dueAt: Date;
  readonly cause: 'schedule' | 'missed' | 'continuous' | 'manual';
}

export interface RunningJob extends PlannedJob {
  readonly attempt: number;
}

/** The narrow doors through which a mode moves data: it never sees a row, a store or a socket. */
export interface ModePorts {
  readonly exchange: Exchange;
  /** Reads, validates, seals, sends until the source has no more; ends when everything has its receipt. */
  supply(exchange: SupplyExchange, options: SupplyOptions, signal: AbortSignal): Promise<RunSummary>;
  /** Receives and applies until nothing waits; `waitMs` > 0 keeps listening that long for more. */
  consume(exchange: ConsumeExchange, options: ConsumeOptions, signal: AbortSignal): Promise<RunSummary>;
  readonly context: PluginContext;
}

export interface SupplyOptions {
  /** Cut a batch at this age even if small; undefined: only by size and end of data. */
  readonly maxBatchAgeMs?: number;
}

export interface ConsumeOptions {
  readonly waitMs: number;
}

/** Counts of one run; read = stored + rejected, delivered = applied + rejected. */
export interface RunSummary {
  readonly batches: number;
  readonly bytes: number;
  readonly read: number;
  readonly repeated: number;
  readonly rejected: number;
  readonly flagged: number;
  readonly stored: number;
  readonly delivered: number;
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly deleted: number;
}
