import { writeFile } from 'node:fs/promises';
import { isQianzhiError, systemCode, systemReason } from '@qianzhi/model';
import { cliErrors } from './errors.js';

/** Writes a new file, in one piece or as the pieces come; an existing one is never overwritten. Throws QZ_CLI_FILE_EXISTS or _FILE_UNWRITABLE. */
export async function writeNewFile(
  file: string,
  text: string | AsyncIterable<string>,
  mode = 0o600,
): Promise<void> {
  try {
    await writeFile(file, text, { mode, flag: 'wx' });
  } catch (cause) {
    if (isQianzhiError(cause)) throw cause;
    if (systemCode(cause) === 'EEXIST') throw cliErrors.FILE_EXISTS({ file }, cause);
    const noFolder = { zh: '所在文件夹不存在', en: 'its folder does not exist' };
    const reason = systemCode(cause) === 'ENOENT' ? noFolder : systemReason(cause);
    throw cliErrors.FILE_UNWRITABLE({ file, reason }, cause);
  }
}
