import type { TableDescription } from '@qianzhi/agent';
import { cliErrors } from '../errors.js';
import type { ConfiguredPlugins } from '../with-connector.js';

/**
 * What `changeTable` of a source has to say, where changes of the table are captured already and nobody told otherwise. Throws
 * CAPTURE_BROKEN (config), which names the command that makes it, where they are not.
 */
export async function capturedTable(
  { plugins }: ConfiguredPlugins,
  connector: string,
  { schema, table }: TableDescription,
  values: ReadonlyMap<string, unknown>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, unknown>> {
  if ([...values.keys()].some((key) => /^changeTable\b/.test(key))) return values;
  await using connection = await plugins.open(connector, signal);
  const { capture } = connection;
  if (!capture) return values;
  const spec = { table, ...(schema !== null && { schema }) };
  const states = await capture.inspect(spec, signal);
  const amiss = states.filter(({ state }) => state !== 'ok').length;
  if (amiss > 0) throw cliErrors.CAPTURE_BROKEN({ connector, table, count: amiss });
  const { changeTable } = await capture.plan(spec, signal);
  const told = Object.entries(changeTable).map(([key, value]) => [`changeTable.${key}`, value] as const);
  return new Map([...values, ...told]);
}
