import { noAbort, readLines, resourceWith } from '@qianzhi/testing';
import { describe, expect, it } from 'vitest';
import { type Answer, type Sent, scriptedDriver } from './test/scripted-driver.js';
import { type ScriptedTable, scriptedServer } from './test/scripted-server.js';
import { sourceOf } from './test/site.js';

const items = resourceWith([
  { column: 'id', type: 'I', key: true },
  { column: 'name', type: 'C' },
]);
const table: ScriptedTable = {
  name: 'firm',
  columns: [
    { name: 'id', type: 'int', bytes: 4 },
    { name: 'name', type: 'nvarchar', bytes: 100, nullable: true },
  ],
  primaryKey: ['id'],
};
const log: ScriptedTable = {
  name: 'firm_log',
  columns: [
    { name: 'serial', type: 'bigint', identity: true },
    { name: 'op', type: 'char', bytes: 1 },
    { name: 'id', type: 'int', bytes: 4 },
  ],
  primaryKey: ['serial'],
};
const changeTable = { table: 'firm_log', serial: 'serial', op: 'op', purge: true };
const open = (driver: ReturnType<typeof scriptedDriver>) =>
  sourceOf(driver, items, { table: 'firm', changeTable }, 'change-table');
const clock = ({ sql }: Sent): Answer | undefined =>
  /HAS_PERMS/.test(sql) ? { rows: [['2026-01-01 10:00:00.0000000+00', 0]] } : undefined;
const at = (serial: string, holes: object[] = []) =>
  JSON.stringify({ v: 1, strategy: 'change-table', phase: 'changes', serial, holes });
/** A hole as it was seen at a time of 2026-01-01. */
const hole = (from: string, to: string, time: string) => {
  const seenMs = Date.parse(`2026-01-01T${time}Z`);
  return { from, to, before: String(seenMs + 1), seenMs };
};
/** serial, op, whether it is there, the row (measure, id, name), the key of the change (measure, id). */
const change = (serial: string, op: string, there: 'U' | 'D', id: number, name: string | null) => [
  serial,
  op,
  there,
  -1,
  there === 'U' ? id : null,
  name,
  -1,
  id,
];

describe('a change table on SQL Server', () => {
  it('gives each change with the row as it is now, a row that is gone as its key, and remembers serials it did not meet', async () => {
    const rows = [
      change('11', 'I', 'U', 1, '一'),
      change('14', 'U', 'D', 2, null),
      change('15', 'D', 'D', 3, null),
    ];
    const driver = scriptedDriver(
      scriptedServer(
        [table, log],
        (sent) => clock(sent) ?? (/LEFT JOIN \[dbo\]/.test(sent.sql) ? { rows } : undefined),
      ),
    );
    const { text, checkpoints } = await readLines(await open(driver), at('10'));
    expect(text).toBe('U\t1\t一\nD\t2\t\\N\nD\t3\t\\N\n');
    const place = JSON.parse(checkpoints.at(-1)!);
    expect(place).toMatchObject({ serial: '15', holes: [hole('12', '13', '10:00:00')] });
    const [{ sql } = { sql: '' }] = driver.statements(/LEFT JOIN \[dbo\]/);
    expect(sql).toContain('FROM [dbo].[firm_log] c LEFT JOIN [dbo].[firm] t ON t.[id] = c.[id]');
    expect(sql).toContain(
      `NOT IN ('D', 'DELETE', 'T', 'TRUNCATE')) WHERE (c.[serial] > 10) ORDER BY c.[serial]`,
    );
  });

  it('looks for missing serials again, and gives them up when they are settled', async () => {
    const driver = scriptedDriver(
      scriptedServer(
        [table, log],
        (sent) =>
          clock(sent) ??
          (/LEFT JOIN \[dbo\]/.test(sent.sql) ? { rows: [change('12', 'U', 'U', 5, '五')] } : undefined),
      ),
    );
    // open for settleSeconds, a quarter of an hour
    const holes = [hole('3', '4', '09:44:00'), hole('12', '13', '09:50:00')];
    const { text, checkpoints } = await readLines(await open(driver), at('15', holes));
    expect(driver.statements(/LEFT JOIN \[dbo\]/)[0]?.sql).toContain(
      '(c.[serial] > 15 OR c.[serial] BETWEEN 3 AND 4 OR c.[serial] BETWEEN 12 AND 13)',
    );
    expect(text).toBe('U\t5\t五\n');
    expect(JSON.parse(checkpoints.at(-1)!)).toMatchObject({
      serial: '15',
      holes: [hole('13', '13', '09:50:00')],
    });
  });

  it('begins with a full copy, its place taken before, and starts over after a truncation', async () => {
    const answers = (sent: Sent): Answer | undefined => {
      if (/^SELECT CONVERT\(varchar\(20\), max/.test(sent.sql)) return { rows: [['42']] };
      if (/^SELECT CONVERT\(varchar\(20\), \[serial\]\)/.test(sent.sql))
        return { rows: [['1'], ['2'], ['42']] };
      if (/LEFT JOIN \[dbo\]/.test(sent.sql))
        return { rows: [change('43', 'I', 'U', 7, '七'), change('44', 'TRUNCATE', 'D', 0, null)] };
      if (/FROM \[dbo\]\.\[firm\] t/.test(sent.sql)) return { rows: [['1', -1, 1, '一']] };
      return clock(sent);
    };
    const first = await readLines(await open(scriptedDriver(scriptedServer([table, log], answers))));
    expect(first.text).toBe('S\t1\t一\n');
    expect(JSON.parse(first.checkpoints.at(-1)!)).toMatchObject({
      phase: 'changes',
      serial: '42',
      holes: [{ from: '3', to: '41' }],
    });
    const again = await readLines(
      await open(scriptedDriver(scriptedServer([table, log], answers))),
      at('42'),
    );
    expect(again.text).toBe('U\t7\t七\nS\t1\t一\n');
  });

  it('deletes confirmed changes alone, and nothing that may still come', async () => {
    const driver = scriptedDriver(scriptedServer([table, log], clock));
    const source = await open(driver);
    await source.confirm(at('15', [hole('12', '13', '09:50:00')]), noAbort);
    const writes = driver.sent.slice(driver.sent.findIndex(({ sql }) => sql === 'BEGIN TRANSACTION'));
    expect(writes.map(({ sql }) => sql)).toEqual([
      'BEGIN TRANSACTION',
      'DELETE FROM [dbo].[firm_log] WHERE [serial] <= 15 AND NOT [serial] BETWEEN 12 AND 13; SELECT ROWCOUNT_BIG()',
      'COMMIT TRANSACTION',
    ]);
  });
});
