import type { CatalogResource } from '@qianzhi/model';
import type { RowsBlock } from '@qianzhi/plugin-api';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeSource, signal } from './test/source-site.js';
import { resourceOf } from './test/target-site.js';

/** Each column with the item it is read as, and values of it as SQL. */
const columns: readonly (readonly [
  type: string,
  item: Parameters<typeof resourceOf>[0][number],
  values: readonly string[],
])[] = [
  ['text', { column: 'words', type: 'M' }, [`''`, `E'a\\tb\\\\N\\r\\n\\b\\f\\v'`, `'村😀'`, `' x '`]],
  [
    'varchar(40)',
    { column: 'trimmed', type: 'C', length: 40, fixedLength: true },
    [`'ab  '`, `'  '`, `'\\N'`],
  ],
  ['char(6)', { column: 'padded', type: 'C', length: 6 }, [`'ab'`, `''`, `'村'`]],
  ['smallint', { column: 'small', type: 'I' }, ['0', '-32768']],
  ['bigint', { column: 'large', type: 'I' }, ['9223372036854775807', '-1']],
  [
    'numeric',
    { column: 'loose', type: 'N', precision: 20, scale: 3 },
    ['1', '1.50', '1.2345', `'NaN'`, '-0.0001'],
  ],
  ['numeric(12,2)', { column: 'exact', type: 'N', precision: 12, scale: 2 }, ['1.5', '-0.01', '0']],
  [
    'double precision',
    { column: 'double', type: 'B' },
    [
      '0',
      `'-0'`,
      '1e23',
      '1e16',
      '123456789.25',
      '1e-7',
      '5e-324',
      '1.7976931348623157e308',
      `'NaN'`,
      `'-Infinity'`,
    ],
  ],
  ['real', { column: 'single', type: 'F' }, ['16777216', '0.1', '1e-10', '3.4028235e38', '1e22']],
  ['date', { column: 'day', type: 'D' }, [`'2026-02-28'`, `'infinity'`, `'0044-03-15 BC'`]],
  [
    'timestamp',
    { column: 'wall', type: 'T' },
    [`'2026-01-01 08:00:00.120000'`, `'2026-01-01'`, `'-infinity'`],
  ],
  [
    'timestamptz',
    { column: 'moment', type: 'T', instant: true },
    [`'2026-01-01 08:00:00.5+08'`, `'1900-01-01 00:00:00+08'`],
  ],
  ['boolean', { column: 'flag', type: 'L' }, ['true', 'false']],
  ['bytea', { column: 'bytes', type: 'G' }, [`'\\x00FFab'`, `''`]],
  ['uuid', { column: 'uid', type: 'C', length: 36 }, [`'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'`]],
  ['jsonb', { column: 'doc', type: 'M' }, [`'{"b": 1, "a": [2, "村"]}'`]],
  ['interval', { column: 'span', type: 'C', length: 60 }, [`'1 year 2 days 03:04:05.6'`]],
];

const resource = resourceOf([
  { column: 'id', type: 'I', key: true },
  { column: 'name', type: 'M' },
]);

/** Slots are made and sessions opened meanwhile, beside other work. */
const came = <T>(look: () => T) => expect.poll(look, { timeout: 15_000 });

describeSource('postgres source: rows that the log itself tells', (site) => {
  const run = (sql: string) => site().db.query(sql);

  let over: AbortController;
  beforeEach(() => {
    over = new AbortController();
  });
  afterEach(async () => {
    over.abort();
    await site()[Symbol.asyncDispose]();
    const left = `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()`;
    const dropped = () =>
      run(left).then(
        () => true,
        () => false,
      );
    await expect.poll(dropped, { timeout: 15_000 }).toBe(true);
  });

  /** What comes of a table from now on, op first. Its first change, which has the table itself looked at, has come. */
  async function follow(of: CatalogResource, table: string, more: object = {}, config: object = {}) {
    const source = await site().source(of, { table, ...more }, { strategy: 'log', config });
    const texts: string[] = [];
    (async () => {
      for await (const block of source.read(
        undefined,
        { blockBytes: 65_536, follow: over.signal },
        over.signal,
      ))
        texts.push(
          ...Buffer.from((block as RowsBlock).bytes)
            .toString()
            .split('\n')
            .filter(Boolean),
        );
    })().catch((error: Error) => texts.push(error.message));
    let first = 0;
    await expect
      .poll(
        async () => {
          await run(`INSERT INTO ${table} VALUES (${--first}, NULL)`);
          return texts.at(-1);
        },
        { timeout: 15_000, interval: 300 },
      )
      .toMatch(/^U\t-/);
    await came(() => texts.some((text) => text.startsWith(`U\t${first}\t`))).toBe(true);
    texts.length = 0;
    return texts;
  }

  /** Changes a table that nobody else can look at before the test is over. */
  async function changeLocked(table: string, sql: string) {
    const session = await site().session();
    await session.query(`BEGIN; ${sql}; COMMIT; BEGIN; LOCK TABLE ${table}`);
    return () => session.query('COMMIT');
  }

  it.each(columns)('%s is spelled as the table spells it', async (type, item, values) => {
    const table = `t_${item.column}`;
    const of = resourceOf([{ column: 'id', type: 'I', key: true }, item]);
    await run(`CREATE TABLE ${table} (id int PRIMARY KEY, v ${type})`);
    const texts = await follow(of, table, { columns: { [item.column]: 'v' } });
    const all = [...values, 'NULL'].map((value, at) => `(${at + 1}, ${value})`);
    const unlock = await changeLocked(table, `INSERT INTO ${table} VALUES ${all.join(', ')}`);
    await came(() => texts).toHaveLength(all.length);
    await unlock();
    const blocks: Uint8Array[] = [];
    const source = await site().source(of, { table, columns: { [item.column]: 'v' } });
    for await (const block of source.read(undefined, { blockBytes: 65_536 }, signal))
      blocks.push((block as RowsBlock).bytes);
    const copied = Buffer.concat(blocks).toString().split('\n').filter(Boolean);
    const later = copied.filter((text) => !text.startsWith('S\t-')).map((text) => `U${text.slice(1)}`);
    expect(texts).toEqual(later);
  });

  it('the last of several changes counts: deletes, keys that change, rows that come back', async () => {
    await run(`CREATE TABLE several (id int PRIMARY KEY, name text);
      INSERT INTO several SELECT n, 'first' FROM generate_series(1, 4) n`);
    const texts = await follow(resource, 'several');
    await changeLocked(
      'several',
      `INSERT INTO several VALUES (5, 'five'); UPDATE several SET name = 'fifth' WHERE id = 5;
       DELETE FROM several WHERE id = 1; INSERT INTO several VALUES (1, 'again'); DELETE FROM several WHERE id = 2;
       UPDATE several SET id = 30, name = 'moved' WHERE id = 3; UPDATE several SET id = 40 WHERE id = 4;
       DELETE FROM several WHERE id = 40`,
    );
    await came(() => [...texts].sort()).toEqual([
      'D\t2\t\\N',
      'D\t3\t\\N',
      'D\t4\t\\N',
      'D\t40\t\\N',
      'U\t1\tagain',
      'U\t30\tmoved',
      'U\t5\tfifth',
    ]);
  });

  it('a row is asked of the table where the log leaves a value out, or tells too much to hold', async () => {
    await run(`CREATE TABLE apart (id int PRIMARY KEY, name text, more int);
      ALTER TABLE apart ALTER name SET STORAGE EXTERNAL; INSERT INTO apart VALUES (1, repeat('长', 5000))`);
    const texts = await follow(resource, 'apart');
    await run('UPDATE apart SET more = 1 WHERE id = 1');
    await came(() => texts).toEqual([`U\t1\t${'长'.repeat(5000)}`]);
    await run(`UPDATE apart SET id = 2 WHERE id = 1; INSERT INTO apart VALUES (3, repeat('a', 200000))`);
    await came(() =>
      texts
        .slice(1)
        .map((text) => `${text.slice(0, 4)} ${text.length}`)
        .sort(),
    ).toEqual(['D\t1\t 6', 'U\t2\t 5004', 'U\t3\t 200004']);
    await run(`INSERT INTO apart SELECT n, repeat('b', 2000) FROM generate_series(10, 2009) n`);
    await came(() => texts.filter((text) => text.endsWith('b')).length).toBe(2000);
  });

  it('a row that the user may not see is not told', async () => {
    await run(`CREATE ROLE log_reader LOGIN REPLICATION PASSWORD 'reads'; CREATE TABLE hidden (id int PRIMARY KEY, name text);
      GRANT SELECT ON hidden TO log_reader; CREATE PUBLICATION hidden_too FOR TABLE hidden;
      ALTER TABLE hidden ENABLE ROW LEVEL SECURITY; CREATE POLICY seen ON hidden FOR SELECT TO log_reader USING (id < 100)`);
    const user = { user: 'log_reader', password: 'reads' };
    const texts = await follow(resource, 'hidden', { log: { publication: 'hidden_too' } }, user);
    await run(`INSERT INTO hidden VALUES (1, 'seen'), (500, 'hidden')`);
    await came(() => [...texts].sort()).toEqual(['D\t500\t\\N', 'U\t1\tseen']);
    await site()[Symbol.asyncDispose]();
    await run('DROP PUBLICATION hidden_too; DROP TABLE hidden; DROP ROLE log_reader');
  });

  it('row security that comes with a new copy is kept to behind it, though the stream goes on for another table', async () => {
    await run(`CREATE ROLE copy_reader LOGIN REPLICATION PASSWORD 'reads'; CREATE TABLE emptied (id int PRIMARY KEY, name text);
      CREATE TABLE beside (id int PRIMARY KEY, name text); GRANT SELECT ON emptied, beside TO copy_reader;
      CREATE PUBLICATION emptied_too FOR TABLE emptied, beside`);
    const user = { user: 'copy_reader', password: 'reads' };
    const more = { log: { publication: 'emptied_too' } };
    await follow({ ...resource, code: 'beside' }, 'beside', more, user);
    const texts = await follow(resource, 'emptied', more, user);
    await run(`BEGIN; ALTER TABLE emptied ENABLE ROW LEVEL SECURITY; TRUNCATE emptied;
      CREATE POLICY seen ON emptied FOR SELECT TO copy_reader USING (id < 100);
      INSERT INTO emptied VALUES (1, 'seen'), (500, 'hidden'); COMMIT`);
    await came(() => texts).toContain('S\t1\tseen');
    await run(`INSERT INTO emptied VALUES (2, 'seen'), (501, 'hidden')`);
    await came(() => texts).toEqual(expect.arrayContaining(['U\t2\tseen', 'D\t501\t\\N']));
    expect(texts.join()).not.toContain('hidden');
    await site()[Symbol.asyncDispose]();
    await run('DROP PUBLICATION emptied_too; DROP TABLE emptied, beside; DROP ROLE copy_reader');
  });

  it('row security that comes later ends the read', async () => {
    await run(`CREATE ROLE late_reader LOGIN REPLICATION PASSWORD 'reads'; CREATE TABLE late_hidden (id int PRIMARY KEY, name text);
      GRANT SELECT ON late_hidden TO late_reader; CREATE PUBLICATION late_hidden FOR TABLE late_hidden`);
    const user = { user: 'late_reader', password: 'reads' };
    const texts = await follow(resource, 'late_hidden', { log: { publication: 'late_hidden' } }, user);
    await run(
      `ALTER TABLE late_hidden ENABLE ROW LEVEL SECURITY; INSERT INTO late_hidden VALUES (500, 'hidden')`,
    );
    await came(() => texts).toHaveLength(1);
    expect(texts[0]).not.toContain('hidden\t');
    expect(texts[0]).toMatch(/表结构|changed|altered/);
    await site()[Symbol.asyncDispose]();
    await run('DROP PUBLICATION late_hidden; DROP TABLE late_hidden; DROP ROLE late_reader');
  });
});
