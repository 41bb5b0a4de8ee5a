import { deliveryName, noCounts } from '@qianzhi/model';
import type { SinkBatch } from '@qianzhi/plugin-api';
import { sqliteErrors } from '../errors.js';
import type { SqliteDatabase } from '../file/open-file.js';
import type { Pace } from '../file/pace.js';
import { columnOf, describeTable } from '../file/table.js';
import { ownName, quoted } from '../identifier.js';
import type { Bound } from '../source/order.js';
import type { Applied } from './delta.js';
import { loadRows } from './load.js';
import { placeSnapshot } from './place.js';
import { insertSql } from './row-sql.js';
import { hasForeignKeys, renamedSql } from './shadow-sql.js';
import { supplierOf } from './suppliers.js';
import type { Target } from './target-table.js';
import type { Writing } from './writing.js';

export function shadowName(writing: Writing, batch: Pick<SinkBatch, 'delivery'>): string {
  return ownName('shadow', writing.exchange, writing.spec.table.toLowerCase(), supplierOf(batch.delivery));
}

/**
 * Loads a part into the shadow table; the last one puts the whole in place. Throws SNAPSHOT_BROKEN (integrity)
 * when a part is missing or the shadow does not hold what the ledger says.
 */
export async function applyPart(
  writing: Writing,
  target: Target,
  batch: SinkBatch,
  pace: Pace,
): Promise<Applied & { stage: 'staged' | 'applied' }> {
  const { db, ledger } = writing;
  const part = batch.snapshot!;
  const broken = (zh: string, en: string) =>
    sqliteErrors.SNAPSHOT_BROKEN({
      delivery: deliveryName(batch.delivery),
      resource: batch.resource.code,
      problem: { zh, en },
    });
  const before =
    part.part === 1 ? { parts: 0, delivered: 0, rejected: 0 } : ledger.staged(batch.delivery, part.id);
  if (before.parts !== part.part - 1)
    throw broken(
      `第 ${part.part} 部分接在第 ${before.parts} 部分之后`,
      `part ${part.part} comes after part ${before.parts}`,
    );
  const name = shadowName(writing, batch);
  if (part.part === 1) createShadow(db, target, name);
  else if (!describeTable(db, name)) throw broken('已暂存的部分不见了', 'its staged parts are gone');

  const insert = db.prepare<[Bound[]]>(insertSql(target, name));
  const rejected = await loadRows(db, target, batch.bytes, (_op, values) => insert.run(values), pace);
  const counts = { ...noCounts, delivered: batch.rows, rejected: rejected.length };
  if (!part.last) return { counts, rejected, stage: 'staged' };

  const whole = { delivered: before.delivered + batch.rows, rejected: before.rejected + rejected.length };
  if (part.totals && (part.totals.parts !== part.part || part.totals.rows !== whole.delivered)) {
    throw broken(
      `收到 ${part.part} 部分 ${whole.delivered} 行,声明为 ${part.totals.parts} 部分 ${part.totals.rows} 行`,
      `${whole.delivered} rows in ${part.part} parts came, ${part.totals.rows} in ${part.totals.parts} were announced`,
    );
  }
  const held = await countSlowly(db, name, pace);
  if (held !== whole.delivered - whole.rejected)
    throw broken(
      `影子表有 ${held} 行,账本为 ${whole.delivered - whole.rejected} 行`,
      `the shadow table holds ${held} rows, the ledger ${whole.delivered - whole.rejected}`,
    );
  const placed = await placeSnapshot(writing, target, batch, name, held, pace);
  return {
    counts: {
      ...placed.counts,
      delivered: whole.delivered,
      rejected: whole.rejected + placed.rejected.length,
      deleted: 0,
    },
    rejected: [...rejected, ...placed.rejected],
    stage: 'applied',
  };
}

/**
 * A copy of the target's own definition, so that its constraints refuse bad rows part by part; with foreign keys,
 * which would be judged against the table's old rows, only columns and key.
 */
function createShadow(db: SqliteDatabase, target: Target, name: string): void {
  dropShadow(db, name);
  const copied = hasForeignKeys(db, target.table.name) ? undefined : renamedSql(target.table, name);
  if (copied !== undefined) {
    db.exec('SAVEPOINT qianzhi_shadow');
    try {
      db.exec(copied);
      db.exec('RELEASE qianzhi_shadow');
      if (!needsKeyIndex(db, target, name)) return;
    } catch {
      // a definition that names its own table in a way that cannot be copied
      db.exec('ROLLBACK TO qianzhi_shadow; RELEASE qianzhi_shadow');
      createPlain(db, target, name);
    }
  } else {
    createPlain(db, target, name);
  }
  if (target.keys.length > 0) {
    db.exec(`CREATE UNIQUE INDEX ${quoted(`${name}_key`)} ON ${quoted(name)} (${target.keys.join(', ')})`);
  }
}

function createPlain(db: SqliteDatabase, target: Target, name: string): void {
  const columns = [...target.columns, ...target.constants].map((column) => {
    const plain = column.slice(1, -1).replaceAll('""', '"');
    return `${column} ${columnOf(target.table, plain)?.affinity ?? 'BLOB'}`;
  });
  db.exec(`CREATE TABLE ${quoted(name)} (${columns.join(', ')})`);
}

/** The key may rest on an index that was made apart from the table. */
function needsKeyIndex(db: SqliteDatabase, target: Target, name: string): boolean {
  if (target.keys.length === 0) return false;
  const shadow = describeTable(db, name)!;
  const wanted = [...target.keys].sort().join('\0');
  if (shadow.primaryKey.length > 0 && shadow.primaryKey.map(quoted).sort().join('\0') === wanted)
    return false;
  return !shadow.indexes.some(
    (index) =>
      index.unique &&
      index.columns
        .map((c) => quoted(c ?? ''))
        .sort()
        .join('\0') === wanted,
  );
}

export function dropShadow(db: SqliteDatabase, name: string): void {
  db.exec(`DROP TABLE IF EXISTS ${quoted(name)}`);
}

async function countSlowly(db: SqliteDatabase, table: string, pace: Pace): Promise<number> {
  await pace.rest();
  return db
    .prepare(`SELECT count(*) FROM ${quoted(table)}`)
    .pluck()
    .get() as number;
}
