import type { Dataset } from '@qianzhi/dataset';
import type { Assignments, ConsumeExchange, Exchange, Lease, Recovery, Signed, Stream } from '@qianzhi/model';
import type { SigningKey } from '@qianzhi/model/crypto';
import type {
  Channel,
  Connection,
  ConnectorCapabilities,
  ExchangeMode,
  PluginLog,
  RunSummary,
} from '@qianzhi/plugin-api';

/** Wall clock and waiting; tests give their own. */
export interface Clock {
  now(): Date;
  /** Resolves after `ms`; rejects with the signal's reason when it ends first. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export interface EngineIdentity {
  readonly agent: string;
  readonly department: string;
  readonly signingKey: SigningKey;
}

/** Everything the engine is given; it knows no plugin by name, no HTTP and no CLI. */
export interface EngineOptions {
  /** Folder of this agent's state: database, outbox, inbox, diff baselines. One engine at a time. */
  readonly stateDir: string;
  readonly tempDir: string;
  readonly identity: EngineIdentity;
  /** 32 bytes: keys for quarantine, checkpoint digests and stale keys are derived from it. */
  readonly secretKey: Uint8Array;
  readonly channel: Channel;
  readonly log: PluginLog;
  readonly clock?: Clock;
  readonly timeZone?: string;
  /** What there is to do now; after a change call `wake`. Running jobs end by what they began with. */
  readonly exchanges: () => readonly Exchange[];
  /** The verified current assignments; undefined before the first were received. */
  readonly assignments: () => Assignments | undefined;
  /** The verified current grant lease. */
  readonly lease: () => Lease | undefined;
  /**
   * Opens the connection an exchange names, as it was when `exchanges` answered that very object; with a log that names the job. The
   * engine disposes it after the run.
   */
  readonly openConnection: (exchange: Exchange, signal: AbortSignal, log: PluginLog) => Promise<Connection>;
  /** What a configured connector can do; without it all can tell '' from NULL. */
  readonly capabilities?: (connector: string) => ConnectorCapabilities;
  /** The mode plugin of a type; throws a coded config error for an unknown one. */
  readonly mode: (type: string) => ExchangeMode;
  /** Fetches a file for a mode that downloads; without it there is none. Counts go to the job. */
  readonly download?: (exchange: ConsumeExchange, signal: AbortSignal) => Promise<RunSummary>;
  /** Hands a signed recovery record to the platform and answers the opened stream (epoch + 1). */
  readonly openEpoch: (recovery: Signed<Recovery>, signal: AbortSignal) => Promise<Stream>;
  /** Set work for strategy `diff`; only needed where an exchange uses it. */
  readonly dataset?: Pick<Dataset, 'diff' | 'compareSets'>;
  readonly limits?: Partial<EngineLimits>;
  /** Called at named points of the row's path; fault tests throw here, and the engine then stays as a crash leaves it. */
  readonly failpoint?: (name: Failpoint) => void;
}

export type Failpoint =
  | 'seal:file-written'
  | 'seal:file-renamed'
  | 'seal:committed'
  | 'send:before'
  | 'send:after'
  | 'receipt:before-commit'
  | 'receipt:committed'
  | 'confirm:after'
  | 'apply:before'
  | 'apply:after'
  | 'apply:receipt-stored'
  | 'diff:candidate-written'
  | 'diff:before-confirm'
  | 'evidence:appended'
  | 'evidence:removed';

/** Sizes in bytes, times in milliseconds. */
export interface EngineLimits {
  readonly blockBytes: number;
  readonly batchRawBytes: number;
  readonly batchStoredBytes: number;
  readonly batchRows: number;
  /** The most of a file that one batch holds. */
  readonly filePartBytes: number;
  /** The most of several whole files that go in one batch, without their list. */
  readonly wholeFilesBytes: number;
  readonly windowBatches: number;
  readonly windowBytes: number;
  /** Unreceipted bytes in the outbox above which reading pauses. */
  readonly outboxBytes: number;
  /** Smaller batches lie in the database, where one commit makes all of them durable, and not in a file each. */
  readonly outboxFileFromBytes: number;
  /** How long a receipted batch's file is kept, for a platform that was restored. */
  readonly keepAfterReceiptMs: number;
  /** How long manifests and receipts stay in the store; months that ended before go into files. */
  readonly keepEvidenceMs: number;
  /** Stored and raw bytes fetched ahead of their apply, in memory; the inbox on disk holds the stored ones. */
  readonly prefetchBytes: number;
  /** Smaller deliveries are not kept in the inbox: fetching one again is quicker than the disk's confirmation. */
  readonly inboxFromBytes: number;
  /** A sent batch without receipt is sent again after this. */
  readonly receiptTimeoutMs: number;
  /** Deadline of one call into the channel. */
  readonly channelTimeoutMs: number;
  readonly quarantineRows: number;
  readonly quarantineBytes: number;
  readonly quarantineDays: number;
  readonly concurrentJobs: number;
  readonly jobLeaseMs: number;
  readonly backoffFirstMs: number;
  readonly backoffCapMs: number;
  /** Attempts of a job or send that fails with kind internal. */
  readonly internalAttempts: number;
  readonly jobLogLines: number;
  /** Ended jobs kept for the list. */
  readonly keptJobs: number;
  readonly stopDeadlineMs: number;
}

const MiB = 1024 * 1024;
const day = 24 * 60 * 60 * 1000;

export const defaultLimits: EngineLimits = {
  blockBytes: 256 * 1024,
  batchRawBytes: 16 * MiB,
  batchStoredBytes: 4 * MiB,
  batchRows: 100_000,
  // fewer batches than of rows, and with its frame still in memory that is lent for 6 MiB
  filePartBytes: 6 * MiB - 16 * 1024,
  wholeFilesBytes: 6 * MiB - 256 * 1024,
  windowBatches: 4,
  windowBytes: 12 * MiB,
  outboxBytes: 8 * 1024 * MiB,
  outboxFileFromBytes: 16 * 1024,
  keepAfterReceiptMs: 7 * day,
  keepEvidenceMs: 365 * day,
  prefetchBytes: 32 * MiB,
  inboxFromBytes: 64 * 1024,
  receiptTimeoutMs: 60_000,
  channelTimeoutMs: 120_000,
  quarantineRows: 100_000,
  quarantineBytes: 256 * MiB,
  quarantineDays: 30,
  concurrentJobs: 4,
  jobLeaseMs: 60_000,
  backoffFirstMs: 1_000,
  backoffCapMs: 5 * 60_000,
  internalAttempts: 8,
  jobLogLines: 500,
  keptJobs: 10_000,
  stopDeadlineMs: 10_000,
};
