import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Connector } from '@qianzhi/plugin-api';
import { decodeRows } from '@qianzhi/rows';
import { type ConnectorHarness, contractTests, type RowTexts } from '@qianzhi/testing';
import Database from 'better-sqlite3';
import { describe, it } from 'vitest';
import { pushConnector } from './connector.js';
import { createPushRig, lines, type PushRig } from './test/rig.js';

/** There are no tables to look for, no columns that could not fit, and no target. */
const leftOut = ['discover', 'drift', 'sink-parts'];
/** A config has nothing that could be wrong, and a resource without a key cannot be pushed: see pushes.test.ts. */
const leftOutTests = /wrong config|without a key/;

const supplies = 'it only supplies';
const noTable = 'there is no table to look into';

/** The suite names tables, where a push log is that of its resource: a table becomes the log of a resource of its name. */
function harnessOver(rig: PushRig): ConnectorHarness {
  const tableOf = new Map<unknown, string>();
  const connector: Connector = {
    ...pushConnector,
    async open(config, context, signal) {
      const connection = await pushConnector.open(config, { ...context, keep: rig.keep }, signal);
      return {
        ...connection,
        source({ resource, ...spec }, inner) {
          const code = tableOf.get(spec.source) ?? resource.code;
          return connection.source({ ...spec, resource: { ...resource, code } }, inner);
        },
      };
    },
  };
  return {
    name: 'push',
    connector,
    unsupported: {
      watermark: noTable,
      'change-table': noTable,
      'sink-merge': supplies,
      'sink-snapshot': supplies,
      'sink-reject': supplies,
      secrets: 'there is nothing to sign in to',
    },
    openSite: async () => ({
      config: {},
      secret: null,
      wrongConfigs: [],
      missing: { source: {}, target: {} },
      clock: async () => '2026-01-01 00:00:00',
      async createTable(given, { rows = [] } = {}) {
        const name = `table_${tableOf.size + 1}`;
        const source = {};
        tableOf.set(source, name);
        const resource = { ...given, code: name };
        const { items } = resource;
        const pushes = await rig.pushes(resource);
        const valuesOf = (row: RowTexts, all: boolean) =>
          Object.fromEntries(
            items.flatMap(({ column, key }, at) => (all || key ? [[column, row[at]!]] : [])),
          );
        const upsert = (row: RowTexts) => ({ upsert: valuesOf(row, true) });
        const remove = (row: RowTexts) => ({ delete: valuesOf(row, false) });
        const push = async (...changes: object[]) => {
          const { refused } = await pushes.push(lines(...changes));
          if (refused.length > 0) throw new Error(JSON.stringify(refused));
        };
        const readAll = () => recordsIn(rig.folder, name);
        await push(...rows.map(upsert));
        return {
          name,
          source: () => source,
          target: {},
          insert: (added) => push(...added.map(upsert)),
          update: (changed) => push(...changed.map(upsert)),
          remove: (gone) => push(...gone.map(remove)),
          changeKey: (from, to) => push(remove(from), upsert(to)),
          truncate: async () => push(...(await readAll()).map(remove)),
          readAll,
          pendingChanges: async () => pushes.facts().waiting,
        };
      },
      [Symbol.asyncDispose]: async () => undefined,
    }),
  };
}

/** Through a connection of its own: what the log holds of each key. */
async function recordsIn(folder: string, table: string): Promise<RowTexts[]> {
  const file = readdirSync(folder).find((name) => name.startsWith(table) && name.endsWith('.db'))!;
  const db = new Database(join(folder, file), { readonly: true });
  try {
    const rows = db.prepare('SELECT row FROM record').pluck().all() as Buffer[];
    return [...decodeRows(Buffer.concat(rows))].map(({ fields }) => fields);
  } finally {
    db.close();
  }
}

describe('connector contract: push', () => {
  const listed = contractTests(harnessOver({} as PushRig));
  for (const { group, name, run } of listed) {
    if (leftOut.includes(group) || leftOutTests.test(name)) continue;
    it(`${group}: ${name}`, { timeout: 120_000 }, async () => {
      await using rig = await createPushRig();
      await run(harnessOver(rig));
    });
  }
});
