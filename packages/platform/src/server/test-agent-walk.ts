/** For tests: every route of agents, and whose data it touches; as `test-walk.ts` says it of persons. */
import { agentRoutes } from '@qianzhi/model';
import { downloads, stream } from './test-walk.js';
import type { Walk } from './test-walk-kinds.js';

const own: Walk = { of: 'caller', why: 'the agent is who signed, its department the one it enrolled for' };
const sessions: Walk = {
  of: 'elsewhere',
  file: 'reconciliation/reconciliations.test.ts',
  says: 'QZ_PLATFORM_RECONCILE',
};

export const agentWalk: Readonly<Record<string, Walk>> = {
  claimInstance: own,
  assignments: own,
  lease: own,
  heads: own,
  report: own,
  rotateKey: own,
  recover: { of: 'elsewhere', file: 'exchange/intake/snapshots.test.ts', says: 'recovery' },
  sendBatch: { of: 'elsewhere', file: 'exchange/routes.test.ts', says: 'QZ_PLATFORM_STREAM_OF_OTHER' },
  storedReceipts: own,
  streamOutcomes: own,
  pollDeliveries: {
    of: 'objects',
    own: 'sw',
    refused: 'QZ_PLATFORM_NO_AGREEMENT',
    touch: (client) =>
      client.call(agentRoutes.pollDeliveries, {
        body: { resource: 'social_group', after: [], waitMs: 0, limit: 1 },
      }),
  },
  deliveryBytes: {
    of: 'objects',
    own: 'sw',
    refused: 'QZ_PLATFORM_DELIVERY_UNKNOWN',
    touch: (client, { agreement }) =>
      client.call(agentRoutes.deliveryBytes, { params: { agreement, grantVersion: 1, ...stream, seq: 1 } }),
  },
  acknowledge: {
    of: 'elsewhere',
    file: 'exchange/receipts/acknowledge.test.ts',
    says: 'QZ_PLATFORM_RECEIPT_ISSUER',
  },
  openReconciliation: sessions,
  pollReconciliations: own,
  putReconcileMessage: sessions,
  nextReconcileMessage: sessions,
  failReconciliation: sessions,
  reportReconciliation: sessions,
  requestAgentDownload: downloads,
  showAgentDownload: downloads,
  cancelAgentDownload: downloads,
  linkAgentDownload: downloads,
  agentQuery: { of: 'elsewhere', file: 'query/queries.test.ts', says: 'QZ_PLATFORM_QUERY_REVOKED' },
  openTunnel: own,
  openLine: own,
  exchangeAuditHeads: own,
};
