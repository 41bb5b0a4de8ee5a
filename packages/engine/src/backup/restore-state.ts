import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type LocalText, systemReason } from '@qianzhi/model';
import Database from 'better-sqlite3';
import { engineErrors } from '../errors.js';
import { syncFolder } from '../files/durable-folder.js';
import { type BackupFile, copyFile, readManifest } from './backup-manifest.js';
import { type BackupSummary, requireEmpty } from './backup-state.js';
import { filesNamedBy } from './named-files.js';

/**
 * Puts a backup in place of an empty or missing state folder: every digest, the database and the files it names are
 * verified first, and the folder appears whole or not at all. Throws QZ_ENGINE_BACKUP_BROKEN, QZ_ENGINE_FOLDER_NOT_EMPTY.
 */
export async function restoreState(
  folder: string,
  stateDir: string,
  signal: AbortSignal,
): Promise<BackupSummary> {
  await requireEmpty(stateDir);
  const { files, takenAt } = await readManifest(folder);
  await verifyBackup(folder, files, signal);
  const building = `${stateDir}.restoring`;
  await rm(building, { recursive: true, force: true });
  for (const file of files) {
    const copied = await copyFile(folder, building, file.path, signal);
    if (copied.sha256 !== file.sha256) throw broken(folder, file.path, changed);
  }
  for (const entry of await readdir(building, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) await syncFolder(join(entry.parentPath, entry.name));
  }
  await syncFolder(building);
  if (existsSync(stateDir)) await rm(stateDir, { recursive: true });
  await rename(building, stateDir);
  await syncFolder(dirname(stateDir));
  return { folder, takenAt, files: files.length, bytes: files.reduce((sum, one) => sum + one.bytes, 0) };
}

async function verifyBackup(
  folder: string,
  files: readonly BackupFile[],
  signal: AbortSignal,
): Promise<void> {
  for (const { path, bytes, sha256 } of files) {
    const hash = createHash('sha256');
    let found = 0;
    try {
      for await (const chunk of createReadStream(join(folder, path), { signal })) {
        hash.update(chunk);
        found += chunk.length;
      }
    } catch (cause) {
      if (signal.aborted) throw cause;
      throw broken(folder, path, systemReason(cause), cause);
    }
    if (found !== bytes) throw broken(folder, path, sizeDiffers(found, bytes));
    if (hash.digest('hex') !== sha256) throw broken(folder, path, changed);
  }
  await verifyDatabase(folder, files);
}

async function verifyDatabase(folder: string, files: readonly BackupFile[]): Promise<void> {
  const paths = new Set(files.map(({ path }) => path));
  if (!paths.has('state.db')) throw broken(folder, 'state.db', absent);
  const database = join(folder, 'state.db');
  const db = new Database(database, { readonly: true, fileMustExist: true });
  try {
    const answer = db.pragma('integrity_check', { simple: true });
    if (answer !== 'ok') throw broken(folder, 'state.db', unsound);
  } finally {
    db.close();
  }
  const missing = filesNamedBy(database).find((name) => !paths.has(name));
  if (missing !== undefined) throw broken(folder, missing, absent);
}

const changed = { zh: '摘要不符', en: 'its digest differs' };
const absent = { zh: '备份中没有', en: 'it is not in the backup' };
const unsound = { zh: '数据库未通过完整性检查', en: 'the database fails its integrity check' };
const sizeDiffers = (found: number, bytes: number): LocalText => ({
  zh: `${found} 字节,应为 ${bytes}`,
  en: `${found} bytes, not ${bytes}`,
});

function broken(folder: string, file: string, problem: LocalText, cause?: unknown): Error {
  return engineErrors.BACKUP_BROKEN({ folder, file, problem }, cause);
}
