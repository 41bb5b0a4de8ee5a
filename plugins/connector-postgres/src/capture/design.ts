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
import { dollarQuoted, literal, qualified, quoted } from '../identifier.js';

/** `pg_trigger.tgtype`: row 1, insert 4, delete 8, update 16; truncate 32. */
const ROW_AFTER_ALL = 29;
const AFTER_TRUNCATE = 32;

export function captureDesign(
  { schema, name, kind }: Table,
  key: readonly TableColumn[],
  now: Date,
): CaptureDesign {
  const names = captureNames(63, schema, name);
  const table = qualified(schema, name);
  const log = qualified(schema, names.log);
  const code = `${qualified(schema, names.code)}()`;
  const body = bodyOf(log, key);
  const columns = key.map((column) => `${quoted(column.name)} ${column.castType}`).join(', ');
  const trigger = (of: string, event: string, each: string, zh: string, en: string): CaptureObject => ({
    kind: 'trigger',
    name: of,
    zh,
    en,
    create: [
      `CREATE TRIGGER ${quoted(of)} AFTER ${event} ON ${table} FOR EACH ${each} EXECUTE PROCEDURE ${code}`,
    ],
    drop: `DROP TRIGGER ${quoted(of)} ON ${table}`,
  });
  return {
    table,
    texts: new Map([
      [names.code, body],
      [names.update, `${names.code} ${ROW_AFTER_ALL}`],
      [names.truncate, `${names.code} ${AFTER_TRUNCATE}`],
    ]),
    objects: [
      {
        kind: 'table',
        name: names.log,
        zh: '变更表:每次变更记一行序号、操作与主键,不记其他列',
        en: 'change table: serial, op and key of each change, and no other column',
        create: [
          `CREATE TABLE ${log} (${CAPTURE_SERIAL} bigserial PRIMARY KEY, ${CAPTURE_OP} text NOT NULL, ${columns})`,
          `SELECT pg_catalog.setval(pg_catalog.pg_get_serial_sequence(${literal(log)}, ${literal(CAPTURE_SERIAL)}), ${firstSerial(now)}, false)`,
        ],
        drop: `DROP TABLE ${log}`,
      },
      {
        kind: 'function',
        name: names.code,
        zh: '触发器函数:以建立者的权限写变更表,业务用户不需要变更表的权限',
        en: "trigger function: writes the change table by its owner's rights, so that the application needs none",
        create: [
          `CREATE FUNCTION ${code} RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS ${dollarQuoted(body)}`,
          `REVOKE ALL ON FUNCTION ${code} FROM PUBLIC`,
        ],
        drop: `DROP FUNCTION ${code}`,
      },
      trigger(
        names.update,
        'INSERT OR UPDATE OR DELETE',
        'ROW',
        '行触发器:增、改、删',
        'row trigger: insert, update, delete',
      ),
      trigger(
        names.truncate,
        'TRUNCATE',
        'STATEMENT',
        '语句触发器:TRUNCATE 记一个标记,读取方随即重新全量',
        'statement trigger: TRUNCATE leaves a mark that leads to a full copy',
      ),
    ],
    mark: `INSERT INTO ${log} (${CAPTURE_OP}) VALUES ('T')`,
    changeTable: captureSettings(names.log, { schema }),
    notes: [
      {
        zh: `由 DBA 执行时,另授权前置机用户:GRANT SELECT, INSERT, DELETE ON ${log} TO 用户`,
        en: `where a DBA runs it, grant the agent's user: GRANT SELECT, INSERT, DELETE ON ${log} TO …`,
      },
      {
        zh: '建触发器要等表上未结束的写事务;session_replication_role = replica 的会话与 ALTER TABLE … DISABLE TRIGGER 期间的变更不会被记下',
        en: 'making triggers waits for open transactions that write; changes by sessions with session_replication_role = replica, or while triggers are disabled, are not recorded',
      },
      {
        zh: '业务程序若用 lastval() 取自增值,会取到变更表的值:须改用 currval(序列) 或 RETURNING,否则不要采用触发器',
        en: 'a program that reads lastval() gets that of the change table: it has to use currval(…) or RETURNING, or triggers will not do',
      },
      ...(kind === 'partitioned'
        ? [
            {
              zh: '直接对单个分区 TRUNCATE、DETACH 或 DROP 不触发,看不到,须以对账发现',
              en: 'TRUNCATE, DETACH or DROP of a single partition fires no trigger and is not seen',
            },
          ]
        : []),
    ],
    terminator: ';',
  };
}

function bodyOf(log: string, key: readonly TableColumn[]): string {
  const names = key.map(({ name }) => quoted(name));
  const list = [CAPTURE_OP, ...names].join(', ');
  const write = (op: string, row: string) =>
    `INSERT INTO ${log} (${list}) VALUES ('${op}', ${names.map((name) => `${row}.${name}`).join(', ')});`;
  const row = (of: string) => `ROW(${names.map((name) => `${of}.${name}`).join(', ')})`;
  return `
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    INSERT INTO ${log} (${CAPTURE_OP}) VALUES ('T');
  ELSIF TG_OP = 'INSERT' THEN
    ${write('I', 'NEW')}
  ELSIF TG_OP = 'DELETE' THEN
    ${write('D', 'OLD')}
  ELSE
    IF ${row('OLD')}::text <> ${row('NEW')}::text THEN
      ${write('D', 'OLD')}
    END IF;
    ${write('U', 'NEW')}
  END IF;
  RETURN NULL;
END
`;
}
