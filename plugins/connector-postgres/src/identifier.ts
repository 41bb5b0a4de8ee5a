import { createHash } from 'node:crypto';

/** A name as an SQL identifier, whatever it holds. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function qualified(schema: string, name: string): string {
  return `${quoted(schema)}.${quoted(name)}`;
}

/** SQL of a table's oid; NULL where there is none of that name. */
export function oidOf(schema: string, name: string): string {
  return `(SELECT x.oid FROM pg_catalog.pg_class x JOIN pg_catalog.pg_namespace y ON y.oid = x.relnamespace WHERE y.nspname = ${literal(schema)} AND x.relname = ${literal(name)})`;
}

/** A text as an SQL literal, right under either setting of standard_conforming_strings. */
export function literal(text: string): string {
  const inner = text.replaceAll("'", "''");
  return inner.includes('\\') ? `E'${inner.replaceAll('\\', '\\\\')}'` : `'${inner}'`;
}

/** Code of a function as a literal that a person can read: its tag stands nowhere in it, whatever names it holds. */
export function dollarQuoted(code: string): string {
  let tag = '$qianzhi$';
  for (let n = 1; code.includes(tag); n++) tag = `$qianzhi${n}$`;
  return `${tag}${code}${tag}`;
}

/** Name of one of our own tables: the same for the same parts, and shorter than PostgreSQL cuts names. */
export function ownName(purpose: string, ...parts: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);
  return `qianzhi_${purpose}_${digest}`;
}

export function isOwnName(table: string): boolean {
  return table.startsWith('qianzhi_');
}
