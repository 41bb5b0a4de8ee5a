import type { CatalogResource } from '@qianzhi/model';
import type { Connector } from '@qianzhi/plugin-api';
import {
  type ConnectorHarness,
  type ContractGroup,
  contractTests,
  delivery,
  lineOf,
  type RowTexts,
  write,
} from '@qianzhi/testing';
import { describe, it } from 'vitest';
import { inboxConnector } from './connector.js';
import { openSite, readRecords, type Site } from './test/site.js';

/** There are no tables to look for, and no columns that could not fit. */
const leftOut: readonly ContractGroup[] = ['discover', 'drift'];
/** A config has nothing that could be wrong. */
const wrongConfigs = 'fails with a coded error for each wrong config';
const receives = 'it only receives';

/** Needs a target that refuses a row of a delta, which an inbox never does: see sink.test.ts. */
const refusing = 'writes rows and ledger together or not at all';

interface NamedTable {
  readonly resource: CatalogResource;
  readonly rows: readonly RowTexts[];
  exchange?: string;
}

/** The suite names tables, where an inbox is that of its exchange: a table becomes the inbox of the first exchange that writes it. */
function harnessOver(site: Site): ConnectorHarness {
  const tables = new Map<string, NamedTable>();
  const tableOf = new Map<unknown, string>();

  async function inboxOf(name: string, exchange: string): Promise<void> {
    const table = tables.get(name)!;
    if (table.exchange === undefined && table.rows.length > 0) await fill(site, exchange, table);
    table.exchange = exchange;
  }

  const connector: Connector = {
    ...inboxConnector,
    async open(config, context, signal) {
      const connection = await inboxConnector.open(config, { ...context, keep: site.context.keep! }, signal);
      return {
        ...connection,
        async sink({ target, ...spec }, inner) {
          const table = tableOf.get(target);
          if (table !== undefined) await inboxOf(table, spec.exchange);
          return connection.sink({ ...spec, target }, inner);
        },
      };
    },
  };

  async function readAll(name: string): Promise<readonly RowTexts[]> {
    const { exchange, rows, resource } = tables.get(name)!;
    if (exchange === undefined) return rows;
    return readRecords(await site.feed(exchange)).map((values) =>
      resource.items.map(({ column }) => values[column] ?? null),
    );
  }

  return {
    name: 'inbox',
    connector,
    unsupported: {
      snapshot: receives,
      watermark: receives,
      'change-table': receives,
      'sink-parts': 'one writer at a time',
      'sink-reject': 'it refuses no row of a delta',
      secrets: 'there is nothing to sign in to',
    },
    openSite: async () => ({
      config: {},
      secret: null,
      wrongConfigs: [],
      missing: { source: {}, target: {} },
      clock: async () => '',
      async createTable(resource, { rows = [] } = {}) {
        const name = `table-${tables.size + 1}`;
        tables.set(name, { resource, rows });
        const target = {};
        tableOf.set(target, name);
        return {
          name,
          source: () => ({}),
          target,
          insert: async () => undefined,
          update: async () => undefined,
          remove: async () => undefined,
          pendingChanges: async () => 0,
          readAll: () => readAll(name),
        };
      },
      async [Symbol.asyncDispose]() {},
    }),
  };
}

/** Rows of an earlier epoch of the same supplier. */
async function fill(site: Site, exchange: string, { resource, rows }: NamedTable): Promise<void> {
  const lines = rows.map((row) => lineOf('U', row));
  const earlier = { ...delivery, stream: { ...delivery.stream, epoch: 9 } };
  await write(await site.sink(resource, exchange), resource, 1, lines, { delivery: earlier });
}

describe('connector contract: inbox', () => {
  const listed = contractTests(harnessOver({} as Site));
  for (const { group, name, run } of listed) {
    if (leftOut.includes(group) || name === refusing || name === wrongConfigs) continue;
    it(`${group}: ${name}`, async () => {
      await using site = openSite();
      await run(harnessOver(site));
    });
  }
});
