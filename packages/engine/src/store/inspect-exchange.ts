import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Exchange } from '@qianzhi/model';
import { isSupply } from '@qianzhi/model';
import Database from 'better-sqlite3';

/** How far an exchange is, by the state folder: of a supply, or of all delivery streams of a consumer. */
export interface ExchangeState {
  /** Sealed, or applied. */
  readonly batches: number;
  /** Sealed and without receipt of the platform. */
  readonly waitingBatches: number;
  readonly waitingBytes: number;
  /** Receipts of applied deliveries that the platform does not hold yet. */
  readonly unheldReceipts: number;
  /** Rejected rows that nobody exported. */
  readonly quarantined: number;
}

const nothing: ExchangeState = {
  batches: 0,
  waitingBatches: 0,
  waitingBytes: 0,
  unheldReceipts: 0,
  quarantined: 0,
};

/** Also while an agent runs. Changes nothing; without a state there is nothing. */
export function inspectExchange(stateDir: string, exchange: Exchange): ExchangeState {
  const file = join(stateDir, 'state.db');
  if (!existsSync(file)) return nothing;
  const db = new Database(file, { fileMustExist: true, readonly: true });
  try {
    const found = db
      .prepare<[string], Partial<ExchangeState>>(isSupply(exchange) ? supplied : consumed)
      .get(isSupply(exchange) ? exchange.supply : exchange.name);
    const quarantined = db
      .prepare<[string], number>('SELECT count(*) FROM quarantine WHERE exchange = ? AND exported = 0')
      .pluck()
      .get(exchange.name)!;
    return { ...nothing, ...found, quarantined };
  } finally {
    db.close();
  }
}

const supplied = `SELECT s.seq AS batches, count(b.seq) AS waitingBatches, coalesce(sum(b.stored_bytes), 0) AS waitingBytes
  FROM stream s LEFT JOIN batch b ON b.resource = s.resource AND b.epoch = s.epoch AND b.seq > s.receipted AND b.file IS NOT NULL
  WHERE s.resource = ? GROUP BY s.resource`;

const consumed = `SELECT coalesce(sum((SELECT max(seq) FROM applied a WHERE a.exchange = d.exchange AND a.name = d.name)), 0) AS batches,
  coalesce(sum((SELECT count(*) FROM receipt r WHERE r.subject = d.name AND r.held = 0)), 0) AS unheldReceipts
  FROM delivery d WHERE d.exchange = ?`;
