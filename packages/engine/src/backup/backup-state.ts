import { existsSync } from 'node:fs';
import { mkdir, open, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { throwIfCancelled } from '@qianzhi/model';
import Database from 'better-sqlite3';
import { engineErrors } from '../errors.js';
import { partialSuffix, syncFolder } from '../files/durable-folder.js';
import { type BackupFile, type BackupManifest, copyFile, manifestName } from './backup-manifest.js';
import { filesNamedBy } from './named-files.js';

const ATTEMPTS = 5;
/** Folders of the state that are not a cache. */
const folders = ['outbox', 'diff', 'packages'] as const;

export interface BackupSummary {
  readonly folder: string;
  readonly takenAt: string;
  readonly files: number;
  readonly bytes: number;
}

/**
 * Writes a backup of a state folder, also while the agent runs: first the database as of one moment, then the files it
 * names, each with its digest; `also` are further files of the folder (identity, orders). The manifest comes last. What
 * the agent cleans away meanwhile makes it begin again. Throws QZ_ENGINE_FOLDER_NOT_EMPTY, QZ_ENGINE_NOTHING_TO_BACK_UP,
 * QZ_ENGINE_BACKUP_UNSTABLE.
 */
export async function backupState(
  stateDir: string,
  folder: string,
  also: readonly string[],
  signal: AbortSignal,
): Promise<BackupSummary> {
  if (!existsSync(join(stateDir, 'state.db'))) throw engineErrors.NOTHING_TO_BACK_UP({ folder: stateDir });
  await requireEmpty(folder);
  for (let attempt = 1; ; attempt++) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const takenAt = new Date().toISOString();
    const files = await copyAll(stateDir, folder, also, signal);
    const missing = filesNamedBy(join(folder, 'state.db')).find(
      (name) => !files.some(({ path }) => path === name),
    );
    if (missing === undefined) {
      await writeManifest(folder, { kind: 'qianzhi-agent-backup', version: 1, takenAt, files });
      return { folder, takenAt, files: files.length, bytes: files.reduce((sum, one) => sum + one.bytes, 0) };
    }
    for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
    if (attempt === ATTEMPTS) throw engineErrors.BACKUP_UNSTABLE({ folder: stateDir, file: missing });
  }
}

/** Throws QZ_ENGINE_FOLDER_NOT_EMPTY unless the folder is empty or not there. */
export async function requireEmpty(folder: string): Promise<void> {
  if (existsSync(folder) && (await readdir(folder)).length > 0)
    throw engineErrors.FOLDER_NOT_EMPTY({ folder });
}

async function copyAll(
  stateDir: string,
  folder: string,
  also: readonly string[],
  signal: AbortSignal,
): Promise<BackupFile[]> {
  const copied = [await copyDatabase(stateDir, folder, signal)];
  for (const path of [...also, ...(await filesIn(stateDir))]) {
    throwIfCancelled(signal, 'backup');
    try {
      copied.push(await copyFile(stateDir, folder, path, signal));
    } catch (error) {
      // cleaned away since it was listed; whether it was needed, the database says
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      await rm(join(folder, path), { force: true });
    }
  }
  return copied;
}

/** As of one moment, by SQLite's own online backup; described by what is in the copy. */
async function copyDatabase(stateDir: string, folder: string, signal: AbortSignal): Promise<BackupFile> {
  const scratch = join(folder, 'scratch');
  await mkdir(scratch, { mode: 0o700 });
  const db = new Database(join(stateDir, 'state.db'), { fileMustExist: true });
  try {
    await db.backup(join(scratch, 'state.db'));
  } finally {
    db.close();
  }
  const copy = new Database(join(scratch, 'state.db'));
  copy.pragma('journal_mode = DELETE'); // one file: reading it leaves nothing beside it
  copy.close();
  const file = await copyFile(scratch, folder, 'state.db', signal);
  await rm(scratch, { recursive: true });
  return file;
}

async function filesIn(stateDir: string): Promise<string[]> {
  const found: string[] = [];
  for (const top of folders) {
    const path = join(stateDir, top);
    if (!existsSync(path)) continue;
    for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || entry.name.endsWith(partialSuffix)) continue;
      found.push(join(entry.parentPath, entry.name).slice(stateDir.length + 1));
    }
  }
  return found;
}

async function writeManifest(folder: string, manifest: BackupManifest): Promise<void> {
  const file = join(folder, manifestName);
  await writeFile(file, `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) await syncFolder(join(entry.parentPath, entry.name));
  }
  await syncFolder(folder);
}
