import type { RowsBlock } from '@qianzhi/plugin-api';
import { describe, expect, it } from 'vitest';
import { describeSource, type Read, readAll, readOf, signal } from './test/source-site.js';
import { resourceOf } from './test/target-site.js';

const keyed = resourceOf([
  { column: 'id', type: 'I', key: true },
  { column: 'name', type: 'M' },
]);
const keys = (read: Read) => read.rows.map((row) => row[0]);
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => String(from + at));

describeSource('postgres source: full copies', (site) => {
  const run = (sql: string) => site().db.query(sql);

  it('reads side by side, in order, whatever the ranges', async () => {
    await run(`CREATE TABLE wide (id int PRIMARY KEY, name text);
      INSERT INTO wide SELECT n, repeat('宽', 100) || n FROM generate_series(1, 60000) n`);
    const one = await readAll(await site().source(keyed, { table: 'wide' }));
    expect(keys(one)).toEqual(numbers(1, 60_000));
    for (const source of [
      { parallel: 4 },
      { parallel: 3, chunkRows: 777 },
      { parallel: 4, consistency: 'transaction' },
      { chunkRows: 999 },
    ]) {
      const read = await readAll(await site().source(keyed, { table: 'wide', ...source }));
      expect(read.rows.length, JSON.stringify(source)).toBe(60_000);
      expect(new Set(keys(read)).size).toBe(60_000);
      if (!('consistency' in source)) expect(keys(read)).toEqual(numbers(1, 60_000));
      expect(read.ended).toBe(true);
    }
  });

  it('goes on side by side from any checkpoint', async () => {
    await run(`CREATE TABLE resumed (id int PRIMARY KEY, name text);
      INSERT INTO resumed SELECT n * 3, 'x' FROM generate_series(1, 3000) n`);
    const source = await site().source(keyed, { table: 'resumed', parallel: 3, chunkRows: 250 });
    const whole = await readAll(source, undefined, { blockBytes: 4096 });
    for (const at of [0, 3, whole.checkpoints.length - 2]) {
      const rest = await readAll(source, whole.checkpoints[at]);
      expect(rest.restarted).toBe(false);
      const before = whole.rows.length - rest.rows.length;
      expect([...keys(whole).slice(0, before), ...keys(rest)]).toEqual(keys(whole));
      expect(before).toBeGreaterThan(0);
    }
  });

  it('leaves out what the condition leaves out, also whole ranges', async () => {
    await run(`CREATE TABLE sparse (id int PRIMARY KEY, name text);
      INSERT INTO sparse SELECT n, CASE WHEN n % 1000 = 0 THEN 'yes' ELSE 'no' END FROM generate_series(1, 10000) n`);
    const source = { table: 'sparse', where: `name = 'yes'`, chunkRows: 100 };
    const wanted = numbers(1, 10).map((n) => `${n}000`);
    for (const parallel of [1, 4]) {
      expect(keys(await readAll(await site().source(keyed, { ...source, parallel })))).toEqual(wanted);
    }
  });

  it('orders text by its own collation, composite keys by all their columns, and finds its place by them', async () => {
    await run(`CREATE TABLE towns (code varchar(12) COLLATE "C.utf8", part date, name text, PRIMARY KEY (code, part));
      INSERT INTO towns SELECT CASE n % 3 WHEN 0 THEN 'Ä\\' WHEN 1 THEN 'a''b' ELSE '市' END || n / 20, date '2026-01-01' + n, n::text
      FROM generate_series(1, 120) n`);
    const resource = resourceOf([
      { column: 'name', type: 'M' },
      { column: 'code', type: 'C', length: 12, key: true },
      { column: 'part', type: 'D', key: true },
    ]);
    const { rows } = await run('SELECT name FROM towns ORDER BY code, part');
    const source = await site().source(resource, { table: 'towns', chunkRows: 7 });
    const read = await readAll(source, undefined, { blockBytes: 64 });
    expect(keys(read)).toEqual(rows.map((row) => row.name));
    const rest = await readAll(source, read.checkpoints[20]);
    expect([...keys(read).slice(0, read.rows.length - rest.rows.length), ...keys(rest)]).toEqual(keys(read));
  });

  it('reads by a key that is no item, or behind a column of any length', async () => {
    await run(`CREATE TABLE hidden (id uuid PRIMARY KEY, at timestamptz NOT NULL, name text);
      INSERT INTO hidden SELECT md5(n::text)::uuid, '2026-01-01', n::text FROM generate_series(1, 100) n`);
    const resource = resourceOf([
      { column: 'name', type: 'M' },
      { column: 'at', type: 'T', key: true },
    ]);
    const source = await site().source(resource, { table: 'hidden', chunkRows: 9 });
    const read = await readAll(source, undefined, { blockBytes: 200 });
    expect(new Set(keys(read)).size).toBe(100);
    const rest = await readAll(source, read.checkpoints[5]);
    expect(rest.rows.length).toBeLessThan(100);
    expect([...keys(read).slice(0, 100 - rest.rows.length), ...keys(rest)]).toEqual(keys(read));
  });

  it('keeps rows of one key together where nothing makes it unique', async () => {
    await run(`CREATE TABLE base (code int, name text); CREATE INDEX ON base (code);
      INSERT INTO base SELECT CASE WHEN n % 7 = 0 THEN NULL ELSE n / 10 END, n::text FROM generate_series(1, 200) n;
      CREATE VIEW seen AS SELECT * FROM base`);
    const resource = resourceOf([
      { column: 'code', type: 'I', key: true },
      { column: 'name', type: 'M' },
    ]);
    for (const table of ['base', 'seen']) {
      const source = await site().source(resource, { table, chunkRows: 4 });
      const read = await readAll(source, undefined, { blockBytes: 30 });
      expect(read.rows.map((row) => row[1]).sort(), table).toEqual(numbers(1, 200).sort());
      for (const checkpoint of read.checkpoints.slice(0, -1)) {
        const rest = await readAll(source, checkpoint);
        const before = read.rows.slice(0, 200 - rest.rows.length);
        expect(rest.rows.some((row) => before.some((other) => other[0] === row[0]))).toBe(false);
        expect(rest.restarted).toBe(false);
      }
    }
  });

  it('reads children of a table and partitions once', async () => {
    await run(`CREATE TABLE parent (id int PRIMARY KEY, name text); CREATE TABLE child () INHERITS (parent);
      INSERT INTO parent SELECT n, 'p' FROM generate_series(1, 30) n; INSERT INTO child SELECT n, 'c' FROM generate_series(20, 50) n;
      CREATE TABLE parted (id int PRIMARY KEY, name text) PARTITION BY RANGE (id);
      CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (50);
      CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (50) TO (500);
      INSERT INTO parted SELECT n, 'x' FROM generate_series(1, 100) n`);
    const inherited = await readAll(await site().source(keyed, { table: 'parent', chunkRows: 5 }));
    expect(inherited.rows.length).toBe(61);
    const parted = await readAll(await site().source(keyed, { table: 'parted', chunkRows: 7, parallel: 2 }));
    expect(keys(parted)).toEqual(numbers(1, 100));
  });

  describe('of one moment', () => {
    const journal = resourceOf([{ column: 'name', type: 'M' }]);

    it('holds rows once that move while it is read, without any key', async () => {
      await run(
        `CREATE TABLE moving (name text, pad text); INSERT INTO moving SELECT n::text, '' FROM generate_series(1, 3000) n`,
      );
      const source = await site().source(journal, { table: 'moving', parallel: 2 });
      const blocks: RowsBlock[] = [];
      for await (const block of source.read(undefined, { blockBytes: 2000 }, signal)) {
        if (blocks.length === 0)
          await run(`UPDATE moving SET pad = repeat('x', 500); DELETE FROM moving WHERE name > '5'`);
        blocks.push(block as RowsBlock);
      }
      expect(new Set(keys(readOf(blocks))).size).toBe(3000);
      expect(readOf(blocks).rows.length).toBe(3000);
    });

    it('starts over when it was cut, and says so', async () => {
      await run(
        `CREATE TABLE cut (id int PRIMARY KEY, name text); INSERT INTO cut SELECT n, 'x' FROM generate_series(1, 500) n`,
      );
      const spec = { table: 'cut', consistency: 'transaction' };
      const first = await readAll(await site().source(keyed, spec), undefined, { blockBytes: 500 });
      const again = await readAll(await site().source(keyed, spec), first.checkpoints[2]);
      expect([again.restarted, again.rows.length]).toEqual([true, 500]);
    });

    it('is what two tables are read as when the writer is busy', async () => {
      await run(
        `CREATE TABLE busy (id int PRIMARY KEY, name text); INSERT INTO busy SELECT n, '0' FROM generate_series(1, 20000) n`,
      );
      const source = await site().source(keyed, { table: 'busy', consistency: 'transaction', parallel: 3 });
      const names = new Set<string | null | undefined>();
      let round = 0;
      for await (const block of source.read(undefined, { blockBytes: 20_000 }, signal)) {
        if (round < 3) await run(`UPDATE busy SET name = '${++round}'`);
        for (const row of readOf([block as RowsBlock]).rows) names.add(row[1]);
      }
      expect([...names]).toEqual(['0']);
    });
  });

  it('starts over when the key has become another one', async () => {
    await run(`CREATE TABLE rekeyed (id int PRIMARY KEY, other int NOT NULL, name text);
      INSERT INTO rekeyed SELECT n, 1000 - n, 'x' FROM generate_series(1, 100) n`);
    const first = await readAll(await site().source(keyed, { table: 'rekeyed' }), undefined, {
      blockBytes: 100,
    });
    await run('ALTER TABLE rekeyed DROP CONSTRAINT rekeyed_pkey, ADD PRIMARY KEY (other)');
    const again = await readAll(await site().source(keyed, { table: 'rekeyed' }), first.checkpoints[2]);
    expect([again.restarted, again.rows.length]).toEqual([true, 100]);
  });

  it('a statement that runs into its limit, because nobody takes its rows, is followed by another', async () => {
    await run(`CREATE TABLE slow (id int PRIMARY KEY, name text);
      INSERT INTO slow SELECT n, repeat('x', 1000) FROM generate_series(1, 20000) n`);
    const source = await site().source(keyed, { table: 'slow' }, { config: { statementTimeoutMs: 700 } });
    const blocks: RowsBlock[] = [];
    for await (const block of source.read(undefined, { blockBytes: 65_536 }, signal)) {
      blocks.push(block as RowsBlock);
      if (blocks.length === 1) await new Promise((resolve) => setTimeout(resolve, 1500));
    }
    expect(keys(readOf(blocks))).toEqual(numbers(1, 20_000));
  });
});
