import { condition } from '@qianzhi/sql-kit';
import type { TableColumn } from '../connection/table.js';
import { quoted } from '../identifier.js';
import type { Reading } from './reading.js';

/** SQL that looks rows up by the keys that changes name. */
export interface RowAsItIs {
  /** U and the row, or D and its key where there is none under the source's condition: the op, then each item's text. */
  readonly list: string;
  /** To be put behind the relation that has the keys; its own condition may be added. */
  readonly join: string;
}

/** `thereOf` is SQL of a key item's value among the changes, of its column's type. */
export function rowAsItIs(
  reading: Reading,
  thereOf: (item: string, column: TableColumn) => string,
): RowAsItIs {
  const { items } = reading.projection;
  const keys = items.flatMap(({ item, column }) =>
    item.key && column
      ? [{ item, here: `t.${quoted(column.name)}`, there: thereOf(item.column, column) }]
      : [],
  );
  const found = `${keys[0]!.here} IS NOT NULL`;
  const fields = items.map((each) => {
    const key = keys.find(({ item }) => item === each.item);
    if (key) return each.expression(`(CASE WHEN ${found} THEN ${key.here} ELSE ${key.there} END)`).sql;
    if (each.column) return each.expression(`t.${quoted(each.column.name)}`).sql;
    return each.item.key ? each.expression().sql : `CASE WHEN ${found} THEN ${each.expression().sql} END`;
  });
  const rows =
    reading.spec.where === undefined
      ? reading.from
      : `(SELECT * FROM ${reading.from} WHERE true${condition(reading)})`;
  return {
    list: [`CASE WHEN ${found} THEN 'U' ELSE 'D' END`, ...fields].join(', '),
    join: `LEFT JOIN ${rows} t ON ${keys.map(({ here, there }) => `${here} = ${there}`).join(' AND ')}`,
  };
}
