import assert from 'node:assert/strict';
import { failsWith, sameRows } from '../assertions.js';
import type { ContractSuite } from '../contract.js';
import { createReplay, lastCheckpoint, type ReadBlock, readBlocks, rowsOf, tinyBlocks } from '../reading.js';
import { enterprise, enterprises, renamed } from '../resources.js';
import type { Session } from '../session.js';

async function following(session: Session, rows = enterprises(1, 10)) {
  const table = await session.site.createTable(enterprise, { rows, flag: true });
  const replay = createReplay(enterprise);
  let checkpoint: string | undefined;
  /** One run: read, then confirm as after the receipt. `meanwhile` happens between the two. */
  async function run(limits?: { blockBytes: number }, meanwhile?: () => Promise<void>): Promise<ReadBlock[]> {
    const source = await session.source(table, enterprise, 'flag');
    const blocks = await readBlocks(source, enterprise, checkpoint, session.signal, limits);
    checkpoint = lastCheckpoint(blocks, checkpoint);
    replay.apply(blocks);
    await meanwhile?.();
    if (checkpoint !== undefined) await source.confirm(checkpoint, session.signal);
    return blocks;
  }
  /** Until everything that was there is picked up. */
  async function settled() {
    await run();
    await run();
    assert.equal(await table.pendingChanges(), 0, 'every row is set done once it was read and confirmed');
  }
  const holdsTable = async (what: string) => sameRows(replay.rows(), await table.readAll(), what);
  return { table, run, settled, holdsTable };
}

const [second] = enterprises(2, 1);
const [fourth] = enterprises(4, 1);

export const flagGroup: ContractSuite = {
  group: 'flag',
  applies: ({ connector }) => connector.capabilities.read.includes('flag'),
  tests: {
    'brings every row, then those that are pending, once': async (session) => {
      const { table, run, settled, holdsTable } = await following(session);
      await settled();
      await holdsTable('rows that were there');
      await table.insert(enterprises(11, 3));
      await table.update([renamed(second!, '更名')]);
      assert.equal(rowsOf(await run()).length, 4, 'the rows written since, and no other');
      await holdsTable('after inserts and an update');
      assert.equal(await table.pendingChanges(), 0, 'they are set done');
      assert.equal(rowsOf(await run()).length, 0, 'nothing is pending, so nothing is read');
    },
    'sets nothing done before the receipt': async (session) => {
      const { table, settled } = await following(session);
      await settled();
      await table.insert(enterprises(11, 3));
      const source = await session.source(table, enterprise, 'flag');
      const first = await readBlocks(source, enterprise, undefined, session.signal);
      await source.confirm(lastCheckpoint(first)!, session.signal);
      await readBlocks(source, enterprise, lastCheckpoint(first), session.signal);
      assert.equal(await table.pendingChanges(), 3, 'what was read is pending until it is confirmed');
    },
    'sets done what is confirmed, and no block behind it': async (session) => {
      const { table, settled } = await following(session);
      await settled();
      await table.insert(enterprises(11, 40));
      const source = await session.source(table, enterprise, 'flag');
      const copied = await readBlocks(source, enterprise, undefined, session.signal);
      const blocks = await readBlocks(source, enterprise, lastCheckpoint(copied), session.signal, tinyBlocks);
      assert.ok(blocks.length > 2, 'the rows come in several blocks');
      await source.confirm(blocks[0]!.block.checkpoint, session.signal);
      const waiting = rowsOf(blocks.slice(1)).length;
      assert.equal(await table.pendingChanges(), waiting, 'rows of the blocks behind stay pending');
      await source.confirm(blocks[0]!.block.checkpoint, session.signal);
      assert.equal(await table.pendingChanges(), waiting, 'a repeated confirm changes nothing');
      await source.confirm(lastCheckpoint(blocks)!, session.signal);
      assert.equal(await table.pendingChanges(), 0, 'the rest is done with its own receipt');
    },
    'leaves pending what was changed under way': async (session) => {
      const { table, run, settled, holdsTable } = await following(session);
      await settled();
      await table.update([renamed(second!, '一'), renamed(fourth!, '一')]);
      await run(undefined, async () => {
        await table.update([renamed(second!, '二')]);
        await table.insert(enterprises(20, 1));
      });
      assert.equal(await table.pendingChanges(), 2, 'the changed row and the new one are pending');
      assert.equal(rowsOf(await run()).length, 2, 'both are read by the next run');
      await holdsTable('after a change between read and confirm');
      assert.equal(await table.pendingChanges(), 0, 'and set done then');
    },
    'reads again what a crash left unconfirmed': async (session) => {
      const { table, run, settled, holdsTable } = await following(session);
      await settled();
      await table.insert(enterprises(11, 5));
      const crashed = await session.source(table, enterprise, 'flag');
      const copied = await readBlocks(crashed, enterprise, undefined, session.signal);
      const read = await readBlocks(crashed, enterprise, lastCheckpoint(copied), session.signal);
      const again = await session.source(table, enterprise, 'flag');
      await again.confirm(lastCheckpoint(read)!, session.signal);
      assert.equal(await table.pendingChanges(), 5, 'another source does not know what was picked up');
      assert.equal(rowsOf(await run()).length, 5, 'so it is read again');
      await holdsTable('after the crash');
    },
  },
  refused: async ({ connect, site, signal }) => {
    const table = await site.createTable(enterprise);
    const connection = await connect();
    await failsWith(['config'], 'a source of strategy flag', () =>
      connection.source({ resource: enterprise, strategy: 'flag', source: table.source('snapshot') }, signal),
    );
  },
};
