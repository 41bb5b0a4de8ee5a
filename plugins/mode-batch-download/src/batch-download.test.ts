import type { Exchange } from '@qianzhi/model';
import type { ModePorts, RunSummary } from '@qianzhi/plugin-api';
import { expect, it } from 'vitest';
import { batchDownload } from './batch-download.js';

const exchange = (schedule?: Exchange['schedule']): Exchange => ({
  name: 'firms',
  mode: 'batch-download',
  connector: 'inbox',
  rejectLimit: 0.05,
  consume: 'firm',
  target: {},
  ...(schedule && { schedule }),
});
const nightly = exchange({ cron: '0 2 * * *', missed: 'run-once' });
const since = new Date('2026-03-01T00:00:00Z');
const now = new Date('2026-03-02T18:00:05Z');

it('plans the newest slot of Asia/Shanghai once, and knows the next', () => {
  const dueAt = new Date('2026-03-02T18:00:00Z');
  const planned = { id: `firms@${dueAt.toISOString()}`, exchange: 'firms', dueAt, cause: 'schedule' };
  expect(batchDownload.plan(nightly, { since, lastPlanned: undefined }, now)).toEqual([planned]);
  expect(batchDownload.plan(nightly, { since, lastPlanned: dueAt }, now)).toEqual([]);
  expect(batchDownload.nextDue?.(nightly, { since, lastPlanned: dueAt }, now)).toEqual(
    new Date('2026-03-03T18:00:00Z'),
  );
  expect(batchDownload.plan(exchange(), { since, lastPlanned: undefined }, now)).toEqual([]);
});

it('makes up a missed slot once, or leaves it out', () => {
  const later = new Date('2026-03-02T20:00:00Z');
  const state = { since, lastPlanned: undefined };
  expect(batchDownload.plan(nightly, state, later)).toMatchObject([{ cause: 'missed' }]);
  expect(batchDownload.plan(exchange({ cron: '0 2 * * *', missed: 'skip' }), state, later)).toEqual([]);
});

it('refuses a wrong schedule, and to supply', async () => {
  const wrong = exchange({ cron: '61 2 * * *', missed: 'run-once' });
  expect(() => batchDownload.plan(wrong, { since, lastPlanned: undefined }, now)).toThrowError(
    expect.objectContaining({ code: 'QZ_DOWNLOAD_CRON_WRONG', kind: 'config' }),
  );
  const job = { id: 'j', exchange: 'firms', dueAt: now, cause: 'manual', attempt: 1 } as const;
  const signal = new AbortController().signal;
  const summary = { delivered: 3 } as RunSummary;
  const ports = (one: Exchange) => ({ exchange: one, download: async () => summary }) as unknown as ModePorts;
  expect(await batchDownload.run(job, ports(nightly), signal)).toBe(summary);
  const supplies = { ...nightly, supply: 'firm' } as Exchange;
  await expect(batchDownload.run(job, ports(supplies), signal)).rejects.toMatchObject({
    code: 'QZ_DOWNLOAD_SUPPLIES',
  });
});
