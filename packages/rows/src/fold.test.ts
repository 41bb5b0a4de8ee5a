import fc from 'fast-check';
import { expect, it } from 'vitest';
import { anyRows } from './arbitraries.js';
import { decodeRows } from './decode.js';
import { rowsOf } from './fixtures.js';
import { foldRows } from './fold.js';
import { keyOf, readKeys } from './keys.js';

it('keeps the last row of each key in the order of last occurrence', () => {
  const bytes = rowsOf(['U', 'a', '1'], ['U', 'b', '2'], ['D', 'a', null], ['U', 'c', '3'], ['U', 'b', '4']);
  const folded = foldRows(bytes, [0]);
  expect(folded).toMatchObject({ rows: 3, folded: 2 });
  expect(Buffer.from(folded.bytes).toString()).toBe('D\ta\t\\N\nU\tc\t3\nU\tb\t4\n');
});

it('answers the same buffer when each key is there once, or there is no key', () => {
  const bytes = rowsOf(['U', 'a', 'x'], ['U', 'b', 'x']);
  expect(foldRows(bytes, [0]).bytes).toBe(bytes);
  expect(foldRows(bytes, []).bytes).toBe(bytes);
  expect(foldRows(new Uint8Array(), [0])).toEqual({ bytes: new Uint8Array(), rows: 0, folded: 0 });
});

it('folds as a map of keys would, for any rows and compound keys', () => {
  const small = fc.constantFrom('', 'a', 'b', '\t', '\\', '惠', null);
  const rows = fc.array(fc.tuple(fc.constantFrom('U' as const, 'D' as const), small, small, small), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(rows, fc.subarray([0, 1, 2], { minLength: 1 }), (input, keyFields) => {
      const last = new Map<string, (typeof input)[number]>();
      for (const row of input) {
        const key = JSON.stringify(keyFields.map((field) => row[field + 1]));
        last.delete(key);
        last.set(key, row);
      }
      const folded = foldRows(rowsOf(...input), keyFields);
      expect([...decodeRows(folded.bytes)].map(({ op, fields }) => [op, ...fields])).toEqual([
        ...last.values(),
      ]);
      expect(folded.folded).toBe(input.length - last.size);
    }),
  );
});

it('gives equal keys for equal key values only', () => {
  fc.assert(
    fc.property(anyRows(3), (rows) => {
      const keys: string[] = [];
      readKeys(rowsOf(...rows.map((row) => [row.op, ...row.fields] as const)), [0, 2], (key) =>
        keys.push(key),
      );
      const values = rows.map(({ fields }) => JSON.stringify([fields[0], fields[2]]));
      expect(keys.length).toBe(rows.length);
      expect(new Set(keys).size).toBe(new Set(values).size);
    }),
  );
});

it('reads the key of one row', () => {
  expect(keyOf(rowsOf(['D', 'a\tb', null, 'c']), [0, 2])).toBe('a\\tb\tc');
  expect(keyOf(rowsOf(['U', 'a']), [])).toBe('');
});
