import { askForOne, firmLookup, firmParameters, firmResource, hostileName, noAbort } from '@qianzhi/testing';
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

it('several sets are asked one after the other, until a bound of all is reached', async () => {
  const driver = scriptedDriver(scriptedServer([table], rows));
  const connection = await connect(driver);
  const several = await connection.query!(
    { resource: firmResource, parameters: firmParameters, place: firmLookup, timeoutMs: 5_000 },
    noAbort,
  );
  const before = driver.sent.length;
  const limits = { maxRows: 5, maxRowsInAll: 3, maxBytes: 1_000 };
  const answers = await several.runEach([['甲'], ['乙'], ['丙']], limits, noAbort);
  expect(answers.map(({ rows, stoppedBy }) => [rows, stoppedBy])).toEqual([
    [2, undefined],
    [1, 'rows'],
  ]);
  expect(driver.sent.slice(before).map(({ binds }) => binds)).toEqual([['甲'], ['乙']]);
  await several[Symbol.asyncDispose]();
});
