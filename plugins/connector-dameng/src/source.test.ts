import { noAbort, readLines, resourceWith } from '@qianzhi/testing';
import { describe, expect, it } from 'vitest';
import { type Answer, type Sent, scriptedDriver } from './test/scripted-driver.js';
import { type ScriptedTable, scriptedServer } from './test/scripted-server.js';
import { sourceOf } from './test/site.js';

const items = resourceWith([
  { column: 'code', type: 'C', key: true },
  { column: 'amount', type: 'Y', precision: 38, scale: 4 },
  { column: 'seen', type: 'T', instant: true },
  { column: 'photo', type: 'G' },
]);
const table: ScriptedTable = {
  name: 'FIRM',
  columns: [
    { name: 'CODE', type: 'VARCHAR', bytes: 18 },
    { name: 'AMOUNT', type: 'DECIMAL', precision: 38, scale: 4, nullable: true },
    { name: 'SEEN', type: 'TIMESTAMP WITH TIME ZONE', scale: 6, nullable: true },
    { name: 'PHOTO', type: 'BLOB', nullable: true },
    { name: 'UPDATED_AT', type: 'TIMESTAMP', scale: 6, nullable: true },
  ],
  primaryKey: ['CODE'],
};
const isRead = ({ sql }: Sent) => sql.includes('FROM "LEGACY"."FIRM" t');
const amount = '1234567890123456789012345678901234.5678';
const full = ['A', '-1', 'A', amount, '2026-01-01 00:00:00.123456+00', Buffer.from([0, 255])];
const empty = ['B', '-1', 'B', null, null, null];
const answering = (rows: (sent: Sent) => readonly (readonly unknown[])[] | undefined) =>
  scriptedDriver(
    scriptedServer([table], (sent): Answer | undefined => {
      const found = isRead(sent) ? rows(sent) : undefined;
      return found && { rows: found };
    }),
  );

describe('a source on Dameng', () => {
  it('gives driver arrays as row text without losing a digit', async () => {
    const driver = answering(() => [full, empty]);
    const { text } = await readLines(await sourceOf(driver, items, { table: 'firm' }));
    expect(text).toBe(`S\tA\t${amount}\t2026-01-01 00:00:00.123456+00\t\\\\x00ff\nS\tB\t\\N\t\\N\t\\N\n`);
  });

  it('takes numbers, times and large texts as texts, commits nothing by itself and lives in UTC', async () => {
    const driver = answering(() => []);
    await sourceOf(driver, items, { table: 'firm' });
    const { NUMBER, DATE, CLOB, BLOB } = driver.driver;
    expect(driver.driver.fetchAsString).toEqual([NUMBER, DATE, CLOB]);
    expect(driver.driver.fetchAsBuffer).toEqual([BLOB]);
    expect(driver.attributes[0]).toMatchObject({
      connectString: 'db.example:5236',
      autoCommit: false,
      localTimezone: 0,
      sessionTimeout: 600,
    });
  });

  it('pages by the key with binds by name, few rows at a time where values are large', async () => {
    const driver = answering(({ binds }) => ('p1' in binds ? [] : [full, empty]));
    await readLines(await sourceOf(driver, items, { table: 'firm', chunkRows: 2 }));
    const [first, second] = driver.statements(/FROM "LEGACY"\."FIRM" t/);
    expect(first?.sql).toMatch(
      /^SELECT TOP 2 t\."CODE", CASE WHEN LENGTHB\(t\."PHOTO"\) > \d+ THEN 3 ELSE -1 END, /,
    );
    expect(first?.sql).toMatch(/ORDER BY t\."CODE"$/);
    expect(first?.options).toMatchObject({ resultSet: true, maxRows: 0 });
    expect(second?.sql).toContain('WHERE t."CODE" > :p1');
    expect(second?.binds).toEqual({ p1: 'B' });
  });

  it('says where NULLs come in an order over columns that have them', async () => {
    const { primaryKey: _, ...keyless } = table;
    const driver = scriptedDriver(
      scriptedServer([{ ...keyless, columns: [{ ...keyless.columns[0]!, nullable: true }] }]),
    );
    const one = resourceWith([{ column: 'code', type: 'C', key: true }]);
    await readLines(await sourceOf(driver, one, { table: 'firm' }));
    expect(driver.statements(/FROM "LEGACY"\."FIRM" t/)[0]?.sql).toMatch(/ORDER BY t\."CODE" NULLS FIRST$/);
  });

  it('goes on from the checkpoint in another session when the line was lost', async () => {
    let lost = true;
    const driver = scriptedDriver(
      scriptedServer([table], (sent) => {
        if (!isRead(sent)) return undefined;
        if (!('p1' in sent.binds)) return { rows: [full, empty] };
        if (!lost) return { rows: [['C', '-1', 'C', null, null, null]] };
        lost = false;
        return { error: 6001 };
      }),
    );
    const source = await sourceOf(driver, items, { table: 'firm', chunkRows: 2 });
    let checkpoint: string | undefined;
    const read = async () => {
      for await (const block of source.read(undefined, { blockBytes: 1 }, noAbort))
        checkpoint = block.checkpoint;
    };
    await expect(read()).rejects.toMatchObject({ code: 'QZ_SQL_UNREACHABLE', kind: 'unavailable' });
    expect((await readLines(source, checkpoint)).text).toMatch(/^S\tC\t/);
    expect(driver.attributes).toHaveLength(2);
  });

  it('reads one moment where it is told to', async () => {
    const driver = answering(() => [full]);
    await readLines(await sourceOf(driver, items, { table: 'firm', consistency: 'transaction' }));
    const order = driver.statements(/^SET TRANSACTION|FROM "LEGACY"\."FIRM" t|^ROLLBACK/);
    expect(order.map(({ sql }) => sql.slice(0, 15))).toEqual([
      'SET TRANSACTION',
      'SELECT t."CODE"',
      'ROLLBACK',
    ]);
  });

  it('cuts the line when it is aborted, and closes what was open when it is left', async () => {
    const hanging = scriptedDriver(
      scriptedServer([table], (sent) => (isRead(sent) ? { hangs: true } : undefined)),
    );
    const source = await sourceOf(hanging, items, { table: 'firm' });
    const closed = hanging.closed;
    const controller = new AbortController();
    const reading = (async () => {
      for await (const _ of source.read(undefined, { blockBytes: 64 }, controller.signal));
    })();
    // the statement is under way once it was sent
    while (hanging.statements(/"FIRM" t/).length === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    await expect(reading).rejects.toMatchObject({ kind: 'cancelled' });
    expect([hanging.cut, hanging.closed]).toEqual([1, closed]);
    const left = answering(() => [full, empty]);
    for await (const _ of (await sourceOf(left, items, { table: 'firm' })).read(
      undefined,
      { blockBytes: 1 },
      noAbort,
    ))
      break;
    expect(left.sent.map(({ sql }) => sql)).toContain('close result set');
  });

  it('keeps increments a quarter of an hour behind the clock: nobody tells when transactions began', async () => {
    const driver = scriptedDriver(
      scriptedServer([table], ({ sql }) => {
        if (/SYS_EXTRACT_UTC\(SYSTIMESTAMP\)/.test(sql)) return { rows: [['2026-01-01 10:00:00.000000+00']] };
        return /max\(t\."UPDATED_AT"\)/.test(sql) ? { rows: [['2026-01-01 17:59:00']] } : undefined;
      }),
    );
    const watermark = { column: 'updated_at', overlapSeconds: 60 };
    const source = await sourceOf(driver, items, { table: 'firm', watermark }, 'watermark');
    const { checkpoints } = await readLines(source);
    expect(JSON.parse(checkpoints.at(-1)!).mark).toMatch(/^2026-01-01 17:45:00/);
  });
});
