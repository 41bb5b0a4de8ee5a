import { isQianzhiError, type QianzhiError } from '@qianzhi/model';
import { classify } from './classify.js';
import { databaseErrors } from './errors.js';

/** Whether the database can still be believed: after a failed fsync nobody knows what its disk holds. */
export interface DatabaseHealth {
  /** Throws QZ_PLATFORM_DATABASE_HALTED once it has halted. */
  check(): void;
  /**
   * A failure of the database under a running platform as _DATABASE_FULL, _UNAVAILABLE, _HALTED or _ROLLED_BACK; undefined for any other.
   * What would keep a platform from starting (login, rights, another process) is unavailable to its callers: they did
   * nothing wrong and come again. A disk that fails halts it for good.
   */
  failed(error: unknown): QianzhiError | undefined;
}

const told = ['FULL', 'UNAVAILABLE', 'HALTED', 'ROLLED_BACK'].map((name) => `QZ_PLATFORM_DATABASE_${name}`);

export function createDatabaseHealth(): DatabaseHealth {
  let halted: QianzhiError | undefined;
  return {
    check() {
      if (halted) throw halted;
    },
    failed(error) {
      const coded = classify(error);
      if (!coded?.code.startsWith('QZ_PLATFORM_DATABASE_')) return undefined;
      if (isQianzhiError(coded, 'QZ_PLATFORM_DATABASE_HALTED')) halted ??= coded;
      if (told.includes(coded.code)) return coded;
      return databaseErrors.DATABASE_UNAVAILABLE({ database: 'PostgreSQL', reason: coded.code }, error);
    },
  };
}
