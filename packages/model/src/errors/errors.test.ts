import { afterEach, describe, expect, it } from 'vitest';
import { modelErrors } from '../errors.js';
import { checkShape } from '../shape.js';
import { declaredErrors, defineErrors } from './define-errors.js';
import { errorKinds } from './kinds.js';
import { languageOf, useLanguage } from './language.js';
import { fromProblem, ProblemSchema, toProblem } from './problem.js';
import { isQianzhiError, QianzhiError } from './qianzhi-error.js';

const testErrors = defineErrors('TEST', {
  TABLE_MISSING: {
    kind: 'not-found',
    zh: { message: '读取表 {table}:没有此表', hint: '核对表名:qianzhi connector discover {connector}' },
    en: {
      message: 'reading table {table}: there is none',
      hint: 'look with `qianzhi connector discover {connector}`',
    },
  },
});

afterEach(() => useLanguage('zh'));

describe('defineErrors', () => {
  it('names the code by owner and fills the places of both languages', () => {
    const error = testErrors.TABLE_MISSING({ table: 'hj', connector: 'legacy' });
    expect(error.code).toBe('QZ_TEST_TABLE_MISSING');
    expect(error.message).toBe('读取表 hj:没有此表');
    expect(error.texts.en).toEqual({
      message: 'reading table hj: there is none',
      hint: 'look with `qianzhi connector discover legacy`',
    });
  });

  it('takes no error with a place left open', () => {
    // @ts-expect-error the hint names the connector
    expect(testErrors.TABLE_MISSING({ table: 'hj' }).hint).toContain('{connector}');
    // @ts-expect-error
    testErrors.TABLE_MISSING();
    // words between braces that are no place ask for nothing
    const one = {
      kind: 'data',
      zh: { message: '甲', hint: '{a, b}' },
      en: { message: 'a', hint: '{a, b}' },
    } as const;
    expect(defineErrors('PLACELESS', { CODE: one }).CODE().hint).toBe('{a, b}');
  });

  it('speaks the language of the process', () => {
    useLanguage('en');
    const error = testErrors.TABLE_MISSING({ table: 'hj', connector: 'legacy' });
    expect(error.message).toBe('reading table hj: there is none');
    useLanguage('zh');
    expect(error.hint).toBe('核对表名:qianzhi connector discover legacy');
  });

  it('keeps input on one line and short', () => {
    const { message } = testErrors.TABLE_MISSING({
      table: `a\r\nERROR forged\u2028\u0085\u001b[31m${'x'.repeat(9999)}`,
      connector: 'legacy',
    });
    expect(message).not.toMatch(/\p{Cc}|\p{Zl}|\p{Zp}/u);
    expect(message.length).toBeLessThan(600);
  });

  it('does not fill places that come with the input', () => {
    expect(testErrors.TABLE_MISSING({ table: '{connector}', connector: 'legacy' }).texts.en.message).toBe(
      'reading table {connector}: there is none',
    );
  });

  it('refuses one code with two contents and takes the same declaration again', () => {
    const one = { kind: 'data', zh: { message: '甲', hint: '乙' }, en: { message: 'a', hint: 'b' } } as const;
    defineErrors('TWICE', { CODE: one });
    expect(() => defineErrors('TWICE', { CODE: one })).not.toThrow();
    expect(() => defineErrors('TWICE', { CODE: { ...one, zh: { message: '丙', hint: '' } } })).toThrow(
      /QZ_TWICE_CODE/,
    );
    expect(() => defineErrors('TWICE', { CODE: { ...one, kind: 'auth' } })).toThrow(/QZ_TWICE_CODE/);
  });

  it('lists every declared code once, with a text and a remedy in both languages', () => {
    const errors = declaredErrors();
    expect(new Set(errors.map((error) => error.code)).size).toBe(errors.length);
    expect(errors.map((error) => error.code)).toEqual(
      expect.arrayContaining(['QZ_MODEL_SHAPE_WRONG', 'QZ_TEST_TABLE_MISSING']),
    );
    for (const { code, zh, en } of errors.filter((error) => error.code.startsWith('QZ_MODEL_'))) {
      expect(zh.message + zh.hint, code).toMatch(/\p{Script=Han}/u);
      for (const text of [zh.message, zh.hint, en.message, en.hint])
        expect(text.length, code).toBeGreaterThan(3);
      const places = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort();
      expect(places(zh.message + zh.hint), code).toEqual(places(en.message + en.hint));
    }
  });
});

describe('problem details', () => {
  const error = testErrors.TABLE_MISSING({ table: 'hj', connector: 'legacy' });

  it('carry an error there and back, readable in the other language', () => {
    const problem = checkShape(ProblemSchema, JSON.parse(JSON.stringify(toProblem(error))), 'problem');
    expect(problem).toMatchObject({
      status: 404,
      title: error.message,
      detail: error.hint,
      type: 'urn:qianzhi:error:QZ_TEST_TABLE_MISSING',
    });
    useLanguage('en');
    const back = fromProblem(problem);
    expect(isQianzhiError(back, error.code)).toBe(true);
    expect(back).toMatchObject({
      code: error.code,
      kind: error.kind,
      texts: error.texts,
      details: error.details,
    });
    expect(back.message).toBe('reading table hj: there is none');
  });

  it('of another party cannot bring a log line of their own', () => {
    const text = { message: 'a\nERROR forged', hint: 'b\r\u2028c' };
    const back = fromProblem({ ...toProblem(error), texts: { zh: text, en: text } });
    expect(back.message + back.hint).not.toMatch(/[\n\r\u2028]/);
  });

  it('of a kind this build does not know, or that only looks like one, are internal', () => {
    for (const kind of ['newer', 'constructor', 'toString']) {
      expect(fromProblem({ ...toProblem(error), kind }).kind).toBe('internal');
    }
  });
});

it('a kind decides retry, HTTP status and exit code', () => {
  expect(
    new QianzhiError({ code: 'X', kind: 'unavailable', texts: modelErrors.SEAL_BROKEN().texts }).retry,
  ).toBe('backoff');
  expect(modelErrors.SEAL_BROKEN().retry).toBe('never');
  for (const rule of Object.values(errorKinds)) expect(rule.exit).toBeGreaterThan(0);
});

it('QZ_LANG decides before LANG, and what is not English is Chinese', () => {
  expect(languageOf({ QZ_LANG: 'en', LANG: 'zh_CN.UTF-8' })).toBe('en');
  expect(languageOf({ QZ_LANG: 'zh', LANG: 'en_US.UTF-8' })).toBe('zh');
  expect(languageOf({ LANG: 'en_GB.UTF-8' })).toBe('en');
  expect(languageOf({ LANG: 'C' })).toBe('zh');
  expect(languageOf({})).toBe('zh');
});
