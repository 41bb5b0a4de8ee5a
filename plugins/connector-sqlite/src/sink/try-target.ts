import { checkShape } from '@qianzhi/model';
import type { SinkSpec } from '@qianzhi/plugin-api';
import { LEDGER, TARGETS } from '@qianzhi/sql-kit';
import Database from 'better-sqlite3';
import { type SqliteConfig, TargetSchema } from '../config.js';
import { classify } from '../file/classify.js';
import { databasePath, openForReading, requireWritable, type SqliteDatabase } from '../file/open-file.js';
import { createLedger, hasLedger } from './ledger.js';
import { createTarget, fitTarget } from './target-table.js';

/**
 * Makes what a first write would make, in a copy of the file's structure in memory: the file is not touched, and whoever
 * writes it is neither waited for nor kept waiting.
 */
export async function tryTarget(config: SqliteConfig, spec: SinkSpec, signal: AbortSignal): Promise<[]> {
  const wanted = checkShape(TargetSchema, structuredClone(spec.target), 'target');
  const path = databasePath(config);
  const absent = requireWritable(config) === 'absent';
  const statements = absent ? [] : await structureOf(config, [wanted.table, LEDGER, TARGETS], signal);
  const copy = new Database(':memory:');
  try {
    for (const sql of statements) copy.exec(sql);
    createTarget(copy, wanted, spec.resource);
    fitTarget(copy, wanted, spec.resource, path);
    if (!hasLedger(copy, path)) createLedger(copy);
    return [];
  } catch (error) {
    throw classify(error, { doing: `try ${wanted.table}`, path });
  } finally {
    copy.close();
  }
}

/**
 * Statements that make the named tables, with their indexes, as they are, and a view for a view. What else is in the file is nobody's
 * concern here, and may need functions, collations or modules of the program that it belongs to.
 */
async function structureOf(
  config: SqliteConfig,
  names: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const db: SqliteDatabase = await openForReading(config, signal);
  try {
    return db
      .prepare<[string], string>(
        `SELECT iif(type = 'view', printf('CREATE VIEW "%w" AS SELECT 1', name), sql) FROM sqlite_schema WHERE sql IS NOT NULL AND type IN ('table', 'index', 'view')
           AND lower(tbl_name) IN (SELECT lower(value) FROM json_each(?))
           AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY type = 'index', rowid`,
      )
      .pluck()
      .all(JSON.stringify(names));
  } catch (error) {
    throw classify(error, { doing: 'read the structure', path: databasePath(config) });
  } finally {
    db.close();
  }
}
