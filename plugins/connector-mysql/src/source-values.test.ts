import fc from 'fast-check';
import { expect, it } from 'vitest';
import { quoted } from './identifier.js';
import { describeSite, readAll, reasons, resourceOf, write } from './test/site.js';

describeSite('mysql source: exact values', (site) => {
  it('spells each native type as the catalog has it, and never narrower', async () => {
    await site().db.run(`CREATE TABLE t (id INT PRIMARY KEY, z INT(5) ZEROFILL, u BIGINT UNSIGNED, b BIT(12), one BIT(1), y YEAR,
      f FLOAT, d DOUBLE, n DECIMAL(10,3), ts TIMESTAMP(3) NULL, dt DATETIME NULL, dt6 DATETIME(6), day DATE, ti TIME(2),
      e ENUM('男','女'), s SET('a','b'), c CHAR(4), bin BINARY(3), j JSON, l TINYINT(1))`);
    await site().db.run(`INSERT INTO t VALUES (1, 42, 18446744073709551615, b'101010101010', b'1', 2026, 0.1, 1e21, 1.5,
      '2026-01-01 00:00:00.120', '2026-01-01 08:00:00', '2026-01-01 08:00:00.100000', '0001-01-01', '08:30:00.50', '女', 'a,b', 'ab', x'0001', '{"a": 1}', 1)`);
    const resource = resourceOf([
      { column: 'id', type: 'I', key: true },
      { column: 'z', type: 'I' },
      { column: 'u', type: 'I' },
      { column: 'b', type: 'I' },
      { column: 'one', type: 'L' },
      { column: 'y', type: 'C', length: 4 },
      { column: 'f', type: 'F' },
      { column: 'd', type: 'B' },
      { column: 'n', type: 'N', precision: 12, scale: 5 },
      { column: 'ts', type: 'T', instant: true },
      { column: 'dt', type: 'T', instant: true },
      { column: 'dt6', type: 'T' },
      { column: 'day', type: 'D' },
      { column: 'ti', type: 'C', length: 20 },
      { column: 'e', type: 'C', length: 4 },
      { column: 's', type: 'C', length: 4 },
      { column: 'c', type: 'C', length: 4, fixedLength: true },
      { column: 'bin', type: 'G' },
      { column: 'j', type: 'M' },
      { column: 'l', type: 'L' },
    ]);
    const { rows } = await readAll(await site().source(resource, { table: 't' }));
    expect(rows).toEqual([
      ['1', '42', '18446744073709551615', '2730', 't', '2026', '0.1', '1e+21', '1.50000']
        .concat([
          '2026-01-01 00:00:00.12+00',
          '2026-01-01 00:00:00+00',
          '2026-01-01 08:00:00.1',
          '0001-01-01',
        ])
        .concat(['08:30:00.50', '女', 'a,b', 'ab', '\\x000100', '{"a": 1}', 't']),
    ]);
  });

  it('prints TIMESTAMP as the wall clock of the zone where the item is one, and days of it', async () => {
    await site().db.run('CREATE TABLE t (id INT PRIMARY KEY, ts TIMESTAMP(6) NULL, day TIMESTAMP NULL)');
    await site().db.run(
      `INSERT INTO t VALUES (1, '2026-01-01 00:00:00.5', '2025-12-31 16:00:00'), (2, '1989-06-01 00:00:00', NULL)`,
    );
    const resource = resourceOf([
      { column: 'id', type: 'I', key: true },
      { column: 'ts', type: 'T' },
      { column: 'day', type: 'D' },
    ]);
    const { rows } = await readAll(await site().source(resource, { table: 't' }));
    // summer time was 9 hours ahead
    expect(rows).toEqual([
      ['1', '2026-01-01 08:00:00.5', '2026-01-01'],
      ['2', '1989-06-01 09:00:00', null],
    ]);
  });

  it('finds the fewest digits of a FLOAT, of which the server prints only six', async () => {
    await site().db.run('CREATE TABLE t (id INT PRIMARY KEY, f FLOAT)');
    const resource = resourceOf([
      { column: 'id', type: 'I', key: true },
      { column: 'f', type: 'F' },
    ]);
    const floats = fc
      .float({ noNaN: true, noDefaultInfinity: true })
      .filter((value) => !Object.is(value, -0));
    await fc.assert(
      fc.asyncProperty(fc.array(floats, { minLength: 1, maxLength: 50 }), async (values) => {
        await site().db.run('DELETE FROM t');
        for (const [at, value] of values.entries())
          await site().db.run(`INSERT INTO t VALUES (${at}, ${value})`);
        const { rows } = await readAll(await site().source(resource, { table: 't' }));
        expect(rows.map((row) => Math.fround(Number(row[1])))).toEqual(values);
        for (const [, text] of rows) expect(text!.replace(/[-.]|e.*/g, '').length).toBeLessThanOrEqual(30);
      }),
      { numRuns: 10 },
    );
  });

  it('reads old character sets as UTF-8', async () => {
    await site().db.run(
      `CREATE TABLE t (id VARCHAR(20) CHARACTER SET gbk PRIMARY KEY, l VARCHAR(20) CHARACTER SET latin1, n VARCHAR(20) CHARACTER SET utf8mb3)`,
    );
    await site().db.run(`INSERT INTO t VALUES ('镕', 'café', '䶮'), ('惠州', NULL, '')`);
    const resource = resourceOf([
      { column: 'id', type: 'C', length: 20, key: true },
      { column: 'l', type: 'C', length: 20 },
      { column: 'n', type: 'C', length: 20 },
    ]);
    const source = await site().source(resource, { table: 't' });
    const whole = await readAll(source, undefined, { blockBytes: 1 });
    expect([...whole.rows].sort()).toEqual(
      [
        ['惠州', null, ''],
        ['镕', 'café', '䶮'],
      ].sort(),
    );
    expect((await readAll(source, whole.checkpoints[0])).rows).toEqual(whole.rows.slice(1));
  });

  it('rejects what no row text may hold, with its key, and carries its neighbours', async () => {
    await site().db.run('CREATE TABLE t (id INT PRIMARY KEY, a LONGTEXT, b MEDIUMTEXT)');
    await site().db.run(`INSERT INTO t VALUES (1, 'x', 'y'), (2, CONCAT('a', CHAR(0)), NULL), (3, REPEAT('好', 3000000), 'b'),
      (4, REPEAT('x', 6000000), REPEAT('y', 6000000)), (5, 'z', NULL)`);
    const resource = resourceOf([
      { column: 'id', type: 'I', key: true },
      { column: 'a', type: 'M' },
      { column: 'b', type: 'M' },
    ]);
    const read = await readAll(await site().source(resource, { table: 't' }), undefined, {
      blockBytes: 100_000_000,
    });
    expect(read.rows.map((row) => row[0])).toEqual(['1', '5']);
    expect(reasons(read).sort()).toEqual(['1 a nul-character', '2 * row-too-large', '3 * row-too-large']);
    expect(read.rejected.map(({ key }) => Buffer.from(key!).toString()).sort()).toEqual(['2', '3', '4']);
  });

  it('carries zero dates as they are, for the validator to judge', async () => {
    const session = await site().session();
    await session.run(`SET SESSION sql_mode = ''`);
    await session.run('CREATE TABLE t (id INT PRIMARY KEY, d DATE NOT NULL, dt DATETIME NOT NULL)');
    await session.run(`INSERT INTO t VALUES (1, 0, 0), (2, '2026-02-00', '2026-01-01')`);
    const resource = resourceOf([
      { column: 'id', type: 'I', key: true },
      { column: 'd', type: 'D' },
      { column: 'dt', type: 'T' },
    ]);
    const { rows } = await readAll(await site().source(resource, { table: 't' }));
    expect(rows).toEqual([
      ['1', '0000-00-00', '0000-00-00 00:00:00'],
      ['2', '2026-02-00', '2026-01-01 00:00:00'],
    ]);
  });

  it('maps columns, puts in constants and filters', async () => {
    await site().db.run('CREATE TABLE t (id INT PRIMARY KEY, `信用代码` VARCHAR(20), status VARCHAR(10))');
    await site().db.run(`INSERT INTO t VALUES (1, 'A', '正常'), (2, 'B', '草稿')`);
    const resource = resourceOf([
      { column: 'id', type: 'I', key: true },
      { column: 'uscc', type: 'C', length: 20 },
      { column: 'region', type: 'C', length: 6 },
    ]);
    const columns = { uscc: '信用代码', region: { const: `44'1\\3` } };
    const source = await site().source(resource, {
      table: 't',
      columns,
      where: `status <> '草稿' -- not yet`,
    });
    expect((await readAll(source)).rows).toEqual([['1', 'A', `44'1\\3`]]);
    for (const where of ['status = ', '1) OR (1', 'nope = 1']) {
      await expect(site().source(resource, { table: 't', columns, where })).rejects.toMatchObject({
        code: 'QZ_MYSQL_WHERE_WRONG',
      });
    }
  });

  it('takes whatever name a table or column has, and 400 columns', async () => {
    const long =
      '一个名字很长很长的列它的前面六十个字符和另外一个列完全相同只有最后几个字符不一样所以不能只看前面的部分必须看完整的'.slice(
        0,
        58,
      );
    const names = [
      'select',
      'a`b',
      `q'uo"te`,
      ' 前面有空格',
      '名\\称',
      `${long}甲`,
      `${long}乙`,
      'UPPER',
      '%s',
      '?',
    ];
    const more = Array.from({ length: 390 }, (_, at) => `c${at}`);
    const columns = [...names, ...more];
    const table = 'order by `x`; DROP';
    await site().db.run(
      `CREATE TABLE ${quoted(table)} (${columns.map((name, at) => `${quoted(name)} ${at < names.length ? 'VARCHAR(10)' : 'INT'}`).join(', ')}, PRIMARY KEY (${quoted('a`b')}, ${quoted(`${long}乙`)}))`,
    );
    const values = columns.map((_, at) => `'${at}'`).join(', ');
    await site().db.run(`INSERT INTO ${quoted(table)} VALUES (${values})`);
    const resource = resourceOf(
      columns.map((column, at) => ({
        column: `i${at}`,
        ...(at < names.length ? { type: 'C' as const, length: 10 } : { type: 'I' as const }),
        ...((column === 'a`b' || column === `${long}乙`) && { key: true }),
      })),
    );
    const mapping = Object.fromEntries(columns.map((name, at) => [`i${at}`, name]));
    const { rows } = await readAll(await site().source(resource, { table, columns: mapping }));
    expect(rows).toEqual([columns.map((_, at) => String(at))]);
    const sink = await site().sink(resource, { table: '目标', columns: mapping, create: true });
    const line = `S\t${rows[0]!.join('\t')}`;
    expect((await write(sink, resource, 1, [line])).ledger.counts).toMatchObject({
      inserted: 1,
      rejected: 0,
    });
    expect((await write(sink, resource, 2, [line.replace('S', 'U')])).ledger.counts.unchanged).toBe(1);
  });

  it('refuses drift when it is opened', async () => {
    await site().db.run('CREATE TABLE t (id INT PRIMARY KEY, g POINT, b BLOB)');
    const open = (column: string, type: 'C' | 'G') =>
      site()
        .source(
          resourceOf([
            { column: 'id', type: 'I', key: true },
            { column, type },
          ]),
          { table: 't' },
        )
        .then(
          (source) => source.shape?.columns.at(-1)?.type ?? '',
          (error) => error.code,
        );
    expect(await open('gone', 'C')).toBe('QZ_MYSQL_COLUMN_MISSING');
    expect(await open('g', 'C')).toBe('QZ_MYSQL_TYPE_UNFIT');
    expect(await open('b', 'C')).toBe('QZ_MYSQL_TYPE_UNFIT');
    expect(await open('b', 'G')).toBe('blob');
  });
});
