import postgres from '@qianzhi/connector-postgres';
import type { Connector } from '@qianzhi/plugin-api';
import pg from 'pg';
import { startPostgres } from '../../services/postgres.js';
import { serverSettings } from '../chain/databases.js';
import { columnNames, createTable, enterpriseResource } from '../chain/enterprise.js';
import type { Changes, Freight } from './freight.js';
import { runTool } from './native-tool.js';
import type { Course } from './race.js';
import { openThrough } from './through-connector.js';

export async function openPostgres(freight: Freight): Promise<Course> {
  const server = await startPostgres({ settings: serverSettings });
  const client = new pg.Client(server.url);
  await client.connect();
  const { hostname, port, username, password } = new URL(server.url);
  const psql = (...commands: string[]) =>
    runTool(
      'psql',
      ['-qX', '-v', 'ON_ERROR_STOP=1', ...commands.flatMap((command) => ['-c', command]), 'postgres'],
      { env: { PGHOST: hostname, PGPORT: port, PGUSER: username, PGPASSWORD: password } },
    );
  const config = { host: hostname, port: Number(port), user: username, password, database: 'postgres' };
  const through = await openThrough(postgres.role as Connector, config, enterpriseResource('enterprise'));
  const load = (table: string, file: string) => psql(`\\copy ${table} FROM '${file}'`);
  const make = async (table: string) => {
    await client.query(`DROP TABLE IF EXISTS ${table}`);
    await client.query(createTable(table));
    await client.query('CHECKPOINT');
  };
  await make('enterprise');
  await load('enterprise', freight.file);
  await make('held');
  await make('merged');
  await load('merged', freight.file);
  await client.query('VACUUM (FREEZE, ANALYZE)');
  const writeDelta = await through.openDeltas({ table: 'held' }, freight.parts);

  let tables = 0;
  let target = '';
  let changes: Changes = await freight.change();
  const set = columnNames.slice(1).map((column) => `${column} = excluded.${column}`);
  const rows = freight.rows;
  const type = 'postgres';
  return {
    races: [
      {
        type,
        direction: 'read',
        peer: 'psql COPY TO',
        rows,
        ours: () => through.read({ table: 'enterprise' }, rows),
        theirs: () => psql('COPY enterprise TO STDOUT'),
      },
      {
        type,
        direction: 'write',
        peer: 'psql COPY FROM',
        rows,
        async prepare() {
          if (target) await client.query(`DROP TABLE ${target}`);
          target = `target_${++tables}`;
          await make(target);
        },
        ours: () => through.writeSnapshot({ table: target }, freight.parts),
        theirs: () => load(target, freight.file),
      },
      {
        type,
        direction: 'merge',
        peer: 'psql COPY, then INSERT … ON CONFLICT',
        rows: changes.rows,
        async prepare() {
          changes = await freight.change();
          await client.query('CHECKPOINT');
        },
        ours: () => writeDelta(changes.load),
        theirs: () =>
          psql(
            'CREATE TEMP TABLE coming (LIKE merged)',
            `\\copy coming FROM '${changes.file}'`,
            `INSERT INTO merged SELECT * FROM coming ON CONFLICT (uscc) DO UPDATE SET ${set.join(', ')}`,
          ),
      },
    ],
    async [Symbol.asyncDispose]() {
      await through[Symbol.asyncDispose]();
      await client.end();
      await server[Symbol.asyncDispose]();
    },
  };
}
