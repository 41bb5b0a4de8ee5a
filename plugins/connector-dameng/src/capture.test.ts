import { noAbort } from '@qianzhi/testing';
import { describe, expect, it } from 'vitest';
import { type Answer, type Sent, scriptedDriver } from './test/scripted-driver.js';
import { type ScriptedTable, scriptedServer } from './test/scripted-server.js';
import { connect } from './test/site.js';

const firm: ScriptedTable = {
  name: 'FIRM',
  columns: [
    { name: 'ID', type: 'BIGINT' },
    { name: 'NAME', type: 'VARCHAR', characters: 50, nullable: true },
  ],
  primaryKey: ['ID'],
};
const spec = { schema: 'LEGACY', table: 'FIRM' };
const planned = async () =>
  (await connect(scriptedDriver(scriptedServer([firm])))).capture!.plan(spec, noAbort);
const { changeTable, install } = await planned();
const log = String(changeTable['table']);
const trigger = /"(QIANZHI_UPD_\w+)"/.exec(install[2]!.sql)![1]!;
const changes: ScriptedTable = {
  name: log,
  columns: [
    { name: 'QZ_SERIAL', type: 'BIGINT' },
    { name: 'QZ_OP', type: 'VARCHAR', characters: 10 },
    { name: 'ID', type: 'BIGINT', nullable: true },
  ],
  primaryKey: ['QZ_SERIAL'],
};

describe('capture of changes on Dameng', () => {
  it('plans a change table and a row trigger', async () => {
    expect(changeTable).toEqual({
      schema: 'LEGACY',
      table: log,
      serial: 'QZ_SERIAL',
      op: 'QZ_OP',
      purge: true,
    });
    const { install, remove, terminator } = await planned();
    expect(terminator).toBe('/');
    expect(install.map(({ sql }) => sql.replace(/IDENTITY\(\d{13}, 1\)/, 'IDENTITY(n, 1)'))).toEqual([
      `CREATE TABLE "LEGACY"."${log}" (QZ_SERIAL BIGINT IDENTITY(n, 1) PRIMARY KEY, QZ_OP VARCHAR(10) NOT NULL, "ID" BIGINT)`,
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
      `DROP TABLE "LEGACY"."${log}"`,
    ]);
  });

  it('gives tables whose names are alike up to where a name ends names of their own', async () => {
    const long = (end: string): ScriptedTable => ({ ...firm, name: `${'T'.repeat(120)}${end}` });
    const tables = [long('A'), long('B')];
    const connection = await connect(scriptedDriver(scriptedServer(tables)));
    const plans = await Promise.all(
      tables.map(({ name }) => connection.capture!.plan({ schema: 'LEGACY', table: name }, noAbort)),
    );
    const names = plans.flatMap(({ install }) =>
      install.flatMap(({ sql }) => sql.match(/QIANZHI_(LOG|UPD)_\w+/g) ?? []),
    );
    expect(new Set(names).size).toBe(4);
    for (const name of names) expect(name.length).toBeLessThanOrEqual(100);
  });

  const triggers =
    (text: string, enabled: number) =>
    (sent: Sent): Answer | undefined =>
      /FROM all_triggers/.test(sent.sql) ? { rows: [[trigger, enabled, text]] } : undefined;

  it.each([
    ['ok', install[2]!.sql.split('ROW\n')[1]!, 1],
    // where the dictionary has the whole statement
    ['ok', install[2]!.sql.replaceAll('\n', '\r\n'), 1],
    ['disabled', install[2]!.sql, 0],
    ['changed', 'BEGIN\n NULL;\nEND;', 1],
  ])('inspects what was made: %s', async (state, text, enabled) => {
    const driver = scriptedDriver(scriptedServer([firm, changes], triggers(text, enabled)));
    const states = await (await connect(driver)).capture!.inspect(spec, noAbort);
    expect(states.map((each) => each.state)).toEqual(['ok', state]);
  });

  it('mends only what is amiss, and marks the change table before and after', async () => {
    const driver = scriptedDriver(scriptedServer([firm, changes], triggers(install[2]!.sql, 0)));
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
