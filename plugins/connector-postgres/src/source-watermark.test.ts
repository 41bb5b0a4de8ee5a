import type { Source } from '@qianzhi/plugin-api';
import { describe, expect, it } from 'vitest';
import { describeSource, readAll } from './test/source-site.js';
import { resourceOf } from './test/target-site.js';

const resource = resourceOf([
  { column: 'id', type: 'I', key: true },
  { column: 'name', type: 'M' },
]);

/** The mark stays a second behind the clock in any case. */
const pastTheMargin = 'SELECT pg_sleep(1.1)';

describeSource('postgres source: watermark', (site) => {
  const run = (sql: string) => site().db.query(sql);
  const watermark = (overlapSeconds = 0) => ({ column: 'at', overlapSeconds, zone: 'UTC' });
  const open = (table: string, overlapSeconds?: number, more: object = {}) =>
    site().source(
      resource,
      { table, watermark: watermark(overlapSeconds), ...more },
      { strategy: 'watermark' },
    );
  const make = async (table: string, type = 'timestamptz') => {
    await run(
      `CREATE TABLE ${table} (id int PRIMARY KEY, name text, at ${type} DEFAULT now()); CREATE INDEX ON ${table} (at)`,
    );
    await run(
      `INSERT INTO ${table} SELECT n, 'first', now() - interval '1 hour' FROM generate_series(1, 5) n`,
    );
  };

  /** Reads from checkpoint to checkpoint, as scheduled runs do. */
  function follower(source: Source) {
    let checkpoint: string | undefined;
    return async (limits?: { blockBytes: number }) => {
      const read = await readAll(source, checkpoint, limits);
      checkpoint = read.checkpoints.at(-1) ?? checkpoint;
      return read.rows.map((row) => Number(row[0])).sort((a, b) => a - b);
    };
  }

  it('finds the rows of a transaction that began early and commits late', async () => {
    await make('late');
    const read = follower(await open('late'));
    expect(await read()).toEqual([1, 2, 3, 4, 5]);
    const early = await site().session();
    await early.query('BEGIN; SELECT now()');
    await run(pastTheMargin);
    await run(`INSERT INTO late VALUES (20, 'second', clock_timestamp())`);
    expect(await read()).toEqual([20]);
    await early.query(`INSERT INTO late VALUES (10, 'early')`);
    await run(`INSERT INTO late VALUES (21, 'third', clock_timestamp())`);
    expect(await read()).toEqual([21]);
    await early.query('COMMIT');
    expect(await read()).toEqual([10]);
    expect(await read()).toEqual([]);
  });

  it('reads on while a long transaction is open, and says that it holds the mark', async () => {
    await make('held');
    const source = await open('held', 0);
    const read = follower(source);
    await read();
    const long = await site().session();
    await long.query('BEGIN; SELECT now()');
    await run(`INSERT INTO held VALUES (20, 'x', clock_timestamp())`);
    expect(await read()).toEqual([20]);
    for (let again = 0; again < 3; again++) expect(await read()).toEqual([]);
    expect(source.notices().map((notice) => notice.code)).not.toContain('mark-held-back');
    await long.query('ROLLBACK');
  });

  it('a prepared transaction holds the mark as well', async (test) => {
    const { rows } = await run('SHOW max_prepared_transactions');
    test.skip(rows[0].max_prepared_transactions === '0', 'the server allows no prepared transactions');
    await make('prepared');
    const read = follower(await open('prepared', 5));
    await read();
    await run(`BEGIN; INSERT INTO prepared VALUES (10, 'x'); PREPARE TRANSACTION 'qz'`);
    await run(pastTheMargin);
    await run(`INSERT INTO prepared VALUES (20, 'x', clock_timestamp())`);
    await read();
    await run(`COMMIT PREPARED 'qz'`);
    expect(await read()).toContain(10);
  });

  it('widens its window when the clock of the database has stepped back', async () => {
    await make('stepped');
    const source = await open('stepped');
    const read = follower(source);
    await read();
    await run(`INSERT INTO stepped VALUES (20, 'x', clock_timestamp() - interval '10 minutes')`);
    expect(await read()).toEqual([20]);
    expect(await read()).toEqual([]);
    // twenty minutes pass on the agent's side and none on the database's: it must have lost them
    site().agentAheadMs = 20 * 60_000;
    try {
      await run(`INSERT INTO stepped VALUES (10, 'x', clock_timestamp() - interval '25 minutes')`);
      expect(await read()).toEqual([10]);
      expect(source.notices().map((notice) => notice.code)).toContain('clock-stepped-back');
      expect(await read()).toEqual([]);
    } finally {
      site().agentAheadMs = 0;
    }
  });

  it('counts NULL, future and infinite times, and reads them once they are set right', async () => {
    await make('odd', 'timestamp');
    await run(
      `INSERT INTO odd VALUES (10, 'x', NULL), (11, 'x', now() + interval '1 day'), (12, 'x', 'infinity'), (13, 'x', '-infinity')`,
    );
    const source = await open('odd');
    const read = follower(source);
    expect(await read()).toEqual([1, 2, 3, 4, 5, 10, 11, 12, 13]);
    const counts = Object.fromEntries(source.notices().map(({ code, rows }) => [code, rows]));
    expect(counts).toMatchObject({ 'time-null': 1, 'time-future': 2, 'time-unreadable': 1 });
    expect(await read()).toEqual([]);
    await run(`UPDATE odd SET at = clock_timestamp() AT TIME ZONE 'UTC' WHERE id >= 10`);
    expect(await read()).toEqual([10, 11, 12, 13]);
    expect(source.notices()).toEqual([]);
  });

  it('carries what changes inside the overlap, and only that', async () => {
    await make('overlap');
    await run(`UPDATE overlap SET at = now()`);
    const source = await open('overlap', 300);
    const read = follower(source);
    await read();
    const first = await readAll(source);
    await run(`UPDATE overlap SET name = 'changed' WHERE id = 3`);
    expect(await read()).toEqual([3]);
    const again = await readAll(source, first.checkpoints.at(-1));
    expect([again.rows.length, again.repeated]).toEqual([1, 4]);
  });

  it('goes on from within an increment, and remembers no row that was not given', async () => {
    await make('within');
    const source = await open('within', 60, { chunkRows: 7 });
    const first = await readAll(source);
    await run(
      `INSERT INTO within SELECT n, repeat('x', 50), clock_timestamp() FROM generate_series(100, 180) n`,
    );
    const whole = await readAll(source, first.checkpoints.at(-1), { blockBytes: 300 });
    const all = whole.rows.map((row) => row[0]);
    expect(all.length).toBe(81);
    const rowsOfBlock = await blockSizes(source, first.checkpoints.at(-1)!);
    for (const cut of [0, 1, 5]) {
      const before = rowsOfBlock.slice(0, cut + 1).reduce((sum, rows) => sum + rows, 0);
      const rest = await readAll(source, whole.checkpoints[cut]);
      expect(rest.rows.map((row) => row[0])).toEqual(all.slice(before));
    }
  });

  async function blockSizes(source: Source, checkpoint: string): Promise<number[]> {
    const sizes: number[] = [];
    for await (const block of source.read(checkpoint, { blockBytes: 300 }, new AbortController().signal)) {
      if (block.kind === 'rows') sizes.push(block.rows);
    }
    return sizes;
  }

  it('reads a view, whose rows may be equal in all terms', async () => {
    await make('viewed');
    await run(`CREATE VIEW viewed_all AS SELECT v.id / 2 AS id, v.name, v.at FROM viewed v`);
    const source = await open('viewed_all', 10);
    const read = follower(source);
    expect(await read()).toEqual([0, 1, 1, 2, 2]);
    await run(`INSERT INTO viewed SELECT n, 'x', clock_timestamp() FROM generate_series(10, 15) n`);
    expect(await read({ blockBytes: 10 })).toEqual([5, 5, 6, 6, 7, 7]);
  });

  it('works on days', async () => {
    await make('days', 'date');
    const read = follower(await open('days', 0));
    expect((await read()).length).toBe(5);
    await run(`INSERT INTO days VALUES (10, 'x', (now() AT TIME ZONE 'UTC')::date)`);
    expect(await read()).toEqual([10]);
    expect(await read()).toEqual([]);
  });

  describe('for a user who may not see the sessions of others', () => {
    it('takes a wide overlap, and check says so', async () => {
      await make('unseen');
      await run(`CREATE ROLE blind LOGIN PASSWORD 'blind-password'; GRANT SELECT ON unseen TO blind`);
      const config = { user: 'blind', password: 'blind-password' };
      const spec = { table: 'unseen', watermark: watermark() };
      const source = await site().source(resource, spec, { strategy: 'watermark', config });
      const read = follower(source);
      await read();
      const early = await site().session();
      await early.query('BEGIN; SELECT now()');
      await run(pastTheMargin);
      await run(`INSERT INTO unseen VALUES (20, 'x', clock_timestamp())`);
      expect(await read()).toEqual([20]);
      await early.query(`INSERT INTO unseen VALUES (10, 'early'); COMMIT`);
      expect(await read()).toEqual([10]);
      await run('DROP OWNED BY blind; DROP ROLE blind');
    });
  });

  it('refuses what it cannot follow when it is opened', async () => {
    await run('CREATE TABLE unfit (id int PRIMARY KEY, name text, at text, ts timestamp)');
    const refused = (source: object) =>
      site()
        .source(resource, { table: 'unfit', ...source }, { strategy: 'watermark' })
        .then(
          () => 'opened',
          (error) => error.code,
        );
    expect(await refused({})).toBe('QZ_POSTGRES_STRATEGY_UNFIT');
    expect(await refused({ watermark: { column: 'at' } })).toBe('QZ_POSTGRES_STRATEGY_UNFIT');
    expect(await refused({ watermark: { column: 'none' } })).toBe('QZ_POSTGRES_COLUMN_MISSING');
    expect(await refused({ watermark: { column: 'ts', zone: 'Asia/Atlantis' } })).toBe(
      'QZ_POSTGRES_STRATEGY_UNFIT',
    );
  });
});
