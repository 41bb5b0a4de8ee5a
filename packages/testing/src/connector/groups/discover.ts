import assert from 'node:assert/strict';
import type { ContractSuite } from '../contract.js';
import { enterprise, enterprises, journal, membership } from '../resources.js';

export const discoverGroup: ContractSuite = {
  group: 'discover',
  tests: {
    'finds tables with their columns in order, types and key': async ({ connect, site, signal }) => {
      for (const resource of [enterprise, membership, journal]) {
        const made = await site.createTable(resource);
        const tables = await (await connect()).discover({ table: made.name }, signal);
        const [found, ...others] = tables.filter((table) => table.table === made.name);
        assert.ok(found, `discover finds table ${made.name}`);
        assert.equal(others.length, 0, 'a table is found once');
        assert.deepEqual(
          found.columns.map((column) => column.name),
          resource.items.map((item) => item.column),
          'columns in the order of the table',
        );
        assert.deepEqual(
          [...found.primaryKey],
          resource.items.filter((item) => item.key).map((item) => item.column),
          'columns of the primary key',
        );
        const names = found.columns.map((column) => column.name);
        const unknown = (found.indexed ?? []).filter((name) => !names.includes(name));
        assert.deepEqual(unknown, [], 'columns that an index leads with are columns of the table');
        if (found.indexed && found.primaryKey.length > 0)
          assert.ok(found.indexed.includes(found.primaryKey[0]!), 'a primary key is an index');
        for (const column of found.columns) {
          assert.ok(column.type, `a catalog type fits column ${column.name} (${column.nativeType})`);
        }
      }
    },
    'lists all tables without a filter, and none under a name that is not there': async ({
      connect,
      site,
      signal,
    }) => {
      const first = await site.createTable(enterprise, { rows: enterprises(1, 2) });
      const second = await site.createTable(membership);
      const connection = await connect();
      const names = (await connection.discover({}, signal)).map((table) => table.table);
      assert.ok(names.includes(first.name) && names.includes(second.name), 'both tables are listed');
      assert.deepEqual(await connection.discover({ table: 'no_such_table_here' }, signal), []);
    },
  },
};
