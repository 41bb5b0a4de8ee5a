import type { CapturePlan } from '@qianzhi/plugin-api';
import type { SqlColumn } from '../database/table.js';
import { doubleQuoted, upperCaseName } from '../database/upper-case-names.js';
import { CAPTURE_OP, CAPTURE_SERIAL, captureNames, captureSettings, firstSerial } from './capture.js';
import type { SqlCapture } from './dialect-capture.js';

/** In what databases with the row triggers of PL/SQL differ. */
export interface RowTriggers {
  /** As the dialect's. */
  readonly nameBytes: number;
  /** Type of a number that rises from row to row and begins so. */
  serialType(from: string): string;
  readonly opType: string;
  /** Drops a table, from behind `DROP TABLE name`. */
  readonly dropEnd: string;
  /** Name, whether it is enabled (1), text of the triggers of a table; schema and name are bound. */
  readonly triggersSql: string;
  /** The text of a trigger from its first BEGIN on. */
  bodyOf(text: string): string;
  readonly notes: CapturePlan['notes'];
}

const SERIAL = upperCaseName(CAPTURE_SERIAL);
const OP = upperCaseName(CAPTURE_OP);

/** Change table and one row trigger in PL/SQL. */
export function rowTriggerCapture(database: RowTriggers): SqlCapture {
  return {
    design({ schema, name }, key, now) {
      const names = captureNames(database.nameBytes, schema, name);
      const [log, trigger] = [upperCaseName(names.log), upperCaseName(names.update)];
      const table = `${doubleQuoted(schema)}.${doubleQuoted(name)}`;
      const changes = `${doubleQuoted(schema)}.${doubleQuoted(log)}`;
      const fires = `${doubleQuoted(schema)}.${doubleQuoted(trigger)}`;
      const body = triggerBody(changes, key);
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
              `CREATE TABLE ${changes} (${SERIAL} ${database.serialType(firstSerial(now))} PRIMARY KEY, ${OP} ${database.opType} NOT NULL, ${columns})`,
            ],
            drop: `DROP TABLE ${changes}${database.dropEnd}`,
          },
          {
            kind: 'trigger',
            name: trigger,
            zh: '行触发器:增、改、删;主键变了则先记旧主键的删除',
            en: 'row trigger: insert, update, delete; a key that changes is a delete of the old one first',
            create: [
              `CREATE TRIGGER ${fires} AFTER INSERT OR UPDATE OR DELETE ON ${table} FOR EACH ROW\n${body}`,
            ],
            drop: `DROP TRIGGER ${fires}`,
          },
        ],
        mark: `INSERT INTO ${changes} (${OP}) VALUES ('T')`,
        changeTable: { ...captureSettings(log, { schema }), serial: SERIAL, op: OP },
        notes: [
          ...database.notes,
          {
            zh: `由 DBA 执行时,另授权前置机用户:GRANT SELECT, INSERT, DELETE ON ${changes} TO 用户`,
            en: `where a DBA runs it, grant the agent's user: GRANT SELECT, INSERT, DELETE ON ${changes} TO …`,
          },
        ],
        terminator: '/',
      };
    },
    async triggers(session, { schema, name }, signal) {
      const { rows } = await session.query(database.triggersSql, [schema, name], signal);
      return rows.map(([trigger, enabled, text]) => ({
        name: String(trigger),
        enabled: Number(enabled) === 1,
        text: database.bodyOf(String(text ?? '')),
      }));
    },
  };
}

function triggerBody(changes: string, key: readonly SqlColumn[]): string {
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
