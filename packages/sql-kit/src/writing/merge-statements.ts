import type { MergeRelations, SqlDialect, StagedColumn } from '../database/dialect.js';
import type { SqlColumn } from '../database/table.js';

/** In what the statements of databases with a MERGE and correlated deletes differ. */
export interface MergeForms {
  /** Text SQL as a value of the column. */
  converted(column: SqlColumn, text: string): string;
  /** Condition that two values of a key column are one key, byte by byte; its first comparison can use the index. */
  sameKey(column: SqlColumn, left: string, right: string): string;
  /** Condition that two values differ, NULL being equal to NULL. */
  differs(column: SqlColumn, left: string, right: string): string;
}

type Statements = Pick<SqlDialect, 'deleteStaged' | 'deleteMissing' | 'update' | 'insert'>;

/** Updates go by MERGE alone: one MERGE for both would not tell how many rows were inserted. */
export function mergeStatements({ converted, sameKey, differs }: MergeForms): Statements {
  const value = ({ column, staged }: StagedColumn) => converted(column, `s.${staged}`);
  const same = ({ keys }: MergeRelations) =>
    keys.map((key) => sameKey(key.column, `t.${key.name}`, value(key))).join(' AND ');
  return {
    deleteStaged: (merge) =>
      `DELETE FROM ${merge.target} t WHERE EXISTS (SELECT 1 FROM ${merge.staged} s WHERE ${merge.where} AND ${same(merge)})`,
    deleteMissing: (merge) =>
      `DELETE FROM ${merge.target} t WHERE NOT EXISTS (SELECT 1 FROM ${merge.staged} s WHERE ${same(merge)})`,
    update(merge) {
      const named = merge.columns.map((each, at) => ({ ...each, as: `v${at}` }));
      const isKey = ({ name }: StagedColumn) => merge.keys.some((key) => key.name === name);
      const values = named.filter((each) => !isKey(each));
      const on = named.filter(isKey).map(({ column, name, as }) => sameKey(column, `t.${name}`, `v.${as}`));
      const set = values.map(({ name, as }) => `t.${name} = v.${as}`);
      const changed = values.map(({ column, name, as }) => differs(column, `t.${name}`, `v.${as}`));
      const list = named.map((each) => `${value(each)} AS ${each.as}`);
      return `MERGE INTO ${merge.target} t USING (SELECT ${list.join(', ')} FROM ${merge.staged} s WHERE ${merge.where}) v ON (${on.join(' AND ')}) WHEN MATCHED THEN UPDATE SET ${set.join(', ')} WHERE ${changed.join(' OR ')}`;
    },
    insert(merge) {
      const list = merge.columns.map(({ name }) => name).join(', ');
      const absent =
        merge.keys.length === 0
          ? ''
          : ` AND NOT EXISTS (SELECT 1 FROM ${merge.target} t WHERE ${same(merge)})`;
      return `INSERT INTO ${merge.target} (${list}) SELECT ${merge.columns.map(value).join(', ')} FROM ${merge.staged} s WHERE ${merge.where}${absent}`;
    },
  };
}
