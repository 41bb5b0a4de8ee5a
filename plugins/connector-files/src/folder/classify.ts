import { actText, isQianzhiError } from '@qianzhi/model';
import { filesErrors } from '../errors.js';

export function errnoOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return typeof code === 'string' ? code : '';
}

/** What the system says of a file or folder, as an error a person can act on. Messages of the system are not passed on. */
export function classify(error: unknown, doing: string, path: string): unknown {
  if (isQianzhiError(error)) return error;
  const reason = errnoOf(error);
  const facts = { doing: actText(doing), path };
  switch (reason) {
    case '':
      return error;
    case 'ENOENT':
    case 'ENOTDIR':
      return filesErrors.MISSING(facts);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return filesErrors.NO_PERMISSION(facts);
    case 'EISDIR':
      return filesErrors.FOLDER_IN_WAY({ ...facts, path: whereOf(error) ?? path });
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return filesErrors.DISK_FULL({ ...facts, reason });
    default:
      return filesErrors.DISK({ ...facts, reason });
  }
}

/** What a rename was to make, or a file's own path. */
function whereOf(error: unknown): string | undefined {
  const { dest, path } = error as { readonly dest?: string; readonly path?: string };
  return dest ?? path;
}

/** Does the work; what the system refuses becomes a coded error. */
export async function guarded<T>(doing: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw classify(error, doing, path);
  }
}
