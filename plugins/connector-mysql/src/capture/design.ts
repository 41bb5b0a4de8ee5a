import {
  CAPTURE_OP,
  CAPTURE_SERIAL,
  type CaptureDesign,
  type CaptureObject,
  captureNames,
  captureSettings,
  firstSerial,
} from '@qianzhi/sql-kit';
import type { Table, TableColumn } from '../connection/table.js';
import { qualified, quoted } from '../identifier.js';

export function captureDesign(
  { database, name }: Table,
  key: readonly TableColumn[],
  now: Date,
): CaptureDesign {
  const names = captureNames(64, database, name);
  const log = qualified(database, names.log);
  const fields = key.map((column) => quoted(column.name));
  const list = [CAPTURE_OP, ...fields].join(', ');
  const record = (op: string, row: string) =>
    `INSERT INTO ${log} (${list}) VALUES ('${op}', ${fields.map((field) => `${row}.${field}`).join(', ')});`;
  // byte by byte, whatever the column's collation takes for equal
  const same = fields.map((field) => `CAST(OLD.${field} AS BINARY) <=> CAST(NEW.${field} AS BINARY)`);
  const bodies = new Map([
    [names.insert, `BEGIN ${record('I', 'NEW')} END`],
    [
      names.update,
      `BEGIN IF NOT (${same.join(' AND ')}) THEN ${record('D', 'OLD')} END IF; ${record('U', 'NEW')} END`,
    ],
    [names.remove, `BEGIN ${record('D', 'OLD')} END`],
  ]);
  const trigger = (of: string, event: string, zh: string): CaptureObject => ({
    kind: 'trigger',
    name: of,
    zh: `触发器:${zh}`,
    en: `trigger: ${event.toLowerCase()}`,
    create: [
      `CREATE TRIGGER ${qualified(database, of)} AFTER ${event} ON ${qualified(database, name)} FOR EACH ROW ${bodies.get(of)}`,
    ],
    drop: `DROP TRIGGER ${qualified(database, of)}`,
  });
  const columns = key.map((column) => `${quoted(column.name)} ${columnType(column)} NULL`).join(', ');
  return {
    table: qualified(database, name),
    texts: bodies,
    objects: [
      {
        kind: 'table',
        name: names.log,
        zh: '变更表:每次变更记一行序号、操作与主键,不记其他列;InnoDB,与业务事务一同提交或回滚',
        en: 'change table: serial, op and key of each change, and no other column; InnoDB, so that it commits with the transaction',
        create: [
          `CREATE TABLE ${log} (${CAPTURE_SERIAL} BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, ${CAPTURE_OP} VARCHAR(10) NOT NULL, ${columns}) ENGINE=InnoDB AUTO_INCREMENT=${firstSerial(now)} DEFAULT CHARACTER SET utf8mb4`,
        ],
        drop: `DROP TABLE ${log}`,
      },
      trigger(names.insert, 'INSERT', '新增'),
      trigger(names.update, 'UPDATE', '修改;主键变了则先记旧主键的删除'),
      trigger(names.remove, 'DELETE', '删除'),
    ],
    mark: `INSERT INTO ${log} (${CAPTURE_OP}) VALUES ('T')`,
    changeTable: captureSettings(names.log, { database }),
    notes: [
      {
        zh: 'MySQL 没有 TRUNCATE 触发器,外键级联的修改与删除也不触发:这两种变更看不到,须以对账发现',
        en: 'MySQL has no trigger on TRUNCATE, and foreign keys that cascade fire none: neither is seen',
      },
      {
        zh: `由 DBA 执行时,另授权前置机用户:GRANT SELECT, INSERT, DELETE ON ${log} TO 用户,并对业务表授予 TRIGGER(否则看不到触发器是否完好)`,
        en: `where a DBA runs it, grant the agent's user: GRANT SELECT, INSERT, DELETE ON ${log} TO …, and TRIGGER on the table, or it cannot see whether the triggers are whole`,
      },
      {
        zh: '触发器以建立者 (DEFINER) 的身份执行:该用户被删除后业务写入会失败',
        en: 'triggers run as their DEFINER: writes to the table fail once that user is dropped',
      },
    ],
    terminator: '$$',
  };
}

export function columnType({ nativeType, charset, collation }: TableColumn): string {
  return charset === null || collation === null
    ? nativeType
    : `${nativeType} CHARACTER SET ${charset} COLLATE ${collation}`;
}
