import { compareSchemas, isSupply } from '@qianzhi/model';
import type { Core } from '../core.js';
import { engineErrors } from '../errors.js';
import { errorOf, problemOf, problemText } from '../failure.js';
import type { Outbox } from '../outbox/outbox.js';
import { withSchema } from '../provider/drift.js';
import { requireDuty } from '../provider/duty.js';
import { inDatabase } from '../store/batch-table.js';
import type { StreamRow } from '../store/stream-table.js';
import type { Tables } from '../store/tables.js';
import type { StreamInfo, Streams } from '../surface.js';
import type { Turns } from '../turns.js';
import type { HeadsGate } from './heads.js';
import { openNewEpoch } from './new-epoch.js';
import { reachOf } from './reach.js';
import { deliveryInfo, isRecoverable, supplyInfo } from './stream-info.js';

export interface StreamsParts {
  readonly core: Core;
  readonly tables: Tables;
  readonly outbox: Outbox;
  readonly gate: HeadsGate;
  readonly turns: Turns;
  /** Queues a run of an exchange by hand, if it may run. */
  readonly runExchange: (exchange: string) => void;
}

/** What an operator does with streams. */
export function createStreams({ core, tables, outbox, gate, turns, runExchange }: StreamsParts): Streams {
  const infoOf = (row: StreamRow) => supplyInfo(core, tables, row);

  function supplied(resource: string): StreamRow {
    const row = tables.streams.get(resource);
    if (!row) throw engineErrors.STREAM_UNKNOWN({ name: resource });
    return row;
  }

  function list(): readonly StreamInfo[] {
    return [
      ...tables.streams.all().map(infoOf),
      ...tables.deliveries.all().map((row) => deliveryInfo(tables, row)),
    ];
  }

  function named(name: string): readonly StreamInfo[] {
    const found = list().filter((one) => one.name === name || one.stream.resource === name);
    if (found.length === 0) throw engineErrors.STREAM_UNKNOWN({ name });
    return found;
  }

  function goOn(row: StreamRow): StreamInfo {
    core.store.write(() => tables.streams.put({ ...row, state: 'running', problem: null }));
    outbox.sender(row.resource).wake();
    const info = infoOf(supplied(row.resource));
    if (info.exchange) runExchange(info.exchange);
    core.emit({ kind: 'stream', stream: info });
    return info;
  }

  function resumeOne(info: StreamInfo): void {
    if (info.state === 'revoked') return;
    if (info.direction === 'supply') {
      const row = supplied(info.stream.resource);
      if (row.state !== 'running') {
        if (!isForked(row)) goOn(row);
        return;
      }
    } else if (info.state === 'stopped') {
      core.store.write(() => tables.deliveries.setState(info.exchange!, info.name, 'running', null));
      runExchange(info.exchange!);
      return;
    }
    // nothing to start but a job that failed over what is mended now; a stopped exchange has a command of its own
    const [last] = tables.jobs.list({ exchange: info.exchange, limit: 1 });
    if (last?.state === 'failed') runExchange(last.exchange);
  }

  /** Going on over lost state would fork the stream: only a new epoch helps. */
  function isForked(row: StreamRow): boolean {
    return row.state !== 'running' && isRecoverable(problemOf(row.problem)?.code ?? '');
  }

  function exchangeOf(resource: string): string {
    return core.options.exchanges().find((one) => isSupply(one) && one.supply === resource)?.name ?? resource;
  }

  function requireIdle(resource: string): void {
    const exchange = exchangeOf(resource);
    const busy = tables.jobs.openOf(exchange).find((job) => job.state === 'running');
    if (busy) throw engineErrors.EXCHANGE_BUSY({ exchange, job: busy.id });
  }

  async function newEpoch(row: StreamRow, reason: string, signal: AbortSignal): Promise<StreamInfo> {
    return goOn(await openNewEpoch(core, tables, outbox.folder, gate, row, reason, signal));
  }

  async function accept(resource: string, signal: AbortSignal): Promise<StreamInfo> {
    const row = supplied(resource);
    const duty = requireDuty(core, resource, exchangeOf(resource));
    const change = row.schema ? compareSchemas(row.schema, duty.resource) : undefined;
    // the table counts as accepted as it is now
    const accepted = { ...withSchema(row, duty.resource), shape: null };
    if (change && !change.keepsEpoch) return await newEpoch(accepted, 'schema-change', signal);
    const diffs = core.options
      .exchanges()
      .some((one) => isSupply(one) && one.supply === resource && one.strategy === 'diff');
    const drifted = problemOf(row.problem)?.code === 'QZ_ENGINE_DRIFT';
    // rows that nobody touched read otherwise now: a snapshot, where no comparison finds them
    if (!diffs) return goOn(drifted ? fromTheBeginning(accepted) : accepted);
    if (!change || change.changes.length === 0) return goOn(accepted);
    // rows of another field order cannot be compared: the next comparison begins with a whole copy
    core.store.write(() => tables.baselines.clear(resource));
    return goOn({ ...accepted, checkpoint: null, snapshot: null });
  }

  return {
    list,
    show: (name) => named(name)[0]!,
    reach: (resource, within) => reachOf(core, tables, resource, within),
    resume(name) {
      for (const info of named(name)) resumeOne(info);
      return named(name);
    },
    async acceptSchema(resource, signal) {
      requireIdle(resource);
      return await turns(resource, () => accept(resource, signal));
    },
    resnapshot(resource) {
      const row = supplied(resource);
      requireIdle(resource);
      if (isForked(row)) throw errorOf(row.problem!);
      core.store.write(() => {
        tables.baselines.clear(resource);
        tables.streams.put(fromTheBeginning(row));
      });
      const [last] = tables.jobs.list({ exchange: exchangeOf(resource), limit: 1 });
      const begun = supplied(resource);
      // what stood still for want of a snapshot begins with it at once
      return row.state !== 'running' || last?.state === 'failed' ? goOn(begun) : infoOf(begun);
    },
    async discard(resource, exchange) {
      supplied(resource);
      const busy = tables.jobs.openOf(exchange).find((job) => job.state === 'running');
      if (busy) throw engineErrors.EXCHANGE_BUSY({ exchange, job: busy.id });
      return await turns(resource, async () => {
        const row = supplied(resource);
        const given = tables.batches.unsent(resource, row.epoch, row.receipted);
        if (given.length === 0) return { batches: 0, stream: infoOf(row) };
        const problem = engineErrors.OUTBOX_DISCARDED({ resource, batches: given.length });
        core.store.write(() => {
          const stopped = { state: 'stopped' as const, problem: problemText(problem) };
          tables.streams.put({ ...row, ...stopped });
          for (const batch of given) tables.batches.forgetBytes(batch);
        });
        const sender = outbox.sender(resource);
        sender.giveUp();
        for (const { file } of given) if (file !== inDatabase) await outbox.folder.remove(file!);
        sender.wake();
        const stream = infoOf(supplied(resource));
        core.emit({ kind: 'stream', stream });
        return { batches: given.length, stream };
      });
    },
    async recover({ resource, reason }, signal) {
      await gate.ensure(signal);
      const rows = tables.streams.all().filter((row) => {
        if (resource !== undefined) return row.resource === resource;
        return row.state === 'stopped' && isRecoverable(problemOf(row.problem)?.code ?? '');
      });
      if (resource !== undefined) supplied(resource);
      if (rows.length === 0) throw engineErrors.RECOVER_NOT_NEEDED();
      const recovered: StreamInfo[] = [];
      for (const row of rows) {
        requireIdle(row.resource);
        recovered.push(await turns(row.resource, () => newEpoch(row, reason, signal)));
      }
      return recovered;
    },
  };
}

/** The next run reads all there is, as a snapshot. */
function fromTheBeginning(row: StreamRow): StreamRow {
  return { ...row, checkpoint: null, committed: null, confirmed: null, snapshot: null };
}
