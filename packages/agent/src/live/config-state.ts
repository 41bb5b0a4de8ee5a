import type { Problem } from '@qianzhi/model';

/** Which config an agent runs by, beside the one on the disk. */
export interface ConfigState {
  readonly file: string;
  /** When the config in force was read; ISO. */
  readonly appliedAt: string;
  /** Why the file as it is now is not in force: wrong somewhere, so all of it is left alone. */
  readonly problem?: Problem;
  /** Parts of the file that differ from what runs and wait for a restart, such as `platform`; mostly empty. */
  readonly restartFor: readonly string[];
}

/** Names of what a reload put in force. */
export interface ConfigChanges {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

export interface ReloadReport {
  readonly config: ConfigState;
  readonly connectors: ConfigChanges;
  readonly exchanges: ConfigChanges;
  /** Local halves of query services, as `RESOURCE/SERVICE`. */
  readonly queries: ConfigChanges;
  readonly webhooks: ConfigChanges;
}
