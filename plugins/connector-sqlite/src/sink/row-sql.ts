import { quoted } from '../identifier.js';
import { keyTableOf } from './suppliers.js';
import type { Target } from './target-table.js';

/** Called by SQLite for each row it updates: SQLite itself does not tell an upsert's insert from its update. */
export const COUNT_UPDATE = 'qianzhi_count_update';

export function allColumns(target: Target): string {
  return [...target.columns, ...target.constants].join(', ');
}

/**
 * What follows an INSERT of whole rows: an existing row is changed only where a value differs, byte by byte for text
 * whatever the column's collation. OR ABORT overrules conflict clauses of the table that would drop or replace rows.
 */
export function onConflict(target: Target): string {
  if (target.keys.length === 0) return '';
  const keys = new Set(target.keys);
  const values = [...target.columns, ...target.constants].filter((column) => !keys.has(column));
  const conflict = `ON CONFLICT (${target.keys.join(', ')})`;
  if (values.length === 0) return `${conflict} DO NOTHING`;
  const table = quoted(target.table.name);
  const [first, ...rest] = values;
  const set = [
    `${first} = CASE WHEN ${COUNT_UPDATE}() THEN excluded.${first} END`,
    ...rest.map((column) => `${column} = excluded.${column}`),
  ];
  const differs = values.map((column) => `${table}.${column} IS NOT excluded.${column} COLLATE BINARY`);
  return `${conflict} DO UPDATE SET ${set.join(', ')} WHERE ${differs.join(' OR ')}`;
}

export function insertSql(target: Target, into: string): string {
  const places = [...target.columns, ...target.constants].map(() => '?');
  return `INSERT OR ABORT INTO ${quoted(into)} (${allColumns(target)}) VALUES (${places.join(', ')})`;
}

export function upsertSql(target: Target): string {
  return `${insertSql(target, target.table.name)} ${onConflict(target)}`;
}

export function deleteSql(target: Target, shared: boolean): string {
  const table = quoted(target.table.name);
  const key = target.keys.map((column) => `${column} = ?`).join(' AND ');
  const others = shared
    ? ` AND NOT EXISTS (SELECT 1 FROM ${quoted(keyTableOf(target))} k WHERE ${joined(target, 'k', table)})`
    : '';
  return `DELETE FROM ${table} WHERE ${key}${others}`;
}

export function joined(target: Target, left: string, right: string): string {
  return target.keys.map((key) => `${left}.${key} = ${right}.${key}`).join(' AND ');
}
