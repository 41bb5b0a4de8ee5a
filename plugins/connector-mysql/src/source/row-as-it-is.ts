import { condition } from '@qianzhi/sql-kit';
import type { TableColumn } from '../connection/table.js';
import { quoted } from '../identifier.js';
import type { Reading } from './reading.js';

/** SQL that looks rows up by the keys that changes name. */
export interface RowAsItIs {
  /** U or D, whether a value is too large where one can be, each item: the row, or its key where there is none under the source's condition. */
  readonly list: string;
  /** To be put behind the relation that has the keys; its own condition may be added. */
  readonly join: string;
}

/** `thereOf` is SQL of a key item's value among the changes, comparable with its column. */
export function rowAsItIs(
  reading: Reading,
  thereOf: (item: string, column: TableColumn) => string,
): RowAsItIs {
  const { projection } = reading;
  const keys = projection.items.flatMap(({ item, column }) => {
    if (!item.key || !column) return [];
    return [{ item, here: `t.${quoted(column.name)}`, there: thereOf(item.column, column) }];
  });
  const found = `${keys[0]!.here} IS NOT NULL`;
  const fields = projection.items.map((each) => {
    const key = keys.find(({ item }) => item === each.item);
    if (key) return each.expression(`IF(${found}, ${key.here}, ${key.there})`).sql;
    if (each.column) return each.expression(`t.${quoted(each.column.name)}`).sql;
    return each.item.key ? each.expression().sql : `IF(${found}, ${each.expression().sql}, NULL)`;
  });
  const sizes = projection.tooLarge('t');
  const rows =
    reading.spec.where === undefined
      ? reading.from
      : `(SELECT * FROM ${reading.from} WHERE true${condition(reading)})`;
  return {
    list: [`IF(${found}, 'U', 'D')`, ...(sizes ? [sizes] : []), ...fields].join(', '),
    join: `LEFT JOIN ${rows} t ON ${keys.map(({ here, there }) => `${here} = ${there}`).join(' AND ')}`,
  };
}
