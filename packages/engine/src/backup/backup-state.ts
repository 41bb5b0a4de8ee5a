import { existsSync } from 'node:fs';
import { mkdir, open, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { throwIfCancelled } from '@qianzhi/model';
import Database from 'better-sqlite3';
import { engineErrors } from '../errors.js';
import { partialSuffix, syncFolder } from '../files/durable-folder.js';
import { type BackupFile, type BackupManifest, copyFile, manifestName } from './backup-manifest.js';
import { filesNamedBy } from './named-files.js';

const ATTEMPTS = 5;
const STATE = 'state.db';
/** In one step: a copy made in several begins again with each write of the running agent. */
const ALL_PAGES = 2 ** 31 - 1;
/** Folders of the state that are not a cache. */
const folders = ['outbox', 'diff', 'packages', 'evidence'] as const;

/** Further parts of a state folder, by their paths in it. */
export interface AlsoBackedUp {
  readonly files: readonly string[];
  /** SQLite, which others may be writing: each as of one moment behind that of the state. */
  readonly databases: readonly string[];
}

export interface BackupSummary {
  readonly folder: string;
  readonly takenAt: string;
  readonly files: number;
  readonly bytes: number;
}

/**
 * Writes a backup of a state folder, also while the agent runs: first the database as of one moment, then the files it
 * names, each with its digest; `also` is what else of the folder belongs to it (identity, orders). The manifest comes last. What
 * the agent cleans away meanwhile makes it begin again. Throws QZ_ENGINE_FOLDER_NOT_EMPTY, QZ_ENGINE_NOTHING_TO_BACK_UP,
 * QZ_ENGINE_BACKUP_UNSTABLE.
 */
export async function backupState(
  stateDir: string,
  folder: string,
  also: AlsoBackedUp,
  signal: AbortSignal,
): Promise<BackupSummary> {
  if (!existsSync(join(stateDir, STATE))) throw engineErrors.NOTHING_TO_BACK_UP({ folder: stateDir });
  await requireEmpty(folder);
  for (let attempt = 1; ; attempt++) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const takenAt = new Date().toISOString();
    const files = await copyAll(stateDir, folder, also, signal);
    const missing = filesNamedBy(join(folder, STATE)).find(
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
  also: AlsoBackedUp,
  signal: AbortSignal,
): Promise<BackupFile[]> {
  const copied: BackupFile[] = [];
  for (const path of [STATE, ...also.databases]) {
    throwIfCancelled(signal, 'backup');
    copied.push(await copyDatabase(stateDir, folder, path, signal));
  }
  for (const path of [...also.files, ...(await filesIn(stateDir))]) {
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
async function copyDatabase(
  stateDir: string,
  folder: string,
  path: string,
  signal: AbortSignal,
): Promise<BackupFile> {
  const scratch = join(folder, 'scratch');
  const copied = join(scratch, path);
  await mkdir(dirname(copied), { recursive: true, mode: 0o700 });
  const db = new Database(join(stateDir, path), { fileMustExist: true });
  try {
    await db.backup(copied, { progress: () => ALL_PAGES });
  } finally {
    db.close();
  }
  const copy = new Database(copied);
  copy.pragma('journal_mode = DELETE'); // one file: reading it leaves nothing beside it
  copy.close();
  const file = await copyFile(scratch, folder, path, signal);
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
