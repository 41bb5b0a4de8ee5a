import { noAbort, resourceWith } from '@qianzhi/testing';
import { expect, it } from 'vitest';
import { type Answer, type Sent, scriptedDriver } from './test/scripted-driver.js';
import { type ScriptedTable, scriptedServer } from './test/scripted-server.js';
import { connect } from './test/site.js';

const resource = resourceWith([
  { column: 'id', type: 'I', key: true },
  { column: 'name', type: 'C', length: 50 },
]);
const parameters = [{ name: 'name', column: 'name', type: 'C' as const, length: 50 }];
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
  const lookup = { kind: 'lookup' as const, source: { table: 'firm' }, by: { name: 'name' } };
  const statement = { kind: 'statement' as const, statement: 'SELECT id, name FROM firm WHERE name = :name' };
  for (const place of [lookup, statement]) {
    const query = await connection.query!({ resource, parameters, place, timeoutMs: 5_000 }, noAbort);
    const found = await query.run(["' OR 1=1"], { maxRows: 1, maxBytes: 1_000 }, noAbort);
    expect(found).toMatchObject({ rows: 1, stoppedBy: 'rows' });
    expect(Buffer.from(found.bytes).toString()).toBe('S\t7\t甲\n');
    await query[Symbol.asyncDispose]();
  }
  const asked = driver.sent.filter(({ sql }) => /TOP \(2\)/.test(sql));
  expect(asked.map(({ binds }) => binds)).toEqual([["' OR 1=1"], ["' OR 1=1"]]);
  expect(asked[0]!.sql).toContain('WHERE t.[name] = @p1');
  expect(asked[1]!.sql).toContain('FROM (SELECT id, name FROM firm WHERE name = @p1\n) q');
  expect(asked.every(({ sql }) => !sql.includes("' OR"))).toBe(true);
});
