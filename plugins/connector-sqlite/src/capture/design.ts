import {
  CAPTURE_OP,
  CAPTURE_SERIAL,
  type CaptureDesign,
  type CaptureObject,
  captureNames,
  captureSettings,
  firstSerial,
} from '@qianzhi/sql-kit';
import type { Table, TableColumn } from '../file/table.js';
import { quoted } from '../identifier.js';

export function captureDesign({ name }: Table, key: readonly TableColumn[], now: Date): CaptureDesign {
  const names = captureNames(63, name);
  const table = quoted(name);
  const log = quoted(names.log);
  const columns = key.map((column) => `${quoted(column.name)} ${column.declared}`).join(', ');
  const fields = key.map((column) => quoted(column.name));
  const list = [CAPTURE_OP, ...fields].join(', ');
  const record = (op: string, row: string, where = '') =>
    `INSERT INTO ${log} (${list}) SELECT '${op}', ${fields.map((field) => `${row}.${field}`).join(', ')}${where};`;
  // by storage class and bytes, whatever the column's collation takes for equal
  const moved = fields.map(
    (field) =>
      `OLD.${field} COLLATE BINARY IS NOT NEW.${field} OR typeof(OLD.${field}) <> typeof(NEW.${field})`,
  );
  const trigger = (of: string, event: string, body: string, zh: string): CaptureObject => ({
    kind: 'trigger',
    name: of,
    zh: `触发器:${zh}`,
    en: `trigger: ${event.toLowerCase()}`,
    create: [`CREATE TRIGGER ${quoted(of)} AFTER ${event} ON ${table} BEGIN ${body} END`],
    drop: `DROP TRIGGER ${quoted(of)}`,
  });
  const triggers = [
    trigger(names.insert, 'INSERT', record('I', 'NEW'), '新增'),
    trigger(
      names.update,
      'UPDATE',
      `${record('D', 'OLD', ` WHERE ${moved.join(' OR ')}`)} ${record('U', 'NEW')}`,
      '修改;主键变了则先记旧主键的删除',
    ),
    trigger(names.remove, 'DELETE', record('D', 'OLD'), '删除'),
  ];
  return {
    table,
    texts: new Map(triggers.map(({ name: of, create }) => [of, create[0]!])),
    objects: [
      {
        kind: 'table',
        name: names.log,
        zh: '变更表:每次变更记一行序号、操作与主键,不记其他列',
        en: 'change table: serial, op and key of each change, and no other column',
        create: [
          `CREATE TABLE ${log} (${CAPTURE_SERIAL} INTEGER PRIMARY KEY AUTOINCREMENT, ${CAPTURE_OP} TEXT NOT NULL, ${columns})`,
          `INSERT INTO sqlite_sequence (name, seq) VALUES ('${names.log}', ${firstSerial(now)})`,
        ],
        drop: `DROP TABLE ${log}`,
      },
      ...triggers,
    ],
    mark: `INSERT INTO ${log} (${CAPTURE_OP}) VALUES ('T')`,
    changeTable: captureSettings(names.log, {}),
    notes: [
      {
        zh: 'REPLACE 因其他唯一索引而替换掉的行,只有业务程序打开 recursive_triggers 才会记下删除',
        en: 'a row that REPLACE pushes out by another unique index is recorded as deleted only where the program sets recursive_triggers',
      },
    ],
    terminator: ';',
  };
}
