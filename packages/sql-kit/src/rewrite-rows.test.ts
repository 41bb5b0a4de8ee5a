import { decodeRows } from '@qianzhi/rows';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chained, codeRule } from './codes.js';
import { constantFields, loaderChunks } from './loader-chunks.js';
import { rewriteRows, type ValueRule } from './rewrite-rows.js';

const fieldText = (value: string | null) =>
  value === null
    ? '\\N'
    : value.replace(/[\\\t\n\r]/g, (c) => `\\${({ '\t': 't', '\n': 'n', '\r': 'r' })[c] ?? c}`);
const rowText = (rows: readonly (readonly (string | null)[])[], op = 'S') =>
  Buffer.from(rows.map((row) => `${[op, ...row.map(fieldText)].join('\t')}\n`).join(''));
const value = fc.option(
  fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('', '\\N', '\t', '\n', '\\', '\r\n')),
  { nil: null },
);
const tables = fc
  .integer({ min: 1, max: 5 })
  .chain((width) => fc.array(fc.array(value, { minLength: width, maxLength: width }), { maxLength: 30 }));

describe('rewriteRows', () => {
  it('changes what its rules say and nothing else, and leaves out what cannot be written', () => {
    const rule: ValueRule = (text) =>
      text.includes('a') ? { reason: 'no' } : text === '' ? null : `${text}\t!`;
    fc.assert(
      fc.property(tables, (rows) => {
        const width = rows[0]?.length ?? 1;
        const rules = Array.from({ length: width }, (_, at) => (at === width - 1 ? rule : undefined));
        const { bytes, left } = rewriteRows(rowText(rows, 'U'), rules);
        const last = (row: readonly (string | null)[]) => row[width - 1] ?? null;
        const bad = rows.flatMap((row, at) => (last(row)?.includes('a') ? [at] : []));
        expect(left).toEqual(bad.map((row) => ({ row, field: width - 1, reason: 'no' })));
        const kept = rows.filter((_, at) => !bad.includes(at));
        expect([...decodeRows(bytes)].map(({ op, fields }) => [op, ...fields])).toEqual(
          kept.map((row) => ['U', ...row.slice(0, -1), last(row) ? `${last(row)}\t!` : null]),
        );
      }),
    );
  });

  it('translates codes before other rules, and knows no code that nobody named', () => {
    const rule = chained(codeRule({ '1': 'M', '0': null }), (text) => `<${text}>`)!;
    expect([rule('1'), rule('0'), rule('2'), rule('toString')]).toEqual([
      '<M>',
      null,
      { reason: 'untranslated-code' },
      { reason: 'untranslated-code' },
    ]);
  });
});

describe('loaderChunks', () => {
  it('gives rows with or without op, constants at the end, in pieces that make the whole', () => {
    fc.assert(
      fc.property(tables, fc.boolean(), fc.array(value, { maxLength: 2 }), (rows, op, constants) => {
        const form = { op, constants: constantFields(constants) };
        const pieces = [...loaderChunks(rowText(rows), form)].map((piece) => Buffer.from(piece));
        const lines = rows.map((row) => [
          ...(op ? ['S'] : []),
          ...row.map(fieldText),
          ...constants.map(fieldText),
        ]);
        expect(Buffer.concat(pieces).toString()).toBe(lines.map((line) => `${line.join('\t')}\n`).join(''));
      }),
    );
  });

  it('holds a row that is larger than a piece', () => {
    const rows = [['x'.repeat(300_000)], ['y'], ['z'.repeat(70_000)]];
    const pieces: string[] = [];
    for (const piece of loaderChunks(rowText(rows), { op: false, constants: new Uint8Array() })) {
      pieces.push(Buffer.from(piece).toString());
    }
    expect(pieces.join('')).toBe(rows.map(([text]) => `${text}\n`).join(''));
  });
});
