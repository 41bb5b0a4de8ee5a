import { askForMany, askForOne, firmsNamed, hostileName, statementsForMany } from '@qianzhi/testing';
import { expect, it } from 'vitest';
import { type Answer, type Sent, scriptedDriver } from './test/scripted-driver.js';
import { type ScriptedTable, scriptedServer } from './test/scripted-server.js';
import { connect } from './test/site.js';

const table: ScriptedTable = {
  name: 'firm',
  columns: [
    { name: 'id', type: 'int', bytes: 4 },
    { name: 'name', type: 'nvarchar', bytes: 100 },
  ],
  primaryKey: ['id'],
};
const rows = (sent: Sent): Answer | undefined =>
  /FROM (\[dbo\]|\()/.test(sent.sql) && !/TOP \(0\)/.test(sent.sql)
    ? {
        rows: [
          [-1, 7, '甲'],
          [-1, 8, '乙'],
        ],
      }
    : undefined;

it('a lookup and a statement on SQL Server bind their values and look for one row more', async () => {
  const driver = scriptedDriver(scriptedServer([table], rows));
  const connection = await connect(driver);
  await askForOne(connection);
  const asked = driver.sent.filter(({ sql }) => /TOP \(2\)/.test(sql));
  expect(asked.map(({ binds }) => binds)).toEqual([[hostileName], [hostileName]]);
  expect(asked[0]!.sql).toContain('WHERE t.[name] = @p1');
  expect(asked[1]!.sql).toContain('FROM (SELECT id, name FROM firm WHERE name = @p1\n) q');
  expect(asked.every(({ sql }) => !sql.includes(hostileName))).toBe(true);
});

it('a thousand keys are few statements on SQL Server, a branch with its own bound for each key', async () => {
  const answer = (sent: Sent): Answer | undefined =>
    rows(sent) && {
      rows: firmsNamed(sent.binds).map((cells) =>
        cells.map((cell) => (Number.isNaN(Number(cell)) ? cell : Number(cell))),
      ),
    };
  const driver = scriptedDriver(scriptedServer([table], answer));
  await askForMany(await connect(driver));
  const asked = driver.sent.filter(({ sql }) => /TOP \(3\)/.test(sql));
  expect(asked).toHaveLength(2 * statementsForMany);
  const [{ sql, binds }] = asked as [Sent];
  expect(binds).toEqual(Array.from({ length: 64 }, (_, n) => `名${n}`));
  const branches = sql.split(' UNION ALL ');
  expect(branches).toHaveLength(64);
  for (const [set, branch] of branches.entries()) {
    expect(branch).toMatch(new RegExp(`^\\(SELECT TOP \\(3\\) ${set}, `));
    expect(branch).toContain(`= @p${set + 1} `);
  }
  expect(new Set(asked.map((one) => one.sql)).size).toBe(6);
});
