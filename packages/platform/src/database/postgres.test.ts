import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkShape } from '@qianzhi/model';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PlatformConfigSchema } from '../server/config.js';
import { startPlatform } from '../server/start-platform.js';
import type { PostgresDatabase } from './config.js';
import { openDatabase } from './open-database.js';
import { postgresSettings } from './postgres.js';
import { asSuperuser, postgresOf } from './test-database.js';

const quiet = { logTo: { write: () => undefined } };
let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'qianzhi-platform-'));
});
afterEach(async () => {
  await asSuperuser((client) => client.query(`DROP SCHEMA IF EXISTS ${postgresOf(dataDir).schema} CASCADE`));
  rmSync(dataDir, { recursive: true, force: true });
});

const start = (change: Partial<PostgresDatabase> = {}, folder = dataDir) =>
  startPlatform({ dataDir: folder, port: 0, database: { ...postgresOf(dataDir), ...change } }, quiet);
const code = (name: string) => expect.objectContaining({ code: `QZ_PLATFORM_DATABASE_${name}` });

describe.skipIf(!process.env.QZ_RUN_POSTGRES_URL)('state on PostgreSQL', () => {
  it.each([
    ['a wrong password', { password: 'no such password' }, 'LOGIN_WRONG'],
    ['a database that is not there', { database: 'no_such_database' }, 'MISSING'],
    ['nobody listening', { port: 1 }, 'UNAVAILABLE'],
  ])('names %s, and not the password', async (_what, change, name) => {
    const failure = await start(change).catch((error) => error);
    expect(failure).toEqual(code(name));
    expect(JSON.stringify([failure.texts, failure.details])).not.toContain(postgresOf(dataDir).password);
  });

  it('takes the usual port and schema where none is told', () => {
    const { port: _port, schema: _schema, ...told } = postgresOf(dataDir);
    const config = { dataDir, database: told };
    expect(checkShape(PlatformConfigSchema, config, 'platform config').database).toEqual(told);
    const { connection } = postgresSettings(told, { exclusive: true });
    expect(connection).toMatchObject({ port: 5432 });
  });

  it('takes no COMMIT for done that the server turned into a ROLLBACK', async () => {
    const db = await openDatabase(dataDir, postgresOf(dataDir));
    try {
      const swallowing = db.transaction(async (trx) => {
        await trx.raw('select 1 / 0').catch(() => undefined);
      });
      await expect(swallowing).rejects.toEqual(code('ROLLED_BACK'));
      expect((await db.transaction((trx) => trx.raw('select 1 as one'))).rows).toEqual([{ one: 1 }]);
    } finally {
      await db.destroy();
    }
  });

  it('refuses a second platform on one schema, from whatever folder, and lets it in after a stop', async () => {
    const first = await start();
    const other = mkdtempSync(join(tmpdir(), 'qianzhi-platform-'));
    await expect(start({}, other)).rejects.toEqual(code('IN_USE'));
    await first.stop();
    const again = await start();
    await again.stop();
    rmSync(other, { recursive: true });
  });

  it('says which right is missing, and needs none but its own schema', async () => {
    const { schema } = postgresOf(dataDir);
    const user = `${schema}_u`;
    await asSuperuser((client) => client.query(`CREATE ROLE ${user} LOGIN PASSWORD 'only for tests'`));
    try {
      const login = { user, password: 'only for tests' };
      await expect(start(login)).rejects.toEqual(code('DENIED'));
      await asSuperuser((client) => client.query(`CREATE SCHEMA ${schema} AUTHORIZATION ${user}`));
      const platform = await start(login);
      await platform.stop();
    } finally {
      await asSuperuser((client) => client.query(`DROP OWNED BY ${user}; DROP ROLE ${user}`));
    }
  });

  it('commits durably also for a login that would not', async () => {
    const { schema, user } = postgresOf(dataDir);
    const role = `${schema}_s`;
    await asSuperuser(async (client) => {
      await client.query(`CREATE ROLE ${role} LOGIN SUPERUSER PASSWORD 'only for tests'`);
      await client.query(`ALTER ROLE ${role} SET synchronous_commit = off`);
    });
    try {
      const database = { ...postgresOf(dataDir), user: role, password: 'only for tests' };
      const db = await openDatabase(dataDir, database);
      expect(await db('pg_settings').where({ name: 'synchronous_commit' }).pluck('setting')).toEqual(['on']);
      await db.destroy();
    } finally {
      await asSuperuser((client) => client.query(`REASSIGN OWNED BY ${role} TO ${user}; DROP ROLE ${role}`));
    }
  });

  it('answers 503 when its connection is gone and goes on by itself', async () => {
    const platform = await start();
    const asSomebody = () =>
      fetch(`${platform.url}/api/v1/accounts`, { headers: { authorization: `Bearer ${'x'.repeat(43)}` } });
    try {
      expect((await asSomebody()).status).toBe(401);
      const cut = () =>
        asSuperuser((client) =>
          client.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'qianzhi-platform' AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid::bigint = (hashtext($1)::bigint & 4294967295))",
            [postgresOf(dataDir).schema],
          ),
        );
      expect((await cut()).rowCount).toBe(1);
      const statuses = [];
      for (let i = 0; i < 20; i++) statuses.push((await asSomebody()).status);
      expect(statuses.filter((status) => status !== 401 && status !== 503)).toEqual([]);
      expect(statuses.at(-1)).toBe(401);
    } finally {
      await platform.stop();
    }
  });

  it('holds the tables in its schema alone', async () => {
    const platform = await start();
    await platform.stop();
    const found = await asSuperuser((client) =>
      client.query(
        "SELECT DISTINCT schemaname FROM pg_tables WHERE tablename = 'audit_head' AND schemaname = $1",
        [postgresOf(dataDir).schema],
      ),
    );
    expect(found.rowCount).toBe(1);
  });
});
