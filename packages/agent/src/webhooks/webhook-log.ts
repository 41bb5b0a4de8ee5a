import {
  type AgentChain,
  type Chained,
  chainEntries,
  type NewestEntries,
  newestOf,
} from '../audit/chain-files.js';
import { type ChainLog, openChainLog } from '../audit/chain-log.js';
import { agentErrors } from '../errors.js';

/**
 * What became of a letter to a business system:
 * - `sending`: an attempt begins; on the disk before the first byte leaves. Without an outcome behind it, whether it arrived is not known
 * - `delivered`: the receiver took it; `failed`: it did not, or did not answer
 * - `dead`: given up after its attempts; `dropped`: by an operator, or because the grant has ended (`code`)
 *
 * Of records there is a count and a digest alone.
 */
export interface WebhookEntry {
  readonly kind: 'sending' | 'delivered' | 'failed' | 'dead' | 'dropped';
  readonly webhook: string;
  /** All that is told of the address. */
  readonly host: string;
  readonly exchange: string;
  readonly resource?: string;
  readonly agreement?: string | undefined;
  /** `webhook-id`, as the receiver has it, too. */
  readonly id: string;
  /** Cursor of the last record. */
  readonly last: string;
  readonly records: number;
  readonly bytes: number;
  /** Of the body as it was posted. */
  readonly bodyDigest: string;
  readonly attempt: number;
  /** HTTP status of the answer; without one there was none. */
  readonly status?: number | undefined;
  readonly code?: string;
}

export type LoggedDelivery = Chained<WebhookEntry>;
export type WebhookLog = ChainLog<WebhookEntry>;

/** Unwritable: QZ_AGENT_WEBHOOK_LOG_UNWRITABLE. Broken: QZ_AGENT_WEBHOOK_LOG_BROKEN. */
export const webhookChain: AgentChain = {
  log: 'webhooks',
  folder: 'webhook-log',
  unwritable: agentErrors.WEBHOOK_LOG_UNWRITABLE,
  broken: agentErrors.WEBHOOK_LOG_BROKEN,
};

export const openWebhookLog = (stateDir: string, now: () => Date): Promise<WebhookLog> =>
  openChainLog(webhookChain, stateDir, now);

/** Of all webhooks, or of one. Throws QZ_AGENT_WEBHOOK_LOG_BROKEN. */
export const newestDeliveries = (
  stateDir: string,
  limit: number,
  name?: string,
): Promise<NewestEntries<LoggedDelivery>> =>
  newestOf(
    chainEntries<WebhookEntry>(webhookChain, stateDir),
    limit,
    ({ webhook }) => webhook === (name ?? webhook),
  );
