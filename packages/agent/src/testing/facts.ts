import type { AgentFacts, ExchangeFreshness } from '../watch/agent-facts.js';

export const factsAt = new Date('2026-06-10T00:00:00.000Z');

/** So many seconds before `factsAt`. */
export const ago = (seconds: number) => new Date(factsAt.getTime() - seconds * 1000).toISOString();

export function exchangeFacts(more: Partial<ExchangeFreshness> = {}): ExchangeFreshness {
  return {
    exchange: 'supply-town',
    resource: 'town',
    direction: 'supply',
    state: 'running',
    dataAt: ago(3_600),
    hasData: true,
    cycleSeconds: 86_400,
    updateCycle: 'daily',
    schedule: { cron: '7 2 * * *', from: 'cycle' },
    dueAt: ago(-40 * 3_600),
    overdueSeconds: 0,
    quarantined: 0,
    ...more,
  };
}

/** The defaults. */
export const thresholds = {
  silentCycles: 1.5,
  rejectedRows: 100,
  outboxShare: 0.8,
  unreceiptedSeconds: 900,
  unreachableSeconds: 600,
  clockSkewSeconds: 10,
  expiryDays: 30,
  differingRows: 1,
};

/** An agent with nothing wrong, and what a test changes about it. */
export function agentFacts(more: Partial<AgentFacts> = {}): AgentFacts {
  return {
    at: factsAt,
    engine: {
      halted: undefined,
      outboxBytes: 0,
      outboxLimitBytes: 1_000,
      oldestUnreceipted: [],
      jobs: { queued: 0, running: 0, waiting: 0, done: 0, failed: 0, cancelled: 0 },
      exchanges: [],
    },
    exchanges: [exchangeFacts()],
    streams: [],
    reconciliations: [],
    webhooks: [],
    link: {
      url: 'http://platform',
      online: true,
      lastContactAt: ago(1),
      problemSince: undefined,
      problem: undefined,
      assignmentsVersion: 1,
      leaseExpiresAt: ago(-40),
      clockSkewSeconds: 0.2,
    },
    connectors: [{ connector: 'civil', triedAt: ago(60) }],
    config: { file: '/agent.yaml', appliedAt: ago(3_600), restartFor: [] },
    ordered: true,
    expiries: [],
    expiriesKnown: true,
    ...more,
  };
}
