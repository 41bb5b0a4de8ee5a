import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { systemCode, throwIfCancelled } from '@qianzhi/model';
import type { Knex } from 'knex';
import { ARCHIVES } from '../audit/archive.js';
import { atOneMoment } from '../database/at-one-moment.js';
import type { DatabaseConfig } from '../database/config.js';
import { openDatabase } from '../database/open-database.js';
import { DATABASE_FILE } from '../database/sqlite.js';
import { EVIDENCE_ARCHIVES } from '../exchange/archive/evidence-archive.js';
import { indexedEnds } from '../exchange/byte-index.js';
import { KEY_FILE } from '../identity/platform-key.js';
import { backupErrors } from './errors.js';
import { type BackupFile, copyFile, MANIFEST_FILE, syncTree, writeBackupFile } from './manifest.js';
import { writeState } from './state.js';

const ATTEMPTS = 5;
const BATCHES = 'batches';

/** Where a platform keeps what it knows. */
export interface PlatformPlace {
  readonly dataDir: string;
  readonly database: DatabaseConfig;
}

export interface BackupSummary {
  readonly folder: string;
  readonly takenAt: string;
  readonly files: number;
  readonly bytes: number;
}

/**
 * Writes a backup into a new folder, also while the platform runs: its tables as of one moment, every batch they name, packages,
 * records of downloaded rows, and the platform's key, each with its digest; the manifest comes last. The same from SQLite and PostgreSQL, so that
 * restoring it moves a platform from one to the other. Throws QZ_PLATFORM_BACKUP_NOTHING, _BACKUP_FOLDER_TAKEN,
 * _BACKUP_UNSTABLE, or what `openDatabase` throws.
 */
export async function backupPlatform(
  { dataDir, database }: PlatformPlace,
  folder: string,
  signal: AbortSignal,
): Promise<BackupSummary> {
  // opening a SQLite file would make it, beside the batches of a platform whose tables are elsewhere
  const needed = database.kind === 'sqlite' ? [KEY_FILE, DATABASE_FILE] : [KEY_FILE];
  if (!needed.every((file) => existsSync(join(dataDir, file))))
    throw backupErrors.BACKUP_NOTHING({ dataDir });
  await requireEmpty(folder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const db = await openDatabase(dataDir, database, { exclusive: false });
  try {
    // The bulk goes first: what retention removes while it is copied is then not named by the state any more.
    const batches = await copyAll(dataDir, folder, signal);
    // Older than the state: what a package brought meanwhile is taken again, and changes nothing.
    const packages = await copyTree(dataDir, folder, 'packages', signal);
    for (let attempt = 1; ; attempt++) {
      const takenAt = new Date().toISOString();
      const { steps, state, ends } = await snapshot(db, folder, signal);
      const missing = await copyNamed(dataDir, folder, batches, ends, signal);
      if (missing === undefined) {
        await dropUnnamed(folder, batches, ends);
        // Newer than the state: of each download that it names and that is still kept.
        const traces = await copyTree(dataDir, folder, 'traces', signal);
        // Newer, too: whatever left the table before is in one of these.
        const archives = await copyTree(dataDir, folder, ARCHIVES, signal);
        const evidence = await copyTree(dataDir, folder, EVIDENCE_ARCHIVES, signal);
        const key = await copyFile(dataDir, folder, KEY_FILE, signal);
        const files = [...state, key, ...batches.values(), ...packages, ...traces, ...archives, ...evidence];
        await writeManifest(folder, { kind: 'qianzhi-platform-backup', version: 1, takenAt, steps, files });
        const bytes = files.reduce((sum, one) => sum + one.bytes, 0);
        return { folder, takenAt, files: files.length, bytes };
      }
      if (attempt === ATTEMPTS) throw backupErrors.BACKUP_UNSTABLE({ file: missing });
    }
  } finally {
    await db.destroy();
  }
}

/** Throws QZ_PLATFORM_BACKUP_FOLDER_TAKEN unless the folder is empty or not there. */
export async function requireEmpty(folder: string): Promise<void> {
  if (existsSync(folder) && (await readdir(folder)).length > 0) {
    throw backupErrors.BACKUP_FOLDER_TAKEN({ folder });
  }
}

/** At one moment: tables, the steps they have gone through, where each batch file ends. */
function snapshot(db: Knex, folder: string, signal: AbortSignal) {
  return atOneMoment(db, async (trx) => {
    const ends = await indexedEnds(trx);
    const rows: readonly { name: string }[] = await trx('migrations').orderBy('name').select('name');
    const steps = rows.map(({ name }) => name);
    const state = await writeState(trx, folder, steps, signal);
    return { ends, state, steps };
  });
}

async function copyAll(
  dataDir: string,
  folder: string,
  signal: AbortSignal,
): Promise<Map<string, BackupFile>> {
  const copied = new Map<string, BackupFile>();
  for (const part of ['files', 'segments']) {
    for (const name of await readdir(join(dataDir, BATCHES, part))) {
      const file = `${part}/${name}`;
      const copy = name.endsWith('.part') ? undefined : await copyBatch(dataDir, folder, file, signal);
      if (copy) copied.set(file, copy);
    }
  }
  return copied;
}

/** What the state names and was not there yet, or not to its end, when everything was copied. Answers what is gone. */
async function copyNamed(
  dataDir: string,
  folder: string,
  copied: Map<string, BackupFile>,
  ends: ReadonlyMap<string, number>,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const [file, end] of ends) {
    if ((copied.get(file)?.bytes ?? -1) >= end) continue;
    const copy = await copyBatch(dataDir, folder, file, signal);
    if (!copy || copy.bytes < end) return file;
    copied.set(file, copy);
  }
  return undefined;
}

/** Whatever lies below a folder of the data folder, finished; nothing where there is none. */
async function copyTree(
  dataDir: string,
  folder: string,
  name: string,
  signal: AbortSignal,
): Promise<BackupFile[]> {
  if (!existsSync(join(dataDir, name))) return [];
  const copied: BackupFile[] = [];
  for (const entry of await readdir(join(dataDir, name), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.endsWith('.part')) continue;
    const path = relative(dataDir, join(entry.parentPath, entry.name));
    const copy = await copyIfThere(dataDir, folder, path, signal);
    if (copy) copied.push(copy);
  }
  return copied;
}

const copyBatch = (dataDir: string, folder: string, file: string, signal: AbortSignal) =>
  copyIfThere(dataDir, folder, `${BATCHES}/${file}`, signal);

/** Undefined for one that was removed meanwhile. */
async function copyIfThere(
  dataDir: string,
  folder: string,
  path: string,
  signal: AbortSignal,
): Promise<BackupFile | undefined> {
  throwIfCancelled(signal, 'backup');
  try {
    return await copyFile(dataDir, folder, path, signal);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    await rm(join(folder, path), { force: true });
    return undefined;
  }
}

async function dropUnnamed(
  folder: string,
  copied: Map<string, BackupFile>,
  ends: ReadonlyMap<string, number>,
): Promise<void> {
  for (const [file, { path }] of copied) {
    if (ends.has(file)) continue;
    await rm(join(folder, path), { force: true });
    copied.delete(file);
  }
}

async function writeManifest(folder: string, manifest: object): Promise<void> {
  const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
  await syncTree(folder);
  await writeBackupFile(
    folder,
    MANIFEST_FILE,
    (async function* () {
      yield text;
    })(),
  );
  await syncTree(folder);
}
