import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { engineErrors } from '../errors.js';
import { type StoreDisk, syncFolder } from '../files/durable-folder.js';
import { makeFolder } from '../files/make-folder.js';

/**
 * Adds lines behind the length that counts, over what a crash left there; resolves with the new length when they survive loss of power.
 * Throws QZ_ENGINE_EVIDENCE_SHORT for a file that is shorter.
 */
export function appendLines(
  { guarded }: StoreDisk,
  path: string,
  length: number,
  lines: readonly string[],
): Promise<number> {
  return guarded(async () => {
    await makeFolder(dirname(path));
    const handle = await open(path, 'a', 0o600);
    try {
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      const { size } = await handle.stat();
      if (size < length) throw engineErrors.EVIDENCE_SHORT({ file: path, size, length });
      await handle.truncate(length);
      await handle.appendFile(bytes);
      await handle.sync();
      if (length === 0) await syncFolder(dirname(path));
      return length + bytes.length;
    } finally {
      await handle.close();
    }
  });
}

/** Of a file up to the length that counts. */
export async function sha256Of(path: string, length: number): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { end: length - 1 })) hash.update(chunk);
  return hash.digest('hex');
}
