import type { Problem } from '@qianzhi/model';
import type { Alert } from './alerts/record.js';
import type { ApiStatus } from './api/serve.js';
import type { LinkStatus } from './link/platform-link.js';
import type { ConfigState } from './live/config-state.js';
import type { QueriesStatus } from './queries/start-queries.js';
import type { ExchangeFreshness, Expiry } from './watch/agent-facts.js';
import type { WebhookStatus } from './webhooks/status.js';

/** The state of one running agent, for its operator. */
export interface AgentStatus {
  readonly agent: string;
  readonly department: string;
  readonly departmentName: string;
  readonly version: string;
  readonly startedAt: string;
  readonly pid: number;
  readonly config: ConfigState;
  readonly link: LinkStatus;
  readonly exchanges: readonly ExchangeFreshness[];
  /** Batches without receipt: their bytes, and when the oldest of them was sealed. */
  readonly outbox: {
    readonly bytes: number;
    readonly limitBytes: number;
    readonly oldestSealedAt: string | undefined;
  };
  readonly expiries: readonly Expiry[];
  readonly openAlerts: readonly Alert[];
  readonly monitorUrl: string | undefined;
  /** Why reconciliations that others begin are not heard of here. */
  readonly reconcileProblem?: Problem;
  /** Undefined where no query service is configured. */
  readonly queries?: QueriesStatus | undefined;
  /** Undefined where the config opens no API for business systems. */
  readonly api?: ApiStatus | undefined;
  readonly webhooks: readonly WebhookStatus[];
}
