import type { DeliveryStream } from '@qianzhi/model';
import type { Store } from './store.js';

/** One delivery stream of one consuming exchange. */
export interface DeliveryRow {
  readonly exchange: string;
  readonly name: string;
  readonly resource: string;
  readonly delivery: DeliveryStream;
  readonly state: 'running' | 'stopped' | 'revoked';
  readonly problem: string | null;
}

/** What is remembered of one applied delivery: for chains and receipts, not for where to go on (the ledger says that). */
export interface AppliedRow {
  readonly seq: number;
  readonly rows: number;
  readonly rowsDigest: string;
  readonly stage: 'staged' | 'applied';
  readonly snapshot: string | null;
  /** Document digests; null when rebuilt from the ledger after a crash. */
  readonly digest: string | null;
  readonly manifestSeq: number | null;
  readonly manifestDigest: string | null;
}

interface Raw extends Omit<DeliveryRow, 'delivery'> {
  readonly document: string;
}

export interface DeliveryTable {
  ensure(exchange: string, name: string, delivery: DeliveryStream): DeliveryRow;
  of(exchange: string): readonly DeliveryRow[];
  all(): readonly DeliveryRow[];
  setState(exchange: string, name: string, state: DeliveryRow['state'], problem: string | null): void;
  applied(exchange: string, name: string, seq: number): AppliedRow | undefined;
  newestApplied(exchange: string, name: string): AppliedRow | undefined;
  putApplied(exchange: string, name: string, row: AppliedRow): void;
  /** The target was restored: what it no longer has is delivered again. */
  forgetAfter(exchange: string, name: string, seq: number): void;
  /** Staged rows directly before `seq`, oldest first: the parts that an applied last part covers. */
  stagedBefore(exchange: string, name: string, seq: number): readonly AppliedRow[];
}

const appliedColumns =
  'seq, rows, rows_digest AS rowsDigest, stage, snapshot, digest, manifest_seq AS manifestSeq, manifest_digest AS manifestDigest';

export function deliveryTable({ db }: Store): DeliveryTable {
  const insert = db.prepare(
    'INSERT OR IGNORE INTO delivery (exchange, name, resource, document) VALUES (?, ?, ?, ?)',
  );
  const one = db.prepare<[string, string], Raw>('SELECT * FROM delivery WHERE exchange = ? AND name = ?');
  const of = db.prepare<[string], Raw>('SELECT * FROM delivery WHERE exchange = ? ORDER BY name');
  const all = db.prepare<[], Raw>('SELECT * FROM delivery ORDER BY exchange, name');
  const state = db.prepare('UPDATE delivery SET state = ?, problem = ? WHERE exchange = ? AND name = ?');
  const applied = db.prepare<[string, string, number], AppliedRow>(
    `SELECT ${appliedColumns} FROM applied WHERE exchange = ? AND name = ? AND seq = ?`,
  );
  const newest = db.prepare<[string, string], AppliedRow>(
    `SELECT ${appliedColumns} FROM applied WHERE exchange = ? AND name = ? ORDER BY seq DESC LIMIT 1`,
  );
  const put = db.prepare(`INSERT OR REPLACE INTO applied
    (exchange, name, seq, rows, rows_digest, stage, snapshot, digest, manifest_seq, manifest_digest)
    VALUES (@exchange, @name, @seq, @rows, @rowsDigest, @stage, @snapshot, @digest, @manifestSeq, @manifestDigest)`);
  const forget = db.prepare('DELETE FROM applied WHERE exchange = ? AND name = ? AND seq > ?');
  const before = db.prepare<[string, string, number], AppliedRow>(
    `SELECT ${appliedColumns} FROM applied WHERE exchange = ? AND name = ? AND seq < ? ORDER BY seq DESC`,
  );
  return {
    ensure(exchange, name, delivery) {
      insert.run(exchange, name, delivery.stream.resource, JSON.stringify(delivery));
      return rowOf(one.get(exchange, name)!);
    },
    of: (exchange) => of.all(exchange).map(rowOf),
    all: () => all.all().map(rowOf),
    setState: (exchange, name, to, problem) => void state.run(to, problem, exchange, name),
    applied: (exchange, name, seq) => applied.get(exchange, name, seq),
    newestApplied: (exchange, name) => newest.get(exchange, name),
    putApplied: (exchange, name, row) => void put.run({ exchange, name, ...row }),
    forgetAfter: (exchange, name, seq) => void forget.run(exchange, name, seq),
    stagedBefore(exchange, name, seq) {
      const rows: AppliedRow[] = [];
      for (const row of before.iterate(exchange, name, seq)) {
        const next = rows.at(-1);
        if (row.stage !== 'staged' || row.seq !== (next?.seq ?? seq) - 1) break;
        if (next && row.snapshot !== next.snapshot) break;
        rows.push(row);
      }
      return rows.reverse();
    },
  };
}

function rowOf({ document, ...rest }: Raw): DeliveryRow {
  return { ...rest, delivery: JSON.parse(document) as DeliveryStream };
}
