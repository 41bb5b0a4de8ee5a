import {
  askForMany,
  askForOne,
  firmsNamed,
  hostileName,
  statementsForMany,
  twoFirms,
} from '@qianzhi/testing';
import { expect, it } from 'vitest';
import { type Sent, scriptedDriver } from './test/scripted-driver.js';
import { type ScriptedTable, scriptedServer } from './test/scripted-server.js';
import { connect } from './test/site.js';

const firm: ScriptedTable = {
  name: 'FIRM',
  columns: [
    { name: 'ID', type: 'NUMBER', precision: 10, scale: 0 },
    { name: 'NAME', type: 'NVARCHAR2', characters: 50, nullable: true },
  ],
};
const asks = ({ sql }: Sent) => /FROM ("LEGACY"\."FIRM"|\(SELECT)/.test(sql);

it('a lookup and a statement on Oracle bind their values and look for one row more', async () => {
  const rows = twoFirms.map((row) => ['-1', ...row]);
  const driver = scriptedDriver(scriptedServer([firm], (sent) => (asks(sent) ? { rows } : undefined)));
  await askForOne(await connect(driver));
  const asked = driver.sent.filter((sent) => asks(sent) && sent.sql.includes('FETCH FIRST 2 ROWS ONLY'));
  expect(asked.map(({ binds }) => Object.values(binds))).toEqual([[hostileName], [hostileName]]);
  expect(asked.every(({ sql }) => !sql.includes(hostileName))).toBe(true);
});

it('a thousand keys are few statements on Oracle, a branch with its own bound for each key', async () => {
  const driver = scriptedDriver(
    scriptedServer([firm], (sent) =>
      asks(sent) ? { rows: firmsNamed(Object.values(sent.binds)) } : undefined,
    ),
  );
  await askForMany(await connect(driver));
  const asked = driver.sent.filter((sent) => asks(sent) && sent.sql.includes('FETCH FIRST 3 ROWS ONLY'));
  expect(asked).toHaveLength(2 * statementsForMany);
  const [{ sql, binds }] = asked as [Sent];
  expect(Object.values(binds)).toEqual(Array.from({ length: 64 }, (_, n) => `名${n}`));
  const branches = sql.split(' UNION ALL ');
  expect(branches).toHaveLength(64);
  for (const [set, branch] of branches.entries()) {
    expect(branch).toMatch(/^\(SELECT .*\)$/s);
    expect(branch).toContain('FETCH FIRST 3 ROWS ONLY');
    expect(branch).toMatch(new RegExp(`SELECT (TOP 3 )?${set}\\b`));
  }
  expect(new Set(asked.map((one) => one.sql)).size).toBe(6);
});
