import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { LocalText } from '@qianzhi/model';
import type { Knex } from 'knex';
import { createAuditLog } from '../audit/audit-log.js';
import { type DatabaseConfig, postgresDefaults } from '../database/config.js';
import { databaseErrors } from '../database/errors.js';
import { migrate } from '../database/migrate.js';
import { openDatabase } from '../database/open-database.js';
import { indexedEnds } from '../exchange/byte-index.js';
import { realDisk, syncFolder } from '../exchange/store/disk.js';
import { KEY_FILE } from '../identity/platform-key.js';
import { platformMigrations } from '../server/migrations.js';
import { type BackupSummary, type PlatformPlace, requireEmpty } from './backup-platform.js';
import { backupErrors } from './errors.js';
import { type BackupManifest, copyFile, readManifest, syncTree, verifyFile } from './manifest.js';
import { fileOf, loadState } from './state.js';
import { tablesAfter } from './tables.js';

/**
 * Puts a backup into an empty or missing data folder and, with PostgreSQL, a schema without tables. Every digest is
 * verified before anything is written; the state is loaded in one transaction and the data folder appears whole or not at
 * all. That it was restored is written into the audit chain. Throws QZ_PLATFORM_BACKUP_BROKEN, _BACKUP_FOLDER_TAKEN,
 * _RESTORE_DATABASE_TAKEN, _DATABASE_NEWER, or what `openDatabase` throws.
 */
export async function restorePlatform(
  folder: string,
  { dataDir, database }: PlatformPlace,
  signal: AbortSignal,
): Promise<BackupSummary> {
  await requireEmpty(dataDir);
  const manifest = await readManifest(folder);
  await verify(folder, manifest, signal);
  const building = `${dataDir}.restoring`;
  await rm(building, { recursive: true, force: true });
  await mkdir(building, { recursive: true, mode: 0o700 });
  try {
    await build(building, folder, database, manifest, signal);
  } catch (error) {
    await rm(building, { recursive: true, force: true });
    throw error;
  }
  if (existsSync(dataDir)) await rm(dataDir, { recursive: true });
  await rename(building, dataDir);
  await syncFolder(dirname(dataDir), realDisk);
  const { files, takenAt } = manifest;
  return { folder, takenAt, files: files.length, bytes: files.reduce((sum, one) => sum + one.bytes, 0) };
}

/** Everything but the place: the data folder beside its own, the state in its database. */
async function build(
  building: string,
  folder: string,
  database: DatabaseConfig,
  manifest: BackupManifest,
  signal: AbortSignal,
): Promise<void> {
  const db = await openDatabase(building, database);
  try {
    for (const file of manifest.files) {
      if (file.path.startsWith('state/')) continue;
      const copied = await copyFile(folder, building, file.path, signal);
      if (copied.sha256 !== file.sha256) throw broken(folder, file.path, changed);
    }
    await syncTree(building);
    await db.transaction((trx) => load(trx, folder, database, manifest, signal));
  } finally {
    await db.destroy();
  }
  await syncTree(building);
}

async function verify(folder: string, { files, steps }: BackupManifest, signal: AbortSignal): Promise<void> {
  const known = new Set(platformMigrations.map(({ name }) => name));
  const newer = steps.find((step) => !known.has(step));
  if (newer !== undefined) throw databaseErrors.DATABASE_NEWER({ step: newer });
  const paths = new Set(files.map(({ path }) => path));
  for (const path of [KEY_FILE, ...tablesAfter(steps).map(({ name }) => fileOf(name))]) {
    if (!paths.has(path)) throw broken(folder, path, absent);
  }
  for (const file of files) await verifyFile(folder, file, signal);
}

async function load(
  trx: Knex.Transaction,
  folder: string,
  database: DatabaseConfig,
  manifest: BackupManifest,
  signal: AbortSignal,
): Promise<void> {
  if (database.kind === 'postgres' && (await trx.schema.hasTable('migrations'))) {
    throw backupErrors.RESTORE_DATABASE_TAKEN({ schema: database.schema ?? postgresDefaults.schema });
  }
  await migrate(
    trx,
    platformMigrations.filter(({ name }) => manifest.steps.includes(name)),
  );
  await loadState(trx, folder, manifest.steps, signal);
  const sizes = new Map(manifest.files.map(({ path, bytes }) => [path, bytes]));
  for (const [file, end] of await indexedEnds(trx)) {
    const path = `batches/${file}`;
    if ((sizes.get(path) ?? -1) < end) throw broken(folder, path, absent);
  }
  await createAuditLog(trx, () => new Date()).record(
    {
      actor: 'platform',
      action: 'platform.restore',
      object: manifest.takenAt,
      outcome: 'done',
      details: { files: manifest.files.length },
    },
    trx,
  );
}

const absent: LocalText = { zh: '备份中没有它', en: 'the backup does not have it' };
const changed: LocalText = { zh: '还原期间被改动', en: 'it was changed meanwhile' };

function broken(folder: string, file: string, problem: LocalText): Error {
  return backupErrors.BACKUP_BROKEN({ folder, file, problem });
}
