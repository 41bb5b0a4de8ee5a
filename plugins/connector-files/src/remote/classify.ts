import { actText } from '@qianzhi/model';
import type { SftpConfig } from './config.js';
import { sftpErrors } from './errors.js';

/** Status codes of the protocol, version 3. */
export const status = { noSuchFile: 2, permissionDenied: 3, failure: 4, unsupported: 8 } as const;

export function statusOf(error: unknown): number | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'number' ? code : undefined;
}

/** What the library says of a server, as an error a person can act on. Texts of the server are not passed on. */
export function classifyRemote(
  error: unknown,
  { host, port, user, timeoutSeconds: seconds }: SftpConfig,
  act: string,
  path: string,
): Error {
  const doing = actText(act);
  switch (statusOf(error)) {
    case undefined:
      break;
    case status.noSuchFile:
      return sftpErrors.MISSING({ doing, host, path });
    case status.permissionDenied:
      return sftpErrors.NO_PERMISSION({ doing, host, path });
    default:
      return sftpErrors.REFUSED({ doing, host, path, status: statusOf(error)! });
  }
  const { level, code } = (error ?? {}) as { level?: unknown; code?: unknown };
  if (level === 'client-authentication') return sftpErrors.LOGIN_FAILED({ host, port, user });
  if (level === 'client-timeout') return sftpErrors.TIMEOUT({ doing, host, port, seconds });
  const reason = typeof code === 'string' ? code : typeof level === 'string' ? level : 'closed';
  return sftpErrors.UNREACHABLE({ doing, host, port, reason }, error);
}
