import type { RowRejection, SinkBatch } from '@qianzhi/plugin-api';
import { batchOfLines, delivery, noAbort, resourceWith } from '@qianzhi/testing';
import { describe, expect, it } from 'vitest';
import { type Answer, type Sent, scriptedDriver } from './test/scripted-driver.js';
import { ledgerTables, type ScriptedTable, scriptedServer } from './test/scripted-server.js';
import { connect, sinkOf } from './test/site.js';

const items = resourceWith([
  { column: 'id', type: 'C', key: true, length: 20 },
  { column: 'amount', type: 'N', precision: 10, scale: 2 },
  { column: 'born', type: 'D' },
]);
const table: ScriptedTable = {
  name: 'FIRM',
  columns: [
    { name: 'ID', type: 'VARCHAR2', characters: 20 },
    { name: 'AMOUNT', type: 'NUMBER', precision: 10, scale: 2, nullable: true },
    { name: 'BORN', type: 'DATE', nullable: true },
  ],
  primaryKey: ['ID'],
};
const all = [table, ...ledgerTables];
const lines = ['U\ta\t1.50\t2026-01-01', 'U\tb\t2.00\t\\N', 'D\tc\t\\N\t\\N'];
const counted = ({ sql }: Sent): Answer | undefined =>
  /^(DELETE FROM "LEGACY"\."FIRM"|MERGE INTO|INSERT INTO "LEGACY"\."FIRM")/.test(sql)
    ? { count: 1 }
    : undefined;

async function write(driver: ReturnType<typeof scriptedDriver>, batch: SinkBatch) {
  const rejected: RowRejection[] = [];
  const sink = await sinkOf(driver, items, { table: 'firm' });
  const row = await sink.write(batch, async (rows) => void rejected.push(...rows), noAbort);
  return { row, rejected };
}

const kind = ({ sql }: Sent) =>
  /^(COMMIT|SAVEPOINT|ROLLBACK|CREATE GLOBAL|CREATE TABLE|DROP TABLE|DELETE FROM|MERGE INTO|INSERT INTO|SELECT "SUPPLIER")/.exec(
    sql,
  )?.[1];
const kinds = (sent: readonly Sent[]) => sent.map(kind).filter((each) => each !== undefined);

describe('a target on Oracle', () => {
  it('makes its stage beforehand, because DDL commits, and merges with the ledger row in one transaction', async () => {
    const driver = scriptedDriver(scriptedServer(all, counted));
    const { row, rejected } = await write(driver, batchOfLines(items, 1, lines));
    expect(kinds(driver.sent)).toEqual([
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
    ]);
    expect(rejected).toEqual([]);
    expect(row.counts).toEqual({
      delivered: 3,
      inserted: 1,
      updated: 1,
      unchanged: 0,
      deleted: 1,
      rejected: 0,
    });
    const [load] = driver.sent.filter(({ rows }) => rows);
    expect(load?.sql).toMatch(
      /^INSERT INTO "LEGACY"\."QIANZHI_STAGE_[0-9A-F]{16}" \(qianzhi_row, qianzhi_delete, f0, f1, f2\) VALUES \(:1, :2, :3, :4, :5\)$/,
    );
    expect(load?.options).toMatchObject({ batchErrors: true });
    expect(load?.rows).toEqual([
      [0, 0, 'a', '1.50', '2026-01-01 00:00:00'],
      [1, 0, 'b', '2.00', null],
      [2, 1, 'c', null, null],
    ]);
    expect(driver.statements(/"SUPPLIER"/)[0]?.sql).toMatch(/FOR UPDATE WAIT 10$/);
    const names = driver.sent.flatMap(({ sql }) =>
      [...sql.matchAll(/QIANZHI_[A-Z0-9_]+/g)].map(([name]) => name),
    );
    expect(names.filter((name) => name.length > 30)).toEqual([]);
  });

  it('updates by MERGE what differs alone, NULL being equal to NULL', async () => {
    const driver = scriptedDriver(scriptedServer(all, counted));
    await write(driver, batchOfLines(items, 1, lines));
    const [{ sql } = { sql: '' }] = driver.statements(/^MERGE INTO/);
    expect(sql).toMatch(
      /^MERGE INTO "LEGACY"\."FIRM" t USING \(SELECT TO_CHAR\(s\.f0\) AS v0, TO_NUMBER\(s\.f1\) AS v1, TO_DATE\(SUBSTR\(s\.f2, 1, 19\), 'YYYY-MM-DD HH24:MI:SS'\) AS v2 FROM/,
    );
    expect(sql).toMatch(
      /\) v ON \(t\."ID" = v\.v0\) WHEN MATCHED THEN UPDATE SET t\."AMOUNT" = v\.v1, t\."BORN" = v\.v2 WHERE DECODE\(t\."AMOUNT", v\.v1, 0, 1\) = 1 OR DECODE\(t\."BORN", v\.v2, 0, 1\) = 1$/,
    );
    expect(driver.statements(/'untranslatable'/)[0]?.sql).toContain('TO_NCHAR(TO_CHAR(s.f0)) <> s.f0');
  });

  it('takes a stage that is there from a session before', async () => {
    let made = '';
    const remember = (sent: Sent) => {
      made = /"(QIANZHI_STAGE_\w+)" \(qianzhi_row/.exec(sent.sql)?.[1] ?? made;
      return counted(sent);
    };
    await write(scriptedDriver(scriptedServer(all, remember)), batchOfLines(items, 1, lines));
    const stage = { name: made, columns: [{ name: 'QIANZHI_ROW', type: 'NUMBER' }] };
    const driver = scriptedDriver(scriptedServer([...all, stage], counted));
    await write(driver, batchOfLines(items, 2, lines));
    expect(driver.statements(/^CREATE/)).toHaveLength(0);
  });

  it('leaves out rows that the array bind or a constraint refuses, and applies all others', async () => {
    const refused = (sent: Sent): Answer | undefined => {
      if (sent.rows) return { batchErrors: [{ offset: 1, code: 'ORA-12899' }] };
      if (!/^INSERT INTO "LEGACY"\."FIRM"/.test(sent.sql)) return undefined;
      const range = /qianzhi_row >= (\d+) AND s\.qianzhi_row < (\d+)/.exec(sent.sql);
      const [from, to] = range ? [Number(range[1]), Number(range[2])] : [0, 4];
      return from <= 3 && 3 < to
        ? { error: 'ORA-00001' }
        : { count: to - from - (from <= 1 && 1 < to ? 1 : 0) };
    };
    const driver = scriptedDriver(scriptedServer(all, refused));
    const rows = Array.from({ length: 4 }, (_, at) => `U\tk${at}\t1.00\t\\N`);
    const { row, rejected } = await write(driver, batchOfLines(items, 1, rows));
    expect(rejected.map(({ row: at, reason }) => [at, reason])).toEqual([
      [1, 'too-long'],
      [3, 'duplicate-key'],
    ]);
    expect(row.counts).toMatchObject({ delivered: 4, inserted: 2, rejected: 2 });
    expect(driver.statements(/^ROLLBACK TO SAVEPOINT qianzhi$/)).toHaveLength(3);
  });

  it('rejects a row without a key: an empty text is NULL', async () => {
    const empty = (sent: Sent): Answer | undefined =>
      /^INSERT INTO "LEGACY"\."FIRM"/.test(sent.sql)
        ? { error: 'ORA-01400', message: 'cannot insert NULL into ("LEGACY"."FIRM"."ID")' }
        : undefined;
    const { rejected } = await write(
      scriptedDriver(scriptedServer(all, empty)),
      batchOfLines(items, 1, ['U\t\t1.00\t\\N']),
    );
    expect(rejected).toMatchObject([{ row: 0, item: 'id', reason: 'required' }]);
  });

  it('makes a shadow before the first part, keeps it until the last, and drops it behind the commit', async () => {
    let shadow: string | undefined;
    const answers = (sent: Sent): Answer | undefined => {
      shadow = /^CREATE TABLE "LEGACY"\."(QIANZHI_SHADOW_\w+)"/.exec(sent.sql)?.[1] ?? shadow;
      if (/^SELECT coalesce\(max\("PART"\)/.test(sent.sql)) return { rows: [['1', '2', '0']] };
      return /^SELECT count\(\*\)/.test(sent.sql) ? { rows: [['3']] } : counted(sent);
    };
    const driver = scriptedDriver((sent) => {
      const own = answers(sent);
      const made =
        shadow === undefined ? [] : [{ name: shadow, columns: [{ name: 'QIANZHI_ROW', type: 'NUMBER' }] }];
      return scriptedServer([...all, ...made], () => own)(sent);
    });
    const sink = await sinkOf(driver, items, { table: 'firm' });
    const part = (at: number, last: boolean) => ({
      id: 's',
      part: at,
      last,
      ...(last && { totals: { parts: 2, rows: 3 } }),
    });
    const first = await sink.write(
      batchOfLines(items, 1, ['S\ta\t1.00\t\\N', 'S\tb\t2.00\t\\N'], part(1, false)),
      async () => {},
      noAbort,
    );
    expect(first.stage).toBe('staged');
    const last = await sink.write(
      batchOfLines(items, 2, ['S\tc\t3.00\t\\N'], part(2, true)),
      async () => {},
      noAbort,
    );
    expect(last).toMatchObject({
      stage: 'applied',
      counts: { delivered: 3, inserted: 1, updated: 1, unchanged: 1 },
    });
    expect(driver.sent.filter(({ rows }) => rows).map(({ rows }) => rows?.map(([row]) => row))).toEqual([
      [0, 1],
      [2],
    ]);
    const order = kinds(driver.sent);
    expect(order.slice(0, 2)).toEqual(['CREATE TABLE', 'SELECT "SUPPLIER"']);
    expect(order.slice(-2)).toEqual(['COMMIT', 'DROP TABLE']);
    await sink.discardStaged(delivery, noAbort);
    expect(
      driver.statements(/^DELETE FROM "LEGACY"?\.?"?QIANZHI_LEDGER|^DELETE FROM "QIANZHI_LEDGER"/),
    ).toHaveLength(1);
  });

  it('is tried over empty tables that are dropped again: nothing is committed, and nothing of it named', async () => {
    const driver = scriptedDriver(scriptedServer(all, counted));
    const connection = await connect(driver);
    expect(
      await connection.tryTarget!({ exchange: 'x', resource: items, target: { table: 'firm' } }, noAbort),
    ).toEqual([]);
    expect(kinds(driver.sent)).toEqual([
      'CREATE TABLE',
      'CREATE GLOBAL',
      ...['DELETE FROM', 'MERGE INTO', 'INSERT INTO'],
      ...['DELETE FROM', 'MERGE INTO', 'INSERT INTO'],
      'ROLLBACK',
      'DROP TABLE',
      'DROP TABLE',
    ]);
    const statements = driver.statements(/"LEGACY"\."FIRM" t/);
    expect(statements.filter(({ sql }) => !sql.includes('1 = 0'))).toEqual([]);
  });

  it('makes the ledger in the session’s own schema, with names as its users write them', async () => {
    const driver = scriptedDriver(scriptedServer([table], counted));
    await write(driver, batchOfLines(items, 1, lines));
    const [targets, ledger] = driver.statements(/^CREATE TABLE/).map(({ sql }) => sql);
    expect(targets).toBe(
      'CREATE TABLE "QIANZHI_TARGETS" ("TARGET" NVARCHAR2(400) NOT NULL PRIMARY KEY, "SUPPLIER" NVARCHAR2(400) NOT NULL)',
    );
    expect(ledger).toMatch(
      /^CREATE TABLE "QIANZHI_LEDGER" \("EXCHANGE" NVARCHAR2\(100\) NOT NULL, .*"SEQ" NUMBER\(19\) NOT NULL, .*PRIMARY KEY/,
    );
  });
});
