import type { RowRejection } from '@qianzhi/plugin-api';
import { typeTable } from '@qianzhi/rows';
import { describe, expect, it } from 'vitest';
import { createEncoder } from './sink/spell.js';
import { deltaOf, snapshotOf } from './test/batches.js';
import { fc, it as property } from './test/properties.js';
import { openSite, person, readAll, resourceOf, signal } from './test/site.js';

/** What a sink writes, a source reads: values exactly, in every form of file. */
const forms = [
  { format: 'csv', encoding: 'utf-8', bom: true },
  { format: 'csv', encoding: 'gbk', delimiter: '|', lineEnd: 'crlf' },
  { format: 'csv', encoding: 'gb18030', nullText: '\\N' },
  { format: 'csv', encoding: 'utf-16le', bom: true },
  { format: 'csv', encoding: 'utf-16be', delimiter: '\x01' },
  { format: 'tsv', encoding: 'utf-8' },
  { format: 'jsonl', encoding: 'utf-8' },
  { format: 'jsonl', encoding: 'gb18030' },
] as const;
type Form = (typeof forms)[number];

const sourceOf = (form: Form) => ({
  pattern: `t-*-changes.${form.format}`,
  full: `t-*-full.${form.format}`,
  format: form.format,
  encoding: form.encoding,
  ...('delimiter' in form && { delimiter: form.delimiter }),
  ...('nullText' in form && { nullText: form.nullText }),
  op: { column: 'op' },
});

const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ',',
        '"',
        '\n',
        '\r\n',
        '\r',
        '\t',
        '\\',
        '|',
        '\x01',
        ' ',
        '\u3000',
        '\ufeff',
        '䶮',
        '𠮷',
        '😀',
        '=1',
        'NULL',
        '\\N',
        '{',
        '_x000D_',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }).filter((each) => !each.includes('\0')),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));

const none = async () => {
  throw new Error('a row was refused');
};

describe.each(forms)('$format $encoding', (form) => {
  property(
    'any text, NULL and the empty one; what the encoding cannot hold is rejected and nothing else',
    [
      fc.uniqueArray(fc.tuple(fc.nat().map(String), fc.option(text, { nil: null })), {
        selector: ([id]) => id,
        maxLength: 15,
      }),
    ],
    async (rows) => {
      using site = openSite();
      const sink = await site.sink({ name: 't', ...form });
      const rejected: RowRejection[] = [];
      const keep = async (refused: readonly RowRejection[]) => {
        rejected.push(...refused);
      };
      const [whole] = snapshotOf(person, 1, 's', [rows]);
      await sink.write(whole!, keep, signal);
      const kept = rows.filter((_row, at) => !rejected.some(({ row }) => row === at));
      if (form.encoding.startsWith('utf')) expect(rejected).toEqual([]);
      const { rows: read, rejected: refused } = await readAll(
        await site.source(sourceOf(form), person, 'change-table'),
      );
      expect(refused).toEqual([]);
      expect(read).toEqual(kept.map((row) => ['S', ...row]));
    },
    20,
  );

  it('every value of the type table', async () => {
    using site = openSite();
    const { encode } = createEncoder(form.encoding, false);
    const vectors = typeTable.flatMap(({ valid }) => valid).filter(({ text }) => encode(text) !== undefined);
    expect(vectors.length).toBeGreaterThan(70);
    const items = vectors.map(({ item }, at) => ({ ...item, column: `v${at}` }));
    const resource = resourceOf({ column: 'id', type: 'C', length: 9, key: true }, ...items);
    const rows = [
      ['1', ...vectors.map(({ text }) => text)],
      ['2', ...vectors.map(() => null)],
    ];
    const sink = await site.sink({ name: 't', ...form }, resource);
    await sink.write(snapshotOf(resource, 1, 's', [rows])[0]!, none, signal);
    const read = await readAll(await site.source(sourceOf(form), resource, 'change-table'));
    expect(read.rows).toEqual(rows.map((row) => ['S', ...row]));
  });

  it('changes in their order, deletes with their key alone, and a text of a mebibyte', async () => {
    using site = openSite();
    const long = '政务数据,"共享"\n'.repeat(100_000).slice(0, 1024 * 1024);
    const resource = resourceOf(
      { column: 'id', type: 'C', length: 9, key: true },
      { column: 'note', type: 'M' },
    );
    const sink = await site.sink({ name: 't', ...form }, resource);
    await sink.write(snapshotOf(resource, 1, 's', [[['1', 'a']]])[0]!, none, signal);
    await sink.write(
      deltaOf(resource, 2, [
        ['U', '2', long],
        ['D', '1', null],
      ]),
      none,
      signal,
    );
    const source = await site.source(sourceOf(form), resource, 'change-table');
    const { rows } = await readAll(source);
    expect(rows).toEqual([
      ['S', '1', 'a'],
      ['U', '2', long],
      ['D', '1', null],
    ]);
  });
});
