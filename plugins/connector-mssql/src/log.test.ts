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

interface Facts {
  readonly object?: number;
  readonly tracked?: number;
  readonly begin?: string | null;
  readonly allowed?: number;
  readonly current?: string;
  readonly oldest?: string | null;
}
const created = '2026-01-01 00:00:00.000';
const of = `${created}/77/5`;
const factsRow = ({
  object = 77,
  tracked = 1,
  begin = '5',
  allowed = 1,
  current = '42',
  oldest = '5',
}: Facts) => [['legacy', 'reader', created, object, tracked, begin, allowed, current, oldest]];
const isChanges = ({ sql }: Sent) => /CHANGETABLE/.test(sql);

/** A server whose tracking is as told, at each further question as the next one told. */
function serverWith(facts: readonly Facts[], changes: readonly unknown[][][] = [], tables = [table]) {
  let looked = 0;
  let asked = 0;
  return scriptedDriver(
    scriptedServer(tables, (sent): Answer | undefined => {
      if (/CHANGE_TRACKING_CURRENT_VERSION/.test(sent.sql))
        return { rows: factsRow(facts[Math.min(looked++, facts.length - 1)]!) };
      if (isChanges(sent)) return { rows: changes[asked++] ?? [] };
      if (/FROM \[dbo\]\.\[firm\] t/.test(sent.sql)) return { rows: [['1', -1, 1, '一']] };
      return undefined;
    }),
  );
}
type Driver = ReturnType<typeof serverWith>;
const open = (driver: Driver, source: object = {}, resource = items) =>
  sourceOf(driver, resource, { table: 'firm', ...source }, 'log');
const at = (position: string, identity = of) =>
  JSON.stringify({ v: 1, strategy: 'log', phase: 'log', position, of: identity });
/** version, whether it is there, the row (measure, id, name), the key that changed (measure, id). */
const change = (version: string, there: 'U' | 'D', id: number, name: string | null) => [
  version,
  there,
  -1,
  there === 'U' ? id : null,
  name,
  -1,
  id,
];

describe('change tracking on SQL Server', () => {
  it('begins with a full copy, its version taken before', async () => {
    const driver = serverWith([{}]);
    const { text, checkpoints } = await readLines(await open(driver));
    expect(text).toBe('S\t1\t一\n');
    expect(JSON.parse(checkpoints.at(-1)!)).toEqual(JSON.parse(at('42')));
    const order = driver.sent.map(({ sql }) => sql);
    expect(order.findLastIndex((sql) => /CURRENT_VERSION/.test(sql))).toBeLessThan(
      order.findIndex((sql) => /FROM \[dbo\]\.\[firm\] t/.test(sql)),
    );
  });

  it('gives each changed row as it is now, one that is gone as its key, up to the version it asked for', async () => {
    const driver = serverWith([{}], [[change('11', 'U', 1, '一'), change('14', 'D', 2, null)]]);
    const { text, checkpoints } = await readLines(await open(driver), at('10'));
    expect(text).toBe('U\t1\t一\nD\t2\t\\N\n');
    expect(checkpoints.map((each) => JSON.parse(each).position)).toEqual(['42']);
    expect(driver.statements(/CHANGETABLE/).map(({ sql }) => sql)).toEqual([
      `SELECT TOP (100000) WITH TIES CONVERT(varchar(20), c.SYS_CHANGE_VERSION), CASE WHEN t.[id] IS NULL THEN 'D' ELSE 'U' END, -1, t.[id], t.[name], -1, c.[id] ` +
        'FROM CHANGETABLE(CHANGES [dbo].[firm], 10) c LEFT JOIN [dbo].[firm] t ON t.[id] = c.[id] WHERE c.SYS_CHANGE_VERSION <= 42 ORDER BY c.SYS_CHANGE_VERSION',
    ]);
  });

  it('takes a row outside of the condition for one that is gone', async () => {
    const driver = serverWith([{}]);
    await readLines(await open(driver, { where: 'closed = 0' }), at('10'));
    expect(driver.statements(/CHANGETABLE/)[0]?.sql).toContain(
      'LEFT JOIN (SELECT * FROM [dbo].[firm] WHERE 1 = 1 AND (closed = 0\n)) t ON t.[id] = c.[id]',
    );
  });

  it('goes on in statements of whole transactions, and reads one again that a block ended in', async () => {
    const first = [change('11', 'U', 1, '一'), change('12', 'U', 2, '二'), change('12', 'U', 3, '三')];
    const driver = serverWith([{}], [first, [change('20', 'U', 4, '四')]]);
    const source = await open(driver, { chunkRows: 2 });
    const places: string[] = [];
    for await (const block of source.read(at('10'), { blockBytes: 1 }, noAbort))
      places.push(JSON.parse(block.checkpoint).position);
    // rows 1, 2 and 3 are blocks of their own; with row 3 all of version 12 is there
    expect(places).toEqual(['11', '11', '12', '42']);
    expect(driver.statements(/CHANGETABLE/)[1]?.sql).toContain('CHANGES [dbo].[firm], 12) c');
  });

  it('moves on without changes, so that its place does not grow too old, and asks for none where nothing was committed', async () => {
    const quiet = await readLines(await open(serverWith([{}])), at('10'));
    expect(quiet).toMatchObject({ text: '', checkpoints: [at('42')] });
    const idle = serverWith([{}]);
    expect(await readLines(await open(idle), at('42'))).toMatchObject({ text: '', checkpoints: [] });
    expect(idle.statements(/CHANGETABLE/)).toEqual([]);
  });

  it.each([
    ['log-cleaned-up', at('10'), { oldest: '11' }],
    ['tracking-restarted', at('10'), { begin: '9' }],
    ['table-replaced', at('10'), { object: 78 }],
    ['log-behind', at('43'), {}],
  ])('copies the table again, and says why: %s', async (reason, from, facts) => {
    const source = await open(serverWith([facts]));
    expect((await readLines(source, from)).text).toBe('S\t1\t一\n');
    expect(source.notices()).toEqual([{ code: 'copied-again', rows: 1, details: { reason } }]);
  });

  it('copies again where changes were cleaned up, or the table emptied, while they were read', async () => {
    const truncated = { begin: '50', oldest: '50', current: '50' };
    const driver = serverWith([{}, {}, {}, truncated], [[change('11', 'U', 1, '一')]]);
    const source = await open(driver);
    const { text, checkpoints } = await readLines(source, at('10'));
    expect(text).toBe('U\t1\t一\nS\t1\t一\n');
    expect(source.notices()).toMatchObject([{ details: { reason: 'tracking-restarted' } }]);
    expect(checkpoints.at(-1)).toBe(at('50', `${created}/77/50`));
  });

  it.each([
    [
      'QZ_MSSQL_TRACKING_OFF',
      { tracked: 0 },
      'ALTER DATABASE [legacy] SET CHANGE_TRACKING = ON (CHANGE_RETENTION = 14 DAYS, AUTO_CLEANUP = ON)',
    ],
    [
      'QZ_MSSQL_TRACKING_TABLE_OFF',
      { begin: null, oldest: null },
      'ALTER TABLE [dbo].[firm] ENABLE CHANGE_TRACKING',
    ],
    [
      'QZ_MSSQL_TRACKING_DENIED',
      { allowed: 0, oldest: null },
      'GRANT VIEW CHANGE TRACKING ON [dbo].[firm] TO [reader]',
    ],
  ])('is refused with the statement that gives what is missing: %s', async (code, facts, sql) => {
    await expect(open(serverWith([facts]))).rejects.toMatchObject({ code, details: { sql } });
  });

  it('is refused for a view, and where a key item is not of the primary key', async () => {
    const unfit = { code: 'QZ_SQL_STRATEGY_UNFIT' };
    await expect(open(serverWith([{}], [], [{ ...table, view: true }]))).rejects.toMatchObject(unfit);
    const byName = resourceWith([
      { column: 'id', type: 'I' },
      { column: 'name', type: 'C', key: true },
    ]);
    await expect(open(serverWith([{}]), {}, byName)).rejects.toMatchObject(unfit);
  });
});
