import type { WatermarkSpec } from '@qianzhi/sql-kit';
import type { Session } from '../connection/session.js';
import { columnOf } from '../connection/table.js';
import { postgresErrors } from '../errors.js';
import { instantAs } from './horizon.js';
import { type OrderTerm, termOf } from './order.js';
import type { Reading } from './reading.js';
import { checkZone } from './zone.js';

/** The column that tells when a row changed, checked. */
export interface WatermarkColumn {
  readonly spec: WatermarkSpec;
  readonly term: OrderTerm;
  /** An instant as a value of the column. */
  readonly toColumn: (instant: string) => string;
  /** Column first, then what makes the order of a table's rows settled. */
  readonly terms: readonly OrderTerm[];
  /** Rows may be equal in all terms (a view): an increment is then resumed from its beginning. */
  readonly ties: boolean;
  /** Without an index each statement scans the whole table. */
  readonly indexed: boolean;
}

/** Throws STRATEGY_UNFIT or COLUMN_MISSING (config) before anything is read. */
export async function watermarkColumn(
  reading: Reading,
  session: Session,
  signal: AbortSignal,
): Promise<WatermarkColumn> {
  const { spec, table, context, projection, order } = reading;
  const unfit = (zh: string, en: string) =>
    postgresErrors.STRATEGY_UNFIT({ strategy: 'watermark', table: table.name, problem: { zh, en } });
  if (!spec.watermark) throw unfit('没有给出 source.watermark', 'source.watermark is not given');
  if (projection.keyFields.length === 0) throw unfit('资源没有主键项', 'the resource has no key items');
  if (!order) throw unfit('主键项的类型不能排序', 'the key items are of types without an order');
  const column = columnOf(table, spec.watermark.column);
  if (!column) {
    throw postgresErrors.COLUMN_MISSING({
      table: table.name,
      column: spec.watermark.column,
      item: 'watermark',
    });
  }
  if (!/^(timestamp|timestamptz|date)$/.test(column.baseType)) {
    throw unfit(
      `列“${column.name}”的类型是 ${column.nativeType},不是日期或时间`,
      `column "${column.name}" is of type ${column.nativeType}, which is no date or time`,
    );
  }
  const zone = spec.watermark.zone ?? spec.zone ?? context.timeZone;
  await checkZone(session, zone, 'watermark', table.name, signal);
  const indexed = table.indexes.some((index) => index.valid && index.columns[0] === column.name);
  if (!indexed) {
    context.log.warn(
      { table: table.name, column: column.name },
      'watermark column has no index: each read scans the whole table',
    );
  }
  // the bounds of an increment leave NULLs out
  const term = { ...termOf(table, column), nullable: false };
  return {
    spec: spec.watermark,
    term,
    toColumn: instantAs(column.baseType, zone),
    terms: [term, ...order.terms.filter((each) => each.column.name !== column.name)],
    ties: !order.total,
    indexed,
  };
}
