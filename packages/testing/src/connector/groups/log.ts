import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { failsWith } from '../assertions.js';
import type { ContractSuite } from '../contract.js';
import type { RowTexts, TestTable } from '../harness.js';
import { rowsOf, tinyBlocks } from '../reading.js';
import { enterprise, enterprises, renamed } from '../resources.js';
import { follow } from './follow.js';

const one = (id: number): RowTexts => enterprises(id, 1)[0]!;

async function changeKey(table: TestTable, from: RowTexts, to: RowTexts): Promise<void> {
  assert.ok(table.changeKey, 'the harness can change a key, since the capabilities name log');
  await table.changeKey(from, to);
}

const RUNS = 8;
/** A database in memory is written faster than it is read: the writer stays this near to the reader. */
const ROUNDS_PER_RUN = 10;

/** Every kind of change, each to several keys, until the reader has made its runs. */
async function writeOn(table: TestTable, runs: () => number): Promise<number> {
  let round = 0;
  while (runs() < RUNS) {
    // the reader has its turn, too
    await turn();
    if (round >= ROUNDS_PER_RUN * (runs() + 1)) continue;
    const at = 100 + 10 * round;
    const old = 1 + (round % 30);
    await table.insert(enterprises(at, 4));
    await table.update([renamed(one(at), `第${round}轮`), renamed(one(at + 1), '更名')]);
    await table.remove([one(at + 2)]);
    await changeKey(table, one(at + 3), one(at + 5));
    await table.remove([one(old)]);
    await table.insert([renamed(one(old), `重来${round}`)]);
    round++;
  }
  return round;
}

export const logGroup: ContractSuite = {
  group: 'log',
  applies: ({ connector }) => connector.capabilities.read.includes('log'),
  tests: {
    'brings the rows that were there before, then every change': async (session) => {
      const { table, run, holdsTable } = await follow(session, 'log');
      await run();
      await holdsTable('rows from before');
      await table.insert(enterprises(11, 3));
      await table.update([renamed(one(2), '更名')]);
      await run();
      await holdsTable('after inserts and an update');
      assert.equal(rowsOf(await run()).length, 0, 'nothing changed, so nothing is read');
    },
    'sees deletes and changed keys, and carries the key alone': async (session) => {
      const { table, run, holdsTable } = await follow(session, 'log');
      assert.ok(
        session.harness.connector.capabilities.seesDeletes.includes('log'),
        'declares that it sees deletes',
      );
      await run();
      await table.remove(enterprises(4, 2));
      await changeKey(table, one(7), one(70));
      const deletes = rowsOf(await run()).filter((row) => row.op === 'D');
      assert.equal(deletes.length, 3, 'two deleted rows and a key that is gone');
      for (const { fields } of deletes)
        assert.deepEqual(fields.slice(1), [null, null, null], 'a D row carries its key only');
      await holdsTable('after two deletes and a changed key');
    },
    'an emptied table is emptied at the target': async (session) => {
      const { table, run, holdsTable } = await follow(session, 'log');
      await run();
      assert.ok(table.truncate, 'the harness can truncate, since the capabilities name log');
      await table.update([renamed(one(1), '此前')]);
      await table.truncate();
      await table.insert(enterprises(3, 2));
      await run();
      await run();
      await holdsTable('after a truncation and two inserts');
    },
    'loses and doubles nothing that is written while it reads': async (session) => {
      const { table, run, holdsTable } = await follow(session, 'log', enterprises(1, 30));
      let runs = 0;
      const writing = writeOn(table, () => runs);
      const reading = (async () => {
        for (; runs < RUNS; runs++) await run(tinyBlocks);
      })();
      const [rounds] = await Promise.all([writing, reading]);
      assert.ok(rounds > 1, 'something was written meanwhile');
      await run();
      await run();
      await holdsTable('after changes of every kind beside copy and log');
    },
  },
  refused: async ({ connect, site, signal }) => {
    const table = await site.createTable(enterprise);
    const connection = await connect();
    await failsWith(['config'], 'a source of strategy log', () =>
      connection.source({ resource: enterprise, strategy: 'log', source: table.source('log') }, signal),
    );
  },
};
