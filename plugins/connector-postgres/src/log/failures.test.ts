import { expect, it } from 'vitest';
import { classify } from '../connection/classify.js';
import { createFailures } from './failures.js';

const config = { host: 'h', port: 1, database: 'd', user: 'u', statementTimeoutMs: 1 } as never;
const answered = (code: string, ofLog: boolean) =>
  classify(Object.assign(new Error('could not decode'), { code, severity: 'ERROR' }), {
    doing: 'follow the log',
    config,
    ofLog,
  });

it('counts tries of one reader that came no further, until one comes to the end', async () => {
  const failures = createFailures();
  const fail = async (resource: string, position: bigint, code = 'XX000') => {
    const error = answered(code, true);
    const tried = failures.during(
      resource,
      () => position,
      async () => {
        throw error;
      },
    );
    await expect(tried).rejects.toBe(error);
    return failures.isBroken(resource);
  };
  const tries = [await fail('a', 5n), await fail('b', 5n), await fail('a', 4n)];
  // what is no fault of the log does not count
  tries.push(await fail('a', 5n, '57P01'), await fail('a', 5n, '58030'));
  expect(tries).toEqual([false, false, false, false, false]);
  expect(await fail('a', 5n)).toBe(true);
  expect(failures.isBroken('b')).toBe(false);
  failures.passed('a');
  expect([await fail('a', 5n), await fail('a', 5n), await fail('a', 6n)]).toEqual([false, false, false]);
  expect([await fail('a', 6n), await fail('a', 6n)]).toEqual([false, true]);
  failures.clear();
  expect(failures.isBroken('a')).toBe(false);
});

it('tells the text of what fails in a log: nowhere else, where it might quote a row', () => {
  const shown = (code: string, ofLog: boolean) => answered(code, ofLog).texts.en.message;
  expect(shown('XX000', true)).toContain('XX000: could not decode');
  expect(shown('58P01', true)).toContain('58P01: could not decode');
  for (const [code, ofLog] of [
    ['22P02', true],
    ['XX000', false],
    ['58P01', false],
  ] as const)
    expect(shown(code, ofLog)).not.toContain('could not decode');
});
