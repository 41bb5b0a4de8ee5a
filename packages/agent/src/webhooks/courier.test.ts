import type { FeedRecord } from '@qianzhi/plugin-api';
import { expect, it } from 'vitest';
import { agentErrors } from '../errors.js';
import type { ReceivedFeed } from '../received/feed.js';
import { type Courier, startCourier } from './courier.js';
import type { WebhookBody } from './letter.js';
import type { Outcome } from './send.js';
import type { WebhookState } from './state.js';

const records = Array.from(
  { length: 4 },
  (_, at): FeedRecord => ({
    cursor: String(at + 1),
    op: 'upsert',
    key: { code: String(at + 1) },
    values: { code: String(at + 1) },
    deliverySeq: 1,
    at: '2026-01-01T00:00:00.000Z',
  }),
);
const feed: ReceivedFeed = {
  exchange: 'in',
  resource: 'firm',
  async read(after, limit) {
    const found = records.filter(({ cursor }) => Number(cursor) > Number(after)).slice(0, limit);
    const next = found.at(-1)?.cursor ?? after!;
    return { records: found, next, end: next === '4' };
  },
  current: async () => undefined,
  beginning: async () => '0',
  end: async () => '4',
  onAppended: () => () => {},
};
const target = {
  exchange: 'in',
  url: 'https://oa.example/',
  secret: 'a secret of sixteen',
  from: 'beginning',
  batch: { records: 1, kib: 1, ms: 0 },
  timeoutSeconds: 1,
  attempts: 1,
  onDead: 'set-aside',
} as const;
const log = { debug() {}, info() {}, warn() {}, error() {} };
const refused: Outcome = {
  sent: false,
  error: agentErrors.WEBHOOK_FAILED({ webhook: 'oa', reason: { zh: '拒收', en: 'refused' } }),
  final: true,
};

function courierOf(send: (record: string) => Promise<Outcome>): { courier: Courier; state: WebhookState } {
  const state: WebhookState = { version: 1, reset: false, dead: [], sentBatches: 0, sentRecords: 0 };
  const courier = startCourier({
    name: 'oa',
    agent: 'sw-1',
    target,
    feed: () => feed,
    file: { state, save: async () => {} },
    send: (_id, body) => send((JSON.parse(body) as WebhookBody).data.records[0]!.cursor),
    log,
    now: () => new Date(),
    retry: { firstMs: 1, capMs: 1 },
  });
  return { courier, state };
}

it.each([
  ['taken', { sent: true, status: 200 }],
  ['refused again', refused],
] as const)(
  'a dead letter given up while it is sent once more, and %s: the place stays',
  async (_, outcome) => {
    const sent: string[] = [];
    let answer: ((outcome: Outcome) => void) | undefined;
    const { courier, state } = courierOf((record) => {
      sent.push(record);
      if (record !== '1') return Promise.resolve({ sent: true, status: 200 });
      if (sent.length === 1) return Promise.resolve(refused);
      return new Promise((resolve) => {
        answer = resolve;
      });
    });
    try {
      await expect.poll(() => courier.status().sentRecords).toBe(3);
      await courier.retryDead(undefined);
      await expect.poll(() => answer).toBeDefined();
      await courier.dropDead(undefined);
      answer!(outcome);
      await expect.poll(() => courier.status().state).toBe('idle');
      expect(sent).toEqual(['1', '2', '3', '4', '1']);
      expect(state).toMatchObject({ cursor: '4', dead: [] });
    } finally {
      await courier.close();
    }
  },
);
