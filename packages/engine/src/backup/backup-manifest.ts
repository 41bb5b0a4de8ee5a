import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { checkShape, isQianzhiError, systemCode, systemReason } from '@qianzhi/model';
import { type Static, Type } from '@qianzhi/model/schema';
import { engineErrors } from '../errors.js';

export const manifestName = 'backup.json';

/** What a backup holds. Written last: a folder without it is no backup. Paths are relative, `/` between parts. */
const BackupManifestSchema = Type.Object(
  {
    kind: Type.Literal('qianzhi-agent-backup'),
    version: Type.Literal(1),
    takenAt: Type.String(),
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

/** Throws QZ_ENGINE_BACKUP_BROKEN. */
export async function readManifest(folder: string): Promise<BackupManifest> {
  try {
    const text = await readFile(join(folder, manifestName), 'utf8');
    return checkShape(BackupManifestSchema, JSON.parse(text), manifestName);
  } catch (cause) {
    const unreadable = systemCode(cause) !== undefined && !isQianzhiError(cause);
    const problem = unreadable
      ? systemReason(cause)
      : { zh: '不是前置机备份的清单', en: 'it is not the manifest of an agent’s backup' };
    throw engineErrors.BACKUP_BROKEN({ folder, file: manifestName, problem }, cause);
  }
}

/** Copies one file, fsynced and readable by its owner alone; answers what was copied. */
export async function copyFile(
  from: string,
  to: string,
  path: string,
  signal: AbortSignal,
): Promise<BackupFile> {
  await mkdir(dirname(join(to, path)), { recursive: true, mode: 0o700 });
  const handle = await open(join(to, path), 'wx', 0o600);
  try {
    const hash = createHash('sha256');
    let bytes = 0;
    await pipeline(
      createReadStream(join(from, path)),
      async (chunks: AsyncIterable<Buffer>) => {
        for await (const chunk of chunks) {
          hash.update(chunk);
          bytes += chunk.length;
          await handle.writeFile(chunk);
        }
      },
      { signal },
    );
    await handle.sync();
    return { path, bytes, sha256: hash.digest('hex') };
  } finally {
    await handle.close();
  }
}
