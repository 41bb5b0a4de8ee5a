import assert from 'node:assert/strict';
import { countsBalance } from '@qianzhi/model';
import type { LedgerRow, SinkBatch } from '@qianzhi/plugin-api';
import { failsWith, sameRows } from '../assertions.js';
import type { ContractSuite } from '../contract.js';
import type { RowTexts } from '../harness.js';
import { enterprise, enterprises, membership, renamed } from '../resources.js';
import { exchangeName, type Session } from '../session.js';
import { deletes, delivery, deltaBatch, nothingRejected, upserts } from '../writing.js';

async function openTarget(
  session: Session,
  rows: readonly RowTexts[] = [],
  refuse?: { column: string; value: string },
) {
  const table = await session.site.createTable(enterprise, { rows, refuse });
  const sink = await session.sink(table, enterprise, 'merge');
  return { table, sink, write: (batch: SinkBatch) => sink.write(batch, nothingRejected, session.signal) };
}

function counted(row: LedgerRow, expected: Partial<LedgerRow['counts']>, what: string): void {
  const none = { inserted: 0, updated: 0, unchanged: 0, deleted: 0, rejected: 0 };
  assert.ok(countsBalance(row.counts), `${what}: delivered = applied + rejected`);
  assert.deepEqual({ ...row.counts }, { delivered: row.counts.delivered, ...none, ...expected }, what);
}

export const sinkMergeGroup: ContractSuite = {
  group: 'sink-merge',
  tests: {
    'counts what it did to each row': async (session) => {
      const { table, write } = await openTarget(session);
      const rows = enterprises(1, 20);
      const first = await write(deltaBatch(enterprise, 1, upserts(rows)));
      counted(first, { delivered: 20, inserted: 20 }, 'twenty new rows');
      assert.deepEqual(
        {
          exchange: first.exchange,
          delivery: first.delivery,
          seq: first.seq,
          stage: first.stage,
          snapshotId: first.snapshotId,
        },
        { exchange: session.exchangeOf(table), delivery, seq: 1, stage: 'applied', snapshotId: null },
        'what the ledger row says of the batch',
      );
      const second = await write(
        deltaBatch(enterprise, 2, [
          ...upserts(rows.slice(0, 4).map((row) => renamed(row, '更名'))),
          ...upserts(rows.slice(4, 9)),
          ...upserts(enterprises(21, 2)),
          ...deletes(enterprise, rows.slice(17)),
        ]),
      );
      counted(second, { delivered: 14, inserted: 2, updated: 4, unchanged: 5, deleted: 3 }, 'a mixed batch');
      const expected = [
        ...rows.slice(0, 4).map((row) => renamed(row, '更名')),
        ...rows.slice(4, 17),
        ...enterprises(21, 2),
      ];
      sameRows(await table.readAll(), expected, 'the target after both');
    },
    'tells a change to or from NULL, and counts a delete of an absent row as unchanged': async (session) => {
      const { table, write } = await openTarget(session, enterprises(1, 3));
      const [first, second] = enterprises(1, 2);
      const cleared = renamed(first!, '甲', null);
      counted(
        await write(deltaBatch(enterprise, 1, upserts([cleared, second!]))),
        { delivered: 2, updated: 1, unchanged: 1 },
        'to NULL',
      );
      counted(
        await write(deltaBatch(enterprise, 2, upserts([cleared]))),
        { delivered: 1, unchanged: 1 },
        'NULL again',
      );
      counted(
        await write(deltaBatch(enterprise, 3, upserts([first!]))),
        { delivered: 1, updated: 1 },
        'from NULL',
      );
      counted(
        await write(deltaBatch(enterprise, 4, deletes(enterprise, enterprises(99, 1)))),
        { delivered: 1, unchanged: 1 },
        'no such row',
      );
      sameRows(await table.readAll(), enterprises(1, 3), 'the target in the end');
    },
    'merges by a composite key': async (session) => {
      const rows: RowTexts[] = [
        ['A', '1', '甲', null],
        ['A', '2', '乙', null],
        ['B', '1', '丙', null],
      ];
      const table = await session.site.createTable(membership, { rows });
      const sink = await session.sink(table, membership, 'merge');
      const changed: RowTexts = ['A', '2', '丁', null];
      const batch = deltaBatch(membership, 1, [
        ...upserts([changed, ['B', '2', '戊', null]]),
        ...deletes(membership, [rows[2]!]),
      ]);
      counted(
        await sink.write(batch, nothingRejected, session.signal),
        { delivered: 3, inserted: 1, updated: 1, deleted: 1 },
        'composite key',
      );
      sameRows(await table.readAll(), [rows[0]!, changed, ['B', '2', '戊', null]], 'the target');
    },
    'writes an empty batch as a ledger row': async (session) => {
      const { write, sink } = await openTarget(session);
      counted(await write(deltaBatch(enterprise, 1, [])), { delivered: 0 }, 'an empty batch');
      assert.equal((await sink.ledgerHead(delivery, session.signal))?.seq, 1);
    },
    'applies a repeated batch once': async (session) => {
      const { table, write } = await openTarget(session);
      const batch = deltaBatch(enterprise, 1, upserts(enterprises(1, 5)));
      const first = await write(batch);
      await table.remove(enterprises(2, 1));
      const [third] = enterprises(3, 1);
      await table.update([renamed(third!, '目标方改动')]);
      const before = await table.readAll();
      assert.deepEqual(await write(batch), first, 'the same ledger row');
      const reopened = await session.sink(table, enterprise, 'merge');
      assert.deepEqual(
        await reopened.write(batch, nothingRejected, session.signal),
        first,
        'the same after a restart',
      );
      sameRows(await table.readAll(), before, 'the target is not touched again');
    },
    'refuses other content under a sequence it holds': async (session) => {
      const { table, write, sink } = await openTarget(session);
      const first = await write(deltaBatch(enterprise, 1, upserts(enterprises(1, 2))));
      const error = await failsWith(['integrity'], 'other content with the same seq', () =>
        write(deltaBatch(enterprise, 1, upserts(enterprises(3, 2)))),
      );
      assert.match(error.code, /_LEDGER_CONFLICT$/);
      sameRows(await table.readAll(), enterprises(1, 2), 'the target');
      assert.deepEqual(await sink.ledgerHead(delivery, session.signal), first, 'the ledger');
    },
    'refuses or shows a gap in the sequence': async (session) => {
      const { write, sink } = await openTarget(session);
      await write(deltaBatch(enterprise, 1, upserts(enterprises(1, 1))));
      const applied = await write(deltaBatch(enterprise, 4, upserts(enterprises(2, 1)))).catch(
        (error: unknown) => error,
      );
      const seqs = (await sink.ledgerAfter(delivery, 0, 10, session.signal)).map((row) => row.seq);
      assert.deepEqual(
        seqs,
        applied instanceof Error ? [1] : [1, 4],
        'the ledger holds exactly what was written',
      );
    },
    'says where to go on, for each delivery stream apart': async (session) => {
      const { table, write } = await openTarget(session);
      const written: LedgerRow[] = [];
      for (const seq of [1, 2, 3, 4])
        written.push(await write(deltaBatch(enterprise, seq, upserts(enterprises(seq, 1)))));
      const sink = await session.sink(table, enterprise, 'merge');
      assert.deepEqual(await sink.ledgerHead(delivery, session.signal), written[3], 'the newest row');
      assert.deepEqual(
        await sink.ledgerAfter(delivery, 1, 2, session.signal),
        written.slice(1, 3),
        'rows after 1, two at most',
      );
      const other = { ...delivery, grantVersion: 2 };
      assert.equal(
        await sink.ledgerHead(other, session.signal),
        undefined,
        'another grant version has its own ledger',
      );
      const row = await sink.write(
        { ...deltaBatch(enterprise, 1, upserts(enterprises(1, 1))), delivery: other },
        nothingRejected,
        session.signal,
      );
      counted(row, { delivered: 1, unchanged: 1 }, 'the same row by another delivery stream');
    },
    'writes rows and ledger together or not at all': async (session) => {
      if (session.harness.unsupported['sink-reject'] !== undefined) return;
      const { table, sink } = await openTarget(session, enterprises(1, 2), { column: 'name', value: '拒收' });
      const [bad] = enterprises(9, 1);
      const batch = deltaBatch(enterprise, 1, [
        ...upserts(enterprises(3, 3)),
        ...deletes(enterprise, enterprises(1, 1)),
        ...upserts([renamed(bad!, '拒收')]),
      ]);
      const died = new Error('the process died before the commit');
      const failing = () => Promise.reject(died);
      await assert.rejects(sink.write(batch, failing, session.signal), died, 'the failure is passed on');
      sameRows(await table.readAll(), enterprises(1, 2), 'no row of the batch is there');
      const reopened = await session.sink(table, enterprise, 'merge');
      assert.equal(await reopened.ledgerHead(delivery, session.signal), undefined, 'nor its ledger row');
    },
  },
  refused: async ({ connect, site, signal }) => {
    const table = await site.createTable(enterprise);
    const connection = await connect();
    await failsWith(['config'], 'a sink that merges', () =>
      connection.sink(
        { exchange: exchangeName, resource: enterprise, target: table.target, write: 'merge' },
        signal,
      ),
    );
  },
};
