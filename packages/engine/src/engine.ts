import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { isSupply, type SupplyExchange } from '@qianzhi/model';
import { createAcknowledger } from './consumer/acknowledger.js';
import type { Core } from './core.js';
import { createCore } from './core.js';
import { engineErrors } from './errors.js';
import { createEvidenceArchive } from './evidence/archive-evidence.js';
import { engineFacts } from './facts.js';
import { storeDisk } from './files/durable-folder.js';
import { createInbox } from './inbox/inbox.js';
import { lockInstance } from './instance-lock.js';
import { createJobs } from './jobs/jobs.js';
import { createRunner } from './jobs/runner.js';
import { createScheduler } from './jobs/scheduler.js';
import type { EngineOptions } from './options.js';
import { createOutbox } from './outbox/outbox.js';
import { exportQuarantine } from './quarantine/export.js';
import { createQuarantine } from './quarantine/quarantine.js';
import { type RetryParts, retryQuarantine } from './quarantine/retry.js';
import { createReconciling } from './reconcile/reconciling.js';
import { openStore } from './store/store.js';
import { type Tables, tablesOf } from './store/tables.js';
import { createHeadsGate } from './streams/heads.js';
import { deliveryInfo, supplyInfo } from './streams/stream-info.js';
import { createStreamStates } from './streams/stream-state.js';
import { createStreams } from './streams/streams.js';
import type { Engine, QuarantineControl } from './surface.js';
import { createTurns, type Turns } from './turns.js';

/**
 * Opens the state folder and answers an engine that does nothing until `start`. Throws QZ_ENGINE_ALREADY_RUNNING,
 * QZ_ENGINE_STORE_NOT_DURABLE or QZ_ENGINE_STORE_NEWER.
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  await mkdir(options.stateDir, { recursive: true, mode: 0o700 });
  const lock = lockInstance(options.stateDir);
  try {
    return await assemble(options, () => lock.release());
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function assemble(options: EngineOptions, release: () => void): Promise<Engine> {
  const store = openStore(options.stateDir);
  const control = createCore(options, store);
  const { core } = control;
  const tables = tablesOf(store);

  const states = createStreamStates(core, tables, (resource) => {
    emitStream(core, tables, resource);
    outbox.sender(resource).wake();
  });
  const gate = createHeadsGate({ core, tables, stop: states.stop });
  const outbox = createOutbox({ core, tables, gate, stop: states.stop });
  const turns = createTurns();
  const quarantine = createQuarantine(core, tables);
  const acknowledger = createAcknowledger(core, tables);
  const inbox = createInbox(core, tables);
  const provider = { core, tables, outbox, gate, states, quarantine, copies: storeDisk('diff') };
  const archiveEvidence = createEvidenceArchive(core, tables);
  const runner = createRunner({
    core,
    tables,
    turns,
    owner: `${process.pid}-${randomUUID()}`,
    provider,
    consumer: {
      core,
      tables,
      quarantine,
      acknowledger,
      inbox,
      changed(exchange, name) {
        const row = tables.deliveries.of(exchange).find((one) => one.name === name);
        if (row) core.emit({ kind: 'stream', stream: deliveryInfo(tables, row) });
      },
    },
    ended() {
      operated.changed();
      scheduler.wake();
    },
  });
  const scheduler = createScheduler({
    core,
    tables,
    runner,
    inbox,
    async housekeep() {
      core.store.write(() => tables.jobs.forget(core.limits.keptJobs));
      await outbox.housekeep();
      await archiveEvidence();
    },
  });
  const operated = createJobs({ core, tables, runner, wake: scheduler.wake });
  const streams = createStreams({
    core,
    tables,
    outbox,
    gate,
    turns,
    runExchange(name) {
      if (tables.exchanges.get(name)?.state === 'running') operated.jobs.run(name);
    },
  });

  // what a crash left behind is complete and named in the store, or removed
  const known = tables.batches.files();
  await outbox.folder.sweep((name) => known.has(name));
  await inbox.open();

  return {
    jobs: operated.jobs,
    exchanges: operated.exchanges,
    streams,
    quarantine: quarantineControl({ core, tables, quarantine, outbox, gate, states }, turns),
    reconciling: createReconciling({ provider, jobs: operated.jobs, turns }),
    receipts: {
      async list(filter = {}) {
        const found = tables.receipts.list(filter);
        await store.synced();
        return found;
      },
      begins: (name) =>
        tables.evidence.begins(name).map(({ subject, digest, ...begin }) => ({
          ...begin,
          // what the platform issues here is about streams, what this agent issues about deliveries
          subject: `${begin.issuer === 'platform' ? 'stream' : 'delivery'} ${subject}`,
          previous: digest,
        })),
    },
    facts: () => engineFacts(core, tables),
    on: control.on,
    async start() {
      for (const exchange of options.exchanges()) tables.exchanges.ensure(exchange.name, core.now());
      outbox.start();
      acknowledger.start();
      scheduler.start();
    },
    wake() {
      core.store.write(() => tables.jobs.wakeWaiting(core.now()));
      outbox.wake();
      acknowledger.wake();
      core.woken.notify();
    },
    async stop({ deadlineMs = core.limits.stopDeadlineMs } = {}) {
      control.stopReading();
      const deadline = setTimeout(() => control.close(), deadlineMs);
      await runner.idle();
      clearTimeout(deadline);
      control.close();
      await Promise.all([scheduler.closed(), acknowledger.closed(), outbox.closed()]);
      await runner.idle();
      store.close();
      release();
    },
  };
}

function emitStream(core: Core, tables: Tables, resource: string): void {
  const row = tables.streams.get(resource);
  if (row) core.emit({ kind: 'stream', stream: supplyInfo(core, tables, row) });
}

function quarantineControl(parts: RetryParts, turns: Turns): QuarantineControl {
  const { core, tables, quarantine } = parts;
  function supplyOf(name: string): SupplyExchange {
    const exchanges = core.options.exchanges();
    const found = exchanges.find((one) => one.name === name);
    if (!found) {
      const known = exchanges.map((one) => one.name).join(', ') || '-';
      throw engineErrors.EXCHANGE_UNKNOWN({ exchange: name, known });
    }
    if (!isSupply(found)) throw engineErrors.NOT_SUPPLY({ exchange: name, resource: found.consume });
    return found;
  }
  return {
    list: (filter = {}) => tables.quarantine.entries(filter),
    export: (filter, path, signal) => exportQuarantine(core, tables, quarantine, filter, path, signal),
    async retry(name, signal) {
      const exchange = supplyOf(name);
      const busy = tables.jobs.openOf(name).find((job) => job.state === 'running');
      if (busy) throw engineErrors.EXCHANGE_BUSY({ exchange: name, job: busy.id });
      return await turns(exchange.supply, () => retryQuarantine(parts, exchange, signal));
    },
  };
}
