import type { RowRejection, SinkBatch } from '@qianzhi/plugin-api';
import { batchOfLines, delivery, noAbort, resourceWith } from '@qianzhi/testing';
import { describe, expect, it } from 'vitest';
import { type Answer, type Sent, scriptedDriver } from './test/scripted-driver.js';
import { ledgerTables, type ScriptedTable, scriptedServer } from './test/scripted-server.js';
import { connect, sinkOf } from './test/site.js';

const items = resourceWith([
  { column: 'id', type: 'C', key: true, length: 20 },
  { column: 'amount', type: 'N', precision: 10, scale: 2 },
  { column: 'seen', type: 'T' },
]);
const table: ScriptedTable = {
  name: 'firm',
  columns: [
    { name: 'id', type: 'nvarchar', bytes: 40, collation: 'Chinese_PRC_CI_AS' },
    { name: 'amount', type: 'decimal', precision: 10, scale: 2, nullable: true },
    { name: 'seen', type: 'datetime2', scale: 3, nullable: true },
  ],
  primaryKey: ['id'],
};
const all = [table, ...ledgerTables];
const lines = [
  'U\ta\t1.50\t2026-01-01 08:00:00.123',
  'U\tb\t2.00\t\\N',
  'D\tc\t\\N\t\\N',
  'U\td\t9.99\t2026-01-01 00:00:00.1234',
];
const counted = ({ sql }: Sent): Answer | undefined => {
  if (/^DELETE t/.test(sql)) return { rows: [['1']] };
  if (/^UPDATE t/.test(sql)) return { rows: [['1']] };
  return /^INSERT INTO \[dbo\]\.\[firm\]/.test(sql) ? { rows: [['1']] } : undefined;
};

async function write(driver: ReturnType<typeof scriptedDriver>, batch: SinkBatch) {
  const rejected: RowRejection[] = [];
  const sink = await sinkOf(driver, items, { table: 'firm' });
  const row = await sink.write(batch, async (rows) => void rejected.push(...rows), noAbort);
  return { row, rejected };
}

const kind = ({ sql }: Sent) =>
  /^(insert bulk|BEGIN|COMMIT|SAVE|ROLLBACK|TRUNCATE|CREATE TABLE|DELETE t|UPDATE t|INSERT INTO|SELECT \[supplier\]|SELECT s\.qianzhi_row|IF @@TRANCOUNT)/.exec(
    sql,
  )?.[1];
const kinds = (sent: readonly Sent[]) => sent.map(kind).filter((each) => each !== undefined);

describe('a target on SQL Server', () => {
  it('stages, checks, merges and enters the ledger row in one transaction', async () => {
    const driver = scriptedDriver(scriptedServer(all, counted));
    const { row, rejected } = await write(driver, batchOfLines(items, 1, lines));
    expect(kinds(driver.sent)).toEqual([
      'CREATE TABLE',
      'BEGIN',
      'SELECT [supplier]',
      'INSERT INTO',
      'TRUNCATE',
      'insert bulk',
      'SELECT s.qianzhi_row',
      'SAVE',
      'DELETE t',
      'UPDATE t',
      'INSERT INTO',
      'INSERT INTO',
      'COMMIT',
    ]);
    // the fourth has more digits of a second than the column keeps
    expect(rejected).toMatchObject([{ row: 3, item: 'seen', reason: 'not-exact', op: 'U' }]);
    expect(row.counts).toEqual({
      delivered: 4,
      inserted: 1,
      updated: 1,
      unchanged: 0,
      deleted: 1,
      rejected: 1,
    });
    const [bulk] = driver.statements(/^insert bulk/);
    expect(bulk?.sql).toMatch(/^insert bulk \[#qianzhi_stage_[0-9a-f]+\]$/);
    expect(bulk?.rows).toEqual([
      [0, 0, 'a', '1.50', '2026-01-01 08:00:00.123'],
      [1, 0, 'b', '2.00', null],
      [2, 1, 'c', null, null],
    ]);
  });

  it('compares keys and values byte by byte whatever the collation, and skips rows that are equal', async () => {
    const driver = scriptedDriver(scriptedServer(all, counted));
    await write(driver, batchOfLines(items, 1, lines));
    const [update] = driver.statements(/^UPDATE t/);
    const id = 's.f0 COLLATE Chinese_PRC_CI_AS';
    expect(update?.sql).toContain(
      `ON t.[id] = ${id} AND CONVERT(varbinary(8000), t.[id]) = CONVERT(varbinary(8000), ${id}) WHERE s.qianzhi_delete = 0`,
    );
    expect(update?.sql).toContain(
      'EXISTS (SELECT t.[amount], t.[seen] EXCEPT SELECT CONVERT(decimal(10,2), s.f1), CONVERT(datetime2(3), s.f2, 121))',
    );
    expect(update?.sql).toMatch(/; SELECT ROWCOUNT_BIG\(\)$/);
    expect(driver.statements(/^INSERT INTO \[dbo\]\.\[firm\]/)[0]?.sql).toContain('WITH (UPDLOCK, HOLDLOCK)');
  });

  it('asks in one pass what a conversion would refuse, and leaves those rows out', async () => {
    const driver = scriptedDriver(
      scriptedServer(all, (sent) =>
        /^SELECT s\.qianzhi_row/.test(sent.sql) ? { rows: [['1', 1, 'out-of-range']] } : counted(sent),
      ),
    );
    const { rejected } = await write(driver, batchOfLines(items, 1, lines.slice(0, 3)));
    expect(rejected).toMatchObject([{ row: 1, item: 'amount', reason: 'out-of-range' }]);
    const [bad] = driver.statements(/^SELECT s\.qianzhi_row/);
    expect(bad?.sql).toContain(
      `(1, 'out-of-range', CASE WHEN s.f1 IS NOT NULL AND TRY_CONVERT(decimal(10,2), s.f1) IS NULL THEN 1 END)`,
    );
    expect(driver.statements(/WHERE qianzhi_row IN \(1\)/)).toHaveLength(1);
  });

  it('finds the rows a constraint refuses by halving, behind savepoints', async () => {
    const refused = ({ sql }: Sent): Answer | undefined => {
      if (!/^INSERT INTO \[dbo\]\.\[firm\]/.test(sql)) return undefined;
      const range = /qianzhi_row >= (\d+) AND s\.qianzhi_row < (\d+)/.exec(sql);
      const [from, to] = range ? [Number(range[1]), Number(range[2])] : [0, 6];
      return from <= 4 && 4 < to ? { error: { number: 2627 } } : { rows: [[String(to - from)]] };
    };
    const driver = scriptedDriver(scriptedServer(all, refused));
    const rows = Array.from({ length: 6 }, (_, at) => `U\tk${at}\t1.00\t\\N`);
    const { row, rejected } = await write(driver, batchOfLines(items, 1, rows));
    expect(rejected).toMatchObject([{ row: 4, item: '*', reason: 'duplicate-key' }]);
    expect(Buffer.from(rejected[0]!.bytes).toString()).toBe('U\tk4\t1.00\t\\N\n');
    expect(row.counts).toMatchObject({ delivered: 6, inserted: 5, rejected: 1 });
    expect(driver.statements(/^ROLLBACK TRANSACTION qianzhi$/)).toHaveLength(4);
  });

  it('answers the ledger row of a repeated batch, and refuses other content', async () => {
    const batch = batchOfLines(items, 1, lines);
    const stored = [
      'x',
      'contract-agreement',
      1,
      'contract',
      'agent',
      1,
      '1',
      batch.rowsDigest,
      'applied',
      null,
      null,
      '4',
      '1',
      '1',
      '0',
      '1',
      '1',
      '2026-01-01T00:00:00.000Z',
    ];
    const known = ({ sql }: Sent) =>
      /FROM \[dbo\]\.\[qianzhi_ledger\]/.test(sql) ? { rows: [stored] } : undefined;
    const driver = scriptedDriver(scriptedServer(all, known));
    const { row } = await write(driver, batch);
    expect(row).toMatchObject({ seq: 1, stage: 'applied', counts: { delivered: 4, deleted: 1 } });
    expect(kinds(driver.sent)).toEqual([]);
    await expect(write(driver, batchOfLines(items, 1, lines.slice(0, 1)))).rejects.toMatchObject({
      code: 'QZ_SQL_LEDGER_CONFLICT',
      kind: 'integrity',
    });
  });

  it('rolls back, closes the session and goes on with another after a deadlock', async () => {
    let deadlocks = 1;
    const driver = scriptedDriver(
      scriptedServer(all, (sent) =>
        /^UPDATE t/.test(sent.sql) && deadlocks-- > 0 ? { error: { number: 1205 } } : counted(sent),
      ),
    );
    const sink = await sinkOf(driver, items, { table: 'firm' });
    const batch = batchOfLines(items, 1, lines.slice(0, 2));
    await expect(sink.write(batch, async () => {}, noAbort)).rejects.toMatchObject({
      code: 'QZ_SQL_DEADLOCK',
      kind: 'unavailable',
    });
    expect(driver.sent.at(-1)?.sql).toBe('IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION');
    expect(driver.closed).toBe(1);
    expect((await sink.write(batch, async () => {}, noAbort)).counts).toMatchObject({ updated: 1 });
    expect(driver.sent.at(-1)?.connection).toBe(2);
  });

  it('says so where a trigger rolled everything back', async () => {
    const answers = ({ sql }: Sent): Answer | undefined => {
      if (/^INSERT INTO \[dbo\]\.\[firm\]/.test(sql)) return { error: { number: 50_000 } };
      return /^ROLLBACK TRANSACTION qianzhi/.test(sql) ? { error: { number: 6401 } } : undefined;
    };
    await expect(
      write(scriptedDriver(scriptedServer(all, answers)), batchOfLines(items, 1, lines)),
    ).rejects.toMatchObject({ code: 'QZ_SQL_TRANSACTION_LOST', kind: 'config' });
  });

  it('makes the ledger where it is missing, and refuses a table that only has its name', async () => {
    const driver = scriptedDriver(scriptedServer([table], counted));
    const sink = await sinkOf(driver, items, { table: 'firm' });
    expect(await sink.ledgerHead(delivery, noAbort)).toBeUndefined();
    await sink.write(batchOfLines(items, 1, lines), async () => {}, noAbort);
    const ddl = driver.statements(/^CREATE TABLE/).map(({ sql }) => sql);
    expect(ddl[0]).toBe(
      'CREATE TABLE [dbo].[qianzhi_targets] ([target] nvarchar(400) COLLATE Latin1_General_BIN2 NOT NULL PRIMARY KEY, [supplier] nvarchar(400) COLLATE Latin1_General_BIN2 NOT NULL)',
    );
    expect(ddl[1]).toMatch(
      /^CREATE TABLE \[dbo\]\.\[qianzhi_ledger\] \(\[exchange\] nvarchar\(100\) COLLATE Latin1_General_BIN2 NOT NULL.*PRIMARY KEY \(\[exchange\], \[agreement\], \[grant_version\], \[resource\], \[agent\], \[epoch\], \[seq\]\)\)$/,
    );
    const foreign = { ...table, name: 'qianzhi_ledger' };
    const other = await sinkOf(scriptedDriver(scriptedServer([table, foreign])), items, { table: 'firm' });
    await expect(other.ledgerHead(delivery, noAbort)).rejects.toMatchObject({
      code: 'QZ_SQL_LEDGER_FOREIGN',
    });
  });

  it('holds a text that its staged column does not back from the bulk load alone', async () => {
    const wide = resourceWith([
      { column: 'id', type: 'C', key: true },
      { column: 'amount', type: 'C' },
    ]);
    const texts: ScriptedTable = {
      ...table,
      columns: [table.columns[0]!, { name: 'amount', type: 'nvarchar', bytes: 4000, nullable: true }],
    };
    const driver = scriptedDriver(scriptedServer([texts, ...ledgerTables], counted));
    const sink = await sinkOf(driver, wide, { table: 'firm' });
    const rejected: RowRejection[] = [];
    // two thousand characters, each of them two units
    const batch = batchOfLines(wide, 1, [`U\ta\t${'𠮷'.repeat(2001)}`, 'U\tb\tx']);
    await sink.write(batch, async (rows) => void rejected.push(...rows), noAbort);
    expect(rejected).toMatchObject([{ row: 0, reason: 'too-long' }]);
    expect(driver.statements(/^insert bulk/)[0]?.rows).toEqual([[1, 0, 'b', 'x']]);
  });

  it('refuses another supplier, a read-only connector and a write mode it has not', async () => {
    const taken = ({ sql }: Sent) =>
      /^SELECT \[supplier\]/.test(sql) ? { rows: [['other/contract/contract-agent']] } : undefined;
    await expect(
      write(scriptedDriver(scriptedServer(all, taken)), batchOfLines(items, 1, lines)),
    ).rejects.toMatchObject({ code: 'QZ_SQL_TARGET_TAKEN' });
    const driver = scriptedDriver(scriptedServer(all));
    const readOnly = await connect(driver, { readOnly: true });
    const spec = { exchange: 'x', resource: items, target: { table: 'firm' } };
    await expect(readOnly.sink(spec, noAbort)).rejects.toMatchObject({ code: 'QZ_SQL_TARGET_READ_ONLY' });
    await expect((await connect(driver)).sink({ ...spec, write: 'swap' }, noAbort)).rejects.toMatchObject({
      code: 'QZ_SQL_WRITE_MODE',
    });
  });
});
