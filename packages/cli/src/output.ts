import { writeFile } from 'node:fs/promises';
import { cliErrors } from './errors.js';

/** Writes a new file; an existing one is never overwritten. Throws QZ_CLI_FILE_EXISTS or _FILE_UNWRITABLE. */
export async function writeNewFile(file: string, text: string, mode = 0o600): Promise<void> {
  try {
    await writeFile(file, text, { mode, flag: 'wx' });
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    if (reason === 'EEXIST') throw cliErrors.FILE_EXISTS({ file }, cause);
    throw cliErrors.FILE_UNWRITABLE({ file, reason }, cause);
  }
}
