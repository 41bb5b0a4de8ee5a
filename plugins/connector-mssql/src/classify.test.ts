import { inspect } from 'node:util';
import { checkShape } from '@qianzhi/model';
import { noAbort } from '@qianzhi/testing';
import { describe, expect, it } from 'vitest';
import { ConfigSchema } from './config.js';
import { classify, classifyConnecting } from './driver/classify.js';
import { driverConfig } from './driver/open-connection.js';
import { scriptedDriver } from './test/scripted-driver.js';
import { config, connect, secret } from './test/site.js';

const checked = checkShape(ConfigSchema, { ...config }, 'config');
const about = { doing: 'write 企业', config: checked };
const value = '行中之值';
const thrown = (facts: object, message = value) => Object.assign(new Error(message), facts);

describe('errors of SQL Server', () => {
  it.each([
    [{ code: 'EREQUEST', number: 1205 }, 'QZ_SQL_DEADLOCK', 'unavailable'],
    [{ code: 'EREQUEST', number: 1222 }, 'QZ_SQL_LOCKED', 'unavailable'],
    [{ code: 'EREQUEST', number: 3961 }, 'QZ_SQL_TOO_OLD', 'unavailable'],
    [{ code: 'EREQUEST', number: 9002 }, 'QZ_SQL_SERVER_BUSY', 'unavailable'],
    [{ code: 'EREQUEST', number: 229 }, 'QZ_SQL_NO_PERMISSION', 'config'],
    [{ code: 'EREQUEST', number: 3609 }, 'QZ_SQL_TRANSACTION_LOST', 'config'],
    [{ code: 'EREQUEST', number: 208 }, 'QZ_SQL_DRIVER', 'internal'],
    [{ code: 'ETIMEOUT' }, 'QZ_SQL_STATEMENT_TIMEOUT', 'timeout'],
    [{ code: 'ECANCEL' }, 'QZ_SQL_CANCELLED', 'cancelled'],
    [{ code: 'ESOCKET' }, 'QZ_SQL_UNREACHABLE', 'unavailable'],
    [{ code: 'ELOGIN' }, 'QZ_SQL_LOGIN_FAILED', 'auth'],
  ])('%o is %s', (facts, code, kind) => {
    const error = classify(thrown(facts), about);
    expect([error.code, error.kind]).toEqual([code, kind]);
  });

  it.each([
    [515, `Cannot insert the value NULL into column 'name', table 'dbo.x'`, 'required', 'name'],
    [
      2627,
      `Violation of PRIMARY KEY constraint. The duplicate key value is (${value}).`,
      'duplicate-key',
      '',
    ],
    [
      2628,
      `String or binary data would be truncated in table 'dbo.x', column 'name'. Truncated value: '${value}'.`,
      'too-long',
      'name',
    ],
    [8152, 'String or binary data would be truncated.', 'too-long', ''],
    [547, 'The INSERT statement conflicted with the FOREIGN KEY constraint "f".', 'foreign-key', ''],
    [547, 'The INSERT statement conflicted with the CHECK constraint "c".', 'constraint', ''],
    [8115, 'Arithmetic overflow error.', 'out-of-range', ''],
    [50_000, value, 'refused-by-trigger', ''],
  ])('%i refuses a row', (number, message, reason, column) => {
    const error = classify(thrown({ code: 'EREQUEST', number }, message), about);
    expect(error.code).toBe('QZ_SQL_ROW_REFUSED');
    expect(error.details).toMatchObject({ reason, column });
  });

  it('go on without what the server said, which may quote row values', () => {
    const said = [515, 547, 1205, 2627, 2628, 50_000, 99].map((number) =>
      inspect(classify(thrown({ code: 'EREQUEST', number }), about), { depth: 10 }),
    );
    expect(said.join()).not.toContain(value);
    expect(said.join()).not.toContain(secret);
  });

  it('tell a timeout while connecting from one of a statement, and a bad certificate from a lost line', () => {
    expect(classifyConnecting(thrown({ code: 'ETIMEOUT' }), about).code).toBe('QZ_SQL_UNREACHABLE');
    const inner = thrown({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(classifyConnecting(Object.assign(thrown({ code: 'ESOCKET' }), { cause: inner }), about).code).toBe(
      'QZ_SQL_TLS',
    );
  });

  it.each([
    [18_456, 'QZ_SQL_LOGIN_FAILED'],
    [18_488, 'QZ_SQL_LOGIN_FAILED'],
    [4060, 'QZ_SQL_DATABASE_MISSING'],
  ])('of a login with number %i are %s', async (number, code) => {
    const driver = scriptedDriver(() => ({}), { number, code: 'ELOGIN' });
    await expect((await connect(driver)).check(noAbort)).rejects.toMatchObject({ code });
    expect(driver.closed).toBe(1);
  });
});

describe('the driver’s settings', () => {
  const optionsOf = (more: object, kind: 'read' | 'write' = 'read') =>
    driverConfig(checkShape(ConfigSchema, { ...config, ...more }, 'config'), kind).options;

  it('encrypt unless told otherwise, and check the certificate where they are told to', () => {
    expect(optionsOf({})).toMatchObject({ encrypt: true, trustServerCertificate: true });
    expect(optionsOf({ tls: { mode: 'disable' } })).toMatchObject({ encrypt: false });
    expect(optionsOf({ tls: { mode: 'verify-full', ca: 'PEM' } })).toMatchObject({
      encrypt: true,
      trustServerCertificate: false,
      cryptoCredentialsDetails: { ca: 'PEM' },
    });
    expect(optionsOf({ tls: { mode: 'strict' } })).toMatchObject({
      encrypt: 'strict',
      trustServerCertificate: false,
    });
  });

  it('ask for a readable secondary in sources alone', () => {
    expect(optionsOf({ readOnlyIntent: true })).toMatchObject({ readOnlyIntent: true });
    expect(optionsOf({ readOnlyIntent: true }, 'write')).toMatchObject({ readOnlyIntent: false });
  });

  it('name an instance instead of a port', () => {
    expect(optionsOf({})).toMatchObject({ port: 1433 });
    expect(optionsOf({ instance: 'SQLEXPRESS' })).toMatchObject({ instanceName: 'SQLEXPRESS' });
    expect(optionsOf({ instance: 'SQLEXPRESS' })).not.toHaveProperty('port');
  });
});
