import { isQianzhiError } from '@qianzhi/model';
import { engineErrors } from '../errors.js';

/**
 * Throws QZ_ENGINE_REJECT_LIMIT when the share of rejected rows is above an exchange's limit. One bad row alone never
 * stops an exchange (design: promise 10), unless the limit is 0.
 */
export function checkRejectLimit(exchange: string, limit: number, rows: number, rejected: number): void {
  const tolerated = limit === 0 ? 0 : Math.max(1, limit * rows);
  if (rejected <= tolerated) return;
  throw engineErrors.REJECT_LIMIT({ exchange, rows, rejected, limit: `${limit * 100} %` });
}

/** Errors that stop an exchange until `qianzhi job resume`. */
export function stopsExchange(error: unknown): boolean {
  return (
    isQianzhiError(error, 'QZ_ENGINE_REJECT_LIMIT') || isQianzhiError(error, 'QZ_ENGINE_QUARANTINE_FULL')
  );
}
