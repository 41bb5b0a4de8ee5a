import { decodeRows } from '@qianzhi/rows';
import { expect, it } from 'vitest';
import { describeSite, readAll, resourceOf, signal } from './test/site.js';

const resource = resourceOf([
  { column: 'id', type: 'C', length: 40, key: true },
  { column: 'name', type: 'C', length: 200 },
]);

describeSite('mysql source: full copies', (site) => {
  const make = async (rows: number, ddl = 'id VARCHAR(40) PRIMARY KEY, name VARCHAR(200)') => {
    await site().db.run(`CREATE TABLE t (${ddl}) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci`);
    await site().db.run(
      `INSERT INTO t WITH RECURSIVE n AS (SELECT 0 AS i UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ${rows})
       SELECT CONCAT(MD5(i), i), CONCAT('名', i, REPEAT('x', 150)) FROM n`,
    );
  };

  it('reads ranges side by side in the order of the key, and goes on from any block', async () => {
    await site().db.run('SET SESSION max_recursive_iterations = 1000000');
    await make(40_000);
    const one = await readAll(await site().source(resource, { table: 't' }), undefined, {
      blockBytes: 50_000,
    });
    expect(one.rows.length).toBe(40_000);
    const source = await site().source(resource, { table: 't', parallel: 3, chunkRows: 5_000 });
    const many = await readAll(source, undefined, { blockBytes: 50_000 });
    expect(many.rows).toEqual(one.rows);
    expect(many.ended).toBe(true);
    const cut = many.checkpoints[Math.floor(many.checkpoints.length / 2)]!;
    const rest = await readAll(source, cut, { blockBytes: 50_000 });
    expect(rest.restarted).toBe(false);
    expect(rest.rows).toEqual(many.rows.slice(many.rows.length - rest.rows.length));
    expect(rest.rows.length).toBeGreaterThan(15_000);
  });

  it.each([
    [
      'a composite key of several types',
      'a INT, b DECIMAL(20,4), c DATETIME(3), d VARBINARY(5), e VARCHAR(9)',
      'a, b, c, d, e',
    ],
    [
      'a unique index over required columns',
      'a INT NOT NULL, b VARCHAR(5) NOT NULL, UNIQUE (b, a)',
      'UNIQUE',
    ],
    ['a case-insensitive key with blanks', 'b CHAR(9), a INT', 'b, a'],
    ['an unsigned 64-bit key', 'a BIGINT UNSIGNED', 'a'],
  ])('resumes behind every row by %s', async (_, ddl, key) => {
    await site().db.run(
      `CREATE TABLE t (${ddl}${key === 'UNIQUE' ? '' : `, PRIMARY KEY (${key})`}) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci`,
    );
    const columns = ddl
      .split(', ')
      .map((each) => each.split(' ')[0]!)
      .filter((each) => each.length === 1);
    const values: Record<string, (n: number) => string> = {
      a: (n) => (ddl.includes('UNSIGNED') ? `18446744073709551615 - ${n}` : String((n % 3) - 1)),
      b: (n) => (ddl.includes('DECIMAL') ? `${n % 4}.00${n % 2}1` : `'${'aBcD éx'.charAt(n % 7)}${n}'`),
      c: (n) => `'2026-01-01 00:00:0${n % 5}.12${n % 3}'`,
      d: (n) => `x'00ff0${n % 9}'`,
      e: (n) => `'k"''${n}'`,
    };
    for (let n = 0; n < 30; n++) {
      await site().db.run(
        `INSERT INTO t (${columns.join(', ')}) VALUES (${columns.map((column) => values[column]!(n)).join(', ')})`,
      );
    }
    const all = resourceOf([{ column: 'x', type: 'M' }]);
    const source = await site().source(all, {
      table: 't',
      columns: { x: columns.includes('b') ? 'b' : 'a' },
    });
    const whole = await readAll(source, undefined, { blockBytes: 1 });
    expect(whole.rows.length).toBe(30);
    for (const [at, checkpoint] of whole.checkpoints.slice(0, -1).entries()) {
      expect((await readAll(source, checkpoint)).rows, `behind row ${at}`).toEqual(whole.rows.slice(at + 1));
    }
  });

  it('goes on from its checkpoint when the server has ended its session', async () => {
    await site().db.run('SET SESSION max_recursive_iterations = 1000000');
    await make(80_000);
    const source = await site().source(resource, { table: 't' });
    const rows: (readonly (string | null)[])[] = [];
    let checkpoint: string | undefined;
    const first = (async () => {
      for await (const block of source.read(undefined, { blockBytes: 20_000 }, signal)) {
        if (block.kind !== 'rows') continue;
        if (rows.length === 0) {
          for (const thread of await site().values(
            `SELECT id FROM information_schema.processlist WHERE db = '${site().database.name}' AND id <> CONNECTION_ID()`,
          )) {
            await site().db.run(`KILL ${thread}`);
          }
        }
        rows.push(...[...decodeRows(block.bytes)].map(({ fields }) => fields));
        checkpoint = block.checkpoint;
      }
    })();
    await expect(first).rejects.toMatchObject({ code: 'QZ_MYSQL_CONNECTION_LOST', kind: 'unavailable' });
    expect(rows.length).toBeLessThan(80_000);
    const rest = await readAll(source, checkpoint);
    expect(rows.length + rest.rows.length).toBe(80_000);
    expect(new Set([...rows, ...rest.rows].map(([id]) => id)).size).toBe(80_000);
    expect(rest.restarted).toBe(false);
  });

  it('reads as of one moment where that is asked for, and starts over when it was cut', async () => {
    await site().db.run('SET SESSION max_recursive_iterations = 1000000');
    await make(5_000);
    const source = await site().source(resource, { table: 't', consistency: 'transaction' });
    let rows = 0;
    let changed = false;
    let checkpoint: string | undefined;
    for await (const block of source.read(undefined, { blockBytes: 10_000 }, signal)) {
      if (block.kind !== 'rows') continue;
      rows += block.rows;
      checkpoint ??= block.checkpoint;
      if (!changed) await site().db.run('DELETE FROM t ORDER BY id DESC LIMIT 100');
      changed = true;
    }
    expect(rows).toBe(5_000);
    const again = await readAll(source, checkpoint);
    expect(again.restarted).toBe(true);
    expect(again.rows.length).toBe(4_900);
  });

  it('never writes: its session is read-only, and its statements have a limit', async () => {
    await make(2, 'id VARCHAR(40) PRIMARY KEY, name VARCHAR(200)');
    const where = 'SLEEP(3) = 0';
    const slow = await site().source(
      resource,
      { table: 't', where },
      { config: { statementTimeoutMs: 300 } },
    );
    await expect(readAll(slow)).rejects.toMatchObject({
      code: 'QZ_MYSQL_STATEMENT_TIMEOUT',
      kind: 'timeout',
    });
    await site().db.run(
      'CREATE FUNCTION writes() RETURNS INT DETERMINISTIC MODIFIES SQL DATA BEGIN DELETE FROM t; RETURN 1; END',
    );
    const writing = await site()
      .source(resource, { table: 't', where: 'writes() = 1' })
      .then(
        (source) =>
          readAll(source).then(
            () => 'read',
            (error) => error.code,
          ),
        (error) => error.code,
      );
    expect(['QZ_MYSQL_READ_ONLY', 'QZ_MYSQL_WHERE_WRONG', 'QZ_MYSQL_DRIVER']).toContain(writing);
    expect(await site().values('SELECT COUNT(*) FROM t')).toEqual(['2']);
  });
});
