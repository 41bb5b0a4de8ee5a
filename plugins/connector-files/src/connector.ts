import { checkShape, throwIfCancelled } from '@qianzhi/model';
import type { Connection, Connector, PluginContext } from '@qianzhi/plugin-api';
import { openFileSink } from './attachments/sink.js';
import { openFileSource } from './attachments/source.js';
import { checkFolder } from './check.js';
import { ConfigSchema, type FilesConfig, SourceSchema, TargetSchema } from './config.js';
import { discoverFiles } from './discover.js';
import { requireFolder } from './folder/list.js';
import { openSink } from './sink/sink.js';
import { tryTarget } from './sink/try-target.js';
import { openSource } from './source/source.js';
import { trySource } from './source/try-source.js';

/** Files in a folder, tables or documents as they are: read when they are complete, written whole. */
export const filesConnector: Connector = {
  kind: 'connector',
  configSchema: ConfigSchema,
  sourceSchema: SourceSchema,
  targetSchema: TargetSchema,
  capabilities: {
    read: ['snapshot', 'change-table'],
    seesDeletes: ['change-table'],
    snapshotConsistency: 'transaction',
    write: ['swap', 'append'],
    atomicity: 'ledger',
    transactionalDdl: false,
    emptyStringIsNotNull: true,
    files: true,
  },
  async open(input, context, signal) {
    throwIfCancelled(signal, 'open');
    const config = checkShape(ConfigSchema, structuredClone(input), 'config');
    await requireFolder(config.path);
    return connectionOf(config, context);
  },
};

function connectionOf(config: FilesConfig, context: PluginContext): Connection {
  return {
    check: (signal) => checkFolder(config, signal),
    discover: (filter, signal) => discoverFiles(config, filter, signal),
    source: (spec, signal) =>
      spec.strategy === 'files'
        ? openFileSource(config, spec, context, signal)
        : openSource(config, spec, context, signal),
    trySource: (spec, signal) => trySource(config, spec, context, signal),
    sink: (spec, signal) => openSink(config, spec, context, signal),
    fileSink: (spec, signal) => openFileSink(config, spec, context, signal),
    tryTarget: (spec, signal) => tryTarget(config, spec, signal),
    async [Symbol.asyncDispose]() {},
  };
}
