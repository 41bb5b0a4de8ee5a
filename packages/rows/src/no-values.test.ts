import { isQianzhiError, type QianzhiError } from '@qianzhi/model';
import { expect, it } from 'vitest';
import { resourceOf } from './fixtures.js';
import { compileProjector } from './projector/compile.js';
import { flagReasons, rejectReasons } from './reasons.js';
import { scanRows } from './scan.js';
import { typeTable } from './types/type-table.js';
import { compileValidator } from './validator/compile.js';
import { compress, decompress } from './zstd/codec.js';

const SECRET = '机密Zx9';

function everyWord(error: QianzhiError): string {
  return JSON.stringify([
    error.message,
    error.hint,
    error.texts,
    error.details,
    String(error.cause),
    error.stack,
  ]);
}

async function errorOf(act: () => unknown): Promise<QianzhiError> {
  try {
    await act();
  } catch (error) {
    if (isQianzhiError(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

it('no error says a value', async () => {
  const bad = [
    `${SECRET}\ta\n`,
    `U\t${SECRET}\n`,
    `U\t${SECRET}\\b\tx\n`,
    `U\t${SECRET}\r\tx\n`,
    `U\t${SECRET}\0\tx\n`,
    `U\tx\t${SECRET}`,
  ];
  for (const text of bad)
    expect(everyWord(await errorOf(() => scanRows(Buffer.from(text), 2)))).not.toContain(SECRET);
  const validator = compileValidator(resourceOf([{}]));
  expect(everyWord(await errorOf(() => validator.validate(Buffer.from(`U\t${SECRET}`))))).not.toContain(
    SECRET,
  );
  const frame = Buffer.from(await compress(Buffer.from(SECRET)));
  frame[frame.length - 1]! ^= 1;
  frame[10]! ^= 0xf8;
  expect(everyWord(await errorOf(() => decompress(frame, { rawBytes: SECRET.length })))).not.toContain(
    SECRET,
  );
  const broken = resourceOf([{ pattern: `(${SECRET}` }]);
  expect(everyWord(await errorOf(() => compileValidator(broken)))).not.toContain(SECRET);
  await errorOf(() => compileProjector(resourceOf([{}]), ['nothing']));
});

it('a reject outside `bytes` and `key` says reason, item and row only, for every reason the types give', () => {
  for (const { invalid } of typeTable) {
    for (const { item, text } of invalid) {
      const [rejected] = compileValidator(resourceOf([item])).validate(
        Buffer.from(`U\t${text.replaceAll('\\', '\\\\')}\n`),
      ).rejected;
      const { bytes: _bytes, key: _key, ...told } = rejected!;
      expect(Object.keys(told).sort()).toEqual(['column', 'op', 'reason', 'row']);
      expect(told).toMatchObject({ row: 1, op: 'U', column: 'c0' });
      expect(Object.keys(rejectReasons)).toContain(told.reason);
    }
  }
});

it('every reason has a text in both languages', () => {
  for (const text of [...Object.values(rejectReasons), ...Object.values(flagReasons)]) {
    expect(text.zh).toMatch(/\p{Script=Han}/u);
    expect(text.en).toMatch(/^[a-z]/);
  }
});
