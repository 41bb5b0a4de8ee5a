import assert from 'node:assert/strict';
import { countsBalance } from '@qianzhi/model';
import { sameRows } from '../assertions.js';
import type { ContractSuite } from '../contract.js';
import type { RowTexts } from '../harness.js';
import { enterprise, enterprises, renamed } from '../resources.js';
import { encodeOpRows } from '../row-text.js';
import type { Session } from '../session.js';
import { delivery, deltaBatch, quarantine, snapshotBatches, upserts } from '../writing.js';

const refused = '拒收此名';
const refuse = { column: 'name', value: refused } as const;

/** Rows of which those at `badAt` will be refused by the target. */
function mixed(count: number, badAt: readonly number[]): RowTexts[] {
  return enterprises(1, count).map((row, at) => (badAt.includes(at) ? renamed(row, refused) : row));
}

function good(rows: readonly RowTexts[]): RowTexts[] {
  return rows.filter((row) => row[1] !== refused);
}

async function openTarget(session: Session, rows: readonly RowTexts[] = []) {
  const table = await session.site.createTable(enterprise, { rows, refuse });
  return { table, sink: await session.sink(table, enterprise) };
}

export const sinkRejectGroup: ContractSuite = {
  group: 'sink-reject',
  tests: {
    'leaves out exactly the rows the target refuses, and applies all others': async (session) => {
      const { table, sink } = await openTarget(session);
      const badAt = [0, 17, 18, 63, 99];
      const rows = mixed(100, badAt);
      const kept = quarantine();
      const ledger = await sink.write(
        deltaBatch(enterprise, 1, upserts(rows)),
        kept.onRejected,
        session.signal,
      );
      assert.deepEqual(
        [...kept.rows].map((row) => row.row).sort((a, b) => a - b),
        badAt,
        'numbers of the rejected rows',
      );
      assert.deepEqual(
        { ...ledger.counts },
        { delivered: 100, inserted: 95, updated: 0, unchanged: 0, deleted: 0, rejected: 5 },
        'counts',
      );
      sameRows(await table.readAll(), good(rows), 'the target');
    },
    'tells op, reason and the bytes of a rejected row': async (session) => {
      const { sink } = await openTarget(session);
      const rows = mixed(3, [1]);
      const kept = quarantine();
      await sink.write(deltaBatch(enterprise, 1, upserts(rows)), kept.onRejected, session.signal);
      const [row] = kept.rows;
      assert.ok(row, 'one row is rejected');
      assert.equal(row.op, 'U');
      assert.match(row.reason, /^[a-z][a-z0-9-]*$/, 'a reason code, not a message');
      assert.equal(
        Buffer.from(row.bytes).toString(),
        Buffer.from(encodeOpRows(upserts([rows[1]!]))).toString(),
        'its row text',
      );
    },
    'waits for the quarantine before it commits': async (session) => {
      const { table, sink } = await openTarget(session);
      let seen: readonly RowTexts[] | undefined;
      const look = async () => {
        seen = await table.readAll();
      };
      await sink.write(deltaBatch(enterprise, 1, upserts(mixed(10, [4]))), look, session.signal);
      assert.ok(seen, 'the quarantine was asked');
      sameRows(seen, [], 'nothing is in the target while the quarantine writes');
    },
    'rolls back when the quarantine refuses, and can be tried again': async (session) => {
      const { table, sink } = await openTarget(session);
      const rows = mixed(10, [4]);
      const batch = deltaBatch(enterprise, 1, upserts(rows));
      const limit = new Error('over the reject limit');
      await assert.rejects(
        sink.write(batch, () => Promise.reject(limit), session.signal),
        limit,
      );
      sameRows(await table.readAll(), [], 'the target');
      assert.equal(await sink.ledgerHead(delivery, session.signal), undefined, 'the ledger');
      await sink.write(batch, quarantine().onRejected, session.signal);
      sameRows(await table.readAll(), good(rows), 'the target after the second try');
    },
    'can reject every row of a batch': async (session) => {
      const { table, sink } = await openTarget(session, enterprises(50, 1));
      const kept = quarantine();
      const ledger = await sink.write(
        deltaBatch(enterprise, 1, upserts(mixed(3, [0, 1, 2]))),
        kept.onRejected,
        session.signal,
      );
      assert.equal(kept.rows.length, 3);
      assert.deepEqual([ledger.counts.delivered, ledger.counts.rejected], [3, 3]);
      sameRows(await table.readAll(), enterprises(50, 1), 'the target');
    },
    'leaves rows out of a snapshot and counts them': async (session) => {
      const { table, sink } = await openTarget(session, enterprises(50, 1));
      const rows = mixed(8, [2, 6]);
      const kept = quarantine();
      const batches = snapshotBatches(enterprise, 1, 'snap-1', [rows.slice(0, 4), rows.slice(4)]);
      await sink.write(batches[0]!, kept.onRejected, session.signal);
      const last = await sink.write(batches[1]!, kept.onRejected, session.signal);
      assert.equal(kept.rows.length, 2, 'each bad row goes to quarantine once');
      assert.deepEqual([last.counts.delivered, last.counts.rejected], [8, 2], 'counts of the whole snapshot');
      assert.ok(countsBalance(last.counts), 'delivered = applied + rejected');
      sameRows(await table.readAll(), good(rows), 'the target');
    },
  },
  /** Nothing to ask for: that the target takes every row is the harness's statement about the database. */
  refused: async () => {},
};
