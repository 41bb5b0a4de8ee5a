import {
  CAPTURE_OP,
  CAPTURE_SERIAL,
  captureNames,
  captureSettings,
  firstSerial,
  type SqlCapture,
  type SqlColumn,
} from '@qianzhi/sql-kit';
import { quoted } from './identifier.js';

/** Change table and one statement trigger. */
export const mssqlCapture: SqlCapture = {
  design({ schema, name }, key, now) {
    const names = captureNames(100, schema, name);
    const table = `${quoted(schema)}.${quoted(name)}`;
    const log = `${quoted(schema)}.${quoted(names.log)}`;
    const trigger = `${quoted(schema)}.${quoted(names.update)}`;
    const create = triggerSql(trigger, table, log, key);
    const columns = key.map((column) => `${quoted(column.name)} ${typeOf(column)} NULL`).join(', ');
    return {
      table,
      texts: new Map([[names.update, create]]),
      objects: [
        {
          kind: 'table',
          name: names.log,
          zh: '变更表:每次变更记一行序号、操作与主键,不记其他列',
          en: 'change table: serial, op and key of each change, and no other column',
          create: [
            `CREATE TABLE ${log} (${CAPTURE_SERIAL} bigint IDENTITY(${firstSerial(now)}, 1) NOT NULL PRIMARY KEY, ${CAPTURE_OP} varchar(10) NOT NULL, ${columns})`,
          ],
          drop: `DROP TABLE ${log}`,
        },
        {
          kind: 'trigger',
          name: names.update,
          zh: '语句触发器:增、改、删;主键变了则先记旧主键的删除',
          en: 'trigger: insert, update, delete; a key that changes is a delete of the old one first',
          create: [create],
          drop: `DROP TRIGGER ${trigger}`,
        },
      ],
      mark: `INSERT INTO ${log} (${CAPTURE_OP}) VALUES ('T')`,
      changeTable: captureSettings(names.log, { schema }),
      notes: [
        {
          zh: '未在 SQL Server 上验证,请先在测试库执行',
          en: 'not verified against a SQL Server: try it on a test database first',
        },
        {
          zh: '业务程序若用 @@IDENTITY 取自增值,会取到变更表的值:须改用 SCOPE_IDENTITY(),否则不要采用触发器',
          en: 'a program that reads @@IDENTITY gets that of the change table: it has to use SCOPE_IDENTITY(), or triggers will not do',
        },
        {
          zh: 'TRUNCATE TABLE、分区切换与未指定 FIRE_TRIGGERS 的批量装载不触发,看不到,须以对账发现',
          en: 'TRUNCATE TABLE, partition switching and bulk loads without FIRE_TRIGGERS fire no trigger and are not seen',
        },
        {
          zh: `由 DBA 执行时,另授权前置机用户:GRANT SELECT, INSERT, DELETE ON ${log} TO 用户,GRANT VIEW DEFINITION ON ${table} TO 用户`,
          en: `where a DBA runs it, grant the agent's user: GRANT SELECT, INSERT, DELETE ON ${log}, and VIEW DEFINITION ON ${table}`,
        },
      ],
      terminator: 'GO',
    };
  },
  async triggers(session, { schema, name }, signal) {
    const { rows } = await session.query(
      `SELECT tr.name, CASE WHEN tr.is_disabled = 0 THEN 1 ELSE 0 END, OBJECT_DEFINITION(tr.object_id) FROM sys.triggers tr
       JOIN sys.tables t ON t.object_id = tr.parent_id JOIN sys.schemas s ON s.schema_id = t.schema_id WHERE s.name = @p1 AND t.name = @p2`,
      [schema, name],
      signal,
    );
    return rows.map(([trigger, enabled, text]) => ({
      name: String(trigger),
      enabled: Number(enabled) === 1,
      text: String(text ?? ''),
    }));
  },
};

function isText({ family }: SqlColumn): boolean {
  return family === 'text' || family === 'char';
}

function typeOf(column: SqlColumn): string {
  return isText(column) && column.collation !== null
    ? `${column.nativeType} COLLATE ${column.collation}`
    : column.nativeType;
}

/** Keys are compared byte by byte, whatever the column's collation takes for equal. */
function triggerSql(trigger: string, table: string, log: string, key: readonly SqlColumn[]): string {
  const names = key.map(({ name }) => quoted(name));
  const list = [CAPTURE_OP, ...names].join(', ');
  const same = key.map((column) => {
    const [before, after] = [`d.${quoted(column.name)}`, `i.${quoted(column.name)}`];
    return isText(column)
      ? `${before} = ${after} COLLATE Latin1_General_BIN2 AND DATALENGTH(${before}) = DATALENGTH(${after})`
      : `${before} = ${after}`;
  });
  const of = (row: string) => names.map((name) => `${row}.${name}`).join(', ');
  return `CREATE TRIGGER ${trigger} ON ${table} AFTER INSERT, UPDATE, DELETE AS
BEGIN
  SET NOCOUNT ON;
  INSERT INTO ${log} (${list}) SELECT 'D', ${of('d')} FROM deleted d WHERE NOT EXISTS (SELECT 1 FROM inserted i WHERE ${same.join(' AND ')});
  INSERT INTO ${log} (${list}) SELECT 'U', ${of('i')} FROM inserted i;
END`;
}
