import type { PluginLog } from '@qianzhi/plugin-api';

/** The log with `tags` in each line: which job, which exchange. */
export function taggedLog(log: PluginLog, tags: object): PluginLog {
  return {
    debug: (facts, message) => log.debug({ ...tags, ...facts }, message),
    info: (facts, message) => log.info({ ...tags, ...facts }, message),
    warn: (facts, message) => log.warn({ ...tags, ...facts }, message),
    error: (facts, message) => log.error({ ...tags, ...facts }, message),
  };
}
