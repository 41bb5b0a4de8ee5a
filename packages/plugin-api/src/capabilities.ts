import type { ReadStrategy } from '@qianzhi/model';

/**
 * What a connector can do, as data. The engine and the platform decide from it whether an exchange is possible
 * when it is configured or approved, not when it runs.
 */
export interface ConnectorCapabilities {
  /** Strategies its sources implement. `diff` is the engine's over any connector that reads `snapshot`. */
  readonly read: readonly ReadStrategy[];
  /** Strategies that notice a deleted row. */
  readonly seesDeletes: readonly ReadStrategy[];
  /** `transaction`: a snapshot is one point in time; `chunk`: each chunk is; `none`: rows move while read. */
  readonly snapshotConsistency: 'transaction' | 'chunk' | 'none';
  /** Ways its sinks write; empty for a connector that only reads. */
  readonly write: readonly WriteMode[];
  /** `ledger`: rows and ledger row commit together; `key`: repeats are harmless by key; `none`: neither. */
  readonly atomicity: 'ledger' | 'key' | 'none';
  /** A table swap is part of a transaction. */
  readonly transactionalDdl: boolean;
  /** Keeps '' apart from NULL (Oracle does not). */
  readonly emptyStringIsNotNull: boolean;
  /** Carries documents, images, video as they are: its sources read strategy `files`, and its connections have a `fileSink`. */
  readonly files: boolean;
  /** Answers single questions: its connections have a `query`. */
  readonly query?: boolean;
  /** Business systems push the records it reads: its connections have `pushes`. */
  readonly pushes?: boolean;
  /** Keeps what its sinks wrote as a feed of changes: its connections have a `feed`. */
  readonly feed?: boolean;
}

/** `merge`: by key; `swap`: a whole snapshot replaces the table; `append`: rows are added. */
export type WriteMode = 'merge' | 'swap' | 'append';
