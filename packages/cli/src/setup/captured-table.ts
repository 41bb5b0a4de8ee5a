import { type ColumnMatch, type TableDescription, tableName } from '@qianzhi/agent';
import { cliErrors } from '../errors.js';
import type { ConfiguredPlugins } from '../with-connector.js';

/**
 * What `changeTable` of a source has to say, where changes of the table are captured already and nobody told otherwise. Throws
 * CAPTURE_BROKEN (config), which names the command that makes it, where they are not.
 */
export async function capturedTable(
  { plugins }: ConfiguredPlugins,
  connector: string,
  description: TableDescription,
  matches: readonly ColumnMatch[],
  values: ReadonlyMap<string, unknown>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, unknown>> {
  if ([...values.keys()].some((key) => /^changeTable\b/.test(key))) return values;
  await using connection = await plugins.open(connector, signal);
  const { capture } = connection;
  if (!capture) return values;
  const { schema, table, primaryKey } = description;
  const columns = matches.flatMap(({ item, column }) => (item.key && column ? [column.name] : []));
  // what is recorded has to name the resource's rows, whatever the table's own key is
  const isOwnKey = new Set([...columns, ...primaryKey]).size === primaryKey.length;
  const key =
    columns.length === 0 || (isOwnKey && columns.length === primaryKey.length) ? undefined : columns;
  const spec = { table, ...(schema !== null && { schema }), ...(key && { key }) };
  const states = await capture.inspect(spec, signal);
  const count = states.filter(({ state }) => state !== 'ok').length;
  if (count > 0)
    throw cliErrors.CAPTURE_BROKEN({
      connector,
      table: tableName(description),
      count,
      captured: tableAndKey(tableName(description), key),
    });
  const { changeTable } = await capture.plan(spec, signal);
  const told = Object.entries(changeTable).map(([name, value]) => [`changeTable.${name}`, value] as const);
  return new Map([...values, ...told]);
}

/** What stands behind `--table`. */
export function tableAndKey(table: string, key: readonly string[] = []): string {
  return [table, ...key.map((column) => `--key ${column}`)].join(' ');
}
