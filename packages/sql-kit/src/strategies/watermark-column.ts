import { unfitFor, type WalkedTable } from './walked-table.js';

/** A table, and what its connector knows of its columns. */
export interface WatermarkChoice<Spec, Column> {
  readonly table: WalkedTable & {
    readonly spec: { readonly watermark?: Spec };
    /** Undefined where its rows cannot be put in order. */
    readonly order: object | undefined;
  };
  find(name: string): Column | undefined;
  isTime(column: Column): boolean;
  /** An index begins with it. */
  isIndexed(column: Column): boolean;
}

/** The column that tells when a row changed. Throws STRATEGY_UNFIT or COLUMN_MISSING (config). */
export function watermarkColumnOf<
  Spec extends { readonly column: string },
  Column extends { readonly name: string; readonly nativeType: string },
>({ table: reading, find, isTime, isIndexed }: WatermarkChoice<Spec, Column>) {
  const { spec, table, projection, order, context, errors } = reading;
  const unfit = unfitFor(reading);
  const { watermark } = spec;
  if (!watermark) throw unfit('没有给出 source.watermark', 'source.watermark is not given');
  if (projection.keyFields.length === 0) throw unfit('资源没有主键项', 'the resource has no key items');
  if (!order) throw unfit('主键项的类型不能排序', 'the key items are of types without an order');
  const column = find(watermark.column);
  if (!column)
    throw errors.COLUMN_MISSING({ table: table.name, column: watermark.column, item: 'watermark' });
  if (!isTime(column))
    throw unfit(
      `列“${column.name}”的类型是 ${column.nativeType},不是日期或时间`,
      `column "${column.name}" is of type ${column.nativeType}, which is no date or time`,
    );
  const indexed = isIndexed(column);
  if (!indexed) {
    const facts = { table: table.name, column: column.name };
    context.log.warn(facts, 'watermark column has no index: each read scans the whole table');
  }
  return { spec: watermark, column, indexed };
}
