import type { SigningKey } from '@qianzhi/model/crypto';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import type { DatabaseHealth } from '../database/health.js';
import type { Meter } from '../monitor/meter.js';
import type { AuditLog, KeyDirectory } from '../ports.js';
import type { PlatformFailpoint } from './failpoint.js';

/** What every feature of the platform stands on. */
export interface PlatformContext {
  readonly db: Knex;
  readonly health: DatabaseHealth;
  readonly dataDir: string;
  readonly now: () => Date;
  readonly log: Logger;
  /** The platform's own key: signs documents and answers to agents. */
  readonly signingKey: SigningKey;
  /** The name requests are signed for. */
  readonly audience: string;
  /** 行政区划代码 of the platform (R015), where the config names it. */
  readonly region?: string | undefined;
  readonly keys: KeyDirectory;
  readonly audit: AuditLog;
  /** Aborted when the platform stops: long polls end, background work leaves off. */
  readonly stopping: AbortSignal;
  /** Counts for monitoring; undefined where the config names no monitor. */
  readonly meter?: Meter | undefined;
  /** Fault tests: called at the named points; undefined otherwise. */
  readonly failpoint?: (name: PlatformFailpoint) => void;
}
