import type { PluginLog } from '@qianzhi/plugin-api';
import type { Core } from '../core.js';
import type { Tables } from '../store/tables.js';
import type { JobLine } from '../surface.js';
import { taggedLog } from '../tagged-log.js';

/** A log that also keeps the newest lines of one job for `qianzhi job log`. Debug lines are not kept. */
export function jobLog(core: Core, tables: Tables, job: string): PluginLog {
  const log = taggedLog(core.options.log, { job });
  function line(level: JobLine['level'], facts: object, message: string): void {
    log[level](facts, message);
    if (level === 'debug' || core.crashed() || core.closed.aborted) return;
    const entry: JobLine = { at: core.now(), level, message, facts: facts as JobLine['facts'] };
    core.store.write(() => tables.jobs.addLine(job, entry, core.limits.jobLogLines));
  }
  return {
    debug: (facts, message) => line('debug', facts, message),
    info: (facts, message) => line('info', facts, message),
    warn: (facts, message) => line('warn', facts, message),
    error: (facts, message) => line('error', facts, message),
  };
}
