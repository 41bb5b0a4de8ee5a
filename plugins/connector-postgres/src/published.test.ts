import { describeWithPostgres } from '@qianzhi/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { postgresConnector } from './connector.js';
import { createDatabase, type TestDatabase } from './test/database.js';
import { keyed, openTargetSite, signal, type TargetSite, write } from './test/target-site.js';

/** Publications that take in whatever is made: of all tables, and of a schema (from version 15). */
const publications = [
  ['all tables', 'FOR ALL TABLES', 100_000],
  ['the schema', 'FOR TABLES IN SCHEMA CURRENT_SCHEMA', 150_000],
] as const;

describeWithPostgres('postgres target: a publication of', (url) => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createDatabase(url);
  });
  afterEach(() => database[Symbol.asyncDispose]());

  const context = {
    log: { debug() {}, info() {}, warn() {}, error() {} },
    now: () => new Date(),
    tempDir: '/tmp',
    timeZone: 'Asia/Shanghai',
  };
  async function warned(site: TargetSite, config: object = {}): Promise<(string | undefined)[]> {
    await using connection = await postgresConnector.open({ ...site.config, ...config }, context, signal);
    const { notes } = await connection.check(signal);
    return notes.filter(({ level }) => level === 'warning').map(({ error }) => error?.code);
  }

  it.each(publications)('%s is told, and no table is replaced under it', async (_name, what, from) => {
    await using site = await openTargetSite(database);
    if (Number((await site.values('SHOW server_version_num'))[0]) < from) return;
    await site.db.query('CREATE TABLE t (id varchar(20) PRIMARY KEY, name varchar(50))');
    expect(await warned(site)).not.toContain('QZ_POSTGRES_PUBLISHED');
    await site.db.query(`CREATE PUBLICATION everything ${what}`);
    expect(await warned(site)).toContain('QZ_POSTGRES_PUBLISHED');
    expect(await warned(site, { readOnly: true })).not.toContain('QZ_POSTGRES_PUBLISHED');

    const oid = `SELECT 't'::regclass::oid::text`;
    const before = await site.values(oid);
    const sink = await site.sink(keyed, { table: 't' });
    const { ledger } = await write(sink, keyed, 1, ['S\ta\t甲', 'S\tb\t乙']);
    expect(ledger.counts).toMatchObject({ inserted: 2 });
    expect(await site.values(oid)).toEqual(before);
  });
});
