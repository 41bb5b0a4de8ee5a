import { deliveryName, noCounts } from '@qianzhi/model';
import type { SinkBatch } from '@qianzhi/plugin-api';
import {
  nothingStaged,
  ownName,
  partProblem,
  type SnapshotProblem,
  supplierOf,
  wholeProblem,
} from '@qianzhi/sql-kit';
import { sqliteErrors } from '../errors.js';
import type { SqliteDatabase } from '../file/open-file.js';
import type { Pace } from '../file/pace.js';
import { columnOf, describeTable } from '../file/table.js';
import { quoted } from '../identifier.js';
import type { Bound } from '../source/order.js';
import type { Applied } from './delta.js';
import { loadRows } from './load.js';
import { placeSnapshot } from './place.js';
import { insertSql } from './row-sql.js';
import { hasForeignKeys, renamedSql } from './shadow-sql.js';
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
  const broken = ({ zh, en }: SnapshotProblem) =>
    sqliteErrors.SNAPSHOT_BROKEN({
      delivery: deliveryName(batch.delivery),
      resource: batch.resource.code,
      problem: { zh, en },
    });
  const before = part.part === 1 ? nothingStaged : ledger.staged(batch.delivery, part.id);
  const misplaced = partProblem(part, before);
  if (misplaced) throw broken(misplaced);
  const name = shadowName(writing, batch);
  if (part.part === 1) createShadow(db, target, name);
  else if (!describeTable(db, name))
    throw broken({ zh: '已暂存的部分不见了', en: 'its staged parts are gone' });

  const insert = db.prepare<[Bound[]]>(insertSql(target, name));
  const rejected = await loadRows(db, target, batch.bytes, (_op, values) => insert.run(values), pace);
  const counts = { ...noCounts, delivered: batch.rows, rejected: rejected.length };
  if (!part.last) return { counts, rejected, stage: 'staged' };

  const whole = {
    parts: part.part,
    delivered: before.delivered + batch.rows,
    rejected: before.rejected + rejected.length,
  };
  const held = await countSlowly(db, name, pace);
  const problem = wholeProblem(part, whole, held);
  if (problem) throw broken(problem);
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
