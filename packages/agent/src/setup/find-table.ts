import type { TableDescription } from '@qianzhi/plugin-api';
import type { LoadedConfig } from '../config/load.js';
import type { AgentPlugins } from '../plugins.js';
import { fieldsOf } from './config-fields.js';

/** The schema a connector looks tables up in that name none; undefined where it knows no schemas. */
export function usualSchema(
  { config }: LoadedConfig,
  plugins: AgentPlugins,
  connector: string,
): string | undefined {
  const told = (config.connectors[connector] as Record<string, unknown> | undefined)?.schema;
  const preset = fieldsOf(plugins.connector(connector).configSchema).find(
    ({ key }) => key === 'schema',
  )?.default;
  const schema = told ?? preset;
  return typeof schema === 'string' ? schema : undefined;
}

/** A table by its name, or as SCHEMA.TABLE; of several schemas that have it, in the connector's usual one. */
export async function findTable(
  loaded: LoadedConfig,
  plugins: AgentPlugins,
  connector: string,
  name: string,
  signal: AbortSignal,
): Promise<TableDescription | undefined> {
  await using connection = await plugins.open(connector, signal);
  const usual = usualSchema(loaded, plugins, connector);
  const found = await connection.discover({ table: name }, signal);
  if (found.length > 0) return found.find(({ schema }) => schema === usual) ?? found[0];
  const dot = name.indexOf('.');
  if (dot < 1) return undefined;
  return (await connection.discover({ schema: name.slice(0, dot), table: name.slice(dot + 1) }, signal))[0];
}

/** Every table of a connector. */
export async function allTables(
  plugins: AgentPlugins,
  connector: string,
  signal: AbortSignal,
): Promise<readonly TableDescription[]> {
  await using connection = await plugins.open(connector, signal);
  return connection.discover({}, signal);
}

/** `schema.table`, as `--table` takes it and people read it. */
export function tableName({ schema, table }: Pick<TableDescription, 'schema' | 'table'>): string {
  return schema === null ? table : `${schema}.${table}`;
}
