import { setImmediate } from 'node:timers/promises';
import { isQianzhiError } from '@qianzhi/model';
import type { SinkBatch } from '@qianzhi/plugin-api';
import type { RowTexts } from '@qianzhi/testing';
import { expect, it } from 'vitest';
import { type Exchange, exchangeInto, type Load, resourceFor, rowsOf, sorted, upsertsOf } from './carry.js';
import { describePairs, nextName, ring } from './pairs.js';
import { never, type PairSite } from './sites/site.js';
import { tableOf } from './values.js';

const mebibyte = '政务数据共享\t交换 🏛️ "data"\\'.repeat(60_000).slice(0, 1024 * 1024);
const bytes = `\\x${Buffer.from(Array.from({ length: 1024 * 1024 }, (_, at) => (at * 7) % 256)).toString('hex')}`;

const tableNamed = (name: string) =>
  tableOf(name, [
    { column: 'id', type: 'C', length: 20, key: true },
    { column: 'memo', type: 'M' },
    { column: 'bytes', type: 'G' },
  ]);

const rows: RowTexts[] = Array.from({ length: 18 }, (_, at) => [
  `R${String(at).padStart(3, '0')}`,
  at === 7 ? mebibyte : `行${at}`,
  at === 13 ? bytes : null,
]);

/** Each block by an agent that was started for it. */
async function readPiecemeal(
  from: PairSite,
  resource: ReturnType<typeof resourceFor>,
  source: object,
): Promise<Load[]> {
  const parts: Load[] = [];
  for (let checkpoint: string | undefined, ended = false; !ended; ) {
    await using connection = await from.connect();
    await using opened = await connection.source({ resource, strategy: 'snapshot', source }, never);
    for await (const block of opened.read(checkpoint, { blockBytes: 96, maxRows: 5 }, never)) {
      if (block.kind !== 'rows') throw new Error('a table is read as rows');
      if (block.restart) parts.length = 0;
      if (block.rows > 0) parts.push({ rows: block.rows, bytes: Buffer.from(block.bytes) });
      checkpoint = block.checkpoint;
      ended = block.lastOfSnapshot ?? false;
      // what was read ahead is lost with the agent
      if (parts.length % 3 === 0) break;
    }
  }
  return parts;
}

/** Written by an agent that stops `turns` turns of the event loop later, and again by the next one. */
async function writeTwice(exchange: Exchange, batch: SinkBatch, turns: number): Promise<void> {
  const stop = new AbortController();
  const writing = exchange.write(batch, stop.signal).then(
    () => undefined,
    (error: unknown) => error,
  );
  for (let turn = 0; turn < turns; turn++) await setImmediate();
  stop.abort();
  const problem = await writing;
  if (problem !== undefined)
    expect(isQianzhiError(problem) && problem.kind, String(problem)).toBe('cancelled');
  const { ledger, rejected } = await exchange.write(batch);
  expect(rejected).toEqual([]);
  expect(ledger).toMatchObject({ seq: batch.seq, rowsDigest: batch.rowsDigest });
}

describePairs(
  'agents that stop',
  (pair) => {
    it('in the middle of reading, loading and merging lose nothing and write nothing twice, a mebibyte included', async () => {
      const [from, to] = [pair.from(), pair.to()];
      const table = tableNamed(nextName());
      const resource = resourceFor(table);
      const parts = await readPiecemeal(from, resource, await from.fill!(table, rows));
      expect(sorted(rowsOf(parts))).toEqual(sorted(rows));

      const target = tableNamed(nextName());
      const exchange = exchangeInto(to, resource, to.target!.spec(target));
      for (const [at, batch] of exchange.snapshot(parts).entries())
        await writeTwice(exchange, batch, at * 10);
      expect(sorted(await to.target!.read(target))).toEqual(sorted(rows));
      const turned = rows.map((row, at) => [row[0]!, ...rows[(at + 1) % rows.length]!.slice(1)]);
      const merging = [turned.slice(0, 9), turned.slice(9)];
      for (const [at, some] of merging.entries()) {
        await writeTwice(exchange, exchange.delta(upsertsOf(some)), at * 30);
      }
      expect(sorted(await to.target!.read(target))).toEqual(sorted(turned));
    });
  },
  ring,
);
