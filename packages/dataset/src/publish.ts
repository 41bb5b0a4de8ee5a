import { open, readdir, rename, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { systemCode, systemReason } from '@qianzhi/model/system-reason';
import { datasetErrors } from './errors.js';
import { fullDisk } from './full-disk.js';

/** Says before any work is done for nothing that the result could not be published. */
export async function checkOutput(output: string, workDir: string): Promise<void> {
  const parent = await stat(dirname(output)).catch((cause) => {
    throw datasetErrors.OUTPUT_ELSEWHERE({ folder: output, workDir, reason: systemReason(cause) }, cause);
  });
  if (parent.dev !== (await stat(workDir)).dev) {
    throw datasetErrors.OUTPUT_ELSEWHERE({
      folder: output,
      workDir,
      reason: systemReason({ code: 'EXDEV' }),
    });
  }
  if ((await readdir(dirname(output))).includes(basename(output))) {
    throw datasetErrors.OUTPUT_EXISTS({ folder: output });
  }
}

/** One rename makes the whole, already fsynced, result visible; the parent's fsync keeps it through a power loss. */
export async function publishOutput(from: string, output: string, workDir: string): Promise<void> {
  try {
    await rename(from, output);
  } catch (cause) {
    if (['ENOTEMPTY', 'EEXIST'].includes(systemCode(cause) ?? ''))
      throw datasetErrors.OUTPUT_EXISTS({ folder: output }, cause);
    throw (
      fullDisk(cause, workDir) ??
      datasetErrors.OUTPUT_ELSEWHERE({ folder: output, workDir, reason: systemReason(cause) }, cause)
    );
  }
  await syncFolder(dirname(output));
}

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
