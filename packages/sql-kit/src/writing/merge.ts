import { isQianzhiError } from '@qianzhi/model';
import type { SqlDialect } from '../database/dialect.js';
import type { SqlSession } from '../database/session.js';
import { isolate, type RangeFailure, type RowRange } from '../isolate.js';
import { relationsOf, STAGED_DELETE, STAGED_ROW } from './stage.js';
import type { FittedTarget } from './target.js';

export interface MergeCounts {
  inserted: number;
  updated: number;
  deleted: number;
}

/** Why a row was refused. */
export interface Refusal {
  readonly item: string;
  readonly reason: string;
}

/**
 * Applies the staged rows `from` to before `to`: deletes, then updates of what differs, then inserts. Rows that the target refuses
 * are found by halving, and left out.
 */
export async function mergeStage(
  dialect: SqlDialect,
  session: SqlSession,
  target: FittedTarget,
  relation: string,
  { from, to }: RowRange,
  deletes: boolean,
  onRefused: (row: number, refusal: Refusal) => Promise<void>,
  signal: AbortSignal,
): Promise<MergeCounts> {
  const counts: MergeCounts = { inserted: 0, updated: 0, deleted: 0 };

  async function attempt(range: RowRange): Promise<RangeFailure<Refusal> | undefined> {
    const whole = range.from === 0 && range.to === to - from;
    const bounds = `s.${STAGED_ROW} >= ${from + range.from} AND s.${STAGED_ROW} < ${from + range.to}`;
    const of = (deleted: 0 | 1) =>
      relationsOf(
        target,
        relation,
        `s.${STAGED_DELETE} = ${deleted}${whole && from === 0 ? '' : ` AND ${bounds}`}`,
      );
    const run = async (sql: string) => (await session.query(sql, [], signal)).count;
    await session.savepoint(signal);
    try {
      const deleted = deletes ? await run(dialect.deleteStaged(of(1))) : 0;
      const keyed = target.keys.length > 0 && target.keys.length < target.columns.length;
      const updated = keyed ? await run(dialect.update(of(0))) : 0;
      const inserted = await run(dialect.insert(of(0)));
      counts.deleted += deleted;
      counts.updated += updated;
      counts.inserted += inserted;
      return undefined;
    } catch (error) {
      if (!isQianzhiError(error, 'QZ_SQL_ROW_REFUSED')) throw error;
      await session.rollbackToSavepoint(signal);
      return { refusal: refusalOf(target, error.details) };
    }
  }

  await isolate(to - from, attempt, (row, refusal) => onRefused(from + row, refusal));
  return counts;
}

function refusalOf({ columns, items }: FittedTarget, details: Readonly<Record<string, unknown>>): Refusal {
  const name = String(details['column'] ?? '').toLowerCase();
  const at = columns.findIndex(({ column }) => column.name.toLowerCase() === name);
  return { item: items[at]?.column ?? '*', reason: String(details['reason']) };
}
