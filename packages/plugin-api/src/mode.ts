import type { ConsumeExchange, Exchange, SupplyExchange } from '@qianzhi/model';
import type { TSchema } from '@qianzhi/model/schema';
import type { AnsweringMode } from './answering.js';
import type { PluginContext } from './context.js';

/** A way to share named by regulation (R034): decides when and in what portions exchanges run. */
export interface ExchangeMode {
  readonly kind: 'mode';
  /** Schema of the mode's own part of an exchange (`modeOptions`). */
  readonly configSchema: TSchema;
  /**
   * Schema of the `target` of a consuming exchange, for a mode that writes by itself: its connector then names the place alone. Left
   * out: the connector's own.
   */
  readonly targetSchema?: TSchema;
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
  /** Throws a coded config error for an exchange that this mode cannot run. Pure; called when a config is loaded. */
  check?(exchange: Exchange): void;
  /**
   * The exchange's runs last until something ends them: they take no place among the jobs that may run at a time, and a job that is
   * queued by hand meanwhile ends the run that lasts, well, and follows it. Pure; left out by a mode whose runs all end by themselves.
   */
  lasts?(exchange: Exchange): boolean;
  /** Runs one leased job through the ports. Returning is success, throwing decides by the error's kind. */
  run(job: RunningJob, ports: ModePorts, signal: AbortSignal): Promise<RunSummary>;
  /** Only of a mode that answers single requests, and has no exchanges. */
  readonly answering?: AnsweringMode;
}

export interface PlanState {
  /** When the exchange was first known to this agent. */
  readonly since: Date;
  readonly lastPlanned: Date | undefined;
  /** The exchange's newest job; undefined before the first. */
  readonly newest?: PlannedBefore | undefined;
  /** When orders, link or config were last others: what failed before may go well now. */
  readonly changedAt?: Date | undefined;
}

export interface PlannedBefore {
  /** `open`: it is to begin, runs, or waits to be tried again by itself. */
  readonly state: 'open' | 'done' | 'failed' | 'cancelled';
  readonly endedAt: Date | undefined;
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
  /**
   * Reads, validates, seals, sends until the source has no more, or with `continuous` until the run is over; ends when everything
   * has its receipt.
   */
  supply(exchange: SupplyExchange, options: SupplyOptions, signal: AbortSignal): Promise<RunSummary>;
  /**
   * Receives and applies until nothing waits; `waitMs` > 0 keeps listening that long for more, `continuous` until the run is
   * over.
   */
  consume(exchange: ConsumeExchange, options: ConsumeOptions, signal: AbortSignal): Promise<RunSummary>;
  /**
   * Fetches one file of the resource into the folder of the connector, as the exchange's target says (`DownloadTarget` of the model);
   * it is shown whole and proven, or not at all. What an earlier attempt has left is gone on with.
   */
  download(exchange: ConsumeExchange, signal: AbortSignal): Promise<RunSummary>;
  readonly context: PluginContext;
}

export interface SupplyOptions {
  /**
   * Cut a batch at this age even if small; undefined: only by size and end of data, and with `continuous` as soon as the
   * source has no more at hand and few batches are without receipt.
   */
  readonly maxBatchAgeMs?: number | undefined;
  /** Keep reading what is committed later. `pollMs`: how often a source is read again that cannot follow by itself. */
  readonly continuous?: (Continuous & { readonly pollMs: number }) | undefined;
}

export interface ConsumeOptions {
  readonly waitMs: number;
  readonly continuous?: Continuous | undefined;
}

/**
 * A run that stays open. It is over, and well, after `runMs`, and at once when its exchange, connector, schema version or grant is
 * another one, or a job was queued by hand: the next run goes on behind it. So counts, summaries and job history stay bounded.
 */
export interface Continuous {
  readonly runMs: number;
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
