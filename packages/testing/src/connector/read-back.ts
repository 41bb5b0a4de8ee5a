import type { Connection, ReadBackSpec } from '@qianzhi/plugin-api';
import { decodeRows } from '@qianzhi/rows';

/** Rows of a supplier as a connection reads them back from a target: fields joined by `|`, sorted. */
export async function rowsReadBack(
  connection: Connection,
  spec: ReadBackSpec,
  signal: AbortSignal,
): Promise<string[]> {
  const { source } = await connection.readBack!(spec, signal);
  await using reading = source;
  const rows: string[] = [];
  for await (const block of reading.read(undefined, { blockBytes: 65_536 }, signal)) {
    if (block.kind !== 'rows') continue;
    for (const { fields } of decodeRows(block.bytes)) {
      rows.push(fields.map((field) => field ?? 'NULL').join('|'));
    }
  }
  return rows.sort();
}
