import type { TableDescription } from '@qianzhi/plugin-api';
import type { LoadedConfig } from '../config/load.js';
import type { AgentPlugins } from '../plugins.js';
import { rowValues } from '../preview/row-values.js';
import { tableResource } from '../preview/table-resource.js';
import { usualSchema } from '../setup/find-table.js';
import { type ColumnProfile, countColumn } from './column-profile.js';

export interface TableSample {
  readonly rows: number;
  /** Rows the source could not put into row text; they are in no count. */
  readonly rejected: number;
  readonly profiles: ReadonlyMap<string, ColumnProfile>;
}

const BLOCK_BYTES = 256 * 1024;

/**
 * Reads the first rows of a table, as a source does, and counts what is in each column; no row is kept. Throws what the connector
 * says, where the table cannot be read in an order for one.
 */
export async function sampleTable(
  loaded: LoadedConfig,
  plugins: AgentPlugins,
  connector: string,
  table: TableDescription,
  limit: number,
  signal: AbortSignal,
): Promise<TableSample> {
  const { sourceSchema } = plugins.connector(connector);
  const foreign = table.schema !== null && table.schema !== usualSchema(loaded, plugins, connector);
  const place = { ...(foreign && { schema: table.schema }), table: table.table };
  const source = plugins.host.checkConfig(sourceSchema, place, '--table');
  const counters = table.columns.map(() => countColumn());
  let rows = 0;
  let rejected = 0;
  await using connection = await plugins.open(connector, signal);
  const spec = { resource: tableResource(table), strategy: 'snapshot', source } as const;
  await using opened = await connection.source(spec, signal);
  const limits = { blockBytes: BLOCK_BYTES, maxRows: limit };
  for await (const block of opened.read(undefined, limits, signal)) {
    if (block.kind !== 'rows') continue;
    rejected += block.rejected.length;
    for (const values of rowValues(block.bytes)) {
      if (rows >= limit) break;
      rows++;
      for (const [index, counter] of counters.entries()) counter.add(values[index] ?? null);
    }
    block.release?.();
    if (rows >= limit) break;
  }
  const profiles = new Map(
    table.columns.map(({ name }, index) => [name, counters[index]!.result()] as const),
  );
  return { rows, rejected, profiles };
}
