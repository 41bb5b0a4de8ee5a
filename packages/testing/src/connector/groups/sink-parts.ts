import assert from 'node:assert/strict';
import { isQianzhiError } from '@qianzhi/model';
import type { LedgerRow, PartLoader, Sink, SinkBatch, WriteMode } from '@qianzhi/plugin-api';
import { failsWith, sameRows } from '../assertions.js';
import type { ContractSuite } from '../contract.js';
import type { RowTexts, TableOptions, TestTable } from '../harness.js';
import { enterprise, enterprises, renamed } from '../resources.js';
import type { Session } from '../session.js';
import { delivery, nothingRejected, quarantine, snapshotBatches } from '../writing.js';

const refused = '拒收此名';
const held = enterprises(1, 6);
const coming = [
  ...enterprises(1, 20).map((row, at) => (at % 3 === 0 ? renamed(row, '更名') : row)),
  ...enterprises(100, 400),
];
/** The first and the last are written, those between may be loaded side by side. */
const cuts = [0, 5, 12, 150, 300, 420];

interface Target {
  readonly table: TestTable;
  readonly sink: Sink;
  readonly batches: readonly SinkBatch[];
  readonly parts: PartLoader;
  /** What is in the target after the first part, which is written. */
  readonly before: readonly RowTexts[];
}

function batchesOf(rows: readonly RowTexts[]): SinkBatch[] {
  const parts = cuts.map((from, at) => rows.slice(from, cuts[at + 1]));
  return snapshotBatches(enterprise, 1, 'snap-1', parts);
}

function loaderOf({ parts }: Sink): PartLoader {
  assert.ok(parts, 'the sink loads parts side by side');
  assert.ok(parts.atOnce > 1, 'more than one at a time');
  return parts;
}

/** A table whose snapshot has its first part written. */
async function beginSnapshot(
  session: Session,
  rows: readonly RowTexts[] = coming,
  write?: WriteMode,
  options: TableOptions = {},
): Promise<Target> {
  const table = await session.site.createTable(enterprise, { rows: held, ...options });
  const sink = await session.sink(table, enterprise, write);
  const batches = batchesOf(rows);
  await sink.write(batches[0]!, nothingRejected, session.signal);
  return { table, sink, batches, parts: loaderOf(sink), before: await table.readAll() };
}

const load = ({ parts, batches }: Target, part: number, signal: AbortSignal) =>
  parts.load(batches[part - 1]!, signal);

async function headOf({ sink }: Target, session: Session): Promise<number | undefined> {
  return (await sink.ledgerHead(delivery, session.signal))?.seq;
}

/** Nothing of a part behind `head` is to be seen. */
async function expectAt(head: number, target: Target, session: Session, when: string): Promise<void> {
  assert.equal(await headOf(target, session), head, `the ledger's head ${when}`);
  sameRows(await target.table.readAll(), target.before, `the target ${when}`);
}

/** Parts from `first` on, one after another, and the target they leave. */
async function finish(
  { table, sink, batches }: Target,
  first: number,
  expected: readonly RowTexts[],
  session: Session,
): Promise<void> {
  for (const batch of batches.slice(first - 1)) await sink.write(batch, nothingRejected, session.signal);
  sameRows(await table.readAll(), expected, 'the target holds the snapshot and nothing else');
}

/** What a receipt is made from. */
const facts = ({ committedAt: _, exchange: __, ...row }: LedgerRow) => row;

async function ledgerOf({ sink }: Target, session: Session) {
  return (await sink.ledgerAfter(delivery, 0, 100, session.signal)).map(facts);
}

export const sinkPartsGroup: ContractSuite = {
  group: 'sink-parts',
  tests: {
    'leaves the target and the ledger that parts written one after another leave': async (session) => {
      for (const write of session.harness.connector.capabilities.write) {
        if (write === 'append') continue;
        const target = await beginSnapshot(session, coming, write);
        const rows: LedgerRow[] = [];
        // always the next one is loaded, and the last one of them first, before one is committed
        let [earlier, later] = await Promise.all([
          load(target, 2, session.signal),
          load(target, 3, session.signal),
        ]);
        for (let next = 4; next < cuts.length; next++) {
          rows.push(await earlier.commit(nothingRejected));
          [earlier, later] = [later, await load(target, next, session.signal)];
        }
        for (const part of [earlier, later]) rows.push(await part.commit(nothingRejected));
        await finish(target, cuts.length, coming, session);

        const other = await beginSnapshot(session, coming, write);
        await finish(other, 2, coming, session);
        const ledger = await ledgerOf(target, session);
        assert.deepEqual(ledger, await ledgerOf(other, session), `${write}: the ledger`);
        assert.deepEqual(ledger.slice(1, -1), rows.map(facts), `${write}: what the commits answered`);
      }
    },
    'shows and counts nothing of a part before its turn': async (session) => {
      const target = await beginSnapshot(session);
      const loaded = await Promise.all([load(target, 2, session.signal), load(target, 3, session.signal)]);
      await expectAt(1, target, session, 'while two parts are loaded');
      await loaded[0].commit(nothingRejected);
      await expectAt(2, target, session, 'when the earlier one is committed');
      await loaded[1].commit(nothingRejected);
      await finish(target, 4, coming, session);
    },
    'keeps nothing of a part when the one before it fails': async (session) => {
      const target = await beginSnapshot(session);
      const [earlier, later] = await Promise.all([
        load(target, 2, session.signal),
        load(target, 3, session.signal),
      ]);
      await earlier[Symbol.asyncDispose]();
      const error = await later.commit(nothingRejected).catch((thrown: unknown) => thrown);
      assert.ok(
        isQianzhiError(error) && error.kind === 'integrity',
        'a part whose predecessor is missing is refused (integrity)',
      );
      await later[Symbol.asyncDispose]();
      await expectAt(1, target, session, 'when both are gone');
      const again = await Promise.all([load(target, 2, session.signal), load(target, 3, session.signal)]);
      for (const part of again) await part.commit(nothingRejected);
      await finish(target, 4, coming, session);
    },
    'gives refused rows away when it is the part’s turn, and rolls back when they are not taken': async (
      session,
    ) => {
      if (session.harness.unsupported['sink-reject'] !== undefined) return;
      const bad = new Set([6, 11, 40, 41, 200]);
      const rows = coming.map((row, at) => (bad.has(at) ? renamed(row, refused) : row));
      const target = await beginSnapshot(session, rows, undefined, {
        refuse: { column: 'name', value: refused },
      });
      const kept = quarantine();
      const limit = new Error('over the reject limit');
      const [earlier, later] = await Promise.all([
        load(target, 2, session.signal),
        load(target, 3, session.signal),
      ]);
      await assert.rejects(
        earlier.commit(() => Promise.reject(limit)),
        limit,
      );
      await later[Symbol.asyncDispose]();
      await expectAt(1, target, session, 'when the quarantine refused');

      const again = await Promise.all([load(target, 2, session.signal), load(target, 3, session.signal)]);
      assert.equal(kept.rows.length, 0);
      for (const part of again) await part.commit(kept.onRejected);
      for (const batch of target.batches.slice(3)) {
        await target.sink.write(batch, kept.onRejected, session.signal);
      }
      const names = kept.rows.map(({ bytes }) => Buffer.from(bytes).toString().split('\t')[1]);
      assert.deepEqual(
        names,
        [...bad].map((at) => rows[at]![0]),
        'each bad row once, part by part',
      );
      const good = rows.filter((row) => row[1] !== refused);
      sameRows(await target.table.readAll(), good, 'the target');
      const ledger = await ledgerOf(target, session);
      assert.deepEqual(
        ledger.map(({ counts }) => counts.rejected),
        [0, 2, 2, 1, 0, bad.size],
      );
    },
    'rolls back what is loaded when something else is written or discarded': async (session) => {
      const target = await beginSnapshot(session);
      const [earlier] = await Promise.all([load(target, 2, session.signal), load(target, 3, session.signal)]);
      await target.sink.write(target.batches[1]!, nothingRejected, session.signal);
      await assert.rejects(earlier.commit(nothingRejected), 'a part that is rolled back is not committed');
      assert.equal(await headOf(target, session), 2, 'the ledger’s head after a write');
      const third = await load(target, 3, session.signal);
      await target.sink.discardStaged(delivery, session.signal);
      await assert.rejects(third.commit(nothingRejected), 'a part that is discarded is not committed');
      assert.equal(await headOf(target, session), undefined, 'no ledger row is left');
      await finish(target, 1, coming, session);
    },
    'an aborted part is not committed, and nothing of it is left': async (session) => {
      const target = await beginSnapshot(session);
      const controller = new AbortController();
      const part = await load(target, 2, controller.signal);
      controller.abort();
      await failsWith(['cancelled'], 'an aborted part', () => part.commit(nothingRejected));
      await failsWith(['cancelled'], 'a part with a signal that is aborted already', () =>
        load(target, 2, controller.signal),
      );
      await expectAt(1, target, session, 'after the abort');
      await finish(target, 2, coming, session);
    },
    'leaves nothing open when it is closed': async (session) => {
      const target = await beginSnapshot(session);
      await Promise.all([load(target, 2, session.signal), load(target, 3, session.signal)]);
      await target.sink[Symbol.asyncDispose]();
      const sink = await session.sink(target.table, enterprise);
      const reopened = { ...target, sink, parts: loaderOf(sink) };
      await expectAt(1, reopened, session, 'after the sink was closed');
      await finish(reopened, 2, coming, session);
    },
  },
  refused: async (session) => {
    const table = await session.site.createTable(enterprise);
    const sink = await session.sink(table, enterprise);
    assert.equal(sink.parts, undefined, 'a sink that loads parts side by side says so');
  },
};
