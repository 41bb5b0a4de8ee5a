import { WINDOW_ROWS } from '@qianzhi/sql-kit';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openSite, readAll, resourceOf } from './test/site.js';

const resource = resourceOf([
  { column: 'id', type: 'I', key: true, required: true },
  { column: 'state', type: 'C' },
]);

afterEach(() => void vi.useRealTimers());

describe('watermark', () => {
  it.each([
    ['text', `'2026-01-01 08:00:00'`, `'2026-01-01 07:59:30'`, `'2026-01-01 07:58:00'`],
    ['T and Z', `'2026-01-01T08:00:00Z'`, `'2026-01-01T07:59:30Z'`, `'2026-01-01T07:58:00Z'`],
    ['dates', `'2026-01-02'`, `'2026-01-01'`, `'2025-12-31'`],
    ['unix', '1767225600', '1767225570', '1767225480'],
    ['unix-ms', '1767225600000', '1767225570000', '1767225480000'],
    ['julian', '2461041.5', '2461041.49965', '2461041.4986'],
  ])('reads times kept as %s: within the overlap, not behind it', async (format, mark, within, behind) => {
    await using site = openSite();
    site.db.exec(
      `CREATE TABLE t (id INTEGER PRIMARY KEY, state TEXT, at); INSERT INTO t VALUES (1, 'a', ${mark})`,
    );
    const known = format === 'unix' || format === 'unix-ms' || format === 'julian';
    const watermark = { column: 'at', overlapSeconds: 60, ...(known && { format }) };
    const source = await site.source(resource, { table: 't', watermark }, 'watermark');
    const first = await readAll(source);
    site.db.exec(`INSERT INTO t VALUES (2, 'late', ${within}), (3, 'too late', ${behind})`);
    const next = await readAll(source, first.checkpoints.at(-1));
    expect(next.rows.map((row) => row[0])).toEqual(['2']);
    expect(source.notices()).toEqual([]);
  });

  it('carries a row that went back to what it was, and a time that is not in the catalog', async () => {
    await using site = openSite();
    site.db.exec(
      `CREATE TABLE t (id INTEGER PRIMARY KEY, state TEXT, at TEXT); INSERT INTO t VALUES (1, 'on', '2026-01-01 08:00:00')`,
    );
    const source = await site.source(
      resource,
      { table: 't', watermark: { column: 'at', overlapSeconds: 600 } },
      'watermark',
    );
    let at = (await readAll(source)).checkpoints.at(-1);
    for (const state of ['off', 'on']) {
      site.db.exec(`UPDATE t SET state = '${state}', at = '2026-01-01 08:0${state.length}:00'`);
      const { rows, checkpoints } = await readAll(source, at);
      expect(rows).toEqual([['1', state]]);
      at = checkpoints.at(-1);
    }
    expect((await readAll(source, at)).rows).toEqual([]);
  });

  it('waits with rows of the future until the clock has passed them, and tells of odd ones', async () => {
    await using site = openSite();
    site.db.exec(
      `CREATE TABLE t (id INTEGER PRIMARY KEY, state TEXT, at TEXT); INSERT INTO t VALUES (1, 'a', '2020-01-01 08:00:00')`,
    );
    const source = await site.source(
      resource,
      { table: 't', watermark: { column: 'at', overlapSeconds: 60, zone: 'UTC' } },
      'watermark',
    );
    const { checkpoints } = await readAll(source);
    const soon = new Date(Date.now() + 3_600_000);
    site.db
      .prepare('INSERT INTO t VALUES (2, ?, ?)')
      .run('b', soon.toISOString().slice(0, 19).replace('T', ' '));
    site.db.exec(`CREATE TABLE u AS SELECT 1; INSERT INTO t VALUES (3, 'c', NULL), (4, 'd', x'00')`);
    expect((await readAll(source, checkpoints.at(-1))).rows).toEqual([]);
    expect(source.notices().map((notice) => [notice.code, notice.rows])).toEqual([
      ['time-null', 1],
      ['time-future', 1],
      ['time-unreadable', 1],
    ]);
    vi.useFakeTimers({ toFake: ['Date'], now: soon.getTime() + 1000 });
    expect((await readAll(source, checkpoints.at(-1))).rows).toEqual([['2', 'b']]);
  });

  it('loses nothing where the overlap holds more rows than it can remember, and says so', async () => {
    await using site = openSite();
    const many = WINDOW_ROWS + 100;
    site.db.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, state TEXT, at TEXT);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${many}) INSERT INTO t SELECT i, 's', '2026-01-01 08:00:00' FROM n`);
    const source = await site.source(
      resource,
      { table: 't', watermark: { column: 'at', overlapSeconds: 60 } },
      'watermark',
    );
    const first = await readAll(source);
    expect(first.rows.length).toBe(many);
    const next = await readAll(source, first.checkpoints.at(-1));
    expect(next.rows.length).toBeLessThanOrEqual(200);
    expect(source.notices().map((notice) => notice.code)).toEqual(['overlap-too-full']);
    expect(first.checkpoints.at(-1)!.length).toBeLessThan(800_000);
  });

  it.each([
    ['no watermark in the spec', {}, 'STRATEGY_UNFIT'],
    ['a column that is not there', { watermark: { column: 'nope' } }, 'COLUMN_MISSING'],
    ['an unknown zone', { watermark: { column: 'at', zone: 'Mars/Base' } }, 'STRATEGY_UNFIT'],
  ])('refuses %s', async (_name, more, code) => {
    await using site = openSite();
    site.db.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, state TEXT, at TEXT)');
    await expect(site.source(resource, { table: 't', ...more }, 'watermark')).rejects.toMatchObject({
      code: `QZ_SQLITE_${code}`,
    });
  });

  it('refuses the checkpoint of another strategy', async () => {
    await using site = openSite();
    site.db.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, state TEXT, at TEXT)');
    const { checkpoints } = await readAll(await site.source(resource, { table: 't' }));
    const source = await site.source(resource, { table: 't', watermark: { column: 'at' } }, 'watermark');
    await expect(readAll(source, checkpoints[0])).rejects.toMatchObject({
      code: 'QZ_SQLITE_CHECKPOINT_UNKNOWN',
    });
    await expect(readAll(source, 'garbage')).rejects.toMatchObject({ code: 'QZ_SQLITE_CHECKPOINT_UNKNOWN' });
  });
});
