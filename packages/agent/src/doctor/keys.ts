import { type CatalogResource, holdsFiles, keyItems, type SupplyExchange } from '@qianzhi/model';
import type { LoadedConfig } from '../config/load.js';
import { placeOf } from '../drift/check-drift.js';
import { agentErrors } from '../errors.js';
import type { AgentPlugins } from '../plugins.js';
import { findTable } from '../setup/find-table.js';
import { type DoctorFinding, warning } from './finding.js';

/** Of rows: what a source without a key cannot promise. A file or view never has one, so nothing is said of those. */
export async function keyWeakness(
  check: string,
  loaded: LoadedConfig,
  plugins: AgentPlugins,
  exchange: SupplyExchange,
  resource: CatalogResource,
  signal: AbortSignal,
): Promise<DoctorFinding | undefined> {
  if (holdsFiles(resource)) return undefined;
  const keys = keyItems(resource);
  if (keys.length === 0) return warning(check, agentErrors.RESOURCE_KEYLESS({ resource: resource.code }));
  const { table, mapping } = placeOf(exchange);
  if (table === undefined) return undefined;
  const found = await findTable(loaded, plugins, exchange.connector, table, signal);
  if (found?.kind !== 'table' || found.primaryKey.length > 0) return undefined;
  const columns = keys.map(({ column }) => mapping[column] ?? column).join(', ');
  return warning(check, agentErrors.TABLE_KEYLESS({ table, columns }));
}
