import { queryChain } from '../queries/query-log.js';
import { webhookChain } from '../webhooks/webhook-log.js';
import type { AgentChain } from './chain-files.js';

/** By the name that heads and exports of a chain have. */
export const agentChains = { queries: queryChain, webhooks: webhookChain } as const satisfies Record<
  AgentChain['log'],
  AgentChain
>;
