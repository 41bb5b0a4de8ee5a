import { inspect } from 'node:util';
import { checkShape } from '@qianzhi/model';
import { noAbort } from '@qianzhi/testing';
import oracledb from 'oracledb';
import { describe, expect, it } from 'vitest';
import { ConfigSchema } from './config.js';
import { fetchTypeHandler, loadBinds, namedBinds } from './driver/binds.js';
import { classify } from './driver/classify.js';
import { descriptor } from './driver/open-connection.js';
import { driverError, scriptedDriver } from './test/scripted-driver.js';
import { config, connect, secret } from './test/site.js';

const checked = checkShape(ConfigSchema, { ...config }, 'config');
const about = { doing: 'write 企业', config: checked };
const value = '行中之值';

describe('errors of Oracle', () => {
  it.each([
    ['ORA-01017', 'QZ_SQL_LOGIN_FAILED', 'auth'],
    ['ORA-28000', 'QZ_SQL_LOGIN_FAILED', 'auth'],
    ['ORA-12514', 'QZ_SQL_DATABASE_MISSING', 'not-found'],
    ['NJS-518', 'QZ_SQL_DATABASE_MISSING', 'not-found'],
    ['NJS-503', 'QZ_SQL_UNREACHABLE', 'unavailable'],
    ['NJS-500', 'QZ_SQL_UNREACHABLE', 'unavailable'],
    ['ORA-03113', 'QZ_SQL_UNREACHABLE', 'unavailable'],
    ['ORA-01555', 'QZ_SQL_TOO_OLD', 'unavailable'],
    ['ORA-00060', 'QZ_SQL_DEADLOCK', 'unavailable'],
    ['ORA-30006', 'QZ_SQL_LOCKED', 'unavailable'],
    ['ORA-00257', 'QZ_SQL_SERVER_BUSY', 'unavailable'],
    ['NJS-123', 'QZ_SQL_STATEMENT_TIMEOUT', 'timeout'],
    ['ORA-01031', 'QZ_SQL_NO_PERMISSION', 'config'],
    ['NJS-507', 'QZ_SQL_TLS', 'config'],
    ['ORA-00942', 'QZ_SQL_DRIVER', 'internal'],
  ])('%s is %s', (code, expected, kind) => {
    const error = classify(driverError(code), about);
    expect([error.code, error.kind]).toEqual([expected, kind]);
  });

  it.each([
    ['ORA-00001', 'unique constraint (L.PK) violated', 'duplicate-key', ''],
    ['ORA-01400', 'cannot insert NULL into ("L"."FIRM"."NAME")', 'required', 'NAME'],
    ['ORA-12899', 'value too large for column "L"."FIRM"."NAME" (actual: 9, maximum: 3)', 'too-long', 'NAME'],
    ['ORA-02290', 'check constraint (L.C) violated', 'constraint', ''],
    ['ORA-02291', 'parent key not found', 'foreign-key', ''],
    ['ORA-01438', 'value larger than specified precision', 'out-of-range', ''],
    ['ORA-01843', 'not a valid month', 'no-such-date', ''],
    ['ORA-20042', value, 'refused-by-trigger', ''],
  ])('%s refuses a row', (code, message, reason, column) => {
    const error = classify(driverError(code, message), about);
    expect(error.code).toBe('QZ_SQL_ROW_REFUSED');
    expect(error.details).toMatchObject({ reason, column });
  });

  it('go on without what the server said, which may quote row values', () => {
    const said = ['ORA-00001', 'ORA-20042', 'ORA-00600', 'ORA-01017'].map((code) =>
      inspect(classify(driverError(code, value), about), { depth: 10 }),
    );
    expect(said.join()).not.toContain(value);
    expect(said.join()).not.toContain(secret);
  });

  it('of a login close nothing and wait for nothing', async () => {
    const driver = scriptedDriver(() => ({}), 'ORA-01017');
    await expect((await connect(driver)).check(noAbort)).rejects.toMatchObject({
      code: 'QZ_SQL_LOGIN_FAILED',
    });
  });
});

describe('the driver’s settings', () => {
  const descriptorOf = (more: object) =>
    descriptor(checkShape(ConfigSchema, { ...config, ...more }, 'config'));

  it('name a service or an old instance, and encrypt with the name in the certificate', () => {
    expect(descriptorOf({})).toBe(
      '(DESCRIPTION=(CONNECT_TIMEOUT=15)(TRANSPORT_CONNECT_TIMEOUT=15)(RETRY_COUNT=0)(ADDRESS=(PROTOCOL=TCP)(HOST=db.example)(PORT=1521))(CONNECT_DATA=(SERVICE_NAME=LEGACY)))',
    );
    const { service: _, ...old } = config;
    expect(descriptor(checkShape(ConfigSchema, { ...old, sid: 'ORCL' }, 'config'))).toContain(
      '(CONNECT_DATA=(SID=ORCL))',
    );
    expect(descriptorOf({ tls: { mode: 'verify-full' } })).toMatch(
      /\(PROTOCOL=TCPS\).*\(SECURITY=\(SSL_SERVER_DN_MATCH=ON\)\)/,
    );
  });

  it('take nothing that ends a bracket of the descriptor', async () => {
    for (const host of ['a)(HOST=b', 'a b', 'a=b']) expect(() => descriptorOf({ host })).toThrow();
    const neither = connect(
      scriptedDriver(() => ({})),
      { sid: 'ORCL' },
    );
    await expect(neither).rejects.toMatchObject({ code: 'QZ_ORACLE_SERVICE_OR_SID', kind: 'config' });
  });

  it('fetch numbers as text and large values whole', () => {
    expect(fetchTypeHandler({ dbType: oracledb.DB_TYPE_NUMBER })).toEqual({ type: oracledb.STRING });
    expect(fetchTypeHandler({ dbType: oracledb.DB_TYPE_NCLOB })).toEqual({ type: oracledb.STRING });
    expect(fetchTypeHandler({ dbType: oracledb.DB_TYPE_BLOB })).toEqual({ type: oracledb.BUFFER });
    expect(fetchTypeHandler({ dbType: oracledb.DB_TYPE_VARCHAR })).toBeUndefined();
  });

  it('bind text as national text, as wide as the widest value', () => {
    expect(namedBinds(['䶮', 7, null])).toMatchObject({
      p1: { type: oracledb.DB_TYPE_NVARCHAR },
      p2: { type: oracledb.DB_TYPE_NUMBER },
      p3: { val: null },
    });
    const columns = [
      { name: 'f0', kind: 'text' },
      { name: 'f1', kind: 'binary' },
      { name: 'f2', kind: 'double' },
    ] as const;
    expect(
      loadBinds(columns, [
        ['一二', Buffer.alloc(9), 1],
        [null, null, null],
      ]),
    ).toEqual([
      { type: oracledb.DB_TYPE_NVARCHAR, maxSize: 8 },
      { type: oracledb.DB_TYPE_RAW, maxSize: 9 },
      { type: oracledb.DB_TYPE_BINARY_DOUBLE },
    ]);
  });
});
