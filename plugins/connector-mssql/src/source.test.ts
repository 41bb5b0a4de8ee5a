import { noAbort, readLines, resourceWith } from '@qianzhi/testing';
import { describe, expect, it } from 'vitest';
import { type Answer, type Sent, scriptedDriver } from './test/scripted-driver.js';
import { type ScriptedTable, scriptedServer } from './test/scripted-server.js';
import { connect, sourceOf } from './test/site.js';

const items = resourceWith([
  { column: 'org', type: 'C', key: true },
  { column: 'no', type: 'I', key: true },
  { column: 'amount', type: 'Y', precision: 19, scale: 4 },
  { column: 'seen', type: 'T', instant: true },
  { column: 'flag', type: 'L' },
  { column: 'rate', type: 'F' },
  { column: 'photo', type: 'G' },
]);
const table: ScriptedTable = {
  name: '企业]',
  columns: [
    { name: 'org', type: 'varchar', bytes: 20, collation: 'Chinese_PRC_CI_AS' },
    { name: 'no', type: 'bigint' },
    { name: 'amount', type: 'money', precision: 19, scale: 4, nullable: true },
    { name: 'seen', type: 'datetimeoffset', scale: 7, nullable: true },
    { name: 'flag', type: 'bit', nullable: true },
    { name: 'rate', type: 'real', nullable: true },
    { name: 'photo', type: 'varbinary', bytes: -1, nullable: true },
    { name: 'updated_at', type: 'datetime2', scale: 3, nullable: true },
  ],
  primaryKey: ['org', 'no'],
};
const reads = (sql: string) => sql.includes('FROM [dbo].[企业]]] t');
const full = [
  'A',
  '9007199254740993',
  -1,
  'A',
  '9007199254740993',
  '922337203685477.5807',
  '2026-01-01 00:00:00.1234567+00',
  true,
  Math.fround(0.1),
  Buffer.from([0, 255]),
];
const empty = ['B', '-1', -1, 'B', '-1', null, null, null, null, null];

describe('a source on SQL Server', () => {
  it('writes driver arrays as row text without losing a digit', async () => {
    const driver = scriptedDriver(
      scriptedServer([table], ({ sql }) => (reads(sql) ? { rows: [full, empty] } : undefined)),
    );
    const { text } = await readLines(await sourceOf(driver, items, { table: table.name }));
    expect(text).toBe(
      'S\tA\t9007199254740993\t922337203685477.5807\t2026-01-01 00:00:00.1234567+00\tt\t0.1\t\\\\x00ff\nS\tB\t-1\t\\N\t\\N\t\\N\t\\N\t\\N\n',
    );
  });

  it('pages by the key, each statement bounded, and resumes behind the last row', async () => {
    const page = (sent: Sent): Answer | undefined => {
      if (!reads(sent.sql)) return undefined;
      return { rows: sent.binds.length === 0 ? [full, empty] : [] };
    };
    const driver = scriptedDriver(scriptedServer([table], page));
    const source = await sourceOf(driver, items, {
      table: table.name,
      chunkRows: 2,
      where: "org <> 'x' -- all",
    });
    const { checkpoints } = await readLines(source);
    const [first, second] = driver.statements(/FROM \[dbo\]\.\[企业\]\]\] t WHERE \S+ = 1|>=/);
    expect(first?.sql).toMatch(
      /^SELECT TOP \(2\) CONVERT\(nvarchar\(20\), t\.\[org\]\), CONVERT\(varchar\(20\), t\.\[no\]\), CASE WHEN DATALENGTH\(t\.\[photo\]\) > \d+ THEN 6 ELSE -1 END,/,
    );
    expect(first?.sql).toContain("WHERE 1 = 1 AND (org <> 'x' -- all\n) ORDER BY t.[org], t.[no]");
    const org = (place: number) => `CONVERT(varchar(8000), @p${place} COLLATE Chinese_PRC_CI_AS)`;
    expect(second?.sql).toContain(
      `WHERE t.[org] >= ${org(4)} AND (t.[org] > ${org(1)} OR (t.[org] = ${org(2)} AND t.[no] > CONVERT(bigint, @p3))) AND (org`,
    );
    expect(second?.binds).toEqual(['B', 'B', '-1', 'B']);
    expect(checkpoints.length).toBeGreaterThan(0);
    const again = scriptedDriver(scriptedServer([table], page));
    const resumed = await readLines(
      await sourceOf(again, items, { table: table.name }),
      JSON.stringify({
        v: 1,
        strategy: 'snapshot',
        phase: 'snapshot',
        order: ['org', 'no'],
        after: ['B', '-1'],
      }),
    );
    expect(resumed.text).toBe('');
    expect(again.sent.at(-1)?.binds).toContain('B');
  });

  it('asks for one moment in each statement where the database allows it, and gives way to the legacy program', async () => {
    const driver = scriptedDriver(scriptedServer([table]));
    await sourceOf(driver, items, { table: table.name });
    expect(driver.sent[0]?.sql).toContain('SET LOCK_TIMEOUT 10000; SET DEADLOCK_PRIORITY LOW');
    expect(driver.statements(/ISOLATION LEVEL SNAPSHOT/)).toHaveLength(1);
    const without = scriptedDriver(
      scriptedServer([table], ({ sql }) =>
        /snapshot_isolation_state/.test(sql) ? { rows: [[0]] } : undefined,
      ),
    );
    await sourceOf(without, items, { table: table.name });
    expect(without.statements(/ISOLATION LEVEL SNAPSHOT/)).toHaveLength(0);
    await expect((await connect(without, { isolation: 'snapshot' })).check(noAbort)).rejects.toMatchObject({
      code: 'QZ_SQL_UNSUPPORTED',
    });
  });

  it('does not fetch what is larger than a row, and says whose row it was', async () => {
    const large: unknown[] = [...full];
    large[2] = 6;
    large[9] = null;
    const driver = scriptedDriver(
      scriptedServer([table], ({ sql }) => (reads(sql) ? { rows: [large, empty] } : undefined)),
    );
    const { rejected, text } = await readLines(await sourceOf(driver, items, { table: table.name }));
    expect(rejected).toMatchObject([{ row: 0, item: 'photo', reason: 'row-too-large' }]);
    expect(Buffer.from(rejected[0]!.key!).toString()).toBe('A\t9007199254740993');
    expect(text.split('\n')).toHaveLength(2);
  });

  it('cancels the statement within the driver when it is left or aborted', async () => {
    const many = Array.from({ length: 5000 }, (_, at) => [
      `K${at}`,
      '1',
      -1,
      `K${at}`,
      '1',
      null,
      null,
      null,
      null,
      null,
    ]);
    const driver = scriptedDriver(
      scriptedServer([table], ({ sql }) => (reads(sql) ? { rows: many } : undefined)),
    );
    const source = await sourceOf(driver, items, { table: table.name });
    for await (const _ of source.read(undefined, { blockBytes: 64 }, noAbort)) break;
    expect(driver.cancelled).toBe(1);
    const controller = new AbortController();
    const hanging = scriptedDriver(
      scriptedServer([table], ({ sql }) => (reads(sql) ? { hangs: true } : undefined)),
    );
    const stuck = await sourceOf(hanging, items, { table: table.name });
    const read = (async () => {
      for await (const _ of stuck.read(undefined, { blockBytes: 64 }, controller.signal));
    })();
    setImmediate(() => controller.abort());
    await expect(read).rejects.toMatchObject({ kind: 'cancelled' });
    expect(hanging.closed).toBe(1);
  });

  it('opens another session after the line was lost, and goes on', async () => {
    let lost = true;
    const driver = scriptedDriver(
      scriptedServer([table], ({ sql }) => {
        if (!reads(sql)) return undefined;
        return lost ? { error: { code: 'ESOCKET' } } : { rows: [full] };
      }),
    );
    const source = await sourceOf(driver, items, { table: table.name });
    await expect(readLines(source)).rejects.toMatchObject({
      code: 'QZ_SQL_UNREACHABLE',
      kind: 'unavailable',
    });
    lost = false;
    expect((await readLines(source)).text).toMatch(/^S\tA\t/);
    expect(new Set(driver.sent.map(({ connection }) => connection)).size).toBe(2);
  });

  it('reads an increment from the mark less the overlap, never behind the clock, and not past an open transaction', async () => {
    const answers = ({ sql }: Sent): Answer | undefined => {
      if (/SYSUTCDATETIME\(\), 121\) \+ '\+00', HAS_PERMS/.test(sql))
        return { rows: [['2026-01-01 10:00:00.0000000+00', 1]] };
      if (/dm_tran_active_transactions/.test(sql)) return { rows: [['2026-01-01 09:30:00.000+00']] };
      if (/^SELECT CONVERT\(varchar\(30\), max/.test(sql)) return { rows: [['2026-01-01 17:45:00.100']] };
      if (/^SELECT count.* IS NULL/.test(sql)) return { rows: [[2]] };
      if (/^SELECT count/.test(sql)) return { rows: [[3]] };
      return undefined;
    };
    const driver = scriptedDriver(scriptedServer([table], answers));
    const watermark = { column: 'updated_at', overlapSeconds: 60 };
    const source = await sourceOf(driver, items, { table: table.name, watermark }, 'watermark');
    const checkpoint = JSON.stringify({
      v: 1,
      strategy: 'watermark',
      phase: 'watermark',
      mark: '2026-01-01 16:00:00.5',
      clocks: { databaseMs: Date.parse('2026-01-01T08:00:00Z'), agentMs: Date.now() },
      seen: '',
      seenTo: null,
    });
    await readLines(source, checkpoint);
    const increment = driver.sent.at(-1)!;
    expect(increment.sql).toContain(
      't.[updated_at] >= CONVERT(datetime2(3), @p1, 121) AND t.[updated_at] <= CONVERT(datetime2(3), @p2, 121)',
    );
    expect(increment.binds).toEqual(['2026-01-01 15:59:00.5', '2026-01-01 18:00:00.0000000']);
    expect(source.notices().map(({ code, rows }) => [code, rows])).toEqual([
      ['mark-held-back', 1],
      ['time-null', 2],
      ['time-future', 3],
    ]);
    const first = await readLines(
      await sourceOf(
        scriptedDriver(scriptedServer([table], answers)),
        items,
        { table: table.name, watermark },
        'watermark',
      ),
    );
    // the oldest transaction began at 17:30 of the column's zone
    expect(JSON.parse(first.checkpoints.at(-1)!)).toMatchObject({
      phase: 'watermark',
      mark: '2026-01-01 17:30:00',
    });
  });

  it('keeps a margin of fifteen minutes where it may not see other sessions', async () => {
    const answers = ({ sql }: Sent): Answer | undefined => {
      if (/HAS_PERMS/.test(sql)) return { rows: [['2026-01-01 10:00:00.0000000+00', 0]] };
      return /^SELECT CONVERT\(varchar\(30\), max/.test(sql)
        ? { rows: [['2026-01-01 18:00:00']] }
        : undefined;
    };
    const driver = scriptedDriver(scriptedServer([table], answers));
    const source = await sourceOf(
      driver,
      items,
      { table: table.name, watermark: { column: 'updated_at', overlapSeconds: 60 } },
      'watermark',
    );
    const { checkpoints } = await readLines(source);
    expect(JSON.parse(checkpoints.at(-1)!).mark).toMatch(/^2026-01-01 17:45:00/);
    expect(driver.statements(/dm_tran_active/)).toHaveLength(0);
  });

  it('reads a view by its key items, ends a block between keys alone, and goes on behind NULL, which comes first', async () => {
    const view: ScriptedTable = {
      name: 'v',
      view: true,
      columns: [
        { name: 'org', type: 'nvarchar', bytes: 20, nullable: true },
        { name: 'no', type: 'int', bytes: 4, nullable: true },
      ],
    };
    const keyed = resourceWith([
      { column: 'org', type: 'C', key: true },
      { column: 'no', type: 'I' },
    ]);
    const rows = [
      [null, -1, null, 1],
      [null, -1, null, 2],
      ['A', -1, 'A', 3],
    ];
    const driver = scriptedDriver(
      scriptedServer([view], ({ sql }) => (/\[v\] t/.test(sql) ? { rows } : undefined)),
    );
    const source = await sourceOf(driver, keyed, { table: 'v', chunkRows: 1 });
    const { checkpoints } = await readLines(source, undefined, { blockBytes: 1 });
    expect(checkpoints.map((each) => JSON.parse(each).after)).toEqual([[null], undefined]);
    await readLines(source, checkpoints[0]);
    const [first, second] = driver.statements(/\[v\] t/).map(({ sql }) => sql);
    expect(first).toMatch(/^SELECT t\.\[org\], -1, .* ORDER BY t\.\[org\]$/);
    expect(second).toContain('WHERE t.[org] IS NOT NULL ORDER BY');
  });
});
