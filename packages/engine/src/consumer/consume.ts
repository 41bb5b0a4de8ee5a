import type { CatalogResource, ConsumeExchange } from '@qianzhi/model';
import type { ConsumeOptions, RunSummary } from '@qianzhi/plugin-api';
import { type RunOver, runOver } from '../continuous/run-over.js';
import type { Core } from '../core.js';
import { engineErrors } from '../errors.js';
import { codedError } from '../failure.js';
import { newCounts } from '../provider/run-counts.js';
import type { Tables } from '../store/tables.js';
import { type ConsumeControl, type ConsumerParts, createApplyRun } from './apply-run.js';
import { closeRevoked } from './close-revoked.js';
import { type GrantInForce, grantsOf, leaseState } from './grants.js';
import { openTarget } from './open-target.js';

/**
 * One run of a consuming exchange: receives and applies in order until nothing waits, or until a run that stays open is over. A delivery stream that goes wrong
 * stops alone; the others go on, and the run then throws what stopped it. Ends when the platform holds all receipts.
 */
export async function consume(
  parts: ConsumerParts,
  exchange: ConsumeExchange,
  options: ConsumeOptions,
  control: ConsumeControl,
  signal: AbortSignal,
): Promise<RunSummary> {
  const { core, tables, acknowledger } = parts;
  const counts = newCounts();
  control.onCounts(counts);
  await using connection = await core.options.openConnection(exchange, signal, core.options.log);
  const revokedBefore = revokedDeliveries(parts, exchange);
  const grants = revokedBefore.length > 0 ? grantsOrNone(core, exchange) : grantsOf(core, exchange);
  // a revoked grant is no longer assigned, and what it left staged is still to be erased
  const resource = newestResource(grants) ?? resourceBefore(tables, exchange);
  if (!resource) throw engineErrors.NO_GRANT({ exchange: exchange.name, resource: exchange.consume });
  core.store.write(() => tables.exchanges.setResource(exchange.name, JSON.stringify(resource)));
  const revoked = tables.deliveries.of(exchange.name).filter((row) => row.state === 'revoked');
  const ended = [...revoked, ...revokedBefore.map(({ row }) => row)].map((row) => row.delivery);
  await using sink = await openTarget(connection, exchange, resource, ended, signal);

  using over = overOf(parts, exchange, options, control, grants);
  const run = createApplyRun(parts, exchange, sink, grants, counts, control, signal);
  for (const { row, reason } of revokedBefore) {
    run.streams.noteRevoked(await closeRevoked(parts, sink, row, reason, [], signal));
  }
  const after = await run.streams.open();
  if (grants.length > 0) {
    const request = {
      resource: exchange.consume,
      agreement: exchange.agreement,
      mode: exchange.mode,
      after,
      wholeFiles: sink.wholeFiles,
      waitMs: options.waitMs,
    };
    const listening = AbortSignal.any([signal, control.soft, ...(over ? [over.signal] : [])]);
    try {
      await run.applyAll((inner) => core.options.channel.receive(request, inner), listening);
    } catch (error) {
      // a revoked grant ends the listening, too: what was closed here says it better
      throw (codedError(error, exchange.name).kind === 'denied' && run.streams.firstError()) || error;
    }
  }
  if (control.soft.aborted) throw engineErrors.STOPPING({ what: exchange.name });
  // nothing waits any more: what is left was received of streams that were closed or begun anew
  for (const { name, state } of over?.signal.aborted ? [] : tables.deliveries.of(exchange.name)) {
    if (state === 'running') await parts.inbox.clear({ exchange: exchange.name, delivery: name });
  }
  const names = tables.deliveries.of(exchange.name).map((row) => row.name);
  await acknowledger.drained(names, signal);
  const stopped = run.streams.firstError();
  if (stopped) throw stopped;
  return { ...counts };
}

function overOf(
  { core }: Pick<ConsumerParts, 'core'>,
  exchange: ConsumeExchange,
  { continuous }: ConsumeOptions,
  { rest }: ConsumeControl,
  grants: readonly GrantInForce[],
): RunOver | undefined {
  if (!continuous) return undefined;
  const begunWith = JSON.stringify(grants);
  const unchanged = () => JSON.stringify(grantsOf(core, exchange)) === begunWith;
  return runOver(core, exchange, { continuous, rest, unchanged });
}

function grantsOrNone(core: Core, exchange: ConsumeExchange): readonly GrantInForce[] {
  try {
    return grantsOf(core, exchange);
  } catch (error) {
    if (codedError(error, exchange.name).code === 'QZ_ENGINE_NO_GRANT') return [];
    throw error;
  }
}

/** Delivery streams known here whose grant the lease says is revoked, and which are not closed yet. */
export function revokedDeliveries(
  { core, tables }: Pick<ConsumerParts, 'core' | 'tables'>,
  exchange: ConsumeExchange,
) {
  return tables.deliveries.of(exchange.name).flatMap((row) => {
    if (row.state === 'revoked') return [];
    const lease = leaseState(core, row.delivery);
    return lease.state === 'revoked' ? [{ row, reason: lease.reason }] : [];
  });
}

/** The sink is opened for the newest schema version; each batch brings its own. */
function newestResource(grants: readonly GrantInForce[]): CatalogResource | undefined {
  const offered = grants.flatMap((grant) => grant.resources);
  return offered.toSorted((a, b) => b.schemaVersion - a.schemaVersion)[0];
}

function resourceBefore(tables: Tables, exchange: ConsumeExchange): CatalogResource | undefined {
  const known = tables.exchanges.get(exchange.name)?.resource;
  return known ? (JSON.parse(known) as CatalogResource) : undefined;
}
