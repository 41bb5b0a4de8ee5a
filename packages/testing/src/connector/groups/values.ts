import assert from 'node:assert/strict';
import { isQianzhiError } from '@qianzhi/model';
import { sameRows } from '../assertions.js';
import type { ContractSuite } from '../contract.js';
import type { ConnectorHarness, RowTexts, TestTable } from '../harness.js';
import { readBlocks, rowsOf } from '../reading.js';
import { resourceOf } from '../resources.js';
import type { Session } from '../session.js';
import { type ValueVector, valueVectors } from '../value-vectors.js';
import { delivery, deltaBatch, nothingRejected, quarantine, upserts } from '../writing.js';

function resourceFor(vector: ValueVector) {
  const id = { name: '编号', column: 'id', type: 'C', length: 20, key: true, required: true } as const;
  return resourceOf('contract_values', [id, vector.item]);
}

function rowsFor(vector: ValueVector): RowTexts[] {
  return [...vector.texts, null].map((text, at) => [`R${at}`, text]);
}

/** What must arrive: the rows, except that '' is NULL where the connector declares that it cannot tell them apart. */
function expected(harness: ConnectorHarness, rows: readonly RowTexts[]): RowTexts[] {
  if (harness.connector.capabilities.emptyStringIsNotNull) return [...rows];
  return rows.map((row) => row.map((value) => (value === '' ? null : value)));
}

async function carries(session: Session, vector: ValueVector): Promise<void> {
  const { read, write } = session.harness.connector.capabilities;
  if (read.includes('snapshot')) await readsExactly(session, vector);
  if (write.includes('merge')) await writesExactly(session, vector);
}

async function readsExactly(session: Session, vector: ValueVector): Promise<void> {
  const resource = resourceFor(vector);
  const rows = rowsFor(vector);
  const table = await session.site.createTable(resource, { rows });
  const blocks = await readBlocks(
    await session.source(table, resource, 'snapshot'),
    resource,
    undefined,
    session.signal,
  );
  const rejected = blocks.reduce((sum, { block }) => sum + block.rejected.length, 0);
  assert.equal(rejected, 0, `${vector.name}: the source rejects ${rejected} rows that it should carry`);
  sameRows(
    rowsOf(blocks).map((row) => row.fields),
    expected(session.harness, rows),
    `${vector.name} as read`,
  );
}

async function writesExactly(session: Session, vector: ValueVector): Promise<void> {
  const resource = resourceFor(vector);
  const rows = rowsFor(vector);
  const table = await session.site.createTable(resource);
  const sink = await session.sink(table, resource, 'merge');
  await sink.write(deltaBatch(resource, 1, upserts(rows)), nothingRejected, session.signal);
  sameRows(await table.readAll(), expected(session.harness, rows), `${vector.name} as written`);
  await readsBack(session, vector, table, rows);
  const again = await sink.write(deltaBatch(resource, 2, upserts(rows)), nothingRejected, session.signal);
  assert.equal(again.counts.unchanged, rows.length, `${vector.name}: equal rows are recognised as unchanged`);
}

/** A reconciliation compares what is read back with what was sent: a value that came back otherwise would differ for ever. */
async function readsBack(
  session: Session,
  vector: ValueVector,
  table: TestTable,
  rows: readonly RowTexts[],
): Promise<void> {
  const connection = await session.connect();
  if (!connection.readBack) return;
  const resource = resourceFor(vector);
  const { target } = table;
  const spec = { exchange: session.exchangeOf(table), resource, target, delivery };
  const { source } = await connection.readBack(spec, session.signal);
  await using reading = source;
  const blocks = await readBlocks(reading, resource, undefined, session.signal);
  sameRows(
    rowsOf(blocks).map((row) => row.fields),
    expected(session.harness, rows),
    `${vector.name} as read back`,
  );
}

/** A value that is written down as unsupported: refused as a whole or rejected, never carried in another form. */
async function refuses(session: Session, vector: ValueVector): Promise<void> {
  const resource = resourceFor(vector);
  const rows = rowsFor(vector);
  if (!session.harness.connector.capabilities.write.includes('merge')) return;
  let written: readonly RowTexts[];
  try {
    const table = await session.site.createTable(resource);
    const sink = await session.sink(table, resource, 'merge');
    await sink.write(deltaBatch(resource, 1, upserts(rows)), quarantine().onRejected, session.signal);
    written = await table.readAll();
  } catch (error) {
    assert.ok(isQianzhiError(error), `${vector.name} must be refused with a QianzhiError, not ${error}`);
    return;
  }
  const sent = new Set(rows.map((row) => JSON.stringify(row)));
  const changed = written.filter((row) => !sent.has(JSON.stringify(row)));
  assert.deepEqual(
    changed,
    [],
    `${vector.name} is written down as unsupported, but was carried in another form`,
  );
  assert.ok(written.length < rows.length, `${vector.name} is written down as unsupported, but was carried`);
}

function testFor(vector: ValueVector) {
  return (session: Session) =>
    session.harness.unsupportedValues?.[vector.name] === undefined
      ? carries(session, vector)
      : refuses(session, vector);
}

export const valuesGroup: ContractSuite = {
  group: 'values',
  tests: {
    ...Object.fromEntries(
      valueVectors.map((vector) => [`${vector.name} unchanged, both ways`, testFor(vector)]),
    ),
    'every value written down as unsupported is a vector': async ({ harness }) => {
      const names = new Set(valueVectors.map((vector) => vector.name));
      const unknown = Object.keys(harness.unsupportedValues ?? {}).filter((name) => !names.has(name));
      assert.deepEqual(unknown, [], 'unsupportedValues names no such vector');
    },
  },
};
