import { createHash } from 'node:crypto';

/** A name as an SQL identifier, whatever it holds. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function qualified(schema: string, name: string): string {
  return `${quoted(schema)}.${quoted(name)}`;
}

/** A text as an SQL literal, right under either setting of standard_conforming_strings. */
export function literal(text: string): string {
  const inner = text.replaceAll("'", "''");
  return inner.includes('\\') ? `E'${inner.replaceAll('\\', '\\\\')}'` : `'${inner}'`;
}

/** Name of one of our own tables: the same for the same parts, and shorter than PostgreSQL cuts names. */
export function ownName(purpose: string, ...parts: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);
  return `qianzhi_${purpose}_${digest}`;
}

export function isOwnName(table: string): boolean {
  return table.startsWith('qianzhi_');
}
