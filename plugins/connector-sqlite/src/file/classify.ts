import { randomUUID } from 'node:crypto';
import { closeSync, openSync, rmSync } from 'node:fs';
import { actText, isQianzhiError, type QianzhiError, systemCode, systemReason } from '@qianzhi/model';
import { sqliteErrors } from '../errors.js';

/** What was being done, to which file: goes into every message. */
export interface Doing {
  readonly doing: string;
  readonly path: string;
}

/** The driver's extended result code, such as `SQLITE_BUSY_SNAPSHOT`; '' for anything else. */
export function sqliteCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : '';
}

export function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(sqliteCode(error));
}

/** Translates whatever was thrown into the error that says what to do about it. The driver's text may hold SQL, so it stays the cause. */
export function classify(error: unknown, about: Doing, waitedMs = 0): QianzhiError {
  if (isQianzhiError(error)) return error;
  const code = sqliteCode(error);
  const facts = {
    path: about.path,
    doing: actText(about.doing),
    reason: code || (error instanceof Error ? error.name : 'unknown'),
    waitedMs,
  };
  if (isBusy(error)) return sqliteErrors.BUSY(facts, error);
  if (/^SQLITE_(FULL|IOERR)/.test(code))
    return sqliteErrors.DISK({ ...facts, reason: systemReason(error) }, error);
  const full = code.startsWith('SQLITE_CANTOPEN') ? fullDisk(about.path) : undefined;
  if (full) return sqliteErrors.DISK({ ...facts, reason: systemReason(full) }, error);
  if (/^SQLITE_CORRUPT/.test(code)) return sqliteErrors.DAMAGED(facts, error);
  if (code === 'SQLITE_NOTADB') return sqliteErrors.NOT_A_DATABASE(facts, error);
  if (/^SQLITE_(READONLY|CANTOPEN|PERM|AUTH)/.test(code)) {
    return sqliteErrors.NO_PERMISSION(
      {
        ...facts,
        need: code.startsWith('SQLITE_READONLY') ? { zh: '写入', en: 'write' } : { zh: '打开', en: 'open' },
      },
      error,
    );
  }
  if (/^SQLITE_(SCHEMA|ABORT)/.test(code)) return sqliteErrors.SCHEMA_CHANGED(facts, error);
  return sqliteErrors.DRIVER(facts, error);
}

/** SQLite gives no reason why it could not make a file beside the database; making one does. */
function fullDisk(path: string): unknown {
  const probe = `${path}-${randomUUID()}`;
  try {
    closeSync(openSync(probe, 'wx', 0o600));
    rmSync(probe);
    return undefined;
  } catch (error) {
    return ['ENOSPC', 'EDQUOT'].includes(systemCode(error) ?? '') ? error : undefined;
  }
}
