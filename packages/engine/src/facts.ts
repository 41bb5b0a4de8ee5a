import { toProblem } from '@qianzhi/model';
import type { Core } from './core.js';
import { codedError } from './failure.js';
import type { Tables } from './store/tables.js';
import type { EngineFacts, ExchangeFacts } from './surface.js';

/** See `Engine.facts`. */
export function engineFacts(core: Core, tables: Tables): EngineFacts {
  const halted = core.store.halted();
  return {
    halted: halted === undefined ? undefined : toProblem(codedError(halted, 'state.db')),
    outboxBytes: tables.batches.unreceiptedBytes(),
    outboxLimitBytes: core.limits.outboxBytes,
    oldestUnreceipted: tables.batches.oldestUnreceipted(),
    jobs: tables.jobs.counts(),
    exchanges: core.options.exchanges().map(({ name }): ExchangeFacts => {
      const row = tables.exchanges.ensure(name, core.now());
      const quarantined = tables.quarantine.countOpen(name);
      return { exchange: name, since: row.since, dataAt: row.dataAt ?? undefined, quarantined };
    }),
  };
}
