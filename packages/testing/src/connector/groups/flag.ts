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
    'sets done what was flagged again without a change': async (session) => {
      const { table, run, settled } = await following(session);
      await settled();
      await table.update([renamed(second!, '更名')]);
      await run();
      await table.update([renamed(second!, '更名')]);
      await run();
      await run();
      assert.equal(await table.pendingChanges(), 0, 'it is not pending for ever');
    },
    'carries again what was changed back under way': async (session) => {
      const { table, run, settled, holdsTable } = await following(session);
      await settled();
      await table.update([renamed(second!, '一')]);
      await run(undefined, () => table.update([renamed(second!, '二')]));
      await run(undefined, () => table.update([renamed(second!, '一')]));
      await run();
      await holdsTable('after a change and a change back');
      assert.equal(await table.pendingChanges(), 0, 'and set done in the end');
    },
    'loses nothing to a crash before the receipt, or between receipt and confirm': async (session) => {
      const { table, settled } = await following(session);
      await settled();
      await table.insert(enterprises(11, 5));
      const crashed = await session.source(table, enterprise, 'flag');
      const copied = await readBlocks(crashed, enterprise, undefined, session.signal);
      const read = await readBlocks(crashed, enterprise, lastCheckpoint(copied), session.signal);
      const before = await session.source(table, enterprise, 'flag');
      const again = await readBlocks(before, enterprise, lastCheckpoint(copied), session.signal);
      assert.equal(rowsOf(again).length, 5, 'what got no receipt is read again from the checkpoint before');
      assert.equal(await table.pendingChanges(), 5, 'nothing is set done without a receipt');

      await table.update([renamed(enterprises(11, 1)[0]!, '其间')]);
      const after = await session.source(table, enterprise, 'flag');
      await after.confirm(lastCheckpoint(read)!, session.signal);
      assert.ok((await table.pendingChanges()) >= 1, 'the changed row is pending');
      const rest = await readBlocks(after, enterprise, lastCheckpoint(read), session.signal);
      await after.confirm(lastCheckpoint(rest)!, session.signal);
      assert.equal(await table.pendingChanges(), 0, 'and all is done once the rest is read and confirmed');
      const replay = createReplay(enterprise);
      replay.apply([...copied, ...read, ...rest]);
      sameRows(replay.rows(), await table.readAll(), 'after the crash');
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
