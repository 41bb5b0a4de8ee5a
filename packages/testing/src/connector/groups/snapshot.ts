import assert from 'node:assert/strict';
import type { CatalogResource } from '@qianzhi/model';
import { failsWith, sameRows } from '../assertions.js';
import type { ContractSuite } from '../contract.js';
import type { RowTexts } from '../harness.js';
import { createReplay, lastCheckpoint, readBlocks, rowsOf, tinyBlocks } from '../reading.js';
import { enterprise, enterprises, journal, membership } from '../resources.js';
import { decodeOpRows } from '../row-text.js';
import type { Session } from '../session.js';

const members: RowTexts[] = Array.from({ length: 30 }, (_, i) => [
  `O${i % 3}`,
  String(i < 15 ? i - 7 : 9_000_000_000 + i),
  `成员${i}`,
  '2026-01-02 03:04:05.5',
]);
const entry: RowTexts = ['记账', '12.50', '2026-02-03 04:05:06'];
const entries: RowTexts[] = [
  entry,
  entry,
  entry,
  ['记账', '13.50', null],
  ['冲正', '12.50', '2026-02-03 04:05:06'],
];

async function readsWhole(
  session: Session,
  resource: CatalogResource,
  rows: readonly RowTexts[],
): Promise<void> {
  const table = await session.site.createTable(resource, { rows });
  const source = await session.source(table, resource, 'snapshot');
  const blocks = await readBlocks(source, resource, undefined, session.signal, tinyBlocks);
  sameRows(
    rowsOf(blocks).map((row) => row.fields),
    rows,
    'a snapshot holds every row once',
  );
  assert.ok(
    blocks.every(({ block }) => block.phase === 'snapshot'),
    'every block is of phase snapshot',
  );
  const last = blocks.map(({ block }) => block.lastOfSnapshot === true);
  assert.deepEqual(
    last,
    [...last.slice(0, -1).map(() => false), true],
    'the last block, and only it, says lastOfSnapshot',
  );
}

/** From each checkpoint on a new connection: either the rest, or a restart with everything. */
async function resumesEverywhere(
  session: Session,
  resource: CatalogResource,
  rows: readonly RowTexts[],
): Promise<void> {
  const table = await session.site.createTable(resource, { rows });
  const blocks = await readBlocks(
    await session.source(table, resource, 'snapshot'),
    resource,
    undefined,
    session.signal,
    tinyBlocks,
  );
  for (let done = 1; done < blocks.length; done++) {
    const replay = createReplay(resource);
    replay.apply(blocks.slice(0, done));
    const source = await session.source(table, resource, 'snapshot');
    const rest = await readBlocks(
      source,
      resource,
      lastCheckpoint(blocks.slice(0, done)),
      session.signal,
      tinyBlocks,
    );
    replay.apply(rest);
    sameRows(replay.rows(), rows, `resumed after block ${done} of ${blocks.length}`);
    await source[Symbol.asyncDispose]();
  }
}

export const snapshotGroup: ContractSuite = {
  group: 'snapshot',
  tests: {
    'reads all rows once, in blocks': (session) => readsWhole(session, enterprise, enterprises(1, 100)),
    'reads an empty table as one empty last block': (session) => readsWhole(session, enterprise, []),
    'reads a table with a composite key': (session) => readsWhole(session, membership, members),
    'reads a table without a key, equal rows as often as they are there': (session) =>
      readsWhole(session, journal, entries),
    'resumes from every checkpoint': (session) => resumesEverywhere(session, enterprise, enterprises(1, 12)),
    'resumes from every checkpoint with a composite key': (session) =>
      resumesEverywhere(session, membership, members.slice(8, 20)),
    'resumes from every checkpoint without a key': (session) => resumesEverywhere(session, journal, entries),
    'stops after about maxRows and goes on from there': async (session) => {
      const rows = enterprises(1, 60);
      const table = await session.site.createTable(enterprise, { rows });
      const source = await session.source(table, enterprise, 'snapshot');
      const first = await readBlocks(source, enterprise, undefined, session.signal, {
        ...tinyBlocks,
        maxRows: 20,
      });
      const read = rowsOf(first).length;
      assert.ok(read >= 20 && read < 60, `maxRows 20 ends a read of 60 rows after about 20, not ${read}`);
      assert.ok(!first.some(({ block }) => block.lastOfSnapshot), 'the snapshot has not ended');
      const replay = createReplay(enterprise);
      replay.apply(first);
      replay.apply(await readBlocks(source, enterprise, lastCheckpoint(first), session.signal));
      sameRows(replay.rows(), rows, 'both reads together');
    },
    'keeps its declared consistency while the table changes': async (session) => {
      const before = enterprises(10, 40);
      const table = await session.site.createTable(enterprise, { rows: before });
      const source = await session.source(table, enterprise, 'snapshot');
      const read: RowTexts[] = [];
      for await (const block of source.read(undefined, tinyBlocks, session.signal)) {
        assert.equal(block.kind, 'rows');
        if (read.length === 0) {
          await table.insert([...enterprises(1, 3), ...enterprises(90, 3)]);
          await table.remove(enterprises(48, 2));
        }
        read.push(...decodeOpRows(block.bytes, enterprise.items.length).map((row) => row.fields));
      }
      if (session.harness.connector.capabilities.snapshotConsistency === 'transaction') {
        sameRows(read, before, 'a snapshot declared as one point in time');
      }
      const stayed = new Set(before.slice(0, 38).map((row) => row[0]));
      const kept = read.filter((row) => stayed.has(row[0]!));
      sameRows(kept, before.slice(0, 38), 'rows that were there all the time');
    },
    'begins a new full copy after a finished one': async (session) => {
      const table = await session.site.createTable(enterprise, { rows: enterprises(1, 5) });
      const first = await readBlocks(
        await session.source(table, enterprise, 'snapshot'),
        enterprise,
        undefined,
        session.signal,
      );
      await table.insert(enterprises(6, 1));
      await table.remove(enterprises(2, 1));
      const source = await session.source(table, enterprise, 'snapshot');
      const again = await readBlocks(source, enterprise, lastCheckpoint(first), session.signal);
      const replay = createReplay(enterprise);
      replay.apply(first);
      replay.apply(again);
      sameRows(replay.rows(), await table.readAll(), 'the second copy');
    },
  },
  refused: async ({ connect, site, signal }) => {
    const table = await site.createTable(enterprise);
    const connection = await connect();
    await failsWith(['config'], 'a source of strategy snapshot', () =>
      connection.source(
        { resource: enterprise, strategy: 'snapshot', source: table.source('snapshot') },
        signal,
      ),
    );
  },
};
