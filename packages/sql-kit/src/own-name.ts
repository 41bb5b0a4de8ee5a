import { createHash } from 'node:crypto';

/** Name of one of our own tables: safe in SQL, the same for the same parts, shorter than any database cuts names. */
export function ownName(purpose: string, ...parts: readonly string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);
  return `qianzhi_${purpose}_${digest}`;
}

/** The same, no longer than `bytes`: 30 is enough for a purpose of six letters. */
export function ownNameWithin(bytes: number, purpose: string, ...parts: readonly string[]): string {
  return ownName(purpose, ...parts).slice(0, bytes);
}

/** Ours are never offered as a source and never taken for a target. */
export function isOwnName(table: string): boolean {
  return /^qianzhi_/i.test(table);
}
