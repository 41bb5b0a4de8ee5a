import { noAbort, resourceWith } from '@qianzhi/testing';
import { describe, expect, it } from 'vitest';
import { type Answer, type Sent, scriptedDriver } from './test/scripted-driver.js';
import { type ScriptedTable, scriptedServer } from './test/scripted-server.js';
import { connect, sourceOf } from './test/site.js';

const firm: ScriptedTable = {
  name: 'FIRM',
  columns: [
    { name: 'ID', type: 'NUMBER', precision: 10, scale: 0 },
    { name: 'NAME', type: 'NVARCHAR2', characters: 50, nullable: true },
  ],
  primaryKey: ['ID'],
};
const spec = { schema: 'LEGACY', table: 'FIRM' };
const idle = scriptedDriver(scriptedServer([firm]));
const planned = async () => (await connect(idle)).capture!.plan(spec, noAbort);
const { changeTable, install } = await planned();
const log = String(changeTable['table']);
const trigger = /"(QIANZHI_UPD_\w+)"/.exec(install[2]!.sql)![1]!;
const changes: ScriptedTable = {
  name: log,
  columns: [
    { name: 'QZ_SERIAL', type: 'NUMBER', precision: 19, scale: 0 },
    { name: 'QZ_OP', type: 'VARCHAR2', characters: 10 },
    { name: 'ID', type: 'NUMBER', precision: 10, scale: 0, nullable: true },
  ],
  primaryKey: ['QZ_SERIAL'],
};

describe('capture of changes on Oracle', () => {
  it('plans a change table and a row trigger, under names that no version cuts', async () => {
    const { install, remove, changeTable } = await planned();
    expect(log.length).toBeLessThanOrEqual(30);
    expect(changeTable).toEqual({
      schema: 'LEGACY',
      table: log,
      serial: 'QZ_SERIAL',
      op: 'QZ_OP',
      purge: true,
    });
    expect(install.map(({ sql }) => sql.replace(/START WITH \d+/, 'START WITH n'))).toEqual([
      `CREATE TABLE "LEGACY"."${log}" (QZ_SERIAL NUMBER(19) GENERATED ALWAYS AS IDENTITY (START WITH n) PRIMARY KEY, QZ_OP VARCHAR2(10) NOT NULL, "ID" NUMBER(10,0))`,
      `INSERT INTO "LEGACY"."${log}" (QZ_OP) VALUES ('T')`,
      `CREATE TRIGGER "LEGACY"."${trigger}" AFTER INSERT OR UPDATE OR DELETE ON "LEGACY"."FIRM" FOR EACH ROW
BEGIN
  IF DELETING THEN
    INSERT INTO "LEGACY"."${log}" (QZ_OP, "ID") VALUES ('D', :OLD."ID");
  ELSE
    IF UPDATING AND (:OLD."ID" <> :NEW."ID" OR (:OLD."ID" IS NULL AND :NEW."ID" IS NOT NULL) OR (:OLD."ID" IS NOT NULL AND :NEW."ID" IS NULL)) THEN
      INSERT INTO "LEGACY"."${log}" (QZ_OP, "ID") VALUES ('D', :OLD."ID");
    END IF;
    INSERT INTO "LEGACY"."${log}" (QZ_OP, "ID") VALUES ('U', :NEW."ID");
  END IF;
END;`,
      `INSERT INTO "LEGACY"."${log}" (QZ_OP) VALUES ('T')`,
    ]);
    expect(remove.map(({ sql }) => sql)).toEqual([
      `DROP TRIGGER "LEGACY"."${trigger}"`,
      `DROP TABLE "LEGACY"."${log}" PURGE`,
    ]);
  });

  const body = async () => (await planned()).install[2]!.sql.split('ROW\n')[1]!;
  const triggers =
    (text: string, enabled: number) =>
    (sent: Sent): Answer | undefined =>
      /FROM all_triggers/.test(sent.sql) ? { rows: [[trigger, enabled, `${text} \0`]] } : undefined;
  const source = (answers: (sent: Sent) => Answer | undefined) =>
    sourceOf(
      scriptedDriver(scriptedServer([firm, changes], answers)),
      resourceWith([{ column: 'id', type: 'I', key: true }]),
      { schema: 'LEGACY', table: 'FIRM', changeTable: { table: log, serial: 'QZ_SERIAL', op: 'QZ_OP' } },
      'change-table',
    );

  it('reads on while the trigger is as it was made, and stops where it is disabled, changed or gone', async () => {
    await expect(source(triggers(await body(), 1))).resolves.toBeDefined();
    for (const answers of [triggers(await body(), 0), triggers('BEGIN NULL; END;', 1), () => undefined])
      await expect(source(answers)).rejects.toMatchObject({ code: 'QZ_SQL_CAPTURE_BROKEN' });
  });

  it('mends only what is amiss, and marks the change table before and after', async () => {
    const driver = scriptedDriver(scriptedServer([firm, changes], triggers(await body(), 0)));
    await (await connect(driver)).capture!.install(spec, noAbort);
    const written = driver.sent.map(({ sql }) => sql).filter((sql) => /^(CREATE|DROP|INSERT)/.test(sql));
    expect(written.map((sql) => sql.split(' ').slice(0, 2).join(' '))).toEqual([
      'DROP TRIGGER',
      'INSERT INTO',
      'CREATE TRIGGER',
      'INSERT INTO',
    ]);
  });
});
