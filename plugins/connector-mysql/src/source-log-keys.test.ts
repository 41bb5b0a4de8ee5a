import type { ItemType } from '@qianzhi/model';
import { expect, it } from 'vitest';
import { codeOf, describeSite, readAll, resourceOf } from './test/site.js';

/** SQL type, catalog type, and four values as SQL: one is changed, one becomes the third, the last is deleted. */
const keys: readonly [string, ItemType, readonly [string, string, string, string]][] = [
  ['BIGINT UNSIGNED', 'I', ['18446744073709551615', '9007199254740993', '18446744073709551614', '0']],
  ['BIGINT', 'I', ['-9223372036854775808', '-1', '9223372036854775807', '5']],
  ['INT', 'I', ['-2147483648', '-1', '2147483647', '0']],
  ['MEDIUMINT UNSIGNED', 'I', ['16777215', '1', '8388608', '0']],
  ['SMALLINT', 'I', ['-32768', '-2', '32767', '0']],
  ['TINYINT', 'I', ['-128', '-3', '127', '0']],
  ['YEAR', 'I', ['2026', '1901', '2155', '2000']],
  ['BIT(12)', 'I', ["b'111111111111'", "b'1'", "b'100000000000'", "b'0'"]],
  ['DOUBLE', 'B', ['0.1', '-1.7976931348623157e308', '5e-324', '3']],
  [
    'DECIMAL(38,10)',
    'N',
    ['-1234567890123456789012345678.0000000001', '0.1', '9999999999999999999999999999.9999999999', '-0.5'],
  ],
  ['DECIMAL(5,0)', 'N', ['-99999', '1', '99999', '0']],
  ['DECIMAL(4,4)', 'N', ['-0.9999', '0.0001', '0.9999', '0']],
  ['DATE', 'D', ["'1000-01-01'", "'2026-02-28'", "'9999-12-31'", "'2024-02-29'"]],
  [
    'DATETIME(6)',
    'T',
    ["'1000-01-01 00:00:00.000001'", "'2026-12-31 23:59:59.999999'", "'9999-12-31 08:00:00'", "'2026-01-01'"],
  ],
  [
    'DATETIME(3)',
    'T',
    ["'2026-01-02 03:04:05.678'", "'2026-01-02 03:04:05.67'", "'2026-01-02'", "'2025-01-01'"],
  ],
  ['DATETIME', 'T', ["'2026-01-02 03:04:05'", "'2026-01-02 23:59:59'", "'2026-01-02'", "'2025-01-01'"]],
  [
    'TIMESTAMP(6)',
    'T',
    ["'2026-01-02 03:04:05.678901'", "'1971-01-01'", "'2037-12-31 23:59:59.5'", "'2025-01-01'"],
  ],
  [
    'TIMESTAMP(1)',
    'T',
    ["'2026-01-02 03:04:05.6'", "'1971-01-01'", "'2037-12-31 23:59:59.5'", "'2025-01-01'"],
  ],
  ['TIME(6)', 'C', ["'-838:59:58.999999'", "'00:00:00.000001'", "'838:59:59'", "'-00:00:00.5'"]],
  ['TIME', 'C', ["'-10:00:01'", "'12:34:56'", "'838:59:59'", "'00:00:00'"]],
  ['CHAR(20) CHARACTER SET gbk', 'C', ["'惠州 市'", "'中''\\\\'", "'镕'", "''"]],
  ['VARCHAR(20) CHARACTER SET latin1', 'C', ["'Zürich'", "'é'", "'è'", "''"]],
  ['CHAR(200) CHARACTER SET utf8mb4', 'C', ["REPEAT('𠮷', 200)", "REPEAT('吉', 90)", "'x'", "''"]],
  ['VARCHAR(500) CHARACTER SET utf8mb4', 'C', ["REPEAT('吉', 500)", "'二'", "'𠮷'", "'末  '"]],
  ['VARCHAR(20) COLLATE utf8mb4_general_ci', 'C', ["'Äpfel'", "'abc'", "'ABC'", "'z '"]],
  ['BINARY(4)', 'G', ["x'00000000'", "x'61620000'", "x'00ff0000'", "x'20202020'"]],
  ['VARBINARY(300)', 'G', ["x'00'", "x''", "REPEAT(x'ff', 300)", "x'6162'"]],
  ["ENUM('甲','it''s','c')", 'C', ["'甲'", "'it''s'", "'c'", "''"]],
];

/** Columns before the key whose values lie in the log in every form there is. */
const others = `j JSON, f FLOAT, d DOUBLE, n DECIMAL(20,5), b BIT(9), e ENUM('x','y'), s SET('p','q'), t TIME(3), ts TIMESTAMP(2) NULL,
  v VARCHAR(400), c CHAR(250), bl MEDIUMBLOB, y YEAR, dt DATETIME, vi INT AS (1) VIRTUAL, i3 MEDIUMINT, nu INT`;
const filled = `'{"a": 1}', 1.5, 2.5, -7.25, b'101', 'y', 'p,q', '01:02:03.5', NULL, 'long', '短', 'blob', 2001, '2026-01-01', 3, NULL`;
const names = 'j, f, d, n, b, e, s, t, ts, v, c, bl, y, dt, i3, nu';

describeSite('mysql source: keys out of the log', (site) => {
  const run = async (...statements: readonly string[]) => {
    for (const statement of statements) await site().db.run(statement);
  };

  it.each(keys)('%s', async (type, itemType, [a, b, c, d]) => {
    const resource = resourceOf([
      { column: 'k', type: itemType, key: true },
      { column: 'name', type: 'C', length: 10 },
    ]);
    await run(`SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO'`);
    await run(`CREATE TABLE k (${others}, k ${type} NOT NULL, name VARCHAR(10), PRIMARY KEY (k))`);
    const insert = (key: string, name: string) =>
      run(`INSERT INTO k (${names}, k, name) VALUES (${filled}, ${key}, '${name}')`);
    for (const [at, key] of [a, b, d].entries()) await insert(key, `v${at}`);
    const keyNow = async () => {
      const read = await readAll(await site().source(resource, { table: 'k' }));
      return new Map(read.rows.map(([key, name]) => [name, key]));
    };
    const source = await site().source(resource, { table: 'k' }, { strategy: 'log' });
    const first = (await readAll(source)).checkpoints.at(-1);
    const before = await keyNow();
    await run(`UPDATE k SET name = 'new' WHERE name = 'v0'`, `UPDATE k SET k = ${c} WHERE name = 'v1'`);
    await run(`DELETE FROM k WHERE name = 'v2'`);
    const after = await keyNow();
    const read = await readAll(source, first);
    const lines = read.rows.map(([key, name], at) => `${read.ops[at]} ${key} ${name ?? ''}`.trimEnd());
    expect(lines.sort()).toEqual(
      [
        `U ${after.get('new')} new`,
        `D ${before.get('v1')}`,
        `U ${after.get('v1')} v1`,
        `D ${before.get('v2')}`.trimEnd(),
      ].sort(),
    );
  });

  it('a key of several columns, in another order than theirs, and rows by the thousand', async () => {
    const resource = resourceOf([
      { column: 'b', type: 'C', length: 40, key: true },
      { column: 'a', type: 'I', key: true },
      { column: 'name', type: 'M' },
    ]);
    await run('CREATE TABLE many (a BIGINT UNSIGNED, b VARCHAR(40), name TEXT, PRIMARY KEY (a, b))');
    await run(`INSERT INTO many SELECT seq, CONCAT('键', seq), 'first' FROM seq_1_to_12000`);
    const source = await site().source(resource, { table: 'many' }, { strategy: 'log' });
    const first = (await readAll(source)).checkpoints.at(-1);
    await run(
      `UPDATE many SET name = 'second' WHERE a > 1000`,
      'UPDATE many SET a = a + 100000 WHERE a <= 1000',
    );
    const read = await readAll(source, first);
    expect(read.ops.filter((op) => op === 'U').length).toBe(12_000);
    expect(read.ops.filter((op) => op === 'D').length).toBe(1000);
    expect(new Set(read.rows.map(([b, a]) => `${a} ${b}`)).size).toBe(13_000);
  });

  it.each(['MINIMAL', 'NOBLOB'])('images of rows that hold a part: %s', async (image) => {
    const resource = resourceOf([
      { column: 'id', type: 'I', key: true },
      { column: 'name', type: 'M' },
      { column: 'more', type: 'N', scale: 2 },
    ]);
    const writer = await site().session();
    await writer.run(`SET SESSION binlog_row_image = '${image}'`);
    await writer.run('CREATE TABLE part (name LONGTEXT, id INT PRIMARY KEY, more DECIMAL(10,2))');
    await writer.run(`INSERT INTO part VALUES ('一', 1, 1.5), ('二', 2, 2), ('三', 3, 3)`);
    const source = await site().source(resource, { table: 'part' }, { strategy: 'log' });
    const first = (await readAll(source)).checkpoints.at(-1);
    await writer.run('UPDATE part SET more = more + 1 WHERE id = 1');
    await writer.run('UPDATE part SET id = 20 WHERE id = 2');
    await writer.run('DELETE FROM part WHERE id = 3');
    const read = await readAll(source, first);
    const lines = read.rows.map((row, at) => [read.ops[at], ...row].join(' ').trimEnd());
    expect(lines).toEqual(['U 1 一 2.50', 'D 2', 'U 20 二 2.00', 'D 3']);
  });

  it('refuses keys that no log tells', async () => {
    const open = async (type: string, itemType: ItemType = 'C') => {
      await run(`CREATE OR REPLACE TABLE odd (k ${type} NOT NULL, PRIMARY KEY (k))`);
      const resource = resourceOf([{ column: 'k', type: itemType, key: true }]);
      return codeOf(() => site().source(resource, { table: 'odd' }, { strategy: 'log' }));
    };
    expect(await open('FLOAT', 'F')).toBe('QZ_MYSQL_STRATEGY_UNFIT');
    expect(await open('INT(8) ZEROFILL')).toBe('QZ_MYSQL_STRATEGY_UNFIT');
    expect(await open('INET6')).toBe('QZ_MYSQL_STRATEGY_UNFIT');
    expect(await open(`SET('a','b')`)).toBe('QZ_MYSQL_STRATEGY_UNFIT');
  });
});
