import type { ConsumeExchange, Grant, SupplyExchange } from '@qianzhi/model';
import type { StreamPosition } from '@qianzhi/reconcile';
import type { Core } from '../core.js';
import { engineErrors } from '../errors.js';
import type { Tables } from '../store/tables.js';
import type { JobInfo, Jobs } from '../surface.js';

export interface CatchUpParts {
  readonly core: Core;
  readonly tables: Tables;
  readonly jobs: Jobs;
}

/** A run that listens for more may go on for an hour: what it has applied is looked at meanwhile. */
const LOOK_MS = 200;
/** A large copy takes that long at most; a position that nothing comes to is not waited for any longer. */
const MOST_MS = 6 * 60 * 60 * 1000;

/**
 * Supplies what the source has now; answers where the stream then is. A source read by whole copies is left as it is: another
 * copy would mend what is to be found.
 */
export async function supplyNow(
  { tables, jobs }: CatchUpParts,
  { name, supply, strategy }: SupplyExchange,
  signal: AbortSignal,
): Promise<StreamPosition> {
  if (strategy !== 'snapshot') requireDone(await jobs.ended(jobs.run(name).id, signal));
  const row = tables.streams.get(supply);
  return { epoch: row?.epoch ?? 1, seq: row?.seq ?? 0 };
}

/** Applies what was delivered up to the provider's position: by a run that listens already, else by one of its own. */
export async function applyUpTo(
  { core, tables, jobs }: CatchUpParts,
  exchange: ConsumeExchange,
  grant: Grant,
  position: StreamPosition,
  signal: AbortSignal,
): Promise<void> {
  const { name } = exchange;
  let own: string | undefined;
  const deadline = core.clock.now().getTime() + MOST_MS;
  while (!isApplied(tables, name, grant, position)) {
    const listens = jobs.list({ exchange: name, state: 'running', limit: 1 }).length > 0;
    if (own === undefined && !listens) own = jobs.run(name).id;
    const job = own === undefined ? undefined : jobs.status(own);
    if (job?.state === 'done') return; // all that waited is applied, whatever is remembered of it
    if (job?.state === 'failed' || job?.state === 'cancelled') requireDone(job);
    if (core.clock.now().getTime() > deadline)
      throw engineErrors.RECONCILE_CATCH_UP({ exchange: name, job: own ?? '-', state: 'waiting' });
    await core.clock.wait(LOOK_MS, signal);
  }
}

/** Under this grant version, by the manifest that the newest applied delivery came from: its own sequence is another one. */
function isApplied(
  tables: Tables,
  exchange: string,
  { agreement, grantVersion }: Grant,
  { epoch, seq }: StreamPosition,
): boolean {
  if (seq === 0) return true;
  return tables.deliveries
    .of(exchange)
    .filter(({ delivery }) => delivery.agreement === agreement && delivery.grantVersion === grantVersion)
    .filter(({ delivery }) => delivery.stream.epoch === epoch)
    .some(({ name }) => {
      const newest = tables.deliveries.newestApplied(exchange, name);
      return newest?.stage === 'applied' && (newest.manifestSeq ?? 0) >= seq;
    });
}

function requireDone({ id, exchange, state }: JobInfo): void {
  if (state !== 'done') throw engineErrors.RECONCILE_CATCH_UP({ exchange, job: id, state });
}
