import { Type } from '@qianzhi/model/schema';
import type { Connection, Connector, PluginContext } from '@qianzhi/plugin-api';
import { ConfigSchema, TargetSchema } from './config.js';
import { inboxErrors } from './errors.js';
import { openFeed } from './feed/feed.js';
import { readBack } from './read-back.js';
import { openSink, requireKey } from './sink/sink.js';

/** Received records kept in the agent's state folder, for business systems that read them instead of a table. */
export const inboxConnector: Connector = {
  kind: 'connector',
  configSchema: ConfigSchema,
  sourceSchema: Type.Object({}, { additionalProperties: false }),
  targetSchema: TargetSchema,
  capabilities: {
    read: [],
    seesDeletes: [],
    snapshotConsistency: 'none',
    write: ['merge', 'swap'],
    atomicity: 'ledger',
    transactionalDdl: true,
    emptyStringIsNotNull: true,
    files: false,
    feed: true,
  },
  open: async (_config, context) => connectionOf(context),
};

function connectionOf(context: PluginContext): Connection {
  return {
    async check() {
      if (!context.keep) throw inboxErrors.NO_STATE({ exchange: '—' });
      return { server: 'inbox', version: '1', notes: [] };
    },
    discover: async () => [],
    async source() {
      throw inboxErrors.ONLY_RECEIVES();
    },
    sink: (spec) => openSink(spec, context),
    async tryTarget(spec) {
      requireKey(spec.exchange, spec.resource);
      if (!context.keep) throw inboxErrors.NO_STATE({ exchange: spec.exchange });
      return [];
    },
    readBack: (spec) => readBack(spec, context),
    feed: ({ exchange, target }) => openFeed(exchange, target, context),
    async [Symbol.asyncDispose]() {},
  };
}
