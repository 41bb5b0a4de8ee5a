import type { Source } from '@qianzhi/plugin-api';
import { follower } from '@qianzhi/testing';
import { afterEach, expect, it } from 'vitest';
import { codeOf, describeSite, readAll, resourceOf } from './test/site.js';

const resource = resourceOf([
  { column: 'id', type: 'I', key: true },
  { column: 'name', type: 'M' },
]);

describeSite('mysql source: log', (site) => {
  const run = async (...statements: readonly string[]) => {
    for (const statement of statements) await site().db.run(statement);
  };
  const open = (table: string, more: object = {}, config: object = {}) =>
    site().source(resource, { table, ...more }, { strategy: 'log', config });
  const make = (table = 't') =>
    run(
      `CREATE TABLE ${table} (id INT PRIMARY KEY, name TEXT)`,
      `INSERT INTO ${table} VALUES (1, 'first'), (2, 'first'), (3, 'first'), (4, 'first'), (5, 'first')`,
    );
  // a prepared transaction outlives its session, and would keep the database from being dropped
  afterEach(async () => {
    for (const [, , , xid] of await site().db.run('XA RECOVER'))
      if (xid!.startsWith(site().database.name)) await site().db.run(`XA ROLLBACK '${xid}'`);
  });
  const reasonOf = (source: Source) => source.notices().map(({ code, details }) => [code, details.reason]);

  it('copies the table, then brings every change, and nothing twice', async () => {
    await make();
    const { next, rows } = follower(await open('t'));
    expect(await next()).toEqual(['S1', 'S2', 'S3', 'S4', 'S5']);
    expect(await next()).toEqual([]);
    await run(
      `INSERT INTO t VALUES (6, 'six'), (7, NULL)`,
      `UPDATE t SET name = 'two' WHERE id = 2`,
      'DELETE FROM t WHERE id = 3',
      'UPDATE t SET id = 40 WHERE id = 4',
    );
    expect(await next()).toEqual(['D3', 'D4', 'U2', 'U40', 'U6', 'U7']);
    expect(rows.get('40')).toBe('first');
    expect(rows.get('7')).toBe(null);
    expect(await next()).toEqual([]);
    await run('START TRANSACTION', `UPDATE t SET name = 'never'`, 'ROLLBACK');
    expect(await next()).toEqual([]);
  });

  it('reads a transaction that commits late, and one that commits while another is read', async () => {
    await make();
    const { next } = follower(await open('t'));
    await next();
    const early = await site().session();
    await early.run('START TRANSACTION');
    await early.run(`UPDATE t SET name = 'early' WHERE id IN (1, 2)`);
    await run(`UPDATE t SET name = 'second' WHERE id = 3`);
    expect(await next()).toEqual(['U3']);
    await early.run('COMMIT');
    expect(await next()).toEqual(['U1', 'U2']);
  });

  it('a truncation leads to a full copy, and one of another database does not', async () => {
    await make();
    const source = await open('t');
    const { next, rows } = follower(source);
    await next();
    await run('CREATE DATABASE qz_other', 'CREATE TABLE qz_other.t (id INT)', 'TRUNCATE qz_other.t');
    await run('DROP DATABASE qz_other', `UPDATE t SET name = 'x' WHERE id = 2`);
    expect(await next()).toEqual(['U2']);
    await run(`UPDATE t SET name = 'x' WHERE id = 1`, 'TRUNCATE t', `INSERT INTO t VALUES (7, 'new')`);
    expect((await next()).filter((row) => row.startsWith('S'))).toEqual(['S7']);
    expect(reasonOf(source)).toEqual([['copied-again', 'truncated']]);
    await next();
    await run(`UPDATE t SET name = 'again'`);
    expect(await next()).toEqual(['U7']);
    expect([...rows]).toEqual([['7', 'again']]);
  });

  it('a row that leaves the condition is deleted', async () => {
    await make();
    const { next } = follower(await open('t', { where: `name <> 'hidden'` }));
    await next();
    await run(`UPDATE t SET name = 'hidden' WHERE id = 2`, `UPDATE t SET name = 'seen' WHERE id = 3`);
    expect(await next()).toEqual(['D2', 'U3']);
  });

  it('moves on where only other tables are written', async () => {
    await make();
    const source = await open('t');
    const first = await readAll(source);
    await run('CREATE TABLE noisy (n INT PRIMARY KEY, text TEXT)');
    await run(`INSERT INTO noisy SELECT seq, REPEAT('x', 200) FROM seq_1_to_20000`);
    const read = await readAll(source, first.checkpoints.at(-1));
    expect(read.rows).toEqual([]);
    expect(read.checkpoints.length).toBe(1);
  });

  it('a large transaction comes in blocks, each with the place before it until it is whole', async () => {
    await make();
    const source = await open('t');
    const first = await readAll(source);
    await run(`INSERT INTO t SELECT seq + 9, 'bulk' FROM seq_1_to_30000`);
    const read = await readAll(source, first.checkpoints.at(-1), { blockBytes: 65_536, maxRows: 10 });
    expect(read.rows.length).toBe(30_000);
    expect(new Set(read.checkpoints).size).toBe(2);
    expect((await readAll(source, read.checkpoints.at(-1))).rows).toEqual([]);
  });

  it('stops behind the transaction that reaches the limit of rows, and goes on from there', async () => {
    await make();
    const source = await open('t');
    let checkpoint = (await readAll(source)).checkpoints.at(-1);
    for (let n = 10; n < 16; n++) await run(`INSERT INTO t VALUES (${n}, 'a'), (${n + 100}, 'b')`);
    for (const rows of [4, 4, 4, 0]) {
      const read = await readAll(source, checkpoint, { blockBytes: 65_536, maxRows: 3 });
      expect(read.rows.length).toBe(rows);
      checkpoint = read.checkpoints.at(-1) ?? checkpoint;
    }
  });

  it('rows of a prepared transaction come when it is committed, over any number of reads', async () => {
    await make();
    const { next } = follower(await open('t'));
    await next();
    const other = await site().session();
    const xid = `'${site().database.name}'`;
    const prepare = async (name: string) => {
      for (const statement of [`XA START ${xid}`, `UPDATE t SET name = '${name}' WHERE id = 1`])
        await other.run(statement);
      for (const statement of [`XA END ${xid}`, `XA PREPARE ${xid}`]) await other.run(statement);
    };
    await prepare('a');
    await run(`UPDATE t SET name = 'plain' WHERE id = 2`);
    expect(await next()).toEqual(['U2']);
    await next();
    await other.run(`XA COMMIT ${xid}`);
    expect(await next()).toContain('U1');
    expect(await next()).toEqual([]);
    await prepare('b');
    await other.run(`XA ROLLBACK ${xid}`);
    expect(await next()).toEqual([]);
  });

  it.each([
    ['table-altered', ['ALTER TABLE t ADD COLUMN more INT FIRST']],
    [
      'table-replaced',
      ['CREATE TABLE n LIKE t', 'INSERT INTO n SELECT * FROM t', 'RENAME TABLE t TO o, n TO t'],
    ],
    [
      'statement-logged',
      [`SET SESSION binlog_format = 'STATEMENT'`, `UPDATE t SET name = 'said' WHERE id = 3`],
    ],
  ])('a full copy with a notice: %s', async (reason, harm) => {
    await make();
    const source = await open('t');
    const { next, rows } = follower(source);
    await next();
    await run(`UPDATE t SET name = 'unseen' WHERE id = 1`, 'DELETE FROM t WHERE id = 2', ...harm);
    expect((await next()).filter((row) => row.startsWith('S'))).toEqual(['S1', 'S3', 'S4', 'S5']);
    expect(reasonOf(source)).toEqual([['copied-again', reason]]);
    await run(`SET SESSION binlog_format = 'ROW'`, `UPDATE t SET name = 'followed' WHERE id = 3`);
    expect(rows.get('1')).toBe('unseen');
    expect(await next()).toEqual(['U3']);
  });

  it('an altered column ends the read, so that drift is looked for', async () => {
    await make();
    const source = await open('t');
    const first = (await readAll(source)).checkpoints.at(-1);
    await run(`UPDATE t SET name = 'x' WHERE id = 1`, 'ALTER TABLE t MODIFY name VARCHAR(50)');
    expect(await codeOf(() => readAll(source, first))).toBe('QZ_MYSQL_SCHEMA_CHANGED');
    const again = await open('t');
    expect((await readAll(again, first)).rows.length).toBe(5);
  });

  it('refuses what it cannot follow when it is opened', async () => {
    await make();
    await run(
      'CREATE VIEW seen AS SELECT * FROM t',
      'CREATE TABLE loose (id INT NOT NULL, name TEXT)',
      'CREATE TABLE parent (id INT PRIMARY KEY)',
      'CREATE TABLE child (id INT PRIMARY KEY, name TEXT, p INT, FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE)',
      'CREATE TABLE kept (id INT PRIMARY KEY, name TEXT, p INT, FOREIGN KEY (p) REFERENCES parent (id))',
    );
    const open = (table: string) => codeOf(() => site().source(resource, { table }, { strategy: 'log' }));
    for (const table of ['seen', 'loose', 'child'])
      expect(await open(table), table).toBe('QZ_MYSQL_STRATEGY_UNFIT');
    expect(await open('kept')).toBe('nothing thrown');
  });

  it('a change of letters alone is a delete and a new row, though the collation takes both for one', async () => {
    const named = resourceOf([
      { column: 'code', type: 'C', length: 10, key: true },
      { column: 'name', type: 'C', length: 10 },
    ]);
    await run('CREATE TABLE n (code VARCHAR(10) PRIMARY KEY, name VARCHAR(10)) COLLATE utf8mb4_general_ci');
    await run(`INSERT INTO n VALUES ('abc', '1')`);
    const { next, rows } = follower(await site().source(named, { table: 'n' }, { strategy: 'log' }));
    await next();
    await run(`UPDATE n SET code = 'ABC'`);
    expect(await next()).toEqual(['Dabc', 'UABC']);
    expect([...rows]).toEqual([['ABC', '1']]);
  });
});
