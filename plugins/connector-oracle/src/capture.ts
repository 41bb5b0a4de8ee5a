import {
  CAPTURE_OP,
  CAPTURE_SERIAL,
  captureNames,
  captureSettings,
  doubleQuoted,
  firstSerial,
  type SqlCapture,
  type SqlColumn,
  upperCaseName,
} from '@qianzhi/sql-kit';

const SERIAL = upperCaseName(CAPTURE_SERIAL);
const OP = upperCaseName(CAPTURE_OP);

/** Change table and one row trigger, for Oracle 12.1 and later. */
export const oracleCapture: SqlCapture = {
  design({ schema, name }, key, now) {
    // 30 bytes before 12.2
    const names = captureNames(30, schema, name);
    const [log, trigger] = [upperCaseName(names.log), upperCaseName(names.update)];
    const table = `${doubleQuoted(schema)}.${doubleQuoted(name)}`;
    const changes = `${doubleQuoted(schema)}.${doubleQuoted(log)}`;
    const body = bodyOf(changes, key);
    const columns = key.map((column) => `${doubleQuoted(column.name)} ${column.nativeType}`).join(', ');
    return {
      table,
      texts: new Map([[trigger, body]]),
      objects: [
        {
          kind: 'table',
          name: log,
          zh: '变更表:每次变更记一行序号、操作与主键,不记其他列',
          en: 'change table: serial, op and key of each change, and no other column',
          create: [
            `CREATE TABLE ${changes} (${SERIAL} NUMBER(19) GENERATED ALWAYS AS IDENTITY (START WITH ${firstSerial(now)}) PRIMARY KEY, ${OP} VARCHAR2(10) NOT NULL, ${columns})`,
          ],
          drop: `DROP TABLE ${changes} PURGE`,
        },
        {
          kind: 'trigger',
          name: trigger,
          zh: '行触发器:增、改、删;主键变了则先记旧主键的删除',
          en: 'row trigger: insert, update, delete; a key that changes is a delete of the old one first',
          create: [
            `CREATE TRIGGER ${doubleQuoted(schema)}.${doubleQuoted(trigger)} AFTER INSERT OR UPDATE OR DELETE ON ${table} FOR EACH ROW\n${body}`,
          ],
          drop: `DROP TRIGGER ${doubleQuoted(schema)}.${doubleQuoted(trigger)}`,
        },
      ],
      mark: `INSERT INTO ${changes} (${OP}) VALUES ('T')`,
      changeTable: { ...captureSettings(log, { schema }), serial: SERIAL, op: OP },
      notes: [
        {
          zh: '未在 Oracle 服务器上验证,请先在测试库执行',
          en: 'not verified against an Oracle server: try it on a test database first',
        },
        {
          zh: 'TRUNCATE、分区交换与直接路径装载 (SQL*Loader direct) 不触发,看不到,须以对账发现',
          en: 'TRUNCATE, partition exchange and direct path loads fire no trigger and are not seen',
        },
        {
          zh: `由 DBA 执行时,另授权前置机用户:GRANT SELECT, INSERT, DELETE ON ${changes} TO 用户`,
          en: `where a DBA runs it, grant the agent's user: GRANT SELECT, INSERT, DELETE ON ${changes} TO …`,
        },
      ],
      terminator: '/',
    };
  },
  async triggers(session, { schema, name }, signal) {
    const { rows } = await session.query(
      `SELECT trigger_name, CASE status WHEN 'ENABLED' THEN 1 ELSE 0 END, trigger_body FROM all_triggers WHERE table_owner = TO_CHAR(:p1) AND table_name = TO_CHAR(:p2)`,
      [schema, name],
      signal,
    );
    return rows.map(([trigger, enabled, body]) => ({
      name: String(trigger),
      enabled: Number(enabled) === 1,
      text: String(body ?? '').replaceAll('\0', ''),
    }));
  },
};

function bodyOf(changes: string, key: readonly SqlColumn[]): string {
  const names = key.map(({ name }) => doubleQuoted(name));
  const list = [OP, ...names].join(', ');
  const write = (op: string, row: string) =>
    `INSERT INTO ${changes} (${list}) VALUES ('${op}', ${names.map((name) => `:${row}.${name}`).join(', ')});`;
  const moved = names.map(
    (name) =>
      `:OLD.${name} <> :NEW.${name} OR (:OLD.${name} IS NULL AND :NEW.${name} IS NOT NULL) OR (:OLD.${name} IS NOT NULL AND :NEW.${name} IS NULL)`,
  );
  return `BEGIN
  IF DELETING THEN
    ${write('D', 'OLD')}
  ELSE
    IF UPDATING AND (${moved.join(' OR ')}) THEN
      ${write('D', 'OLD')}
    END IF;
    ${write('U', 'NEW')}
  END IF;
END;`;
}
