import assert from 'node:assert/strict';
import type { CatalogItem } from '@qianzhi/model';
import type { Connection } from '@qianzhi/plugin-api';
import { failsWith } from '../assertions.js';
import type { ContractSuite } from '../contract.js';
import type { TestTable } from '../harness.js';
import { enterprise, resourceOf } from '../resources.js';
import { exchangeName, type Session } from '../session.js';

type Resource = typeof enterprise;

/** Opens the table as a source and as a sink of a resource that it does not fit. */
async function refusedAsBoth(
  session: Session,
  table: Pick<TestTable, 'source' | 'target'>,
  resource: Resource,
  what: string,
  names: string,
): Promise<void> {
  const connection = await session.connect();
  for (const [side, open] of Object.entries(openings(session, connection, table, resource))) {
    const error = await failsWith(['config'], `${what} as ${side}`, open);
    assert.ok(
      `${error.texts.en.message} ${JSON.stringify(error.details)}`.includes(names),
      `${error.code} names ${names}`,
    );
  }
}

function openings(
  session: Session,
  connection: Connection,
  table: Pick<TestTable, 'source' | 'target'>,
  resource: Resource,
) {
  const { read, write } = session.harness.connector.capabilities;
  const strategy = read.find((name) => name !== 'diff');
  return {
    ...(strategy && {
      source: () => connection.source({ resource, strategy, source: table.source(strategy) }, session.signal),
    }),
    ...(write.length > 0 && {
      target: () =>
        connection.sink({ exchange: exchangeName, resource, target: table.target }, session.signal),
    }),
  };
}

export const driftGroup: ContractSuite = {
  group: 'drift',
  tests: {
    'a missing table is a config error': async (session) => {
      const { source, target } = session.site.missing;
      await refusedAsBoth(session, { source: () => source, target }, enterprise, 'a missing table', '');
    },
    'a catalog item without a column is a config error that names it': async (session) => {
      const table = await session.site.createTable(enterprise);
      const extra: CatalogItem = { name: '电话', column: 'phone_number', type: 'C', length: 20 };
      const wider = resourceOf(enterprise.code, [...enterprise.items, extra]);
      await refusedAsBoth(session, table, wider, 'an item without a column', 'phone_number');
    },
    'a column of a type that does not fit is a config error that names it': async (session) => {
      const binary: CatalogItem = { name: '附件', column: 'attachment', type: 'G' };
      const table = await session.site.createTable(
        resourceOf('contract_retyped', [enterprise.items[0]!, binary]),
      );
      const asNumber: CatalogItem = {
        name: '附件',
        column: 'attachment',
        type: 'N',
        precision: 12,
        scale: 2,
      };
      const asked = resourceOf('contract_retyped', [enterprise.items[0]!, asNumber]);
      await refusedAsBoth(session, table, asked, 'a binary column as a number', 'attachment');
    },
    'a column that the catalog does not name is left alone': async (session) => {
      const table = await session.site.createTable(enterprise);
      const narrower = resourceOf(enterprise.code, enterprise.items.slice(0, 2));
      const connection = await session.connect();
      for (const open of Object.values(openings(session, connection, table, narrower))) {
        await (await open())[Symbol.asyncDispose]();
      }
    },
  },
};
