import { readdir } from 'node:fs/promises';
import { checkShape, throwIfCancelled } from '@qianzhi/model';
import type { Connection, Connector } from '@qianzhi/plugin-api';
import { type Config, ConfigSchema, SourceSchema, TargetSchema } from './config.js';
import { describeTable, fittingTable } from './description.js';
import { connectorErrors } from './errors.js';
import { openSink } from './sink.js';
import { openSource } from './source.js';
import { readTable } from './table-file.js';

export const connector: Connector = {
  kind: 'connector',
  configSchema: ConfigSchema,
  sourceSchema: SourceSchema,
  targetSchema: TargetSchema,
  capabilities: {
    read: ['snapshot'],
    seesDeletes: [],
    snapshotConsistency: 'transaction',
    write: ['merge'],
    atomicity: 'ledger',
    transactionalDdl: false,
    emptyStringIsNotNull: true,
    files: false,
  },
  async open(config, _context, signal) {
    const { folder } = checkShape(ConfigSchema, config, 'config') satisfies Config;
    await tableNames(folder, signal);
    return openConnection(folder);
  },
};

function openConnection(folder: string): Connection {
  return {
    async check(signal) {
      const count = (await tableNames(folder, signal)).length;
      return {
        server: 'JSON lines',
        version: '1',
        notes: [
          {
            level: 'ok',
            zh: `文件夹可读,有 ${count} 张表`,
            en: `the folder can be read and has ${count} tables`,
          },
        ],
      };
    },
    async discover({ table: wanted }, signal) {
      const names = (await tableNames(folder, signal)).filter(
        (name) => wanted === undefined || name === wanted,
      );
      return Promise.all(names.map(async (name) => describeTable(await readTable(folder, name))));
    },
    async source({ resource, strategy, source }, signal) {
      throwIfCancelled(signal, 'source');
      if (strategy !== 'snapshot') throw connectorErrors.NOT_SUPPORTED({ what: strategy, known: 'snapshot' });
      const { table } = checkShape(SourceSchema, source, 'source');
      await fittingTable(folder, table, resource, 'source');
      return openSource(folder, table, resource);
    },
    async sink({ exchange, resource, target, write }, signal) {
      throwIfCancelled(signal, 'sink');
      if (write !== undefined && write !== 'merge')
        throw connectorErrors.NOT_SUPPORTED({ what: write, known: 'merge' });
      const { table: name } = checkShape(TargetSchema, target, 'target');
      const table = await fittingTable(folder, name, resource, 'target');
      if (!table.columns.some((column) => column.key)) {
        throw connectorErrors.NOT_SUPPORTED({
          what: `merge into table ${name} without a key`,
          known: 'tables with a key',
        });
      }
      return openSink(folder, name, exchange);
    },
    async [Symbol.asyncDispose]() {},
  };
}

async function tableNames(folder: string, signal: AbortSignal): Promise<string[]> {
  throwIfCancelled(signal, 'open');
  const files = await readdir(folder).catch((error: unknown) => {
    throw connectorErrors.FOLDER_MISSING({ folder }, error);
  });
  return files.filter((file) => file.endsWith('.jsonl')).map((file) => file.slice(0, -'.jsonl'.length));
}
