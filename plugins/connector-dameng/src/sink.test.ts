import type { RowRejection, SinkBatch } from '@qianzhi/plugin-api';
import { batchOfLines, deliveryOf, noAbort, resourceWith, rowsReadBack } from '@qianzhi/testing';
import { describe, expect, it } from 'vitest';
import { type Answer, type ScriptedDriver, type Sent, scriptedDriver } from './test/scripted-driver.js';
import { ledgerTables, type ScriptedTable, scriptedServer } from './test/scripted-server.js';
import { connect, sinkOf } from './test/site.js';

const items = resourceWith([
  { column: 'id', type: 'C', key: true, length: 20 },
  { column: 'ratio', type: 'B' },
  { column: 'note', type: 'M' },
]);
const table: ScriptedTable = {
  name: 'FIRM',
  columns: [
    { name: 'ID', type: 'VARCHAR', bytes: 20 },
    { name: 'RATIO', type: 'DOUBLE', nullable: true },
    { name: 'NOTE', type: 'TEXT', nullable: true },
  ],
  primaryKey: ['ID'],
};
const all = [table, ...ledgerTables];
const lines = ['U\ta\t2\t', 'U\tb\t0.1\t\\N', 'D\tc\t\\N\t\\N'];
const writes = ({ sql }: Sent): Answer | undefined =>
  /^(DELETE FROM "LEGACY"\."FIRM"|MERGE INTO|INSERT INTO "LEGACY"\."FIRM")/.test(sql)
    ? { count: 1 }
    : undefined;

async function write(driver: ScriptedDriver, batch: SinkBatch, more: object = {}) {
  const rejected: RowRejection[] = [];
  const sink = await sinkOf(driver, items, { table: 'firm' }, more);
  const row = await sink.write(batch, async (rows) => void rejected.push(...rows), noAbort);
  await sink[Symbol.asyncDispose]();
  return { row, rejected };
}
const step =
  /^(COMMIT|SAVEPOINT|ROLLBACK|CREATE GLOBAL|CREATE TABLE|DROP TABLE|DELETE FROM|MERGE INTO|INSERT INTO|SELECT "SUPPLIER")/;

describe('a target on Dameng', () => {
  it('merges with the ledger row in one transaction, and closes a line that has nothing open', async () => {
    const driver = scriptedDriver(scriptedServer(all, writes));
    const { row, rejected } = await write(driver, batchOfLines(items, 1, lines));
    expect(driver.sent.flatMap(({ sql }) => step.exec(sql)?.[1] ?? [])).toEqual([
      'CREATE GLOBAL',
      'SELECT "SUPPLIER"',
      'INSERT INTO',
      'DELETE FROM',
      'INSERT INTO',
      'SAVEPOINT',
      'DELETE FROM',
      'MERGE INTO',
      'INSERT INTO',
      'INSERT INTO',
      'COMMIT',
      // the driver’s own `close` may commit
      'ROLLBACK',
    ]);
    expect(driver.closed).toBe(1);
    expect(rejected).toEqual([]);
    expect(row.counts).toMatchObject({ delivered: 3, inserted: 1, updated: 1, deleted: 1, unchanged: 0 });
    expect(driver.statements(/"SUPPLIER"/)[0]?.sql).toMatch(/FOR UPDATE WAIT 10$/);
  });

  it('sends an empty text as such, and doubles as texts, so that no first value makes integers of the others', async () => {
    const driver = scriptedDriver(scriptedServer(all, writes));
    await write(driver, batchOfLines(items, 1, lines));
    const [load] = driver.sent.filter(({ rows }) => rows);
    expect(load?.sql).toMatch(
      /^INSERT INTO "LEGACY"\."QIANZHI_STAGE_[0-9A-F]+" \(qianzhi_row, qianzhi_delete, f0, f1, f2\) VALUES \(\?, \?, \?, \?, \?\)$/,
    );
    expect(load?.options).toMatchObject({ batchErrors: true });
    expect(load?.rows).toEqual([
      [0, 0, 'a', '2', ''],
      [1, 0, 'b', '0.1', null],
      [2, 1, 'c', null, null],
    ]);
  });

  it('sends a row with a large text by itself: the driver goes by the types of the first', async () => {
    const driver = scriptedDriver(scriptedServer(all, writes));
    const long = '长'.repeat(4000);
    await write(driver, batchOfLines(items, 1, ['U\ta\t1\tx', `U\tb\t1\t${long}`, 'U\tc\t1\ty']));
    const loads = driver.sent.filter(({ rows }) => rows).map(({ rows }) => rows?.map(([at]) => at));
    expect(loads).toEqual([[0], [1], [2]]);
  });

  it('compares keys and texts by their bytes, large ones by functions made for them', async () => {
    const driver = scriptedDriver(scriptedServer(all, writes));
    await write(driver, batchOfLines(items, 1, lines));
    const { sql = '' } = driver.statements(/^MERGE INTO/)[0] ?? {};
    expect(sql).toContain('ON (t."ID" = v.v0 AND RAWTOHEX(t."ID") = RAWTOHEX(v.v0))');
    expect(sql).toContain('(TEXT_EQUAL(t."NOTE", v.v2) = 0 OR (t."NOTE" IS NULL AND v.v2 IS NOT NULL)');
    expect(sql).toContain('(t."RATIO" <> v.v1 OR (t."RATIO" IS NULL AND v.v1 IS NOT NULL)');
  });

  it('leaves out rows that the array bind or a constraint refuses, and applies all others', async () => {
    const refused = (sent: Sent): Answer | undefined => {
      if (sent.rows) return { batchErrors: ['row[1]:-6169, 列[F0]长度超出定义'] };
      if (!/^INSERT INTO "LEGACY"\."FIRM"/.test(sent.sql)) return undefined;
      const range = /qianzhi_row >= (\d+) AND s\.qianzhi_row < (\d+)/.exec(sent.sql);
      const [from, to] = range ? [Number(range[1]), Number(range[2])] : [0, 3];
      return from <= 2 && 2 < to
        ? { error: -6609, message: '违反列[ID]非空约束' }
        : { count: to - from - (from <= 1 && 1 < to ? 1 : 0) };
    };
    const driver = scriptedDriver(scriptedServer(all, refused));
    const rows = ['U\ta\t1\t\\N', 'U\tb\t1\t\\N', 'U\tc\t1\t\\N'];
    const { row, rejected } = await write(driver, batchOfLines(items, 1, rows));
    expect(rejected).toMatchObject([
      { row: 1, reason: 'too-long' },
      { row: 2, item: 'id', reason: 'required' },
    ]);
    expect(row.counts).toMatchObject({ delivered: 3, inserted: 1, rejected: 2 });
  });

  it('gives a load up that fails for another reason than its rows, and rolls back', async () => {
    const full = (sent: Sent): Answer | undefined =>
      sent.rows ? { batchErrors: ['row[0]:-523, out of space'] } : undefined;
    const driver = scriptedDriver(scriptedServer(all, full));
    await expect(write(driver, batchOfLines(items, 1, lines))).rejects.toMatchObject({
      code: 'QZ_SQL_SERVER_BUSY',
    });
    expect(driver.statements(/^COMMIT/)).toHaveLength(0);
    expect(driver.statements(/^ROLLBACK$/).length).toBeGreaterThan(0);
  });

  it('is refused where an empty text would become NULL, unless that was accepted', async () => {
    const oracleLike = () =>
      scriptedDriver(
        scriptedServer(all, (sent) => (sent.sql.includes(`'' IS NULL`) ? { rows: [['1']] } : writes(sent))),
      );
    await expect(write(oracleLike(), batchOfLines(items, 1, lines))).rejects.toMatchObject({
      code: 'QZ_DAMENG_EMPTY_IS_NULL',
      kind: 'config',
    });
    const { row } = await write(oracleLike(), batchOfLines(items, 1, lines), { emptyAsNull: true });
    expect(row.stage).toBe('applied');
  });

  it('is read back by its own source: columns mapped, codes as the target has them, nothing written', async () => {
    const rows = [
      ['a', '-1', 'a', 'zwei', ''],
      ['b', '-1', 'b', null, null],
    ];
    const table: ScriptedTable = {
      name: 'FIRM',
      columns: [
        { name: 'ID', type: 'VARCHAR', bytes: 20 },
        { name: 'ANTEIL', type: 'VARCHAR', bytes: 20, nullable: true },
        { name: 'NOTE', type: 'TEXT', nullable: true },
      ],
      primaryKey: ['ID'],
    };
    const driver = scriptedDriver(
      scriptedServer([table], ({ sql }) => (sql.includes('FROM "LEGACY"."FIRM" t') ? { rows } : undefined)),
    );
    const codes = { ratio: { '1': 'eins', '2': 'zwei' } };
    const target = { schema: 'legacy', table: 'firm', columns: { ratio: 'anteil' }, codes };
    const spec = { exchange: 'x', resource: items, target, delivery: deliveryOf() };
    const connection = await connect(driver);
    expect(await rowsReadBack(connection, spec, noAbort)).toEqual(['a|zwei|', 'b|NULL|NULL']);
    const read = await connection.readBack!(spec, noAbort);
    expect(read).toMatchObject({ codes, emptyIsNull: false });
    await read.source[Symbol.asyncDispose]();
    expect(driver.sent.filter(({ sql }) => step.test(sql) && !/^ROLLBACK/.test(sql))).toEqual([]);
    expect(new Set(driver.sent.flatMap(({ binds }) => ('p1' in binds ? [binds['p1']] : [])))).toContain(
      'LEGACY',
    );
    expect(driver.closed).toBe(2);

    const oracleLike = await connect(driver, { emptyAsNull: true });
    const back = await oracleLike.readBack!(spec, noAbort);
    expect(back.emptyIsNull).toBe(true);
    await back.source[Symbol.asyncDispose]();
  });

  it('makes a ledger whose columns count characters, and never writes a column that the server numbers', async () => {
    const driver = scriptedDriver(scriptedServer([table], writes));
    await write(driver, batchOfLines(items, 1, lines));
    expect(driver.statements(/^CREATE TABLE/).map(({ sql }) => sql)[0]).toBe(
      'CREATE TABLE "QIANZHI_TARGETS" ("TARGET" VARCHAR(400 CHAR) NOT NULL PRIMARY KEY, "SUPPLIER" VARCHAR(400 CHAR) NOT NULL)',
    );
    const [id, ...others] = table.columns;
    const numbered = { ...table, columns: [{ ...id!, identity: true }, ...others] };
    await expect(
      sinkOf(scriptedDriver(scriptedServer([numbered, ...ledgerTables])), items, { table: 'firm' }),
    ).rejects.toMatchObject({ code: 'QZ_SQL_COLUMN_MISSING' });
  });
});
