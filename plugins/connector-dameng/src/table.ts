import { dictionaryReader, numberOrNull, type SqlColumn, type SqlRow, textOrNull } from '@qianzhi/sql-kit';
import { factsOf } from './native-type.js';

/** The session's own schema: that of the connection, else the login's. */
const OWNER = 'COALESCE(:p1, SF_GET_SCHEMA_NAME_BY_ID(CURRENT_SCHID))';
const named = (owner: string, table: string) =>
  `WHERE ${owner} = ${OWNER} AND ${table} = COALESCE(:p2, ${table})`;

const objects = `SELECT o.object_name, o.object_type, o.owner, t.num_rows, m.comments FROM all_objects o
LEFT JOIN all_tables t ON t.owner = o.owner AND t.table_name = o.object_name
LEFT JOIN all_tab_comments m ON m.owner = o.owner AND m.table_name = o.object_name
${named('o.owner', 'o.object_name')} AND o.object_type IN ('TABLE', 'VIEW', 'MATERIALIZED VIEW') ORDER BY o.object_name, o.object_type`;

/** The first bit of INFO2 marks a column that the server numbers. */
const columns = `SELECT c.table_name, c.column_name, c.data_type, c.data_length, c.char_length, c.char_used, c.data_precision, c.data_scale,
  c.nullable, CASE WHEN c.data_default IS NULL THEN 0 ELSE 1 END, CASE WHEN i.name IS NULL THEN 0 ELSE 1 END, m.comments
FROM all_tab_columns c
LEFT JOIN (SELECT s.name AS owner, t.name AS table_name, k.name FROM sys.syscolumns k
  JOIN sys.sysobjects t ON t.id = k.id JOIN sys.sysobjects s ON s.id = t.schid WHERE BITAND(k.info2, 1) = 1) i
  ON i.owner = c.owner AND i.table_name = c.table_name AND i.name = c.column_name
LEFT JOIN all_col_comments m ON m.owner = c.owner AND m.table_name = c.table_name AND m.column_name = c.column_name
${named('c.owner', 'c.table_name')} ORDER BY c.table_name, c.column_id`;

const keys = `SELECT k.table_name, k.constraint_name, k.constraint_type, c.column_name FROM all_constraints k
JOIN all_cons_columns c ON c.owner = k.owner AND c.constraint_name = k.constraint_name AND c.table_name = k.table_name
${named('k.owner', 'k.table_name')} AND k.constraint_type IN ('P', 'U') AND k.status = 'ENABLED'
ORDER BY k.constraint_type, k.constraint_name, c.position`;

/** An index over an expression has a position of -1. */
const indexes = `SELECT i.table_name, i.index_name, i.uniqueness, c.column_name FROM all_indexes i
JOIN all_ind_columns c ON c.index_owner = i.owner AND c.index_name = i.index_name AND c.table_name = i.table_name
${named('i.table_owner', 'i.table_name')} AND i.index_type = 'NORMAL'
  AND NOT EXISTS (SELECT 1 FROM all_ind_columns x WHERE x.index_owner = i.owner AND x.index_name = i.index_name AND x.column_position < 1)
ORDER BY i.index_name, c.column_position`;

export const { describe, discover } = dictionaryReader({ objects, columns, keys, indexes, columnOf });

function columnOf(row: SqlRow): SqlColumn {
  const [, name, type, bytes, characters, used, precision, scale, nullable, hasDefault, identity, comment] =
    row;
  const numbered = Number(identity) === 1;
  return {
    name: String(name),
    ...factsOf({
      dataType: String(type),
      bytes: numberOrNull(bytes),
      characters: numberOrNull(characters),
      used: textOrNull(used),
      precision: numberOrNull(precision),
      scale: numberOrNull(scale),
    }),
    required: nullable === 'N',
    hasDefault: Number(hasDefault) === 1 || numbered,
    // numbered by the server: its values are not the supplier's
    generated: numbered,
    collation: null,
    comment: textOrNull(comment),
  };
}
