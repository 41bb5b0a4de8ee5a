import { checkShape } from '@qianzhi/model';
import { Type } from '@qianzhi/model/schema';
import type { Connection, Connector, PluginContext, SourceSpec } from '@qianzhi/plugin-api';
import { ConfigSchema, SourceSchema } from './config.js';
import { pushErrors } from './errors.js';
import { holdLog } from './log/hold-log.js';
import { openPushes } from './pushes.js';
import { createJudge } from './records/judge.js';
import { openSource } from './source/source.js';

/** Records that business systems push, kept in a durable log of the agent's state folder until they have their receipt. */
export const pushConnector: Connector = {
  kind: 'connector',
  configSchema: ConfigSchema,
  sourceSchema: SourceSchema,
  targetSchema: Type.Object({}, { additionalProperties: false }),
  capabilities: {
    read: ['snapshot', 'log'],
    seesDeletes: ['snapshot', 'log'],
    snapshotConsistency: 'chunk',
    write: [],
    atomicity: 'none',
    transactionalDdl: false,
    emptyStringIsNotNull: true,
    files: false,
    pushes: true,
  },
  open: async (_config, context) => connectionOf(context),
};

const MiB = 1024 * 1024;

function connectionOf(context: PluginContext): Connection {
  return {
    async check() {
      if (!context.keep) throw pushErrors.NO_STATE({ resource: '—' });
      return { server: 'push', version: '1', notes: [] };
    },
    discover: async () => [],
    async source(spec) {
      const { keepDays } = sourceOf(spec.source);
      requireStrategy(spec);
      const { log, release } = await holdLog(spec.resource.code, context);
      return openSource(log, spec, keepDays, context.now, release);
    },
    async trySource(spec) {
      const { resource } = spec;
      requireStrategy(spec);
      if (!context.keep) throw pushErrors.NO_STATE({ resource: resource.code });
      createJudge(resource);
      return [];
    },
    async pushes({ resource, source }) {
      const limitBytes = sourceOf(source).maxWaitingMiB * MiB;
      const { log, release } = await holdLog(resource.code, context);
      try {
        return openPushes({ log, resource, limitBytes, now: context.now, release });
      } catch (error) {
        release();
        throw error;
      }
    },
    async sink() {
      throw pushErrors.ONLY_SUPPLIES();
    },
    async [Symbol.asyncDispose]() {},
  };
}

function requireStrategy({ strategy, resource }: SourceSpec): void {
  if (strategy === 'log' || strategy === 'snapshot') return;
  throw pushErrors.STRATEGY({ strategy, resource: resource.code });
}

function sourceOf(source: unknown) {
  return checkShape(SourceSchema, structuredClone(source ?? {}), 'source');
}
