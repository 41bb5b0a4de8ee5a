import type { Database } from '../duckdb/database.js';
import type { LinkExtension, LinkedSets } from '../link-sets.js';
import type { ChildRequest, DeliverSpec, RowLayout, SetName, TraceSpec } from '../protocol.js';
import type { BatchFile } from '../requests-deliver.js';
import { readSet, type WantedOp } from '../sql/read-set.js';

/** What a job works with. */
export interface Workspace {
  readonly database: Database;
  readonly layout: RowLayout;
  readonly deliver?: DeliverSpec | undefined;
  readonly trace?: TraceSpec | undefined;
  /** Part of the work that is done, from 0 to 1. */
  tellProgress(done: number): void;
  files(set: SetName): readonly BatchFile[];
  /** Of each file of a set, in order. */
  kindsOf(set: SetName): readonly LinkExtension[];
  /** What a row of the set may be at most: DuckDB holds buffers of twice the size for each thread that reads. */
  rowBytesOf(set: SetName): number;
  /** SQL of a set's lines. */
  lines(set: SetName, op: WantedOp): string;
  /** The rows the manifests promise. */
  expected(set: SetName): number;
}

export function workspaceOf(
  database: Database,
  { layout, sets, deliver, trace }: ChildRequest,
  linked: LinkedSets,
  tellProgress: (done: number) => void,
): Workspace {
  const rowBytesOf = (set: SetName) => Math.min(linked.get(set)?.lineBytes ?? 0, layout.maxRowBytes);
  return {
    database,
    layout,
    deliver,
    trace,
    tellProgress,
    files: (set) => sets[set] ?? [],
    kindsOf: (set) => linked.get(set)?.extensions ?? [],
    rowBytesOf,
    lines: (set, op) => readSet(set, op, layout, linked.get(set)?.extensions ?? [], rowBytesOf(set)),
    expected: (set) => (sets[set] ?? []).reduce((sum, file) => sum + file.rows, 0),
  };
}
