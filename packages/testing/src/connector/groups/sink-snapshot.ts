import assert from 'node:assert/strict';
import { countsBalance } from '@qianzhi/model';
import type { WriteMode } from '@qianzhi/plugin-api';
import { failsWith, sameRows } from '../assertions.js';
import type { ContractSuite } from '../contract.js';
import { enterprise, enterprises, renamed } from '../resources.js';
import { exchangeName, type Session } from '../session.js';
import { delivery, deltaBatch, nothingRejected, snapshotBatches, upserts } from '../writing.js';

/** Runs a test for each way in which the connector can put a snapshot in place. */
async function forEachWrite(session: Session, test: (write: WriteMode) => Promise<void>): Promise<void> {
  for (const write of session.harness.connector.capabilities.write) {
    if (write !== 'append') await test(write);
  }
}

const held = enterprises(1, 6);
const coming = [
  ...enterprises(1, 2),
  ...enterprises(3, 1).map((row) => renamed(row, '更名')),
  ...enterprises(10, 4),
];
const parts = [coming.slice(0, 3), coming.slice(3, 5), coming.slice(5)];

export const sinkSnapshotGroup: ContractSuite = {
  group: 'sink-snapshot',
  tests: {
    'stages parts out of sight and puts the whole in place with the last': (session) =>
      forEachWrite(session, async (write) => {
        const table = await session.site.createTable(enterprise, { rows: held });
        const batches = snapshotBatches(enterprise, 1, 'snap-1', parts);
        for (const batch of batches.slice(0, -1)) {
          const sink = await session.sink(table, enterprise, write);
          const row = await sink.write(batch, nothingRejected, session.signal);
          assert.deepEqual(
            [row.stage, row.snapshotId, row.counts.delivered],
            ['staged', 'snap-1', batch.rows],
            'a staged part',
          );
          sameRows(await table.readAll(), held, `${write}: the target before the last part`);
          assert.deepEqual(await sink.write(batch, nothingRejected, session.signal), row, 'a repeated part');
        }
        const sink = await session.sink(table, enterprise, write);
        const last = await sink.write(batches.at(-1)!, nothingRejected, session.signal);
        sameRows(await table.readAll(), coming, `${write}: the target holds the snapshot and nothing else`);
        assert.equal(last.stage, 'applied');
        assert.equal(last.counts.delivered, coming.length, 'the last row counts the whole snapshot');
        assert.ok(
          countsBalance(last.counts),
          'delivered = applied + rejected; rows gone with the snapshot are not delivered',
        );
        assert.deepEqual(
          await sink.write(batches.at(-1)!, nothingRejected, session.signal),
          last,
          'the last part repeated',
        );
        sameRows(await table.readAll(), coming, `${write}: after the repeat`);
      }),
    'goes on with deltas after a snapshot': (session) =>
      forEachWrite(session, async (write) => {
        const table = await session.site.createTable(enterprise, { rows: held });
        const sink = await session.sink(table, enterprise, write);
        const [whole] = snapshotBatches(enterprise, 1, 'snap-1', [coming]);
        await sink.write(whole!, nothingRejected, session.signal);
        if (!session.harness.connector.capabilities.write.includes('merge')) return;
        const row = await sink.write(
          deltaBatch(enterprise, 2, upserts(enterprises(50, 1))),
          nothingRejected,
          session.signal,
        );
        assert.equal(row.counts.inserted, 1);
        sameRows(await table.readAll(), [...coming, ...enterprises(50, 1)], 'snapshot and delta');
      }),
    'an empty snapshot empties the target': (session) =>
      forEachWrite(session, async (write) => {
        const table = await session.site.createTable(enterprise, { rows: held });
        const sink = await session.sink(table, enterprise, write);
        const [empty] = snapshotBatches(enterprise, 1, 'snap-empty', [[]]);
        const row = await sink.write(empty!, nothingRejected, session.signal);
        assert.deepEqual([row.stage, row.counts.delivered], ['applied', 0]);
        sameRows(await table.readAll(), [], 'the target');
      }),
    'discards staged parts and their ledger rows': (session) =>
      forEachWrite(session, async (write) => {
        const table = await session.site.createTable(enterprise, { rows: held });
        const sink = await session.sink(table, enterprise, write);
        for (const batch of snapshotBatches(enterprise, 1, 'snap-1', parts).slice(0, 2)) {
          await sink.write(batch, nothingRejected, session.signal);
        }
        await sink.discardStaged(delivery, session.signal);
        await sink.discardStaged(delivery, session.signal);
        assert.equal(await sink.ledgerHead(delivery, session.signal), undefined, 'no ledger row is left');
        sameRows(await table.readAll(), held, 'the target is as it was');
        const [other] = snapshotBatches(enterprise, 1, 'snap-2', [enterprises(70, 2)]);
        await sink.write(other!, nothingRejected, session.signal);
        sameRows(await table.readAll(), enterprises(70, 2), 'another snapshot takes its place');
      }),
    'a snapshot that starts again voids the parts before': (session) =>
      forEachWrite(session, async (write) => {
        const table = await session.site.createTable(enterprise, { rows: held });
        const sink = await session.sink(table, enterprise, write);
        for (const batch of snapshotBatches(enterprise, 1, 'snap-1', parts).slice(0, 2)) {
          await sink.write(batch, nothingRejected, session.signal);
        }
        const again = enterprises(80, 3);
        for (const batch of snapshotBatches(enterprise, 3, 'snap-2', [again.slice(0, 2), again.slice(2)])) {
          await sink.write(batch, nothingRejected, session.signal);
        }
        sameRows(await table.readAll(), again, 'only the rows of the second snapshot');
      }),
  },
  refused: async ({ connect, site, signal }) => {
    const table = await site.createTable(enterprise);
    const connection = await connect();
    await failsWith(['config'], 'a sink', () =>
      connection.sink(
        { exchange: exchangeName, resource: enterprise, target: table.target, write: 'swap' },
        signal,
      ),
    );
  },
};
