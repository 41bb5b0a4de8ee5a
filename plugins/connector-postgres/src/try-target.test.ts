import type { CatalogResource } from '@qianzhi/model';
import { describeWithPostgres } from '@qianzhi/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { postgresConnector } from './connector.js';
import { createDatabase, type TestDatabase } from './test/database.js';
import { keyed, openTargetSite, resourceOf, signal, type TargetSite, write } from './test/target-site.js';

describeWithPostgres('postgres target: a trial', (url) => {
  let database: TestDatabase;
  let role: string;
  beforeAll(async () => {
    database = await createDatabase(url);
    role = `${database.name}_own`;
    await database.db.query(`CREATE ROLE ${role} LOGIN PASSWORD 'trial'`);
  });
  afterAll(async () => {
    await database.db.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    await database[Symbol.asyncDispose]();
  });

  const context = {
    log: { debug() {}, info() {}, warn() {}, error() {} },
    now: () => new Date(),
    tempDir: '/tmp',
    timeZone: 'Asia/Shanghai',
  };
  /** Code of what is found, with its message; `fits` where nothing is. */
  async function tried(site: TargetSite, resource: CatalogResource, target: object, config: object = {}) {
    await using connection = await postgresConnector.open({ ...site.config, ...config }, context, signal);
    try {
      const notes = await connection.tryTarget!({ exchange: 'x', resource, target }, signal);
      return ['fits', ...notes.map(({ error }) => error?.message)].join(' ');
    } catch (error) {
      const { code, message } = error as { code: string; message: string };
      return `${code} ${message}`;
    }
  }
  const tables = (site: TargetSite) =>
    site.values(
      `SELECT relname FROM pg_class WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) ORDER BY 1`,
    );

  it('leaves nothing behind, whether the table is there or to be made', async () => {
    await using site = await openTargetSite(database);
    expect(await tried(site, keyed, { table: 't', create: true })).toBe('fits');
    expect(await tables(site)).toEqual([]);
    await site.db.query('CREATE TABLE t (id varchar(20) PRIMARY KEY)');
    expect(await tried(site, keyed, { table: 't', create: true })).toBe('fits');
    expect(await tables(site)).toEqual(['t', 't_pkey']);
    expect(await tried(site, keyed, { table: 't' })).toMatch(/COLUMN_MISSING .*name/);
  });

  it('does not disturb the instance that writes', async () => {
    await using site = await openTargetSite(database);
    const sink = await site.sink(keyed, { table: 't', create: true });
    await write(sink, keyed, 1, ['U\ta\t甲']);
    expect(await tried(site, keyed, { table: 't', create: true })).toBe('fits');
    expect((await write(sink, keyed, 2, ['U\tb\t乙'])).ledger.counts).toMatchObject({ inserted: 1 });
  });

  it('says what does not fit', async () => {
    await using site = await openTargetSite(database);
    await site.db.query('CREATE TABLE t (id varchar(20) PRIMARY KEY, name bytea)');
    expect(await tried(site, keyed, { table: 't' })).toMatch(/TYPE_UNFIT .*name/);
    expect(await tried(site, keyed, { table: 'none' })).toMatch(/TABLE_MISSING/);
    const noKey = resourceOf([{ column: 'id', type: 'C', length: 20 }]);
    expect(await tried(site, noKey, { table: 'none', create: true })).toBe('fits');
    const config = { schema: 'none' };
    expect(await tried(site, keyed, { table: 't', create: true }, config)).toMatch(/SCHEMA_MISSING .*none/);
  });

  it('warns of columns that cannot hold all the catalog allows', async () => {
    await using site = await openTargetSite(database);
    const items = [
      { column: 'id', type: 'C', length: 20, key: true },
      { column: 'name', type: 'C', length: 50 },
      { column: 'amount', type: 'N', precision: 12, scale: 2 },
      { column: 'count', type: 'I' },
    ] as const;
    const wide = 'id varchar(20) PRIMARY KEY, name varchar(50), amount numeric(14, 3), count bigint';
    const narrow = 'id bigint PRIMARY KEY, name varchar(49), amount numeric(12, 3), count integer';
    await site.db.query(`CREATE TABLE wide (${wide}); CREATE TABLE narrow (${narrow})`);
    expect(await tried(site, resourceOf(items), { table: 'wide' })).toBe('fits');
    const found = await tried(site, resourceOf(items), { table: 'narrow' });
    for (const { column } of items) expect(found).toContain(`“${column}”`);
  });

  it('names the privilege that is missing', async () => {
    await using site = await openTargetSite(database);
    const schema = `"${site.schema.replaceAll('"', '""')}"`;
    const as = { user: role, password: 'trial' };
    const create = { table: 't', create: true };
    expect(await tried(site, keyed, create, as)).toMatch(/NO_PERMISSION .*schema/);
    await site.db.query(`GRANT USAGE ON SCHEMA ${schema} TO ${role}`);
    expect(await tried(site, keyed, create, as)).toMatch(/NO_PERMISSION .*schema/);
    await site.db.query(`GRANT CREATE ON SCHEMA ${schema} TO ${role}`);
    expect(await tried(site, keyed, create, as)).toBe('fits');
    await site.db.query('CREATE TABLE t (id varchar(20) PRIMARY KEY, name varchar(50))');
    await site.db.query(`GRANT SELECT, INSERT ON t TO ${role}`);
    expect(await tried(site, keyed, create, as)).toMatch(/NO_PERMISSION .*UPDATE, DELETE/);
    await site.db.query(`GRANT UPDATE, DELETE ON t TO ${role}`);
    expect(await tried(site, keyed, create, as)).toBe('fits');
    await site.db.query(`REVOKE TEMPORARY ON DATABASE ${database.name} FROM PUBLIC`);
    expect(await tried(site, keyed, create, as)).toMatch(/NO_PERMISSION .*temporary/);
  });
});
