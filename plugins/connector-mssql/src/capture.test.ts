import { noAbort, resourceWith } from '@qianzhi/testing';
import { describe, expect, it } from 'vitest';
import { type Answer, type Sent, scriptedDriver } from './test/scripted-driver.js';
import { type ScriptedTable, scriptedServer } from './test/scripted-server.js';
import { connect, sourceOf } from './test/site.js';

const firm: ScriptedTable = {
  name: 'firm',
  columns: [
    { name: 'code', type: 'nvarchar', bytes: 40 },
    { name: 'no', type: 'int', bytes: 4 },
    { name: 'name', type: 'nvarchar', bytes: 100, nullable: true },
  ],
  primaryKey: ['code', 'no'],
};
const spec = { schema: 'dbo', table: 'firm' };
const idle = scriptedDriver(scriptedServer([firm]));
const planned = async () => (await connect(idle)).capture!.plan(spec, noAbort);
const { changeTable, install } = await planned();
const log = String(changeTable['table']);
const trigger = /\[(qianzhi_upd_\w+)\]/.exec(install[2]!.sql)![1]!;
const changes: ScriptedTable = {
  name: log,
  columns: [
    { name: 'qz_serial', type: 'bigint', identity: true },
    { name: 'qz_op', type: 'varchar', bytes: 10 },
    { name: 'code', type: 'nvarchar', bytes: 40, nullable: true },
    { name: 'no', type: 'int', bytes: 4, nullable: true },
  ],
  primaryKey: ['qz_serial'],
};

describe('capture of changes on SQL Server', () => {
  it('plans a change table and a trigger that tells a changed key byte by byte', async () => {
    const { install, remove } = await planned();
    const [table, before, made, mark] = install.map(({ sql }) => sql.replace(/IDENTITY\(\d+/, 'IDENTITY(n'));
    expect(table).toMatch(
      new RegExp(
        `^CREATE TABLE \\[dbo\\]\\.\\[${log}\\] \\(qz_serial bigint IDENTITY\\(n, 1\\) NOT NULL PRIMARY KEY, qz_op varchar\\(10\\) NOT NULL, \\[code\\] nvarchar\\(20\\).* NULL, \\[no\\] int NULL\\)$`,
      ),
    );
    expect(made).toBe(`CREATE TRIGGER [dbo].[${trigger}] ON [dbo].[firm] AFTER INSERT, UPDATE, DELETE AS
BEGIN
  SET NOCOUNT ON;
  INSERT INTO [dbo].[${log}] (qz_op, [code], [no]) SELECT 'D', d.[code], d.[no] FROM deleted d WHERE NOT EXISTS (SELECT 1 FROM inserted i WHERE d.[code] = i.[code] COLLATE Latin1_General_BIN2 AND DATALENGTH(d.[code]) = DATALENGTH(i.[code]) AND d.[no] = i.[no]);
  INSERT INTO [dbo].[${log}] (qz_op, [code], [no]) SELECT 'U', i.[code], i.[no] FROM inserted i;
END`);
    expect(mark).toBe(before);
    expect(mark).toBe(`INSERT INTO [dbo].[${log}] (qz_op) VALUES ('T')`);
    expect(remove.map(({ sql }) => sql)).toEqual([
      `DROP TRIGGER [dbo].[${trigger}]`,
      `DROP TABLE [dbo].[${log}]`,
    ]);
  });

  const triggers =
    (text: string, enabled: number) =>
    (sent: Sent): Answer | undefined =>
      /FROM sys\.triggers/.test(sent.sql) ? { rows: [[trigger, enabled, text]] } : undefined;
  const made = install[2]!.sql;

  it('reads on while the trigger is as it was made, and stops where it is disabled, changed or gone', async () => {
    const resource = resourceWith([
      { column: 'code', type: 'C', key: true },
      { column: 'no', type: 'I', key: true },
    ]);
    const open = (answers: (sent: Sent) => Answer | undefined) =>
      sourceOf(
        scriptedDriver(scriptedServer([firm, changes], answers)),
        resource,
        { table: 'firm', changeTable: { table: log, serial: 'qz_serial', op: 'qz_op' } },
        'change-table',
      );
    await expect(open(triggers(made, 1))).resolves.toBeDefined();
    for (const answers of [triggers(made, 0), triggers(`${made} --`, 1), () => undefined])
      await expect(open(answers)).rejects.toMatchObject({ code: 'QZ_SQL_CAPTURE_BROKEN' });
  });

  it('runs nothing on a connector that is only to read', async () => {
    const driver = scriptedDriver(scriptedServer([firm]));
    const { capture } = await connect(driver, { readOnly: true });
    await expect(capture!.install(spec, noAbort)).rejects.toMatchObject({ code: 'QZ_SQL_CAPTURE_UNFIT' });
    expect(driver.statements(/^(CREATE|INSERT)/)).toEqual([]);
  });
});
