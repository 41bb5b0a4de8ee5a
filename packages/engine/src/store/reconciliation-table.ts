import type { Store } from './store.js';

/** The newest reconciliation of an exchange under an agreement. */
export interface ReconciliationRow {
  readonly exchange: string;
  readonly agreement: string;
  readonly resource: string;
  readonly session: string;
  readonly at: string;
  /** Signed report, JSON; null where it failed. */
  readonly report: string | null;
  readonly problem: string | null;
  /** Keys, encrypted: they are row values. */
  readonly keys: Uint8Array | null;
}

export interface ReconciliationTable {
  put(row: ReconciliationRow): void;
  /** Newest first. */
  list(): readonly ReconciliationRow[];
}

export function reconciliationTable({ db }: Store): ReconciliationTable {
  const put = db.prepare(`INSERT OR REPLACE INTO reconciliation
    (exchange, agreement, resource, session, at, report, problem, keys)
    VALUES (@exchange, @agreement, @resource, @session, @at, @report, @problem, @keys)`);
  const list = db.prepare<[], ReconciliationRow>('SELECT * FROM reconciliation ORDER BY at DESC');
  return { put: (row) => void put.run(row), list: () => list.all() };
}
