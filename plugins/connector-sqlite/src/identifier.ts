import { createHash } from 'node:crypto';

/** A name as an SQL identifier, whatever it holds. U+0000 would end the statement: refused by the schema's database anyway. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Name of one of our own tables, safe in SQL and the same for the same parts. */
export function ownName(purpose: 'shadow' | 'keys', ...parts: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);
  return `qianzhi_${purpose}_${digest}`;
}

export function isOwnName(table: string): boolean {
  return /^qianzhi_/i.test(table);
}
