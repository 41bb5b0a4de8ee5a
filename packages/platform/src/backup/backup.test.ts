import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@qianzhi/client';
import { personRoutes } from '@qianzhi/model';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifyAudit } from '../audit/chain.js';
import type { DatabaseConfig } from '../database/config.js';
import { openDatabase } from '../database/open-database.js';
import { dropTestDatabase, onPostgres, postgresOf, testDatabase } from '../database/test-database.js';
import { startPlatform } from '../server/start-platform.js';
import {
  enrolAgent,
  PASSWORD,
  publish,
  settle,
  signIn,
  startTestPlatform,
  type TestPlatform,
} from '../server/test-platform.js';
import { backupPlatform } from './backup-platform.js';
import { restorePlatform } from './restore-platform.js';
import { stateTables, transientTables } from './tables.js';

const soon = () => AbortSignal.timeout(20_000);
const quiet = { logTo: { write: () => undefined } };
let root: string;
let platform: TestPlatform;
const restored: string[] = [];

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'qianzhi-backup-'));
  platform = await startTestPlatform();
});
afterEach(async () => {
  await platform.remove();
  for (const dataDir of restored.splice(0)) await dropTestDatabase(dataDir);
  rmSync(root, { recursive: true, force: true });
});

const place = () => ({ dataDir: platform.dataDir, database: testDatabase(platform.dataDir) });
const newPlace = (name = 'restored', database?: DatabaseConfig) => {
  const dataDir = join(root, name);
  restored.push(dataDir);
  return { dataDir, database: database ?? testDatabase(dataDir) };
};

async function rowsOf({ dataDir, database }: ReturnType<typeof place>) {
  const db = await openDatabase(dataDir, database, { exclusive: false });
  try {
    const tables = stateTables.filter(({ name }) => !name.startsWith('audit'));
    const rows: Record<string, unknown> = {};
    for (const { name, key } of tables) rows[name] = await db(name).orderBy([...key]);
    return { rows, audit: await db('audit').orderBy('seq') };
  } finally {
    await db.destroy();
  }
}

async function aDay(): Promise<void> {
  const town = await settle(platform);
  await enrolAgent(platform, town.officer, 'mz-1', 'mz');
  await publish(town);
}

describe('a backup', () => {
  it('of a running platform holds every row; the restored one goes on from there', async () => {
    await aDay();
    const backup = join(root, 'backup');
    await backupPlatform(place(), backup, soon());
    const before = await rowsOf(place());
    const later = await signIn(platform, 'officer');
    await later.call(personRoutes.putDepartment, {
      params: { id: 'later' },
      body: { id: 'later', name: '其后', police: false, competent: false },
    });

    const target = newPlace();
    await restorePlatform(backup, target, soon());
    const after = await rowsOf(target);
    expect(after.rows).toEqual(before.rows);
    expect(verifyAudit(after.audit)).toMatchObject({ ok: true, entries: before.audit.length + 1 });
    expect(after.audit.at(-1)).toMatchObject({ action: 'platform.restore' });

    const running = await startPlatform({ ...target, port: 0, audience: 'test' }, quiet);
    try {
      expect(running.firstStartCode).toBeUndefined();
      const anonymous = createClient({ url: running.url, identity: { kind: 'anonymous' } });
      const session = { account: 'officer', password: PASSWORD };
      const { token } = await anonymous.call(personRoutes.signIn, { body: session });
      const officer = createClient({ url: running.url, identity: { kind: 'person', token } });
      const { departments } = await officer.call(personRoutes.listDepartments, {});
      expect(departments.map(({ id }) => id)).toEqual(['ga', 'mz', 'sw', 'zs']);
      const next = { url: running.url, now: platform.now, anonymous: () => anonymous };
      await enrolAgent({ ...platform, ...next }, officer, 'sw-1', 'sw'); // a key after the restored ones
      await Promise.all([anonymous.close(), officer.close()]);
    } finally {
      await running.stop();
    }
  });

  it('of an older program, which knew fewer tables, is restored, and the tables come with the next start', async () => {
    await aDay();
    const backup = join(root, 'backup');
    await backupPlatform(place(), backup, soon());
    const file = join(backup, 'backup.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8'));
    const newer = stateTables.filter(({ since }) => since !== undefined);
    expect(newer.map(({ name }) => name)).toContain('audit_heads');
    const changesOfThem = ['agreement-5', 'agreement-6', 'off-catalog-2', 'off-catalog-3', 'exchange-8'];
    const steps = new Set([...newer.map(({ since }) => since), ...changesOfThem]);
    manifest.steps = manifest.steps.filter((step: string) => !steps.has(step));
    const paths = newer.map(({ name }) => `state/${name}.jsonl`);
    manifest.files = manifest.files.filter(({ path }: { path: string }) => !paths.includes(path));
    for (const path of paths) rmSync(join(backup, path));
    writeFileSync(file, JSON.stringify(manifest));

    const target = newPlace();
    await restorePlatform(backup, target, soon());
    const running = await startPlatform({ ...target, port: 0, audience: 'test' }, quiet);
    await running.stop();
    const db = await openDatabase(target.dataDir, target.database, { exclusive: false });
    const tables = await Promise.all(newer.map(({ name }) => db.schema.hasTable(name)));
    const departments = await db('departments').orderBy('id').pluck('id');
    await db.destroy();
    expect(tables).toEqual(newer.map(() => true));
    expect(departments).toEqual(['ga', 'mz', 'sw', 'zs']);
  });

  it('names every table that the platform has', async () => {
    const db = await openDatabase(platform.dataDir, place().database, { exclusive: false });
    const found: { name: string }[] = onPostgres
      ? await db('pg_tables').whereRaw('schemaname = current_schema()').select({ name: 'tablename' })
      : await db('sqlite_master')
          .where({ type: 'table' })
          .whereNot('name', 'like', 'sqlite_%')
          .select('name');
    await db.destroy();
    const named = [...stateTables.map(({ name }) => name), ...transientTables];
    expect(found.map(({ name }) => name).sort()).toEqual(named.sort());
  });

  it('wants a new folder, and something to back up', async () => {
    await expect(backupPlatform(place(), platform.dataDir, soon())).rejects.toMatchObject({
      code: 'QZ_PLATFORM_BACKUP_FOLDER_TAKEN',
    });
    await expect(backupPlatform(newPlace('none'), join(root, 'backup'), soon())).rejects.toMatchObject({
      code: 'QZ_PLATFORM_BACKUP_NOTHING',
    });
  });

  if (onPostgres) {
    it('makes no SQLite file where the tables are in PostgreSQL and nobody says so', async () => {
      const { dataDir } = platform;
      await expect(
        backupPlatform({ dataDir, database: { kind: 'sqlite' } }, join(root, 'backup'), soon()),
      ).rejects.toMatchObject({ code: 'QZ_PLATFORM_BACKUP_NOTHING' });
      expect(readdirSync(dataDir)).not.toContain('platform.sqlite');
      expect(existsSync(join(root, 'backup'))).toBe(false);
    });
  }
});

describe('restoring', () => {
  let backup: string;
  beforeEach(async () => {
    await settle(platform);
    backup = join(root, 'backup');
    await backupPlatform(place(), backup, soon());
  });

  it('finds any flipped, cut off or missing byte and then changes nothing', async () => {
    const files = readdirSync(backup, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    for (const file of files) {
      const bytes = readFileSync(file);
      const damages: (() => void)[] = [() => rmSync(file), () => appendFileSync(file, 'x')];
      if (bytes.length > 0) {
        const flipped = Buffer.from(bytes);
        flipped[bytes.length >> 1]! ^= 1;
        damages.push(() => writeFileSync(file, flipped));
      }
      for (const damage of damages) {
        damage();
        const target = newPlace();
        const failure = restorePlatform(backup, target, soon());
        await expect(failure, file).rejects.toMatchObject({ code: 'QZ_PLATFORM_BACKUP_BROKEN' });
        expect(existsSync(target.dataDir) || existsSync(`${target.dataDir}.restoring`)).toBe(false);
        writeFileSync(file, bytes);
      }
    }
    await restorePlatform(backup, newPlace(), soon());
  });

  it('refuses a place that holds something', async () => {
    await expect(restorePlatform(backup, place(), soon())).rejects.toMatchObject({
      code: 'QZ_PLATFORM_BACKUP_FOLDER_TAKEN',
    });
    if (!onPostgres) return;
    await platform.stop();
    await expect(restorePlatform(backup, newPlace('other', place().database), soon())).rejects.toMatchObject({
      code: 'QZ_PLATFORM_RESTORE_DATABASE_TAKEN',
    });
  });

  it.skipIf(!process.env.QZ_RUN_POSTGRES_URL)('moves a platform to the other database', async () => {
    const other = (dataDir: string): DatabaseConfig =>
      onPostgres ? { kind: 'sqlite' } : postgresOf(dataDir);
    const target = newPlace('moved', other(join(root, 'moved')));
    await restorePlatform(backup, target, soon());
    const { rows } = await rowsOf(target);
    expect(rows).toEqual((await rowsOf(place())).rows);
    const running = await startPlatform({ ...target, port: 0, audience: 'test' }, quiet);
    await running.stop();
  });
});
