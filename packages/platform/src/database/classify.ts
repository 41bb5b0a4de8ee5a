import { isQianzhiError, type QianzhiError, systemReason } from '@qianzhi/model';
import { databaseErrors } from './errors.js';

/** Node's codes of a line that is not there, and what the driver says without a code. */
const lineCodes = /^(ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)/;
const lineWords =
  /^(Connection terminated|timeout expired|Query read timeout|Client has encountered a connection error|Client was closed|Knex: Timeout acquiring)/;

const lost = { zh: '连接中断或没有应答', en: 'the connection was cut or does not answer' };

/** Of SQLSTATE: 08 connection, 53 resources, 57P server stops, 40 the transaction may simply be tried again. */
const passing = /^(08|53[23]|57P|57014|40|55P03)/;

/**
 * What a failure of the database means, from the codes of both drivers; undefined for what is no failure of the database
 * itself. `place` names the database where it is being opened.
 */
export function classify(error: unknown, place = 'PostgreSQL'): QianzhiError | undefined {
  if (isQianzhiError(error)) return error;
  if (!(error instanceof Error)) return undefined;
  const { code = '' } = error as NodeJS.ErrnoException;
  if (code.startsWith('SQLITE_')) return classifySqlite(code, error);
  if (lineCodes.test(code) || (code === '' && lineWords.test(error.message))) {
    return databaseErrors.DATABASE_UNAVAILABLE(
      { database: place, reason: code ? systemReason(error) : lost },
      error,
    );
  }
  if (!/^[0-9A-Z]{5}$/.test(code)) return undefined;
  if (code === '53100') return databaseErrors.DATABASE_FULL({ reason: code }, error);
  if (passing.test(code))
    return databaseErrors.DATABASE_UNAVAILABLE({ database: place, reason: code }, error);
  if (code.startsWith('28'))
    return databaseErrors.DATABASE_LOGIN_WRONG({ database: place, reason: code }, error);
  if (code === '3D000') return databaseErrors.DATABASE_MISSING({ database: place, reason: code }, error);
  if (code === '42501') return databaseErrors.DATABASE_DENIED({ reason: code }, error);
  if (code === '58030') return databaseErrors.DATABASE_HALTED({ reason: code }, error);
  return undefined;
}

function classifySqlite(code: string, error: Error): QianzhiError | undefined {
  // SHMSIZE: there was no room for a longer index of the log, which holds nothing of its own
  if (code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_SHMSIZE')
    return databaseErrors.DATABASE_FULL({ reason: systemReason({ code: 'SQLITE_FULL' }) }, error);
  if (code.startsWith('SQLITE_BUSY'))
    return databaseErrors.DATABASE_UNAVAILABLE({ database: 'SQLite', reason: systemReason(error) }, error);
  if (code.startsWith('SQLITE_IOERR') || code.startsWith('SQLITE_CORRUPT')) {
    return databaseErrors.DATABASE_HALTED({ reason: systemReason(error) }, error);
  }
  return undefined;
}
