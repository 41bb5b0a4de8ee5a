import { dictionaryReader, numberOrNull, type SqlColumn, type SqlRow, textOrNull } from '@qianzhi/sql-kit';
import { factsOf } from './native-type.js';

/** Names are bound as national text: the catalog has the database's own. */
const OWNER = `COALESCE(TO_CHAR(:p1), SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA'))`;
const named = (owner: string, table: string) =>
  `WHERE ${owner} = ${OWNER} AND (TO_CHAR(:p2) IS NULL OR ${table} = TO_CHAR(:p2))`;

const objects = `SELECT o.object_name, o.object_type, o.owner, t.num_rows, m.comments FROM all_objects o
LEFT JOIN all_tables t ON t.owner = o.owner AND t.table_name = o.object_name
LEFT JOIN all_tab_comments m ON m.owner = o.owner AND m.table_name = o.object_name
${named('o.owner', 'o.object_name')} AND o.object_type IN ('TABLE', 'VIEW', 'MATERIALIZED VIEW') ORDER BY o.object_name, o.object_type`;

const columns = `SELECT c.table_name, c.column_name, c.data_type, c.data_length, c.char_length, c.char_used, c.data_precision, c.data_scale,
  c.nullable, c.virtual_column, CASE WHEN c.default_length IS NULL THEN 0 ELSE 1 END, CASE WHEN i.column_name IS NULL THEN 0 ELSE 1 END, m.comments
FROM all_tab_cols c
LEFT JOIN all_tab_identity_cols i ON i.owner = c.owner AND i.table_name = c.table_name AND i.column_name = c.column_name
LEFT JOIN all_col_comments m ON m.owner = c.owner AND m.table_name = c.table_name AND m.column_name = c.column_name
${named('c.owner', 'c.table_name')} AND c.hidden_column = 'NO' ORDER BY c.table_name, c.column_id`;

/** A key that no index of its own backs is found by its constraint alone. */
const keys = `SELECT k.table_name, k.constraint_name, k.constraint_type, c.column_name FROM all_constraints k
JOIN all_cons_columns c ON c.owner = k.owner AND c.constraint_name = k.constraint_name
${named('k.owner', 'k.table_name')} AND k.constraint_type IN ('P', 'U') AND k.status = 'ENABLED' AND k.deferrable = 'NOT DEFERRABLE'
ORDER BY k.constraint_type, k.constraint_name, c.position`;

const indexes = `SELECT i.table_name, i.index_name, i.uniqueness, c.column_name FROM all_indexes i
JOIN all_ind_columns c ON c.index_owner = i.owner AND c.index_name = i.index_name
${named('i.table_owner', 'i.table_name')} AND i.status IN ('VALID', 'N/A') AND i.index_type = 'NORMAL' ORDER BY i.index_name, c.column_position`;

/** A materialized view is listed as a table, too. */
export const { describe, discover } = dictionaryReader({ objects, columns, keys, indexes, columnOf });

function columnOf(row: SqlRow): SqlColumn {
  const [
    ,
    name,
    type,
    bytes,
    characters,
    used,
    precision,
    scale,
    nullable,
    virtual,
    hasDefault,
    identity,
    comment,
  ] = row;
  const facts = factsOf({
    dataType: String(type),
    bytes: Number(bytes),
    characters: Number(characters),
    countsCharacters: used === 'C',
    precision: numberOrNull(precision),
    scale: numberOrNull(scale),
  });
  const numbered = Number(identity) === 1;
  return {
    name: String(name),
    ...facts,
    required: nullable === 'N',
    hasDefault: Number(hasDefault) === 1 || numbered,
    // numbered by the server: its values are not the supplier's
    generated: virtual === 'YES' || numbered,
    collation: null,
    comment: textOrNull(comment),
  };
}
