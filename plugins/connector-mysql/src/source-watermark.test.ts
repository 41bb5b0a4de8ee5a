import type { Source } from '@qianzhi/plugin-api';
import { expect, it } from 'vitest';
import { codeOf, describeSite, readAll, resourceOf, until } from './test/site.js';

const resource = resourceOf([
  { column: 'id', type: 'I', key: true },
  { column: 'name', type: 'C', length: 50 },
]);
const watermark = (more = {}) => ({ column: 'at', overlapSeconds: 2, zone: 'UTC', ...more });

/** Ids that each read brings. */
function follower(source: Source) {
  let checkpoint: string | undefined;
  return async (limits?: { blockBytes: number; maxRows?: number }) => {
    const read = await readAll(source, checkpoint, limits);
    checkpoint = read.checkpoints.at(-1) ?? checkpoint;
    return read.rows.map(([id]) => Number(id));
  };
}

describeSite('mysql source: watermark', (site) => {
  const make = async (type = 'DATETIME(6)', zone = 'UTC_TIMESTAMP(6)') => {
    await site().db.run(`CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(50), at ${type} NULL, KEY (at))`);
    for (let id = 1; id <= 5; id++)
      await site().db.run(`INSERT INTO t VALUES (${id}, 'n', ${zone} - INTERVAL 1 HOUR)`);
  };
  const open = (more = {}, config = {}) =>
    site().source(resource, { table: 't', watermark: watermark(more) }, { strategy: 'watermark', config });

  it('finds what an open transaction commits after later rows were read', async () => {
    await make();
    const read = follower(await open());
    expect(await read()).toEqual([1, 2, 3, 4, 5]);
    const early = await site().session();
    await early.run('START TRANSACTION');
    await early.run(`INSERT INTO t VALUES (10, 'early', UTC_TIMESTAMP(6))`);
    // later than the overlap, the time at which a transaction is seen, and its rounding
    await until(
      'six seconds have passed',
      async () =>
        (await early.run(`SELECT at < UTC_TIMESTAMP(6) - INTERVAL 6 SECOND FROM t WHERE id = 10`))[0]![0] ===
        '1',
      15_000,
    );
    await site().db.run(`INSERT INTO t VALUES (20, 'late', UTC_TIMESTAMP(6))`);
    expect(await read()).toEqual([20]);
    await early.run('COMMIT');
    expect(await read()).toEqual([10]);
    expect(await read()).toEqual([]);
  });

  it.each([
    ['DATETIME', 'UTC_TIMESTAMP()'],
    ['DATETIME(3)', 'UTC_TIMESTAMP(3)'],
    ['TIMESTAMP', 'UTC_TIMESTAMP()'],
    ['TIMESTAMP(6)', 'UTC_TIMESTAMP(6)'],
    ['DATE', 'UTC_DATE()'],
  ])('works on %s, rows with equal times included', async (type, now) => {
    await make(type, now);
    const read = follower(await open({ overlapSeconds: 60 }));
    expect(await read()).toEqual([1, 2, 3, 4, 5]);
    expect(await read()).toEqual([]);
    const [time] = await site().values('SELECT CAST(MAX(at) AS CHAR) FROM t');
    await site().db.run(`INSERT INTO t VALUES (6, 'n', '${time}'), (7, 'n', '${time}')`);
    expect(await read({ blockBytes: 1 })).toEqual([6, 7]);
    await site().db.run(`UPDATE t SET name = 'other' WHERE id = 3`);
    expect(await read()).toEqual([3]);
    expect(await read()).toEqual([]);
  });

  it('reads the wall clock of the zone', async () => {
    await make('DATETIME(6)', `CONVERT_TZ(UTC_TIMESTAMP(6), '+00:00', '+08:00')`);
    const read = follower(await open({ zone: 'Asia/Shanghai' }));
    expect((await read()).length).toBe(5);
    await site().db.run(`INSERT INTO t VALUES (9, 'n', CONVERT_TZ(UTC_TIMESTAMP(6), '+00:00', '+08:00'))`);
    expect(await read()).toEqual([9]);
  });

  it('counts times that are NULL, in the future or zero, and widens its window when the clock has stepped back', async () => {
    await make();
    const legacy = await site().session();
    await legacy.run(`SET SESSION sql_mode = ''`);
    await legacy.run(
      `INSERT INTO t VALUES (30, 'n', NULL), (31, 'n', UTC_TIMESTAMP() + INTERVAL 1 DAY), (32, 'n', 0)`,
    );
    const source = await open();
    const read = follower(source);
    expect((await read()).length).toBe(8);
    expect(source.notices().map(({ code, rows }) => `${code} ${rows}`)).toEqual([
      'time-null 1',
      'time-future 1',
      'time-unreadable 1',
    ]);
    await site().db.run(`DELETE FROM t WHERE id >= 30`);
    // a row of ten minutes ago, which a clock that was ten minutes behind has stamped
    await site().db.run(`INSERT INTO t VALUES (40, 'n', UTC_TIMESTAMP(6))`);
    expect(await read()).toEqual([40]);
    await site().db.run(`INSERT INTO t VALUES (41, 'n', UTC_TIMESTAMP(6) - INTERVAL 10 MINUTE)`);
    expect(await read()).toEqual([]);
    site().agentAheadMs = 15 * 60_000;
    expect(await read()).toEqual([41]);
    expect(source.notices().map(({ code }) => code)).toContain('clock-stepped-back');
  });

  it('keeps a quarter of an hour behind for a user who may not see the transactions of others, and check says so', async () => {
    await make();
    const user = `blind_${site().database.name}`.slice(0, 30);
    await site().db.run(`CREATE USER '${user}'@'%' IDENTIFIED BY 'blind-password'`);
    await site().db.run(`GRANT SELECT ON \`${site().database.name}\`.* TO '${user}'@'%'`);
    const config = { user, password: 'blind-password' };
    const read = follower(await open({}, config));
    await read();
    const early = await site().session();
    await early.run('START TRANSACTION');
    await early.run(`INSERT INTO t VALUES (10, 'early', UTC_TIMESTAMP(6) - INTERVAL 10 MINUTE)`);
    await site().db.run(`INSERT INTO t VALUES (20, 'late', UTC_TIMESTAMP(6))`);
    expect(await read()).toEqual([20]);
    await early.run('COMMIT');
    expect(await read()).toEqual([10]);
    const report = await (await site().open(config)).check(AbortSignal.timeout(10_000));
    expect(report.notes.map(({ error }) => error?.code)).toContain('QZ_MYSQL_STATEMENTS_HIDDEN');
    await site().db.run(`DROP USER '${user}'@'%'`);
  });

  it('refuses what it cannot follow when it is opened', async () => {
    await site().db.run(
      'CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(50), at VARCHAR(20), ts TIMESTAMP NULL)',
    );
    const refused = (source: object) =>
      codeOf(() => site().source(resource, { table: 't', ...source }, { strategy: 'watermark' }));
    expect(await refused({})).toBe('QZ_MYSQL_STRATEGY_UNFIT');
    expect(await refused({ watermark: { column: 'at' } })).toBe('QZ_MYSQL_STRATEGY_UNFIT');
    expect(await refused({ watermark: { column: 'none' } })).toBe('QZ_MYSQL_COLUMN_MISSING');
    expect(await refused({ watermark: { column: 'ts', zone: 'Asia/Atlantis' } })).toBe(
      'QZ_MYSQL_STRATEGY_UNFIT',
    );
  });
});
