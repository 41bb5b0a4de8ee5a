import type { ExchangeDbDialect } from './dialect.js';

export type ExchangeUse = Parameters<ExchangeDbDialect['grants']>[1];

/** The rights of a use of a table, both quoted; without the `TO …` at the end. */
export function grantOn(table: string, use: ExchangeUse, status = 'qz_status'): string {
  const rights = { write: 'SELECT, INSERT', 'pick-up': `SELECT, UPDATE (${status})`, read: 'SELECT' };
  return `GRANT ${rights[use]} ON ${table}`;
}
