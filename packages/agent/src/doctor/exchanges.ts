import { type Assignments, type CatalogResource, type Exchange, holdsFiles, isSupply } from '@qianzhi/model';
import type { LoadedConfig } from '../config/load.js';
import { agentErrors } from '../errors.js';
import { orderedResource } from '../link/ordered-resource.js';
import type { AgentPlugins } from '../plugins.js';
import { skippedFor } from './connectors.js';
import { type DoctorFinding, finding, ok, skipped } from './finding.js';
import { keyWeakness } from './keys.js';
import { logFollowers } from './log-followers.js';
import { weaknesses } from './notes.js';

/**
 * Opens the source of each ordered supply and tries the target of each grant, by the catalog entries this agent holds:
 * tables, columns, types and privileges, as the next run meets them. Reads no row and leaves nothing behind. `working` are
 * the connectors that were found to work; an exchange that `isWrong` in the config is left out.
 */
export async function* checkExchanges(
  loaded: LoadedConfig,
  plugins: AgentPlugins,
  assignments: Assignments,
  { working, isWrong }: Known,
  signal: AbortSignal,
): AsyncGenerator<DoctorFinding> {
  for (const [index, exchange] of loaded.config.exchanges.entries()) {
    const check = `${isSupply(exchange) ? 'source' : 'target'} ${exchange.name}`;
    const resource = orderedResource(exchange, assignments);
    if (!resource) continue; // neither ordered nor granted: said where the orders were looked at
    const { connector } = exchange;
    if (isWrong(`/exchanges/${index}`)) yield skippedFor(check);
    else if (working.has(connector)) {
      const warnings: DoctorFinding[] = [];
      const work = () => tryExchange(check, exchange, resource, loaded, plugins, warnings, signal);
      yield await finding(check, work);
      yield* warnings;
    } else
      yield skipped(check, `连接器 ${connector} 可用后再查`, `looked at when connector ${connector} works`);
  }
}

interface Known {
  readonly working: ReadonlySet<string>;
  readonly isWrong: (pointer: string) => boolean;
}

/** Rows and files are read and written in different ways; which a resource holds is known once it is ordered or granted. */
function requireContentFits(exchange: Exchange, resource: CatalogResource, plugins: AgentPlugins): void {
  const files = holdsFiles(resource);
  const fits = isSupply(exchange)
    ? (exchange.strategy === 'files') === files
    : !files || plugins.connector(exchange.connector).capabilities.files;
  if (fits) return;
  const content = resource.content ?? 'rows';
  throw agentErrors.CONTENT_MISFIT({ exchange: exchange.name, resource: resource.code, content });
}

async function tryExchange(
  check: string,
  exchange: Exchange,
  resource: CatalogResource,
  loaded: LoadedConfig,
  plugins: AgentPlugins,
  warnings: DoctorFinding[],
  signal: AbortSignal,
): Promise<DoctorFinding> {
  requireContentFits(exchange, resource, plugins);
  await using connection = await plugins.open(exchange.connector, signal);
  if (isSupply(exchange)) {
    const strategy = exchange.strategy === 'diff' ? 'snapshot' : exchange.strategy;
    const alongside = strategy === 'log' && (await logFollowers(loaded, exchange.connector, exchange.supply));
    const spec = { resource, strategy, source: exchange.source, ...(alongside && { alongside }) };
    const source = await connection.source(spec, signal);
    await source[Symbol.asyncDispose]();
    if (connection.trySource) warnings.push(...weaknesses(check, await connection.trySource(spec, signal)));
    const weak = await keyWeakness(check, loaded, plugins, exchange, resource, signal);
    if (weak) warnings.push(weak);
    return ok(
      check,
      `来源可读,符合目录资源 ${resource.code}`,
      `can be read and fits resource ${resource.code}`,
    );
  }
  if (plugins.mode(exchange.mode).targetSchema || !connection.tryTarget) {
    return skipped(check, '首次写入时检查', 'this connector finds out with the first write');
  }
  const spec = { exchange: exchange.name, resource, target: exchange.target };
  warnings.push(...weaknesses(check, await connection.tryTarget(spec, signal)));
  return ok(
    check,
    `目标可写,符合目录资源 ${resource.code}`,
    `can be written and fits resource ${resource.code}`,
  );
}
