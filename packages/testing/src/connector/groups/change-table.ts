import assert from 'node:assert/strict';
import { failsWith } from '../assertions.js';
import type { ContractSuite } from '../contract.js';
import { rowsOf, tinyBlocks } from '../reading.js';
import { enterprise, enterprises, renamed } from '../resources.js';
import { follow } from './follow.js';

export const changeTableGroup: ContractSuite = {
  group: 'change-table',
  tests: {
    'brings the rows that were there before, then every change': async (session) => {
      const { table, run, holdsTable } = await follow(session, 'change-table');
      await run();
      await holdsTable('rows from before the change table');
      await table.insert(enterprises(11, 3));
      await table.update([renamed(enterprises(2, 1)[0]!, '更名')]);
      await run();
      await holdsTable('after inserts and an update');
      assert.equal(rowsOf(await run()).length, 0, 'nothing changed, so nothing is read');
    },
    'sees deletes, and carries the key alone': async (session) => {
      const { table, run, holdsTable } = await follow(session, 'change-table');
      assert.ok(
        session.harness.connector.capabilities.seesDeletes.includes('change-table'),
        'declares that it sees deletes',
      );
      await run();
      await table.remove(enterprises(4, 2));
      const deletes = rowsOf(await run()).filter((row) => row.op === 'D');
      await holdsTable('after two deletes');
      for (const { fields } of deletes)
        assert.deepEqual(fields.slice(1), [null, null, null], 'a D row carries its key only');
    },
    'keeps the order of changes to one row': async (session) => {
      const { table, run, holdsTable } = await follow(session, 'change-table');
      await run();
      const [row] = enterprises(12, 1);
      await table.insert([row!]);
      await table.remove([row!]);
      await table.insert([renamed(row!, '重新登记')]);
      const [other] = enterprises(5, 1);
      await table.update([renamed(other!, '一')]);
      await table.update([renamed(other!, '二')]);
      await table.remove([other!]);
      await run(tinyBlocks);
      await holdsTable('insert, delete, insert of one key; two updates and a delete of another');
    },
    'reads changes made while the first copy was read': async (session) => {
      const { table, run, holdsTable } = await follow(session, 'change-table', enterprises(1, 40));
      await table.update([renamed(enterprises(1, 1)[0]!, '此前')]);
      await run(tinyBlocks);
      await table.update([renamed(enterprises(2, 1)[0]!, '此后')]);
      await run();
      await holdsTable('changes before and after the first copy');
    },
  },
  refused: async ({ connect, site, signal }) => {
    const table = await site.createTable(enterprise);
    const connection = await connect();
    await failsWith(['config'], 'a source of strategy change-table', () =>
      connection.source(
        { resource: enterprise, strategy: 'change-table', source: table.source('change-table') },
        signal,
      ),
    );
  },
};
