import mysql from '@qianzhi/connector-mysql';
import type { Connector } from '@qianzhi/plugin-api';
import { connectMariadb, mysqlConnectorOf } from '../../fixtures/mariadb.js';
import { startMariadb } from '../../services/mariadb.js';
import { columnNames, createTable, enterpriseResource } from '../chain/enterprise.js';
import type { Changes, Freight } from './freight.js';
import { runTool } from './native-tool.js';
import type { Course } from './race.js';
import { openThrough } from './through-connector.js';

/** As much memory as the other server of the bench has; what makes commits durable is as the product demands it. */
const settings = { innodb_buffer_pool_size: '512M', innodb_log_file_size: '1G' };

export async function openMysql(freight: Freight): Promise<Course> {
  const server = await startMariadb({ settings });
  const client = connectMariadb(server.url);
  await client.rows('CREATE DATABASE bench CHARACTER SET utf8mb4 COLLATE utf8mb4_bin');
  client.end();
  const bench = connectMariadb(server.url, 'bench');
  const { hostname, port, username, password } = new URL(server.url);
  const mariadb = (...args: string[]) =>
    runTool(
      'mariadb',
      ['--no-defaults', '--local-infile', '--default-character-set=utf8mb4']
        .concat(['-h', hostname, '-P', port, '-u', username, 'bench'])
        .concat(args),
      { env: { MYSQL_PWD: password } },
    );
  const { type: _, ...config } = mysqlConnectorOf(server.url, 'bench');
  const through = await openThrough(mysql.role as Connector, config, enterpriseResource('enterprise'));
  const fields = columnNames.map((column) => (column === 'active' ? '@active' : column)).join(', ');
  const load = (table: string, file: string, how = '') =>
    mariadb(
      '-e',
      `LOAD DATA LOCAL INFILE '${file}' ${how} INTO TABLE ${table} CHARACTER SET utf8mb4 (${fields}) SET active = @active = 't'`,
    );
  const make = async (table: string) => {
    await bench.rows(createTable(table, { timestamp: 'datetime(6)' }));
  };
  await make('enterprise');
  await load('enterprise', freight.file);
  await make('held');
  await make('merged');
  await load('merged', freight.file);
  const writeDelta = await through.openDeltas({ table: 'held' }, freight.parts);

  let tables = 0;
  let target = '';
  let changes: Changes = await freight.change();
  const rows = freight.rows;
  const type = 'mysql';
  return {
    races: [
      {
        type,
        direction: 'read',
        peer: 'mariadb --quick --batch',
        rows,
        ours: () => through.read({ table: 'enterprise' }, rows),
        theirs: () => mariadb('--quick', '--batch', '-N', '-e', 'SELECT * FROM enterprise'),
      },
      {
        type,
        direction: 'write',
        peer: 'LOAD DATA LOCAL INFILE',
        rows,
        async prepare() {
          if (target) await bench.rows(`DROP TABLE ${target}`);
          target = `target_${++tables}`;
          await make(target);
        },
        ours: () => through.writeSnapshot({ table: target }, freight.parts),
        theirs: () => load(target, freight.file),
      },
      {
        type,
        direction: 'merge',
        peer: 'LOAD DATA LOCAL INFILE … REPLACE',
        rows: changes.rows,
        async prepare() {
          changes = await freight.change();
        },
        ours: () => writeDelta(changes.load),
        theirs: () => load('merged', changes.file, 'REPLACE'),
      },
    ],
    async [Symbol.asyncDispose]() {
      await through[Symbol.asyncDispose]();
      bench.end();
      await server[Symbol.asyncDispose]();
    },
  };
}
