import type { FeedRecord } from '@qianzhi/plugin-api';
import { expect, it } from 'vitest';
import { agentErrors } from '../errors.js';
import type { ReceivedFeed } from '../received/feed.js';
import { type Courier, startCourier } from './courier.js';
import type { WebhookBody } from './letter.js';
import type { Outcome } from './send.js';
import type { WebhookState } from './state.js';
import type { WebhookEntry } from './webhook-log.js';

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
  agreement: async () => 'a',
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

function courierOf(
  send: (record: string) => Promise<Outcome>,
  record: (entry: WebhookEntry) => Promise<void> = async () => {},
  read: ReceivedFeed['read'] = feed.read,
): { courier: Courier; state: WebhookState } {
  const state: WebhookState = { version: 1, reset: false, dead: [], sentBatches: 0, sentRecords: 0 };
  const courier = startCourier({
    name: 'oa',
    agent: 'sw-1',
    target,
    feed: () => ({ ...feed, read }),
    file: { state, save: async () => {} },
    send: (_id, body) => send((JSON.parse(body) as WebhookBody).data.records[0]!.cursor),
    deliveries: { record },
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

it('every attempt stands in the log before it begins, and what became of it behind', async () => {
  const entries: WebhookEntry[] = [];
  const atSending: number[] = [];
  const { courier } = courierOf(
    (record) => {
      atSending.push(entries.filter(({ kind }) => kind === 'sending').length);
      return Promise.resolve(record === '1' ? { ...refused, status: 422 } : { sent: true, status: 204 });
    },
    async (entry) => void entries.push(entry),
  );
  try {
    await expect.poll(() => courier.status().sentRecords).toBe(3);
    expect(atSending).toEqual([1, 2, 3, 4]);
    expect(entries.map(({ kind, status }) => [kind, status])).toEqual([
      ['sending', undefined],
      ['failed', 422],
      ['dead', undefined],
      ...[2, 3, 4].flatMap(() => [
        ['sending', undefined],
        ['delivered', 204],
      ]),
    ]);
    await courier.dropDead(undefined);
    const { id } = entries[0]!;
    const place = { webhook: 'oa', host: 'oa.example', exchange: 'in', id };
    expect(entries.at(-1)).toMatchObject({ ...place, kind: 'dropped' });
    expect(entries[1]).toMatchObject({
      ...place,
      resource: 'firm',
      agreement: 'a',
      records: 1,
      code: 'QZ_AGENT_WEBHOOK_FAILED',
    });
  } finally {
    await courier.close();
  }
});

const reason = { zh: '磁盘已满', en: 'the disk is full' };
const unwritable = () => agentErrors.WEBHOOK_LOG_UNWRITABLE({ file: 'webhook-log/2026-01.jsonl', reason });

it('what cannot be logged is not sent', async () => {
  const sent: string[] = [];
  const { courier } = courierOf(
    async (record) => {
      sent.push(record);
      return { sent: true, status: 204 };
    },
    async () => {
      throw unwritable();
    },
  );
  try {
    await expect.poll(() => courier.status().problem?.code).toBe('QZ_AGENT_WEBHOOK_LOG_UNWRITABLE');
    expect(courier.status().state).toBe('waiting');
    expect(sent).toEqual([]);
  } finally {
    await courier.close();
  }
});

it('while its log takes nothing, no attempt is counted and nothing is given up; then it goes on', async () => {
  const entries: WebhookEntry[] = [];
  let isFull = true;
  let isClosed = false;
  const { courier, state } = courierOf(
    (record) => Promise.resolve(record === '4' ? { sent: true, status: 204 } : refused),
    async (entry) => {
      if (isFull) throw unwritable();
      entries.push(entry);
    },
    async (...asked) => {
      if (isClosed) throw agentErrors.FEED_CLOSED({ exchange: 'in', resource: 'firm' });
      return feed.read(...asked);
    },
  );
  const isStopped = () => courier.status().problem?.code === 'QZ_AGENT_WEBHOOK_LOG_UNWRITABLE';
  try {
    await expect.poll(isStopped).toBe(true);
    courier.look();
    await expect.poll(() => courier.status().pending).toMatchObject({ attempts: 0 });
    isFull = false;
    courier.look();
    await expect.poll(() => courier.status()).toMatchObject({ state: 'idle', sentRecords: 1 });
    expect(entries.filter(({ kind }) => kind === 'sending').map(({ attempt }) => attempt)).toEqual([
      1, 1, 1, 1,
    ]);

    isFull = true;
    await expect(courier.dropDead(undefined)).rejects.toMatchObject({ code: unwritable().code });
    expect(state.dead).toHaveLength(3);
    isClosed = true;
    courier.look();
    await expect.poll(isStopped).toBe(true);
    expect(state.dead).toHaveLength(3);
    isFull = false;
    courier.look();
    await expect.poll(() => courier.status()).toMatchObject({ state: 'closed', dead: [] });
    expect(entries.filter(({ kind }) => kind === 'dropped')).toHaveLength(3);
  } finally {
    await courier.close();
  }
});
