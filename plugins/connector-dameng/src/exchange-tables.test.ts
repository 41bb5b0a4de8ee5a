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
const comment = /^COMMENT /;
const driver = scriptedDriver(scriptedServer([]));
const { exchangeDb } = await connect(driver, { schema: 'front' });
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
        "CREATE TABLE "FRONT"."QZ_OUT_FIRM" (
        "QZ_SERIAL" BIGINT IDENTITY(1, 1) PRIMARY KEY,
        "QZ_OP" VARCHAR(1 CHAR) NOT NULL,
        "QZ_TIME" TIMESTAMP(6) DEFAULT SYSDATE NOT NULL,
        "QZ_BATCH" VARCHAR(64 CHAR),
        "QZ_KEY_HASH" VARCHAR(64 CHAR),
        "QZ_UNIT" VARCHAR(100 CHAR) DEFAULT 'o''brien' NOT NULL,
        "QZ_STATUS" SMALLINT DEFAULT 0 NOT NULL,
        "CODE" VARCHAR(18 CHAR) NOT NULL,
        "NOTE" CLOB,
        CHECK ("QZ_OP" IN ('I', 'U', 'D'))
      )",
        "CREATE INDEX "FRONT"."QZ_OUT_FIRM_K" ON "FRONT"."QZ_OUT_FIRM" ("CODE", "QZ_SERIAL")",
        "CREATE VIEW "FRONT"."QZ_OUT_FIRM_NOW" AS SELECT o."CODE", o."NOTE" FROM "FRONT"."QZ_OUT_FIRM" o WHERE o."QZ_OP" <> 'D' AND NOT EXISTS (SELECT 1 FROM "FRONT"."QZ_OUT_FIRM" n WHERE n."CODE" = o."CODE" AND n."QZ_SERIAL" > o."QZ_SERIAL")",
      ]
    `);
  });

  it('take changes in, each by a trigger in the transaction of the merge', () => {
    const made = sqlOf('in').filter((sql) => !comment.test(sql));
    expect(made).toMatchInlineSnapshot(`
      [
        "CREATE TABLE "FRONT"."QZ_IN_FIRM_NOW" ("CODE" VARCHAR(18 CHAR) NOT NULL, "NOTE" CLOB, PRIMARY KEY ("CODE"))",
        "CREATE TABLE "FRONT"."QZ_IN_FIRM" (
        "QZ_SERIAL" BIGINT IDENTITY(1, 1) PRIMARY KEY,
        "QZ_OP" VARCHAR(1 CHAR) NOT NULL,
        "QZ_TIME" TIMESTAMP(6) DEFAULT SYSDATE NOT NULL,
        "QZ_KEY_HASH" VARCHAR(64 CHAR),
        "QZ_UNIT" VARCHAR(100 CHAR) DEFAULT 'o''brien' NOT NULL,
        "QZ_STATUS" SMALLINT DEFAULT 0 NOT NULL,
        "CODE" VARCHAR(18 CHAR) NOT NULL,
        "NOTE" CLOB,
        CHECK ("QZ_OP" IN ('I', 'U', 'D'))
      )",
        "CREATE TRIGGER "FRONT"."QZ_IN_FIRM_I" AFTER INSERT ON "FRONT"."QZ_IN_FIRM_NOW" FOR EACH ROW
      BEGIN
        INSERT INTO "FRONT"."QZ_IN_FIRM" ("QZ_OP", "QZ_KEY_HASH", "CODE", "NOTE") VALUES ('I', NULL, :NEW."CODE", :NEW."NOTE");
      END;",
        "CREATE TRIGGER "FRONT"."QZ_IN_FIRM_U" AFTER UPDATE ON "FRONT"."QZ_IN_FIRM_NOW" FOR EACH ROW
      BEGIN
        INSERT INTO "FRONT"."QZ_IN_FIRM" ("QZ_OP", "QZ_KEY_HASH", "CODE", "NOTE") VALUES ('U', NULL, :NEW."CODE", :NEW."NOTE");
      END;",
        "CREATE TRIGGER "FRONT"."QZ_IN_FIRM_D" AFTER DELETE ON "FRONT"."QZ_IN_FIRM_NOW" FOR EACH ROW
      BEGIN
        INSERT INTO "FRONT"."QZ_IN_FIRM" ("QZ_OP", "QZ_KEY_HASH", "CODE", "NOTE") VALUES ('D', NULL, :OLD."CODE", :OLD."NOTE");
      END;",
      ]
    `);
  });

  it('say in the database what they are for', () => {
    const comments = sqlOf('out').filter((sql) => comment.test(sql));
    expect(comments).toHaveLength(1 + 7 + 2);
    expect([comments[0], comments.at(-1)]).toMatchInlineSnapshot(`
      [
        "COMMENT ON TABLE "FRONT"."QZ_OUT_FIRM" IS 'o''brien (firm)'",
        "COMMENT ON COLUMN "FRONT"."QZ_OUT_FIRM"."NOTE" IS 'note'",
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
