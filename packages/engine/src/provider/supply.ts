import {
  type CatalogResource,
  holdsFiles,
  isQianzhiError,
  MOST_WHOLE_FILES,
  type SupplyExchange,
  streamName,
} from '@qianzhi/model';
import type { HeldBy, RunSummary, Source, SupplyOptions } from '@qianzhi/plugin-api';
import { polledFeed } from '../continuous/polled-feed.js';
import { readOn } from '../continuous/read-on.js';
import { supplyOver } from '../continuous/supply-over.js';
import type { Core } from '../core.js';
import { createDiffFeed } from '../diff/diff-feed.js';
import { engineErrors } from '../errors.js';
import { errorOf } from '../failure.js';
import type { StoreDisk } from '../files/durable-folder.js';
import type { Outbox } from '../outbox/outbox.js';
import type { Quarantine } from '../quarantine/quarantine.js';
import { createSealer } from '../sealer/sealer.js';
import { type StreamRow, streamOf } from '../store/stream-table.js';
import type { Tables } from '../store/tables.js';
import type { HeadsGate } from '../streams/heads.js';
import type { StreamStates } from '../streams/stream-state.js';
import { openSource, requireAcceptedSchema } from './drift.js';
import { type LiveDuty, requireDuty } from './duty.js';
import { type Feed, filesFeed, validatedFeed } from './feed.js';
import { createIntake, type Intake } from './intake.js';
import { readAll } from './read-all.js';
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
  /** Ends when a run that stays open is to end, well: another job waits for its turn. */
  readonly rest: AbortSignal;
  /** Counts while they grow, for progress. */
  readonly onCounts: (counts: RunCounts) => void;
}

/**
 * One run of a supplying exchange: reads from the last sealed checkpoint until the source has no more, or until a run that stays
 * open is over, and ends when all of the stream has its receipt. Throws by kind; whatever it throws, what is sealed stays in the outbox.
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
  const live = requireDuty(core, code, exchange.name);
  const { resource } = live;
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
  using over = supplyOver(core, exchange, options, control.rest, live);
  const follow = over && AbortSignal.any([over.signal, control.soft]);
  const feed = await feedOf(parts, source, intake, { exchange, live, counts, options, follow });
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
      const { maxBatchAgeMs } = options;
      const reading = { feed, from, sealer, confirm, soft: control.soft, maxBatchAgeMs, signal };
      interrupted = await (follow
        ? readOn({ ...reading, sender: outbox.sender(code), stream: () => states.ensure(code), what: code })
        : readAll(reading));
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

interface FeedParts {
  readonly exchange: SupplyExchange;
  readonly live: LiveDuty;
  readonly counts: RunCounts;
  readonly options: SupplyOptions;
  /** Of a run that stays open: fires when it is over. */
  readonly follow: AbortSignal | undefined;
}

async function feedOf(
  { core, tables, copies: disk }: ProviderParts,
  source: Source,
  intake: Intake,
  { exchange, live: { resource, wholeFiles }, counts, options: { continuous }, follow }: FeedParts,
): Promise<Feed> {
  const { blockBytes, filePartBytes, wholeFilesBytes } = core.limits;
  if (exchange.strategy === 'diff') {
    return createDiffFeed({ core, tables, source, intake, exchange, resource, disk, counts });
  }
  if (follow && source.follows) return validatedFeed(source, intake, exchange, { blockBytes, follow });
  const feed =
    exchange.strategy === 'files'
      ? filesFeed(source, resource, exchange, counts, {
          blockBytes: filePartBytes,
          ...(wholeFiles && { wholeFiles: { files: MOST_WHOLE_FILES, bytes: wholeFilesBytes } }),
        })
      : validatedFeed(source, intake, exchange, { blockBytes });
  return follow && continuous ? polledFeed(core, feed, continuous.pollMs, follow) : feed;
}

function requireRunning(row: StreamRow): void {
  if (row.state !== 'running' && row.problem) throw errorOf(row.problem);
}

/**
 * Tells the source of the newest committed checkpoint, once each; again after a crash. That it was told is only
 * stored at the end of a run: telling it twice is harmless, a disk commit for each is not.
 */
function confirmer({ core, tables }: ProviderParts, code: string, feed: Feed) {
  let told: string | null | undefined;
  const heldBy = (row: StreamRow): HeldBy | undefined => {
    const { agent } = core.options.identity;
    const { epoch, receipted: seq } = row;
    const receipt = tables.receipts.covering(streamName(streamOf(row, agent)), seq);
    return receipt === undefined ? undefined : { agent, epoch, seq, receipt };
  };
  return {
    async confirm(signal: AbortSignal): Promise<void> {
      if (told === undefined) told = tables.streams.get(code)?.confirmed;
      const row = tables.streams.get(code);
      const committed = row?.committed ?? null;
      if (!row || committed === null || committed === told) return;
      // what the source gives up must not be asked of it again
      await core.store.synced();
      await feed.confirm(committed, signal, heldBy(row));
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
