import { type CatalogResource, checkShape, compareTable, throwIfCancelled } from '@qianzhi/model';
import { type Static, Type } from '@qianzhi/model/schema';
import type { Connection, Connector, SourceSpec } from '@qianzhi/plugin-api';
import { referenceErrors } from '../errors.js';
import { openMemoryFileSink } from './file-sink.js';
import type { MemoryFolder, MemoryServer, MemoryTable } from './memory-server.js';
import { openMemoryQuery } from './query.js';
import { openMemorySink } from './sink.js';
import { openChangeTableSource } from './source-change-table.js';
import { openFileSource } from './source-files.js';
import { openFlagSource } from './source-flag.js';
import { openSnapshotSource } from './source-snapshot.js';
import { openWatermarkSource } from './source-watermark.js';

const ConfigSchema = Type.Object(
  { server: Type.String(), user: Type.String(), password: Type.String({ secret: true }) },
  { additionalProperties: false },
);

const SourceSchema = Type.Object(
  {
    table: Type.String(),
    watermark: Type.Optional(
      Type.Object(
        { column: Type.String(), overlapMs: Type.Integer({ minimum: 0, default: 60_000 }) },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);

const TargetSchema = Type.Object({ table: Type.String() }, { additionalProperties: false });

/**
 * A connector to tables in memory that keeps every promise of the contract: proof that the contract can be kept, and
 * the plainest reading of it.
 */
export function createReferenceConnector(server: MemoryServer): Connector {
  return {
    kind: 'connector',
    configSchema: ConfigSchema,
    sourceSchema: SourceSchema,
    targetSchema: TargetSchema,
    capabilities: {
      read: ['snapshot', 'watermark', 'flag', 'change-table', 'log'],
      seesDeletes: ['change-table', 'log'],
      snapshotConsistency: 'chunk',
      write: ['merge', 'swap'],
      atomicity: 'ledger',
      transactionalDdl: true,
      emptyStringIsNotNull: true,
      files: true,
      query: true,
    },
    async open(config, _context, signal) {
      throwIfCancelled(signal, 'open');
      const { server: name, user, password } = checkShape(ConfigSchema, config, 'config');
      if (name !== server.name) throw referenceErrors.SERVER_UNKNOWN({ server: name });
      if (user !== server.user || password !== server.password) {
        throw referenceErrors.LOGIN_REFUSED({ server: name, user });
      }
      return openConnection(server);
    },
  };
}

function openConnection(server: MemoryServer): Connection {
  return {
    async check(signal) {
      throwIfCancelled(signal, 'check');
      const tables = `${server.tables.size}`;
      return {
        server: `memory ${server.name}`,
        version: '1',
        notes: [{ level: 'ok', zh: `可读写 ${tables} 张表`, en: `${tables} tables can be read and written` }],
      };
    },
    async discover(filter, signal) {
      throwIfCancelled(signal, 'discover');
      const tables = [...server.tables.values()];
      return tables
        .filter((table) => filter.table === undefined || table.name === filter.table)
        .map(describeTable);
    },
    async source(spec, signal) {
      throwIfCancelled(signal, 'source');
      const { table: name, watermark } = checkShape(SourceSchema, spec.source, 'source');
      if (spec.strategy === 'files') return openFileSource(folderOf(server, name));
      const table = fittingTable(server, name, spec.resource, 'source');
      return openSource(server, table, spec, watermark);
    },
    async sink(spec, signal) {
      throwIfCancelled(signal, 'sink');
      const { table: name } = checkShape(TargetSchema, spec.target, 'target');
      if (spec.write === 'append') {
        throw referenceErrors.NOT_SUPPORTED({ what: spec.write, known: 'merge, swap' });
      }
      return openMemorySink(server, fittingTable(server, name, spec.resource, 'target'), spec);
    },
    async query(spec, signal) {
      throwIfCancelled(signal, 'query');
      const tableOf = (name: string) => fittingTable(server, name, spec.resource, 'source');
      return openMemoryQuery(server, tableOf, spec);
    },
    async fileSink(spec, signal) {
      throwIfCancelled(signal, 'sink');
      const { table: name } = checkShape(TargetSchema, spec.target, 'target');
      return openMemoryFileSink(server, folderOf(server, name), spec);
    },
    async [Symbol.asyncDispose]() {},
  };
}

function folderOf(server: MemoryServer, name: string): MemoryFolder {
  const folder = server.folders.get(name);
  if (!folder) throw referenceErrors.TABLE_MISSING({ table: name });
  return folder;
}

function openSource(
  server: MemoryServer,
  table: MemoryTable,
  { resource, strategy }: SourceSpec,
  watermark: Static<typeof SourceSchema>['watermark'],
) {
  if (strategy === 'snapshot') return openSnapshotSource(table, resource);
  if (strategy === 'watermark' && watermark) return openWatermarkSource(server, table, resource, watermark);
  if (strategy === 'flag' && table.pending) return openFlagSource(table, table.pending, resource);
  if (strategy === 'change-table' && table.changes)
    return openChangeTableSource(table, table.changes, resource);
  if (strategy === 'log') return openChangeTableSource(table, table.log, resource);
  throw referenceErrors.NOT_SUPPORTED({
    what: strategy,
    known: 'snapshot, watermark, flag, change-table, log, files',
  });
}

function fittingTable(
  server: MemoryServer,
  name: string,
  resource: CatalogResource,
  side: 'source' | 'target',
): MemoryTable {
  const table = server.tables.get(name);
  if (!table) throw referenceErrors.TABLE_MISSING({ table: name });
  const columns = table.columns.map(({ column, type }) => ({ name: column, type }));
  const misfit = compareTable(resource, columns, {}, side).find((finding) => finding.level === 'error');
  if (misfit)
    throw referenceErrors.TABLE_MISFIT({ table: name, item: misfit.item, finding: misfit.texts.en });
  return table;
}

function describeTable(table: MemoryTable) {
  return {
    schema: null,
    table: table.name,
    kind: 'table' as const,
    rows: table.rows.size,
    comment: null,
    columns: table.columns.map((item) => ({
      name: item.column,
      nativeType: item.type,
      type: item.type,
      length: item.length ?? null,
      precision: item.precision ?? null,
      scale: item.scale ?? null,
      nullable: !item.required,
      comment: item.name,
    })),
    primaryKey: table.columns.filter((item) => item.key).map((item) => item.column),
  };
}
