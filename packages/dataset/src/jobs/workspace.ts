import type { Database } from '../duckdb/database.js';
import type { LinkedSets } from '../link-sets.js';
import type { ChildRequest, RowLayout, SetName } from '../protocol.js';
import { readSet, type WantedOp } from '../sql/read-set.js';

/** What a job works with. */
export interface Workspace {
  readonly database: Database;
  readonly layout: RowLayout;
  /** SQL of a set's lines. */
  lines(set: SetName, op: WantedOp): string;
  /** The rows the manifests promise. */
  expected(set: SetName): number;
}

export function workspaceOf(
  database: Database,
  { layout, sets }: ChildRequest,
  linked: LinkedSets,
): Workspace {
  return {
    database,
    layout,
    lines: (set, op) => readSet(set, op, layout, linked.get(set)),
    expected: (set) => (sets[set] ?? []).reduce((sum, file) => sum + file.rows, 0),
  };
}
