import assert from 'node:assert/strict';
import { sameRows } from '../assertions.js';
import type { ContractSuite } from '../contract.js';
import type { RowTexts, TestTable } from '../harness.js';
import { createReplay, lastCheckpoint, readBlocks, tinyBlocks } from '../reading.js';
import { enterprise, enterprises, renamed } from '../resources.js';
import type { Session } from '../session.js';

type Strategy = 'snapshot' | 'watermark' | 'flag' | 'change-table' | 'log';

/** Runs a test for each strategy that the connector reads, over a table with changes waiting. */
async function forEachStrategy(
  session: Session,
  test: (strategy: Strategy, table: TestTable) => Promise<void>,
): Promise<void> {
  for (const strategy of ['snapshot', 'watermark', 'flag', 'change-table', 'log'] as const) {
    if (!session.harness.connector.capabilities.read.includes(strategy)) continue;
    const rows: RowTexts[] = [];
    for (let id = 1; id <= 11; id++) {
      // Times of their own: rows with equal times are the matter of group watermark.
      rows.push(...enterprises(id, 1, await session.site.clock(-30 * 60_000 + id * 1000)));
    }
    const changeTable = strategy === 'change-table';
    const flag = strategy === 'flag';
    const table = await session.site.createTable(enterprise, { rows: rows.slice(0, 8), changeTable, flag });
    await table.insert(rows.slice(8));
    await table.update([renamed(rows[1]!, '更名')]);
    await test(strategy, table);
  }
}

export const confirmGroup: ContractSuite = {
  group: 'confirm',
  tests: {
    'reading alone changes nothing, and can be done again': (session) =>
      forEachStrategy(session, async (strategy, table) => {
        const before = { rows: await table.readAll(), pending: await table.pendingChanges() };
        for (const attempt of ['first', 'second']) {
          const replay = createReplay(enterprise);
          const source = await session.source(table, enterprise, strategy);
          replay.apply(await readBlocks(source, enterprise, undefined, session.signal));
          sameRows(replay.rows(), before.rows, `${strategy}: the ${attempt} read without a receipt`);
        }
        sameRows(await table.readAll(), before.rows, `${strategy}: the table after reading`);
        assert.equal(
          await table.pendingChanges(),
          before.pending,
          `${strategy}: recorded changes wait for confirm`,
        );
      }),
    'what got no receipt is read again from the checkpoint before': (session) =>
      forEachStrategy(session, async (strategy, table) => {
        const source = await session.source(table, enterprise, strategy);
        const first = await readBlocks(source, enterprise, undefined, session.signal);
        await source.confirm(lastCheckpoint(first)!, session.signal);
        const time = await session.site.clock(-60_000);
        await table.insert(enterprises(20, 6, time));
        await readBlocks(source, enterprise, lastCheckpoint(first), session.signal, tinyBlocks);
        const replay = createReplay(enterprise);
        replay.apply(first);
        const next = await session.source(table, enterprise, strategy);
        replay.apply(await readBlocks(next, enterprise, lastCheckpoint(first), session.signal));
        sameRows(
          replay.rows(),
          await table.readAll(),
          `${strategy}: read again after a crash before the receipt`,
        );
      }),
    'confirms a part and keeps the rest': (session) =>
      forEachStrategy(session, async (strategy, table) => {
        const source = await session.source(table, enterprise, strategy);
        const blocks = await readBlocks(source, enterprise, undefined, session.signal, tinyBlocks);
        const part = blocks.slice(0, Math.ceil(blocks.length / 2));
        await source.confirm(lastCheckpoint(part)!, session.signal);
        const replay = createReplay(enterprise);
        replay.apply(part);
        const next = await session.source(table, enterprise, strategy);
        replay.apply(await readBlocks(next, enterprise, lastCheckpoint(part), session.signal));
        sameRows(
          replay.rows(),
          await table.readAll(),
          `${strategy}: a confirmed part and the rest read again`,
        );
      }),
    'may be repeated, late and out of order, and loses no change made meanwhile': (session) =>
      forEachStrategy(session, async (strategy, table) => {
        const source = await session.source(table, enterprise, strategy);
        const blocks = await readBlocks(source, enterprise, undefined, session.signal, tinyBlocks);
        const time = await session.site.clock(-60_000);
        await table.insert(enterprises(40, 2, time));
        await table.update([renamed(enterprises(3, 1, time)[0]!, '其间')]);
        for (const at of [blocks.length - 1, blocks.length - 1, 0]) {
          await source.confirm(blocks[at]!.block.checkpoint, session.signal);
        }
        const replay = createReplay(enterprise);
        replay.apply(blocks);
        const next = await session.source(table, enterprise, strategy);
        await next.confirm(lastCheckpoint(blocks)!, session.signal);
        replay.apply(await readBlocks(next, enterprise, lastCheckpoint(blocks), session.signal));
        sameRows(replay.rows(), await table.readAll(), `${strategy}: changes between read and confirm`);
      }),
  },
};
