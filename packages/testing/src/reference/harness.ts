import type { CatalogResource } from '@qianzhi/model';
import type { Connector } from '@qianzhi/plugin-api';
import {
  type ConnectorHarness,
  type ConnectorSite,
  overlapMs,
  type TableOptions,
  type TestFolder,
  type TestTable,
} from '../connector/harness.js';
import { createReferenceConnector } from './connector.js';
import {
  clockText,
  createMemoryServer,
  createMemoryTable,
  type MemoryFolder,
  type MemoryServer,
  putFile,
  putRow,
  removeRow,
  rowsInOrder,
} from './memory-server.js';

/** The reference connector with its harness; the example for a harness of one's own. */
export function referenceHarness(): ConnectorHarness {
  const server = createMemoryServer('reference', 'reader', 'mem0ry-pässwörd!');
  return harnessFor(server, createReferenceConnector(server));
}

/** A harness for a connector to a memory server, good or broken. */
export function harnessFor(server: MemoryServer, connector: Connector): ConnectorHarness {
  return { name: 'reference (memory)', connector, unsupported: {}, openSite: async () => openSite(server) };
}

function openSite(server: MemoryServer): ConnectorSite {
  const config = { server: server.name, user: server.user, password: server.password };
  server.tables.clear();
  server.folders.clear();
  server.ledger.clear();
  server.staged.clear();
  return {
    config,
    secret: server.password,
    wrongConfigs: [
      { name: 'another user', config: { ...config, user: 'nobody' }, kinds: ['auth'] },
      {
        name: 'a server that is not there',
        config: { ...config, server: 'elsewhere' },
        kinds: ['unavailable'],
      },
    ],
    missing: { source: { table: 'not_there' }, target: { table: 'not_there' } },
    createTable: async (resource, options) => createTable(server, resource, options),
    createFolder: async () => createFolder(server),
    clock: async (offsetMs) => clockText(server.now() + offsetMs),
    asking: {
      byId: ({ name }) => `${name} by id`,
      endless: ({ name }) => `${name} by id slowly`,
      running: async () => server.asking,
      deleting: async ({ name }) => `${name} without id`,
    },
    async [Symbol.asyncDispose]() {},
  };
}

function createFolder(server: MemoryServer): TestFolder {
  const places = ['waiting', 'received'].map((place) => `${place}_${server.folders.size + 1}`);
  const [waiting, received] = places.map(
    (): MemoryFolder => ({ files: new Map(), unfinished: new Map(), next: 1 }),
  );
  server.folders.set(places[0]!, waiting!).set(places[1]!, received!);
  return {
    source: { table: places[0] },
    target: { table: places[1] },
    put: async (name, bytes) => putFile(waiting!, name, bytes),
    received: async () => Object.fromEntries([...received!.files].map(([name, { bytes }]) => [name, bytes])),
  };
}

function createTable(server: MemoryServer, resource: CatalogResource, options: TableOptions = {}): TestTable {
  const name = `table_${server.tables.size + 1}`;
  const captures = options.changeTable === true;
  const table = createMemoryTable(name, resource, {
    changes: captures,
    flag: options.flag === true,
    ...(options.refuse ? { refuse: options.refuse } : {}),
  });
  for (const row of options.rows ?? []) putRow(table, row);
  table.changes?.splice(0);
  table.log.splice(0);
  server.tables.set(name, table);
  return {
    name,
    source: (strategy) => ({
      table: name,
      ...(strategy === 'watermark' ? { watermark: { column: 'updated_at', overlapMs } } : {}),
    }),
    target: { table: name },
    async insert(rows) {
      for (const row of rows) putRow(table, row);
    },
    async update(rows) {
      for (const row of rows) putRow(table, row);
    },
    async remove(rows) {
      for (const row of rows) removeRow(table, row);
    },
    async changeKey(from, to) {
      removeRow(table, from);
      putRow(table, to);
    },
    async truncate() {
      for (const { values } of rowsInOrder(table)) removeRow(table, values);
    },
    readAll: async () => rowsInOrder(table).map((row) => row.values),
    pendingChanges: async () => table.changes?.length ?? table.pending?.size ?? 0,
  };
}
