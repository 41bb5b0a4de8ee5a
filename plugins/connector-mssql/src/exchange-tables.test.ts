import { noAbort, resourceWith } from '@qianzhi/testing';
import { describe, expect, it } from 'vitest';
import { scriptedDriver } from './test/scripted-driver.js';
import { scriptedServer } from './test/scripted-server.js';
import { connect } from './test/site.js';

const firm = {
  ...resourceWith([
    { column: 'code', type: 'C', length: 18, key: true },
    { column: 'note', type: 'M' },
  ]),
  code: 'firm',
  name: `o'brien`,
  department: `o'brien`,
};
const comment = /^EXEC /;
const driver = scriptedDriver(scriptedServer([]));
const { exchangeDb } = await connect(driver);
const sqlOf = (side: 'out' | 'in') =>
  exchangeDb!.plan({ resource: firm, side }).statements.map(({ sql }) => sql);

describe('tables of a 前置库', () => {
  it('take changes out', () => {
    expect(exchangeDb!.plan({ resource: firm, side: 'out' })).toMatchObject({
      tables: ['qz_out_firm', 'qz_out_firm_now'],
      place: {
        table: 'qz_out_firm_now',
        changeTable: { table: 'qz_out_firm', serial: 'qz_serial', op: 'qz_op' },
      },
    });
    const made = sqlOf('out').filter((sql) => !comment.test(sql));
    expect(made).toMatchInlineSnapshot(`
      [
        "CREATE TABLE [dbo].[qz_out_firm] (
        [qz_serial] bigint IDENTITY(1, 1) NOT NULL PRIMARY KEY,
        [qz_op] nvarchar(1) NOT NULL,
        [qz_time] datetime2(6) DEFAULT SYSDATETIME() NOT NULL,
        [qz_batch] nvarchar(64),
        [qz_key_hash] nvarchar(64),
        [qz_unit] nvarchar(100) DEFAULT N'o''brien' NOT NULL,
        [qz_status] smallint DEFAULT 0 NOT NULL,
        [code] nvarchar(36) COLLATE Latin1_General_BIN2 NOT NULL,
        [note] nvarchar(max),
        CHECK ([qz_op] IN ('I', 'U', 'D'))
      )",
        "CREATE INDEX [qz_out_firm_k] ON [dbo].[qz_out_firm] ([code], [qz_serial])",
        "CREATE VIEW [dbo].[qz_out_firm_now] AS SELECT o.[code], o.[note] FROM [dbo].[qz_out_firm] o WHERE o.[qz_op] <> 'D' AND NOT EXISTS (SELECT 1 FROM [dbo].[qz_out_firm] n WHERE n.[code] = o.[code] AND n.[qz_serial] > o.[qz_serial])",
      ]
    `);
  });

  it('take changes in, each by a trigger in the transaction of the merge', () => {
    const made = sqlOf('in').filter((sql) => !comment.test(sql));
    expect(made).toMatchInlineSnapshot(`
      [
        "CREATE TABLE [dbo].[qz_in_firm_now] ([code] nvarchar(36) COLLATE Latin1_General_BIN2 NOT NULL, [note] nvarchar(max), PRIMARY KEY ([code]))",
        "CREATE TABLE [dbo].[qz_in_firm] (
        [qz_serial] bigint IDENTITY(1, 1) NOT NULL PRIMARY KEY,
        [qz_op] nvarchar(1) NOT NULL,
        [qz_time] datetime2(6) DEFAULT SYSDATETIME() NOT NULL,
        [qz_key_hash] nvarchar(64),
        [qz_unit] nvarchar(100) DEFAULT N'o''brien' NOT NULL,
        [qz_status] smallint DEFAULT 0 NOT NULL,
        [code] nvarchar(36) COLLATE Latin1_General_BIN2 NOT NULL,
        [note] nvarchar(max),
        CHECK ([qz_op] IN ('I', 'U', 'D'))
      )",
        "CREATE TRIGGER [dbo].[qz_in_firm_i] ON [dbo].[qz_in_firm_now] AFTER INSERT AS
      BEGIN
        SET NOCOUNT ON;
        INSERT INTO [dbo].[qz_in_firm] ([qz_op], [qz_key_hash], [code], [note]) SELECT 'I', LOWER(CONVERT(varchar(32), HASHBYTES('MD5', CONCAT('', [r].[code])), 2)), [r].[code], [r].[note] FROM inserted [r];
      END",
        "CREATE TRIGGER [dbo].[qz_in_firm_u] ON [dbo].[qz_in_firm_now] AFTER UPDATE AS
      BEGIN
        SET NOCOUNT ON;
        INSERT INTO [dbo].[qz_in_firm] ([qz_op], [qz_key_hash], [code], [note]) SELECT 'U', LOWER(CONVERT(varchar(32), HASHBYTES('MD5', CONCAT('', [r].[code])), 2)), [r].[code], [r].[note] FROM inserted [r];
      END",
        "CREATE TRIGGER [dbo].[qz_in_firm_d] ON [dbo].[qz_in_firm_now] AFTER DELETE AS
      BEGIN
        SET NOCOUNT ON;
        INSERT INTO [dbo].[qz_in_firm] ([qz_op], [qz_key_hash], [code], [note]) SELECT 'D', LOWER(CONVERT(varchar(32), HASHBYTES('MD5', CONCAT('', [r].[code])), 2)), [r].[code], [r].[note] FROM deleted [r];
      END",
      ]
    `);
  });

  it('say in the database what they are for', () => {
    const comments = sqlOf('out').filter((sql) => comment.test(sql));
    expect(comments).toHaveLength(1 + 7 + 2);
    expect([comments[0], comments.at(-1)]).toMatchInlineSnapshot(`
      [
        "EXEC sys.sp_addextendedproperty N'MS_Description', N'o''brien (firm)', N'SCHEMA', N'dbo', N'TABLE', N'qz_out_firm'",
        "EXEC sys.sp_addextendedproperty N'MS_Description', N'note', N'SCHEMA', N'dbo', N'TABLE', N'qz_out_firm', N'COLUMN', N'note'",
      ]
    `);
  });

  it('are made statement by statement, and none where the connector only reads', async () => {
    await exchangeDb!.create(['CREATE ONE', 'CREATE TWO'], noAbort);
    expect(driver.statements(/^CREATE/).map(({ sql }) => sql)).toEqual(['CREATE ONE', 'CREATE TWO']);
    const readOnly = (await connect(driver, { readOnly: true })).exchangeDb!;
    await expect(readOnly.create(['CREATE ONE'], noAbort)).rejects.toMatchObject({
      code: 'QZ_SQL_TARGET_READ_ONLY',
    });
  });
});
