import type { CatalogResource } from '@qianzhi/model';
import { configOf, describeWithPostgres, noAbort, quietContext, resourceWith } from '@qianzhi/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../../../plugins/connector-postgres/src/test/database.js';
import { sqlKitConnector } from './connector.js';

const items = resourceWith([
  { column: 'id', type: 'C', key: true },
  { column: 'name', type: 'C', length: 3 },
]);
const more = resourceWith([...items.items, { column: 'city', type: 'C' }]);

/** What `exchange add` and the doctor ask of a target over a dialect, on a real database. */
describeWithPostgres('a target of sql-kit that is tried', (url) => {
  let database: TestDatabase;
  const run = (sql: string) => database.db.query(sql);
  beforeAll(async () => {
    database = await createDatabase(url);
    await run(`CREATE ROLE ${database.name}_writer LOGIN PASSWORD 'writer-password'`);
  });
  afterAll(async () => {
    await run(
      `DROP SCHEMA target CASCADE; DROP OWNED BY ${database.name}_writer; DROP ROLE ${database.name}_writer`,
    );
    await database[Symbol.asyncDispose]();
  });
  beforeEach(() =>
    run(`DROP SCHEMA IF EXISTS target CASCADE; CREATE SCHEMA target;
      CREATE TABLE target.firm (id text PRIMARY KEY, name varchar(3)); INSERT INTO target.firm VALUES ('a', 'x');
      GRANT USAGE, CREATE ON SCHEMA target TO ${database.name}_writer;
      GRANT SELECT, INSERT, UPDATE, DELETE ON target.firm TO ${database.name}_writer`),
  );

  async function tried(target: object, resource: CatalogResource = items) {
    const login = { user: `${database.name}_writer`, password: 'writer-password' };
    const config = { ...configOf(database.url), ...login, schema: 'target' };
    const connection = await sqlKitConnector.open(config, quietContext, noAbort);
    return connection.tryTarget!({ exchange: 'x', resource, target }, noAbort);
  }
  /** Every relation of the schema with its columns, and the rows of the target. */
  async function left() {
    const { rows } = await run(`SELECT c.relname AS name, count(a.attname)::text AS columns FROM pg_class c
      LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 WHERE c.relnamespace = 'target'::regnamespace AND c.relkind = 'r'
      GROUP BY c.relname ORDER BY c.relname`);
    const firm = await run('SELECT id, name FROM target.firm');
    return { tables: rows.map(({ name, columns }) => `${name} ${columns}`), rows: firm.rows };
  }
  const asBefore = { tables: ['firm 2'], rows: [{ id: 'a', name: 'x' }] };

  it('is as it was, with its rows, and nothing of ours stays', async () => {
    expect(await tried({ table: 'firm' })).toEqual([]);
    expect(await tried({ table: 'firm' })).toEqual([]);
    expect(await left()).toEqual(asBefore);
  });

  it('is not made, nor given the columns it lacks', async () => {
    expect(await tried({ table: 'other', create: true })).toEqual([]);
    expect(await tried({ table: 'firm', create: true }, more)).toEqual([]);
    expect(await left()).toEqual(asBefore);
  });

  it('takes away what a trial left that did not come to its end', async () => {
    const names = async () => {
      const { rows } = await run(`SELECT relname FROM pg_class WHERE relname LIKE 'qianzhi_try%'`);
      return rows.map(({ relname }) => String(relname));
    };
    await run(`CREATE FUNCTION target.keep() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'kept'; END $$;
      CREATE EVENT TRIGGER ${database.name}_keep ON sql_drop EXECUTE FUNCTION target.keep()`);
    await tried({ table: 'firm' });
    const kept = await names();
    await run(`DROP EVENT TRIGGER ${database.name}_keep`);
    expect(kept).toHaveLength(1);
    await tried({ table: 'firm' });
    expect(await names()).toEqual([]);
  });

  describe.each([
    ['INSERT on the table', 'REVOKE INSERT ON target.firm FROM'],
    ['UPDATE on the table', 'REVOKE UPDATE ON target.firm FROM'],
    ['DELETE on the table', 'REVOKE DELETE ON target.firm FROM'],
    ['CREATE on the schema', 'REVOKE CREATE ON SCHEMA target FROM'],
  ])('without %s', (_, revoke) => {
    it('is refused, and left as it was', async () => {
      await run(`${revoke} ${database.name}_writer`);
      await expect(tried({ table: 'firm' })).rejects.toMatchObject({ code: 'QZ_SQL_NO_PERMISSION' });
      expect(await left()).toEqual(asBefore);
    });
  });

  it('is refused where it does not fit', async () => {
    await expect(tried({ table: 'absent' })).rejects.toMatchObject({ code: 'QZ_SQL_TABLE_MISSING' });
    await expect(tried({ table: 'firm' }, more)).rejects.toMatchObject({ code: 'QZ_SQL_COLUMN_MISSING' });
    await run('CREATE TABLE target.qianzhi_ledger (other int)');
    await expect(tried({ table: 'firm' })).rejects.toMatchObject({ code: 'QZ_SQL_LEDGER_FOREIGN' });
  });
});
