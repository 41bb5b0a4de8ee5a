import { noAbort, readLines, resourceWith } from '@qianzhi/testing';
import { describe, expect, it } from 'vitest';
import { type Answer, type Sent, scriptedDriver } from './test/scripted-driver.js';
import { type ScriptedTable, scriptedServer } from './test/scripted-server.js';
import { sourceOf } from './test/site.js';

const items = resourceWith([
  { column: 'org', type: 'C', key: true },
  { column: 'no', type: 'N', precision: 38, scale: 0, key: true },
  { column: 'amount', type: 'Y', precision: 38, scale: 10 },
  { column: 'born', type: 'D' },
  { column: 'seen', type: 'T', instant: true },
  { column: 'note', type: 'M' },
]);
const table: ScriptedTable = {
  name: 'FIRM',
  columns: [
    { name: 'ORG', type: 'VARCHAR2', characters: 20 },
    { name: 'NO', type: 'NUMBER', precision: 38, scale: 0 },
    { name: 'AMOUNT', type: 'NUMBER', precision: 38, scale: 10, nullable: true },
    { name: 'BORN', type: 'DATE', nullable: true },
    { name: 'SEEN', type: 'TIMESTAMP(6) WITH TIME ZONE', scale: 6, nullable: true },
    { name: 'NOTE', type: 'CLOB', nullable: true },
    { name: 'UPDATED_AT', type: 'DATE', nullable: true },
  ],
  primaryKey: ['ORG', 'NO'],
};
const reads = ({ sql }: Sent) => sql.includes('FROM "LEGACY"."FIRM" t');
const full = [
  'A',
  '12345678901234567890123456789012345678',
  '-1',
  'A',
  '12345678901234567890123456789012345678',
  '1234567890123456789012345678.0123456789',
  '0001-01-01 00:00:00',
  '2026-01-01 00:00:00.123456000+00',
  '两\t行',
];
const empty = ['B', '1', '-1', 'B', '1', null, null, null, null];

describe('a source on Oracle', () => {
  it('finds tables as they are written without quotes, and gives driver arrays as row text without losing a digit', async () => {
    const driver = scriptedDriver(
      scriptedServer([table], (sent) => (reads(sent) ? { rows: [full, empty] } : undefined)),
    );
    const { text } = await readLines(await sourceOf(driver, items, { table: 'firm' }));
    expect(text).toBe(
      'S\tA\t12345678901234567890123456789012345678\t1234567890123456789012345678.0123456789\t0001-01-01\t2026-01-01 00:00:00.123456+00\t两\\t行\nS\tB\t1\t\\N\t\\N\t\\N\t\\N\n',
    );
  });

  it('makes a session whose conversions depend on no language, with a limit on each call', async () => {
    const driver = scriptedDriver(scriptedServer([table]));
    await sourceOf(driver, items, { table: 'firm' });
    expect(driver.sent[0]?.sql).toMatch(
      /^ALTER SESSION SET NLS_NUMERIC_CHARACTERS = '\.,' NLS_COMP = BINARY NLS_SORT = BINARY/,
    );
  });

  it('pages by the key with places by name, columns named apart, and few rows at a time where values are large', async () => {
    const driver = scriptedDriver(
      scriptedServer([table], (sent) =>
        reads(sent) ? { rows: 'p1' in sent.binds ? [] : [full, empty] } : undefined,
      ),
    );
    await readLines(await sourceOf(driver, items, { table: 'firm', chunkRows: 2 }));
    const [first, second] = driver.statements(/FROM "LEGACY"\."FIRM" t/);
    expect(first?.sql).toMatch(
      /^SELECT t\."ORG" AS c0, t\."NO" AS c1, CASE WHEN DBMS_LOB\.GETLENGTH\(t\."NOTE"\) > \d+ THEN 5 ELSE -1 END AS c2, /,
    );
    expect(first?.sql).toMatch(/ORDER BY t\."ORG", t\."NO" FETCH FIRST 2 ROWS ONLY$/);
    expect(first?.options).toMatchObject({ resultSet: true, fetchArraySize: 16 });
    expect(second?.sql).toContain(
      'WHERE t."ORG" >= TO_CHAR(:p4) AND (t."ORG" > TO_CHAR(:p1) OR (t."ORG" = TO_CHAR(:p2) AND t."NO" > TO_NUMBER(:p3)))',
    );
    expect(second?.binds).toEqual({ p1: 'B', p2: 'B', p3: '1', p4: 'B' });
    const narrow = scriptedDriver(scriptedServer([table]));
    await readLines(await sourceOf(narrow, resourceWith([{ column: 'org', type: 'C' }]), { table: 'firm' }));
    expect(narrow.statements(/FROM "LEGACY"\."FIRM" t/)[0]?.options).toMatchObject({ fetchArraySize: 1000 });
  });

  it('goes on from the checkpoint after ORA-01555, in another session', async () => {
    let old = true;
    const driver = scriptedDriver(
      scriptedServer([table], (sent) => {
        if (!reads(sent)) return undefined;
        if (!('p1' in sent.binds)) return { rows: [full, empty] };
        if (!old) return { rows: [['C', '1', '-1', 'C', '1', null, null, null, null]] };
        old = false;
        return { error: 'ORA-01555' };
      }),
    );
    const source = await sourceOf(driver, items, { table: 'firm', chunkRows: 2 });
    let checkpoint: string | undefined;
    const read = async () => {
      for await (const block of source.read(checkpoint, { blockBytes: 1 }, noAbort))
        checkpoint = block.checkpoint;
    };
    await expect(read()).rejects.toMatchObject({ code: 'QZ_SQL_TOO_OLD', kind: 'unavailable' });
    expect(JSON.parse(checkpoint!).after).toEqual(['A', full[1]]);
    const { text } = await readLines(source, checkpoint);
    expect(text).toMatch(/^S\tC\t1\t/);
    expect(driver.closed).toBe(1);
    expect(driver.sent.at(-2)?.connection).toBe(2);
  });

  it('reads one moment where it is told to, and begins again when that was interrupted', async () => {
    const driver = scriptedDriver(
      scriptedServer([table], (sent) => (reads(sent) ? { rows: [full, empty] } : undefined)),
    );
    const source = await sourceOf(driver, items, { table: 'firm', consistency: 'transaction' });
    const first = await readLines(source, undefined, { blockBytes: 1 });
    const order = driver.sent.map(({ sql }) => sql).filter((sql) => /^(SET|ROLLBACK)|"FIRM" t/.test(sql));
    expect(order.map((sql) => sql.slice(0, 8))).toEqual(['SET TRAN', 'SELECT t', 'ROLLBACK']);
    expect(order[1]).not.toContain('FETCH FIRST');
    expect(await readLines(source, first.checkpoints[0])).toMatchObject({ restarted: true });
  });

  it('interrupts the statement when it is aborted, and closes what was open when it is left', async () => {
    const hanging = scriptedDriver(
      scriptedServer([table], (sent) => (reads(sent) ? { hangs: true } : undefined)),
    );
    const source = await sourceOf(hanging, items, { table: 'firm' });
    const controller = new AbortController();
    const read = (async () => {
      for await (const _ of source.read(undefined, { blockBytes: 64 }, controller.signal));
    })();
    // the statement is under way once it was sent
    while (hanging.statements(/"FIRM" t/).length === 0) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    await expect(read).rejects.toMatchObject({ kind: 'cancelled' });
    expect([hanging.interrupted, hanging.closed]).toEqual([1, 1]);
    const driver = scriptedDriver(
      scriptedServer([table], (sent) => (reads(sent) ? { rows: [full, empty] } : undefined)),
    );
    const left = await sourceOf(driver, items, { table: 'firm' });
    for await (const _ of left.read(undefined, { blockBytes: 1 }, noAbort)) break;
    expect(driver.sent.at(-1)?.sql).toBe('close result set');
  });

  it('keeps increments behind the clock and open transactions, by a DATE of the column’s own zone', async () => {
    const answers = ({ sql }: Sent): Answer | undefined => {
      if (/SYS_EXTRACT_UTC\(SYSTIMESTAMP\)/.test(sql))
        return { rows: [['2026-01-01 10:00:00.000000+00', '1']] };
      if (/gv\$transaction/.test(sql)) return { rows: [['2026-01-01 09:30:00.000000+00']] };
      if (/max\(t\."UPDATED_AT"\)/.test(sql)) return { rows: [['2026-01-01 17:45:00']] };
      return undefined;
    };
    const driver = scriptedDriver(scriptedServer([table], answers));
    const watermark = { column: 'updated_at', overlapSeconds: 60 };
    const source = await sourceOf(driver, items, { table: 'firm', watermark }, 'watermark');
    const place = {
      v: 1,
      strategy: 'watermark',
      phase: 'watermark',
      mark: '2026-01-01 16:00:00',
      clocks: { databaseMs: Date.parse('2026-01-01T08:00:00Z'), agentMs: Date.now() },
      seen: '',
      seenTo: null,
    };
    await readLines(source, JSON.stringify(place));
    const increment = driver.statements(/ORDER BY t\."UPDATED_AT"/).at(-1);
    const date = (at: number) => `TO_DATE(SUBSTR(:p${at}, 1, 19), 'YYYY-MM-DD HH24:MI:SS')`;
    expect(increment?.sql).toContain(`t."UPDATED_AT" >= ${date(1)} AND t."UPDATED_AT" <= ${date(2)}`);
    expect(increment?.binds).toMatchObject({ p1: '2026-01-01 15:59:00', p2: '2026-01-01 18:00:00.000000' });
    const { checkpoints } = await readLines(
      await sourceOf(
        scriptedDriver(scriptedServer([table], answers)),
        items,
        { table: 'firm', watermark },
        'watermark',
      ),
    );
    expect(JSON.parse(checkpoints.at(-1)!).mark).toMatch(/^2026-01-01 17:30:00/);
  });
});
