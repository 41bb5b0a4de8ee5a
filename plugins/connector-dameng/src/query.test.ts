import { askForOne, hostileName, twoFirms } from '@qianzhi/testing';
import { expect, it } from 'vitest';
import { type Sent, scriptedDriver } from './test/scripted-driver.js';
import { type ScriptedTable, scriptedServer } from './test/scripted-server.js';
import { connect } from './test/site.js';

const firm: ScriptedTable = {
  name: 'FIRM',
  columns: [
    { name: 'ID', type: 'INT' },
    { name: 'NAME', type: 'VARCHAR', bytes: 100, nullable: true },
  ],
};
const asks = ({ sql }: Sent) => /FROM ("LEGACY"\."FIRM"|\(SELECT)/.test(sql);

it('a lookup and a statement on Dameng bind their values and look for one row more', async () => {
  const rows = twoFirms.map((row) => ['-1', ...row]);
  const driver = scriptedDriver(scriptedServer([firm], (sent) => (asks(sent) ? { rows } : undefined)));
  await askForOne(await connect(driver));
  const asked = driver.sent.filter((sent) => asks(sent) && sent.sql.includes('TOP 2 '));
  expect(asked.map(({ binds }) => Object.values(binds))).toEqual([[hostileName], [hostileName]]);
  expect(asked.every(({ sql }) => !sql.includes(hostileName))).toBe(true);
});
