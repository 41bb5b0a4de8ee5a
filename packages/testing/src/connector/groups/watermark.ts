import assert from 'node:assert/strict';
import { failsWith, sameRows } from '../assertions.js';
import type { ContractSuite } from '../contract.js';
import { overlapMs, type RowTexts, type TestTable } from '../harness.js';
import { createReplay, lastCheckpoint, type ReadBlock, readBlocks, rowsOf, tinyBlocks } from '../reading.js';
import { enterprise, enterprises, renamed } from '../resources.js';
import type { Session } from '../session.js';

const minuteMs = 60_000;

async function tableAt(
  session: Session,
  agoMs: number,
  count = 10,
): Promise<{ table: TestTable; time: string }> {
  const time = await session.site.clock(-agoMs);
  return { table: await session.site.createTable(enterprise, { rows: enterprises(1, count, time) }), time };
}

/** Reads on a new connection each time, as scheduled runs do, and replays what came. */
function follower(session: Session, table: TestTable) {
  const replay = createReplay(enterprise);
  let checkpoint: string | undefined;
  return {
    async read(limits?: { blockBytes: number }): Promise<ReadBlock[]> {
      const source = await session.source(table, enterprise, 'watermark');
      const blocks = await readBlocks(source, enterprise, checkpoint, session.signal, limits);
      checkpoint = lastCheckpoint(blocks, checkpoint);
      replay.apply(blocks);
      return blocks;
    },
    async holdsTable(what: string): Promise<void> {
      sameRows(replay.rows(), await table.readAll(), what);
    },
    rows: () => replay.rows(),
  };
}

export const watermarkGroup: ContractSuite = {
  group: 'watermark',
  tests: {
    'reads everything first, then only what changed': async (session) => {
      const { table } = await tableAt(session, 30 * minuteMs);
      const follow = follower(session, table);
      await follow.read();
      await follow.holdsTable('the first read');
      assert.equal(rowsOf(await follow.read()).length, 0, 'nothing changed, so nothing is read');
      const later = await session.site.clock(-5 * minuteMs);
      const [row] = enterprises(3, 1);
      await table.update([renamed(row!, '更名', later)]);
      await table.insert(enterprises(11, 2, later));
      assert.equal(rowsOf(await follow.read()).length, 3, 'one update and two new rows');
      await follow.holdsTable('after the changes');
    },
    'does not skip rows with equal times': async (session) => {
      const { table, time } = await tableAt(session, 30 * minuteMs);
      const follow = follower(session, table);
      await follow.read();
      await table.insert(enterprises(20, 3, time));
      await follow.read();
      await follow.holdsTable('rows that came later with the time of the last row read');
    },
    'resumes between rows with equal times': async (session) => {
      const { table } = await tableAt(session, 30 * minuteMs, 12);
      const blocks = await readBlocks(
        await session.source(table, enterprise, 'watermark'),
        enterprise,
        undefined,
        session.signal,
        tinyBlocks,
      );
      for (let done = 1; done < blocks.length; done++) {
        const replay = createReplay(enterprise);
        replay.apply(blocks.slice(0, done));
        const source = await session.source(table, enterprise, 'watermark');
        replay.apply(
          await readBlocks(source, enterprise, lastCheckpoint(blocks.slice(0, done)), session.signal),
        );
        sameRows(replay.rows(), await table.readAll(), `resumed after block ${done}`);
        await source[Symbol.asyncDispose]();
      }
    },
    'finds rows committed within the overlap, and carries unchanged ones once': async (session) => {
      const { table } = await tableAt(session, 30 * minuteMs);
      const follow = follower(session, table);
      await follow.read();
      await table.insert(enterprises(30, 2, await session.site.clock(-30 * minuteMs - overlapMs / 2)));
      const blocks = await follow.read();
      assert.equal(rowsOf(blocks).length, 2, 'only the two rows committed late');
      await follow.holdsTable('rows committed within the overlap');
    },
    'says how many rows it read again and left out': async (session) => {
      const { table } = await tableAt(session, 30 * minuteMs, 10);
      const follow = follower(session, table);
      await follow.read();
      await table.insert(enterprises(40, 1, await session.site.clock(-29.5 * minuteMs)));
      const repeated = (await follow.read()).reduce((sum, { block }) => sum + block.repeated, 0);
      assert.equal(repeated, 10, 'the ten rows of the overlap are counted as repeated');
    },
    'reports NULL and future times, and loses neither': async (session) => {
      const { table } = await tableAt(session, 30 * minuteMs, 4);
      const future = await session.site.clock(24 * 60 * minuteMs);
      const odd: RowTexts[] = [...enterprises(50, 2, null), ...enterprises(60, 3, future)];
      await table.insert(odd);
      const source = await session.source(table, enterprise, 'watermark');
      const first = await readBlocks(source, enterprise, undefined, session.signal);
      const replay = createReplay(enterprise);
      replay.apply(first);
      const noticed = source.notices().reduce((sum, notice) => sum + notice.rows, 0);
      assert.ok(noticed >= odd.length, `5 rows have a NULL or future time, notices tell of ${noticed}`);

      const now = await session.site.clock(-1000);
      await table.insert(enterprises(70, 1, now));
      await table.update(odd.map((row) => renamed(row, '已更正', now)));
      const next = await session.source(table, enterprise, 'watermark');
      replay.apply(await readBlocks(next, enterprise, lastCheckpoint(first), session.signal));
      sameRows(replay.rows(), await table.readAll(), 'after the times were set right');
    },
    'claims no deletes that it does not see': async (session) => {
      const { table } = await tableAt(session, 30 * minuteMs);
      const follow = follower(session, table);
      await follow.read();
      await table.remove(enterprises(1, 1));
      const deletes = rowsOf(await follow.read()).filter((row) => row.op === 'D').length;
      const sees = session.harness.connector.capabilities.seesDeletes.includes('watermark');
      assert.equal(deletes, sees ? 1 : 0, `seesDeletes ${sees ? 'names' : 'does not name'} watermark`);
    },
  },
  refused: async ({ connect, site, signal }) => {
    const table = await site.createTable(enterprise);
    const connection = await connect();
    await failsWith(['config'], 'a source of strategy watermark', () =>
      connection.source(
        { resource: enterprise, strategy: 'watermark', source: table.source('watermark') },
        signal,
      ),
    );
  },
};
