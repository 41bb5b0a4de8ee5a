import type { WatermarkSpec } from '@qianzhi/sql-kit';
import { columnOf } from '../connection/table.js';
import { mysqlErrors } from '../errors.js';
import { literal } from '../identifier.js';
import { type ColumnTime, columnTime } from './column-time.js';
import { type OrderTerm, termOf } from './order.js';
import type { Reading } from './reading.js';
import { checkZone } from './zone.js';

/** The column that tells when a row changed, checked. */
export interface WatermarkColumn {
  readonly spec: WatermarkSpec;
  readonly term: OrderTerm;
  readonly time: ColumnTime;
  /** Column first, then what makes the order of a table's rows settled. */
  readonly terms: readonly OrderTerm[];
  /** Rows may be equal in all terms (a view): an increment is then resumed from its beginning. */
  readonly ties: boolean;
}

/** A value of the column as SQL. */
export function timeSql(text: string): string {
  return literal(text);
}

/** SQL of a time that the server cannot order by: zero dates. */
export const NO_TIME = "'0001-01-01'";

/** Throws STRATEGY_UNFIT or COLUMN_MISSING (config) before anything is read. */
export function watermarkColumn(reading: Reading): WatermarkColumn {
  const { spec, table, context, projection, order } = reading;
  const unfit = (zh: string, en: string) =>
    mysqlErrors.STRATEGY_UNFIT({ strategy: 'watermark', table: table.name, problem: { zh, en } });
  if (!spec.watermark) throw unfit('没有给出 source.watermark', 'source.watermark is not given');
  if (projection.keyFields.length === 0) throw unfit('资源没有主键项', 'the resource has no key items');
  if (!order) throw unfit('主键项的类型不能排序', 'the key items are of types without an order');
  const { column: name } = spec.watermark;
  const column = columnOf(table, name);
  if (!column) {
    throw mysqlErrors.COLUMN_MISSING({ table: table.name, column: name, item: 'watermark' });
  }
  if (!/^(timestamp|datetime|date)$/.test(column.baseType)) {
    throw unfit(
      `列“${column.name}”的类型是 ${column.nativeType},不是日期或时间`,
      `column "${column.name}" is of type ${column.nativeType}, which is no date or time`,
    );
  }
  const zone = spec.watermark.zone ?? reading.zone;
  checkZone(zone, 'watermark', table.name);
  if (!table.indexes.some((index) => index.columns[0]?.toLowerCase() === column.name.toLowerCase())) {
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
    time: columnTime(column, zone),
    terms: [term, ...order.terms.filter((each) => each.column.name !== column.name)],
    ties: !order.total,
  };
}
