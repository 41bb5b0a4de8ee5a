import type { DiffCounts } from '../requests.js';

export interface ReferenceDiff {
  readonly delta: readonly string[];
  readonly carried: readonly string[];
  readonly counts: DiffCounts;
}

/** The same diff by a Map over all rows: what the SQL must agree with, byte by byte. */
export function referenceDiff(
  keyFields: readonly number[],
  baseline: readonly string[],
  candidate: readonly string[],
  rejected: readonly string[],
): ReferenceDiff {
  const keyOf = (line: string) => keyFields.map((field) => line.split('\t')[field + 1]).join('\t');
  const before = new Map(baseline.map((line) => [keyOf(line), line]));
  const after = new Map(candidate.map((line) => [keyOf(line), line]));
  const held = new Set(rejected.map(keyOf));
  const delta = new Map<string, string>();
  const carried = new Map<string, string>();
  let inserted = 0;
  let updated = 0;
  for (const [key, line] of after) {
    const old = before.get(key);
    if (old === line) continue;
    if (old === undefined) inserted++;
    else updated++;
    delta.set(key, `U${line.slice(1)}`);
  }
  for (const [key, line] of before) {
    if (after.has(key)) continue;
    if (held.has(key)) carried.set(key, line);
    else delta.set(key, deleteRow(keyFields, line));
  }
  return {
    delta: inKeyOrder(delta),
    carried: inKeyOrder(carried),
    counts: {
      inserted,
      updated,
      deleted: delta.size - inserted - updated,
      unchanged: after.size - inserted - updated,
      heldBack: carried.size,
      baselineRows: baseline.length,
      candidateRows: candidate.length,
    },
  };
}

export function deleteRow(keyFields: readonly number[], line: string): string {
  const [, ...fields] = line.split('\t');
  return ['D', ...fields.map((text, field) => (keyFields.includes(field) ? text : '\\N'))].join('\t');
}

function inKeyOrder(rows: Map<string, string>): string[] {
  return [...rows].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))).map(([, line]) => line);
}
