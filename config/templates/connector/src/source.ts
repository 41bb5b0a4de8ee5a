import { type CatalogResource, throwIfCancelled } from '@qianzhi/model';
import type { ReadLimits, RowsBlock, Source } from '@qianzhi/plugin-api';
import { createRowWriter } from '@qianzhi/rows';
import { readTable, type Table } from './table-file.js';

/** How many rows of which version of the file were read; `done` after the last one. */
interface Position {
  readonly version: string;
  readonly rows: number;
  readonly done: boolean;
}

/** Strategy `snapshot`: every read is over one version of the file; a snapshot begun on an older one starts again. */
export function openSource(folder: string, tableName: string, resource: CatalogResource): Source {
  return {
    async *read(checkpoint, limits, signal) {
      throwIfCancelled(signal, 'read');
      const table = await readTable(folder, tableName);
      const before = checkpoint === undefined ? undefined : (JSON.parse(checkpoint) as Position);
      const begun = before !== undefined && !before.done;
      const goesOn = begun && before.version === table.version;
      yield* blocksOf(table, resource, goesOn ? before.rows : 0, begun && !goesOn, limits, signal);
    },
    async confirm() {},
    notices: () => [],
    async [Symbol.asyncDispose]() {},
  };
}

function* blocksOf(
  table: Table,
  resource: CatalogResource,
  from: number,
  restart: boolean,
  limits: ReadLimits,
  signal: AbortSignal,
): Generator<RowsBlock> {
  const columnAt = resource.items.map((item) =>
    table.columns.findIndex((column) => column.name === item.column),
  );
  const end = Math.min(table.rows.length, from + (limits.maxRows ?? table.rows.length));
  const writer = createRowWriter();
  let first = true;
  for (let at = from; ; ) {
    throwIfCancelled(signal, 'read');
    while (at < end && writer.bytes < limits.blockBytes) {
      const row = table.rows[at++]!;
      writer.begin('S');
      for (const column of columnAt) writer.text(row[column] ?? null);
      writer.end();
    }
    const done = at === table.rows.length;
    const position: Position = { version: table.version, rows: at, done };
    yield {
      kind: 'rows',
      phase: 'snapshot',
      rows: writer.rows,
      bytes: writer.take(),
      repeated: 0,
      rejected: [],
      ...(done ? { lastOfSnapshot: true } : {}),
      ...(first && restart ? { restart: true } : {}),
      checkpoint: JSON.stringify(position),
    };
    first = false;
    if (at === end) return;
  }
}
