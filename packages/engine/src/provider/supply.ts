import { type CatalogResource, holdsFiles, isQianzhiError, type SupplyExchange } from '@qianzhi/model';
import type { RunSummary, Source, SupplyOptions } from '@qianzhi/plugin-api';
import type { Core } from '../core.js';
import { createDiffFeed } from '../diff/diff-feed.js';
import { engineErrors } from '../errors.js';
import { errorOf } from '../failure.js';
import type { StoreDisk } from '../files/durable-folder.js';
import type { Outbox } from '../outbox/outbox.js';
import type { Quarantine } from '../quarantine/quarantine.js';
import type { CleanBlock } from '../sealer/block.js';
import { createSealer, type Sealer } from '../sealer/sealer.js';
import type { StreamRow } from '../store/stream-table.js';
import type { Tables } from '../store/tables.js';
import type { HeadsGate } from '../streams/heads.js';
import type { StreamStates } from '../streams/stream-state.js';
import { openSource, requireAcceptedSchema } from './drift.js';
import { requireDuty } from './duty.js';
import { type Feed, filesFeed, validatedFeed } from './feed.js';
import { createIntake, type Intake } from './intake.js';
import { newCounts, type RunCounts } from './run-counts.js';

export interface ProviderParts {
  readonly core: Core;
  readonly tables: Tables;
  readonly outbox: Outbox;
  readonly gate: HeadsGate;
  readonly states: StreamStates;
  readonly quarantine: Quarantine;
  /** Of the copies that comparisons need. */
  readonly copies: StoreDisk;
}

export interface RunControl {
  /** Ends when reading should end: the batch begun is still sealed. */
  readonly soft: AbortSignal;
  /** Counts while they grow, for progress. */
  readonly onCounts: (counts: RunCounts) => void;
}

/**
 * One run of a supplying exchange: reads from the last sealed checkpoint until the source has no more, and ends when all
 * of the stream has its receipt. Throws by kind; whatever it throws, what is sealed stays in the outbox.
 */
export async function supply(
  parts: ProviderParts,
  exchange: SupplyExchange,
  options: SupplyOptions,
  control: RunControl,
  signal: AbortSignal,
): Promise<RunSummary> {
  const { core, tables, outbox, gate, states, quarantine } = parts;
  const code = exchange.supply;
  const counts = newCounts();
  control.onCounts(counts);
  const { resource } = requireDuty(core, code, exchange.name);
  requireStrategyFits(exchange, resource);
  await gate.ensure(signal);
  outbox.sender(code).wake();
  requireRunning(states.ensure(code));
  requireAcceptedSchema(core, tables, states, states.ensure(code), resource);
  if (exchange.strategy === 'diff') {
    // a comparison starts from what is receipted, so everything earlier must be
    await outbox.sender(code).drained(signal);
  }

  await using connection = await core.options.openConnection(exchange, signal, core.options.log);
  const stream = states.ensure(code);
  await using source = await openSource(core, tables, connection, states, stream, exchange, resource, signal);
  const intake = createIntake({ core, tables, quarantine, exchange, resource, counts });
  const feed = await feedOf(parts, source, intake, exchange, resource, counts);
  const { confirm, remember } = confirmer(parts, code, feed);
  await confirm(signal);

  const sealer = createSealer({
    core,
    tables,
    outbox,
    resource,
    exchange: exchange.name,
    counts,
    signal,
    permit() {
      intake.checkLimit();
      requireRunning(states.ensure(code));
      return requireDuty(core, code, exchange.name).duty;
    },
  });
  const from = states.ensure(code).checkpoint ?? undefined;
  try {
    let interrupted: boolean;
    try {
      interrupted = await readAll({ feed, from, sealer, confirm, control, options, signal });
      await sealer.flush();
    } catch (error) {
      // rows read before the quarantine was full are complete: after an export the next run goes on behind them
      if (isQianzhiError(error, 'QZ_ENGINE_QUARANTINE_FULL')) await sealer.flush();
      throw error;
    } finally {
      await sealer.settled();
    }
    intake.checkLimit();
    for (const notice of source.notices()) {
      core.options.log.warn({ exchange: exchange.name, rows: notice.rows, ...notice.details }, notice.code);
    }
    if (interrupted) throw engineErrors.STOPPING({ what: exchange.name });
    await outbox.sender(code).drained(signal);
    await confirm(signal);
    remember();
    if (counts.read !== counts.stored + counts.rejected) {
      const { read, stored, rejected } = counts;
      throw engineErrors.COUNTS_WRONG({ exchange: exchange.name, read, stored, rejected });
    }
  } catch (error) {
    Object.assign(counts, sealer.sealed);
    throw error;
  }
  return { ...counts };
}

/** Files are read by strategy `files`, rows by any other. */
function requireStrategyFits({ name, strategy }: SupplyExchange, resource: CatalogResource): void {
  if ((strategy === 'files') === holdsFiles(resource)) return;
  const content = resource.content ?? 'rows';
  throw engineErrors.STRATEGY_MISFIT({ exchange: name, resource: resource.code, strategy, content });
}

async function feedOf(
  { core, tables, copies: disk }: ProviderParts,
  source: Source,
  intake: Intake,
  exchange: SupplyExchange,
  resource: CatalogResource,
  counts: RunCounts,
): Promise<Feed> {
  const { blockBytes, batchStoredBytes } = core.limits;
  if (exchange.strategy === 'diff') {
    return createDiffFeed({ core, tables, source, intake, exchange, resource, disk, counts });
  }
  if (exchange.strategy === 'files') {
    return filesFeed(source, resource, exchange, counts, { blockBytes: batchStoredBytes });
  }
  return validatedFeed(source, intake, exchange, { blockBytes });
}

function requireRunning(row: StreamRow): void {
  if (row.state !== 'running' && row.problem) throw errorOf(row.problem);
}

interface Reading {
  readonly feed: Feed;
  readonly from: string | undefined;
  readonly sealer: Sealer;
  readonly confirm: (signal: AbortSignal) => Promise<void>;
  readonly control: RunControl;
  readonly options: SupplyOptions;
  readonly signal: AbortSignal;
}

/** Reads one block ahead of the sealer. True when it ended before the source did. */
async function readAll({ feed, from, sealer, confirm, control, options, signal }: Reading): Promise<boolean> {
  const blocks = feed.read(from, signal)[Symbol.asyncIterator]();
  let next = blocks.next();
  next.catch(() => undefined); // awaited below; not unhandled while the sealer works
  let pendingSince: number | undefined;
  try {
    for (;;) {
      pendingSince = sealer.pending ? (pendingSince ?? performance.now()) : undefined;
      const step = await nextOrAged(next, options.maxBatchAgeMs, pendingSince);
      if (step === 'aged') {
        await sealer.cut();
        continue;
      }
      if (step.done) return false;
      // the source rests between two blocks: the only time it may be told of receipts
      await confirm(signal);
      const block: CleanBlock = step.value;
      if (control.soft.aborted) {
        await sealer.add(block);
        return true;
      }
      next = blocks.next();
      next.catch(() => undefined);
      await sealer.add(block);
    }
  } finally {
    await blocks.return?.();
  }
}

/**
 * The next block, or `aged` when the batch begun is old enough to be cut. The timer is this wait's own: a promise
 * that many blocks were raced against would hold them all.
 */
async function nextOrAged<T>(
  next: Promise<T>,
  maxMs: number | undefined,
  since: number | undefined,
): Promise<T | 'aged'> {
  if (maxMs === undefined || since === undefined) return next;
  let timer: NodeJS.Timeout | undefined;
  const aged = new Promise<'aged'>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, since + maxMs - performance.now()), 'aged');
  });
  try {
    return await Promise.race([next, aged]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Tells the source of the newest committed checkpoint, once each; again after a crash. That it was told is only
 * stored at the end of a run: telling it twice is harmless, a disk commit for each is not.
 */
function confirmer({ core, tables }: ProviderParts, code: string, feed: Feed) {
  let told: string | null | undefined;
  return {
    async confirm(signal: AbortSignal): Promise<void> {
      if (told === undefined) told = tables.streams.get(code)?.confirmed;
      const committed = tables.streams.committed(code);
      if (committed === null || committed === told) return;
      await feed.confirm(committed, signal);
      told = committed;
      core.failpoint('confirm:after');
    },
    remember(): void {
      const row = tables.streams.get(code);
      if (!row || !told || row.confirmed === told) return;
      core.store.write(() => tables.streams.put({ ...row, confirmed: told! }));
    },
  };
}
