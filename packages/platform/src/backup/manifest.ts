import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { checkShape, isQianzhiError, type LocalText, systemCode, systemReason } from '@qianzhi/model';
import { type Static, Type } from '@qianzhi/model/schema';
import { realDisk, syncFolder } from '../exchange/store/disk.js';
import { backupErrors } from './errors.js';

export const MANIFEST_FILE = 'backup.json';

/** What a backup holds. Written last: a folder without it is no backup. Paths are relative, `/` between parts. */
const BackupManifestSchema = Type.Object(
  {
    kind: Type.Literal('qianzhi-platform-backup'),
    version: Type.Literal(1),
    takenAt: Type.String(),
    /** Migration steps that its tables have gone through. */
    steps: Type.Array(Type.String()),
    files: Type.Array(
      Type.Object(
        {
          path: Type.String({
            pattern: '^[\\w.-]+(/[\\w.-]+)*$',
            not: Type.String({ pattern: '(^|/)\\.\\.?(/|$)' }),
          }),
          bytes: Type.Integer({ minimum: 0 }),
          sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);
export type BackupManifest = Static<typeof BackupManifestSchema>;
export type BackupFile = BackupManifest['files'][number];

/** Throws QZ_PLATFORM_BACKUP_BROKEN. */
export async function readManifest(folder: string): Promise<BackupManifest> {
  try {
    const text = await readFile(join(folder, MANIFEST_FILE), 'utf8');
    return checkShape(BackupManifestSchema, JSON.parse(text), MANIFEST_FILE);
  } catch (cause) {
    const unreadable = systemCode(cause) !== undefined && !isQianzhiError(cause);
    const problem = unreadable
      ? systemReason(cause)
      : { zh: '不是平台备份的清单', en: 'it is not the manifest of a platform’s backup' };
    throw backupErrors.BACKUP_BROKEN({ folder, file: MANIFEST_FILE, problem }, cause);
  }
}

/** Writes one file from its chunks, fsynced and readable by its owner alone; answers what was written. */
export async function writeBackupFile(
  folder: string,
  path: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<BackupFile> {
  await mkdir(dirname(join(folder, path)), { recursive: true, mode: 0o700 });
  const handle = await open(join(folder, path), 'w', 0o600);
  try {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of chunks) {
      hash.update(chunk);
      bytes += chunk.length;
      await handle.writeFile(chunk);
    }
    await handle.sync();
    return { path, bytes, sha256: hash.digest('hex') };
  } finally {
    await handle.close();
  }
}

export function copyFile(from: string, to: string, path: string, signal: AbortSignal): Promise<BackupFile> {
  return writeBackupFile(to, path, createReadStream(join(from, path), { signal }));
}

/** Reads a file to its end. Throws QZ_PLATFORM_BACKUP_BROKEN where it is not as the manifest says. */
export async function verifyFile(
  folder: string,
  { path, bytes, sha256 }: BackupFile,
  signal: AbortSignal,
): Promise<void> {
  const broken = (problem: LocalText, cause?: unknown) =>
    backupErrors.BACKUP_BROKEN({ folder, file: path, problem }, cause);
  const hash = createHash('sha256');
  let found = 0;
  try {
    for await (const chunk of createReadStream(join(folder, path), { signal })) {
      hash.update(chunk);
      found += chunk.length;
    }
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw broken(systemReason(cause), cause);
  }
  if (found !== bytes) {
    throw broken({ zh: `实有 ${found} 字节,应为 ${bytes}`, en: `${found} bytes, not ${bytes}` });
  }
  if (hash.digest('hex') !== sha256) throw broken({ zh: '摘要不符', en: 'its digest differs' });
}

/** Makes the names in a folder and all folders below it survive loss of power. */
export async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) await syncFolder(join(entry.parentPath, entry.name), realDisk);
  }
  await syncFolder(folder, realDisk);
}
