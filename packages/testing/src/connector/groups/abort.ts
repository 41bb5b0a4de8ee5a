import assert from 'node:assert/strict';
import type { ReadStrategy } from '@qianzhi/model';
import { failsWith, sameRows, withinMs } from '../assertions.js';
import type { ContractSuite } from '../contract.js';
import { readBlocks, rowsOf, tinyBlocks } from '../reading.js';
import { enterprise, enterprises } from '../resources.js';
import type { Session } from '../session.js';
import { delivery, deltaBatch, nothingRejected, upserts } from '../writing.js';

/** The contract says a second; a busy machine gets some more. */
const endsWithinMs = 3000;
/** Blocks that may still come because they were read ahead. */
const readAhead = 8;
const tableRows = 2000;

async function endsReading(session: Session, strategy: Exclude<ReadStrategy, 'diff'>): Promise<void> {
  const time = await session.site.clock(-30 * 60_000);
  const table = await session.site.createTable(enterprise, {
    rows: enterprises(1, tableRows, time),
    changeTable: strategy === 'change-table',
    flag: strategy === 'flag',
  });
  const source = await session.source(table, enterprise, strategy);
  const controller = new AbortController();
  const blocks = source.read(undefined, tinyBlocks, controller.signal)[Symbol.asyncIterator]();
  assert.ok(!(await blocks.next()).done, 'the first block comes');
  controller.abort();
  const drain = async () => {
    for (let more = 0; more <= readAhead; more++) {
      if ((await blocks.next()).done)
        assert.fail(`${strategy}: the aborted read ended as if it were complete`);
    }
    assert.fail(`${strategy}: the read went on after the abort`);
  };
  await withinMs(
    endsWithinMs,
    `ending an aborted ${strategy} read`,
    failsWith(['cancelled'], `an aborted ${strategy} read`, drain),
  );

  const again = await readBlocks(source, enterprise, undefined, session.signal);
  assert.equal(rowsOf(again).length, tableRows, `${strategy}: the same source reads again after an abort`);
  await table.insert(enterprises(tableRows + 1, 1, time));
}

export const abortGroup: ContractSuite = {
  group: 'abort',
  tests: {
    'ends a read with kind cancelled and releases the table': async (session) => {
      for (const strategy of session.harness.connector.capabilities.read) {
        if (strategy !== 'diff' && strategy !== 'files') await endsReading(session, strategy);
      }
    },
    'a read with a signal that is aborted already reads nothing': async (session) => {
      for (const strategy of session.harness.connector.capabilities.read) {
        if (strategy !== 'snapshot' && strategy !== 'watermark') continue;
        const table = await session.site.createTable(enterprise, { rows: enterprises(1, 3) });
        const source = await session.source(table, enterprise, strategy);
        await failsWith(['cancelled'], `a ${strategy} read`, async () => {
          for await (const _ of source.read(undefined, tinyBlocks, AbortSignal.abort()))
            assert.fail('a block came');
        });
      }
    },
    'an aborted write writes nothing': async (session) => {
      if (!session.harness.connector.capabilities.write.includes('merge')) return;
      const table = await session.site.createTable(enterprise);
      const sink = await session.sink(table, enterprise);
      const batch = deltaBatch(enterprise, 1, upserts(enterprises(1, 3)));
      await failsWith(['cancelled'], 'an aborted write', () =>
        sink.write(batch, nothingRejected, AbortSignal.abort()),
      );
      sameRows(await table.readAll(), [], 'the table after an aborted write');
      assert.equal(
        await sink.ledgerHead(delivery, session.signal),
        undefined,
        'the ledger after an aborted write',
      );
      const row = await sink.write(batch, nothingRejected, session.signal);
      assert.equal(row.counts.inserted, 3, 'the same batch is written afterwards');
    },
  },
};
