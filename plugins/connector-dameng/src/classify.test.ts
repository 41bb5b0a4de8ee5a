import { inspect } from 'node:util';
import { checkShape } from '@qianzhi/model';
import { noAbort } from '@qianzhi/testing';
import { describe, expect, it } from 'vitest';
import { ConfigSchema } from './config.js';
import { classify } from './driver/classify.js';
import { driverError, scriptedDriver } from './test/scripted-driver.js';
import { scriptedServer } from './test/scripted-server.js';
import { config, connect, secret } from './test/site.js';

const about = { doing: 'write 企业', config: checkShape(ConfigSchema, { ...config }, 'config') };
const value = '行中之值';

describe('errors of Dameng', () => {
  it.each([
    [-2501, 'QZ_SQL_LOGIN_FAILED', 'auth'],
    [-2103, 'QZ_SQL_DATABASE_MISSING', 'not-found'],
    [-5504, 'QZ_SQL_NO_PERMISSION', 'config'],
    [-6407, 'QZ_SQL_LOCKED', 'unavailable'],
    [-6403, 'QZ_SQL_DEADLOCK', 'unavailable'],
    [-7120, 'QZ_SQL_TOO_OLD', 'unavailable'],
    [-523, 'QZ_SQL_SERVER_BUSY', 'unavailable'],
    [-6515, 'QZ_SQL_STATEMENT_TIMEOUT', 'timeout'],
    [20010, 'QZ_SQL_STATEMENT_TIMEOUT', 'timeout'],
    [6001, 'QZ_SQL_UNREACHABLE', 'unavailable'],
    [20009, 'QZ_SQL_UNREACHABLE', 'unavailable'],
    [20012, 'QZ_SQL_TLS', 'config'],
    [-2106, 'QZ_SQL_DRIVER', 'internal'],
  ])('%s is %s', (code, expected, kind) => {
    const error = classify(driverError(code), about);
    expect([error.code, error.kind]).toEqual([expected, kind]);
  });

  it.each([
    [-6602, '违反表[FIRM]唯一性约束', 'duplicate-key', ''],
    [-6612, '违反唯一性约束', 'duplicate-key', ''],
    [-6609, '违反列[NAME]非空约束', 'required', 'NAME'],
    [-6604, '违反CHECK约束[C]', 'constraint', ''],
    [-6607, '违反引用约束[F]', 'foreign-key', ''],
    [-6169, '列[NAME]长度超出定义', 'too-long', 'NAME'],
    [-2665, '记录超长', 'too-long', ''],
    [-6121, '数据精度超出范围', 'out-of-range', ''],
    [-6132, '', 'no-such-date', ''],
    [-20042, value, 'refused-by-trigger', ''],
  ])('%s refuses a row', (code, message, reason, column) => {
    const error = classify(driverError(code, message), about);
    expect(error.code).toBe('QZ_SQL_ROW_REFUSED');
    expect(error.details).toMatchObject({ reason, column });
  });

  it('go on without what the server said, which may quote row values', () => {
    const said = [-6602, -20042, -2007, -2501].map((code) =>
      inspect(classify(driverError(code, value), about), { depth: 10 }),
    );
    expect(said.join()).not.toContain(value);
    expect(said.join()).not.toContain(secret);
  });

  it('tell a line that the system lost from what nobody knows', () => {
    const lost = Object.assign(new Error('read'), { code: 'ECONNRESET' });
    expect(classify(lost, about).code).toBe('QZ_SQL_UNREACHABLE');
    expect(classify(new TypeError('x is not a function'), about).code).toBe('QZ_SQL_DRIVER');
  });

  it('of a login say who was refused', async () => {
    const driver = scriptedDriver(() => ({}), -2501);
    await expect((await connect(driver)).check(noAbort)).rejects.toMatchObject({
      code: 'QZ_SQL_LOGIN_FAILED',
      details: { user: 'reader', reason: '-2501' },
    });
  });
});

describe('the check', () => {
  const facts = (charset: string, caseSensitive: string, empty: string) =>
    scriptedDriver(
      scriptedServer([], ({ sql }) => {
        if (sql.includes('SF_GET_UNICODE_FLAG'))
          return { rows: [['DM Database Server 64 V8', '7', charset, caseSensitive, '8192', '0']] };
        return sql.includes(`'' IS NULL`) ? { rows: [[empty]] } : undefined;
      }),
    );
  const warnings = async (driver: ReturnType<typeof facts>, more: object = {}) => {
    const report = await (await connect(driver, more)).check(noAbort);
    return { report, texts: report.notes.filter(({ level }) => level === 'warning').map(({ en }) => en) };
  };

  it('tells version, character set, page and unit of lengths', async () => {
    const { report, texts } = await warnings(facts('0', '1', '0'));
    expect(report).toMatchObject({
      server: '达梦 (Dameng) db.example:5236',
      version: 'DM Database Server 64 V8',
    });
    expect(report.notes[0]?.en).toBe(
      'readable, 7 tables and views; character set GB18030, pages of 8192 bytes, lengths in bytes',
    );
    expect(texts).toHaveLength(1);
    expect(report.notes[1]?.strategy).toBe('watermark');
  });

  it('warns of what a target would do to text, and not where there is none', async () => {
    const { report, texts } = await warnings(facts('2', '0', '1'));
    expect(texts.slice(1)).toEqual([
      expect.stringContaining('EUC-KR'),
      expect.stringContaining('CASE_SENSITIVE=0'),
      expect.stringContaining('COMPATIBLE_MODE=2'),
    ]);
    expect(report.notes.at(-1)?.error?.code).toBe('QZ_DAMENG_EMPTY_IS_NULL');
    expect((await warnings(facts('2', '0', '1'), { readOnly: true })).texts).toHaveLength(1);
  });
});
