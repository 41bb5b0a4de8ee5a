import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { it as check, fc } from './test/properties.js';
import { openSite, person, readAll, readFileRows, resourceOf, signal } from './test/site.js';

const csv = { pattern: '*.csv' };

describe('encodings', () => {
  const text = 'id,name\r\n1,䶮\r\n2,𠮷野家\r\n3,€〇\r\n4,王小明\r\n';
  const expected = [
    ['1', '䶮'],
    ['2', '𠮷野家'],
    ['3', '€〇'],
    ['4', '王小明'],
  ];

  it.each([
    ['UTF-8', Buffer.from(text), 'auto'],
    ['UTF-8 with BOM', Buffer.from(`\ufeff${text}`), 'auto'],
    ['UTF-8 with BOM, declared', Buffer.from(`\ufeff${text}`), 'utf-8'],
    ['GB18030', iconv.encode(text, 'gb18030'), 'auto'],
    ['GB18030 declared', iconv.encode(text, 'gb18030'), 'gb18030'],
    ['GB18030 declared as GBK', iconv.encode(text, 'gb18030'), 'gbk'],
    ['UTF-16LE with BOM', Buffer.from(`\ufeff${text}`, 'utf16le'), 'auto'],
    ['UTF-16BE with BOM', Buffer.from(`\ufeff${text}`, 'utf16le').swap16(), 'auto'],
    ['UTF-16LE declared', Buffer.from(text, 'utf16le'), 'utf-16le'],
  ])('%s', async (_name, bytes, encoding) => {
    using site = openSite();
    site.put('a.csv', bytes);
    expect(await readFileRows(site, { ...csv, encoding })).toEqual(expected);
    for (const blockBytes of [1, 20]) {
      const source = await site.source({ ...csv, encoding });
      const { blocks } = await readAll(source, undefined, { blockBytes });
      let before = 0;
      for (const { checkpoint, rows } of blocks.slice(0, -1)) {
        before += rows;
        const rest = await readAll(await site.source({ ...csv, encoding }), checkpoint);
        expect(rest.rows.map(([, ...fields]) => fields)).toEqual(expected.slice(before));
      }
      expect(before).toBeGreaterThan(1);
    }
  });

  it('bytes of GB18030-2022 are the characters the standard gives them', async () => {
    using site = openSite();
    // 䶮 FE9F, 𠮷 9534B235, € A2E3 and 80 (Windows), 龴 FE59, the vertical forms of 2022, the last code point
    const rows = ['fe9f', '9534b235', 'a2e3', '80', 'fe59', 'a6d9', 'e3329a35'].map((hex, at) =>
      Buffer.concat([Buffer.from(`${at},`), Buffer.from(hex, 'hex'), Buffer.from('\n')]),
    );
    site.put('a.csv', Buffer.concat([Buffer.from('id,name\n'), ...rows]));
    const read = await readFileRows(site, { ...csv, encoding: 'gb18030' });
    expect(read.map(([, name]) => name)).toEqual(['䶮', '𠮷', '€', '€', '龴', '\ufe10', '\u{10ffff}']);
  });

  it.each(['gb18030', 'utf-8', 'utf-16le', 'utf-16be'] as const)(
    'rejects rows with bytes that are no character in %s, and tells their lines',
    async (encoding) => {
      using site = openSite();
      const bad = { gb18030: 'a181ff', 'utf-8': 'e4b8', 'utf-16le': '00d8', 'utf-16be': 'd800' }[encoding];
      const line = (text: string) =>
        encoding === 'utf-16be' ? Buffer.from(text, 'utf16le').swap16() : iconv.encode(text, encoding);
      const bytes = [
        line('id,name\n1,甲\n2,'),
        Buffer.from(bad, 'hex'),
        line('x\n3,丙\n4,'),
        Buffer.from(bad, 'hex'),
      ];
      site.put('a.csv', Buffer.concat([...bytes, line('\n5,\ufffd\n')]));
      const source = await site.source({ ...csv, encoding });
      const { rows, rejected, blocks } = await readAll(source);
      expect(rows).toEqual([
        ['S', '1', '甲'],
        ['S', '3', '丙'],
        ['S', '5', '\ufffd'],
      ]);
      expect(rejected).toEqual([
        { reason: 'invalid-utf8', item: '*' },
        { reason: 'invalid-utf8', item: '*' },
      ]);
      expect(blocks.flatMap((block) => block.rejected).every(({ bytes }) => bytes.length > 0)).toBe(true);
      expect(source.notices()).toEqual([
        { code: 'files-refused-lines', rows: 2, details: { file: 'a.csv', lines: '3, 5' } },
      ]);
    },
  );

  it('one bad byte among UTF-8 does not make a file GB18030', async () => {
    using site = openSite();
    const good = Array.from({ length: 50 }, (_, n) => `${n},数据共享\n`).join('');
    site.put(
      'a.csv',
      Buffer.concat([Buffer.from(`id,name\n${good}x,`), Buffer.from([0xe4, 10]), Buffer.from('y,末\n')]),
    );
    const { rows, rejected } = await readAll(await site.source(csv));
    expect(rows).toHaveLength(51);
    expect(rows.at(-1)).toEqual(['S', 'y', '末']);
    expect(rejected).toHaveLength(1);
  });
});

describe('dialects', () => {
  it.each([
    ['tab', { format: 'tsv' }, 'id\tname\n1\t"a\tb"\n', 'a\tb'],
    ['bar', { delimiter: '|' }, 'id|name\n1|a,b\n', 'a,b'],
    ['a delimiter that is found', { delimiter: 'auto' }, 'id;name\n1;a,b\n', 'a,b'],
    ['other quotes', { quote: "'" }, `id,name\n1,'a,"b''c'\n`, `a,"b'c`],
    ['no quotes', { quote: '' }, 'id,name\n1,"a"b"\n', '"a"b"'],
    ['a quote inside', {}, 'id,name\n1,5" pipe\n', '5" pipe'],
    ['line breaks inside', {}, 'id,name\n1,"a\r\nb\n"\n', 'a\r\nb\n'],
    ['a file that ends without a line break', {}, 'id,name\n1,末', '末'],
    ['blank lines', {}, 'id,name\n\n1,x\n\r\n\n', 'x'],
    ['columns by name', { columns: { id: '编号', name: '名称' } }, '名称,编号\nx,1\n', 'x'],
    ['columns by position', { columns: { id: 2, name: 1 } }, '名称,编号\nx,1\n', 'x'],
    ['no header', { header: false }, '1,x\n', 'x'],
    ['a constant', { columns: { id: 1, name: { const: '民政' } }, header: false }, '1\n', '民政'],
  ])('%s', async (_name, spec, text, name) => {
    using site = openSite();
    site.put('a.csv', text);
    expect(await readFileRows(site, { ...csv, ...spec })).toEqual([['1', name]]);
  });

  it.each([
    ['unquoted', {}, [null, '', 'NULL', 'x']],
    ['always', { emptyIsNull: 'always' }, [null, null, 'NULL', 'x']],
    ['never', { emptyIsNull: 'never' }, ['', '', 'NULL', 'x']],
    ['a text', { emptyIsNull: 'never', nullText: 'NULL' }, ['', '', null, 'x']],
  ])('NULL and empty text: %s', async (_name, spec, expected) => {
    using site = openSite();
    site.put('a.csv', 'id,name\n1,\n2,""\n3,NULL\n4,x\n');
    const rows = await readFileRows(site, { ...csv, ...spec });
    expect(rows.map(([, name]) => name)).toEqual(expected);
  });

  it('a quoted text is never NULL by its text', async () => {
    using site = openSite();
    site.put('a.csv', 'id,name\n1,"\\N"\n2,\\N\n');
    expect(await readFileRows(site, { ...csv, nullText: '\\N' })).toEqual([
      ['1', '\\N'],
      ['2', null],
    ]);
  });

  it('numbers, dates and times are spelled as the catalog wants them, never changed', async () => {
    using site = openSite();
    const resource = resourceOf(
      { column: 'n', type: 'N', precision: 12, scale: 2 },
      { column: 'd', type: 'D' },
      { column: 't', type: 'T' },
      { column: 'i', type: 'T', instant: true },
      { column: 'l', type: 'L' },
    );
    site.put(
      'a.csv',
      'n,d,t,i,l\n 1.5 ,2026/1/2,20260102 080000,2026-01-02 08:00:00,true\n"","","","",""\n01.20,2026年1月2日,2026.1.2 8:05,2026-01-02T00:00:00Z,0\nx,01/02/2026,y,z,w\n',
    );
    expect(await readFileRows(site, csv, resource)).toEqual([
      ['1.50', '2026-01-02', '2026-01-02 08:00:00', '2026-01-02 00:00:00+00', 't'],
      [null, null, null, null, null],
      ['1.20', '2026-01-02', '2026-01-02 08:05:00', '2026-01-02 00:00:00+00', 'f'],
      ['x', '01/02/2026', 'y', 'z', 'w'],
    ]);
  });
});

describe('bad lines', () => {
  it('ragged lines and stray quotes are rejected one by one', async () => {
    using site = openSite();
    site.put('a.csv', 'id,name\n1,x\n2\n3,y,z\n4,"a"b\n5,ok\n6,"never closed\n7,still read\n8,too\n');
    const source = await site.source(csv);
    const { rows, rejected } = await readAll(source);
    expect(rows.map(([, id]) => id)).toEqual(['1', '5', '7', '8']);
    expect(rejected.map(({ reason }) => reason)).toEqual([
      'malformed',
      'malformed',
      'malformed',
      'malformed',
    ]);
    expect(source.notices()[0]?.details).toEqual({ file: 'a.csv', lines: '3, 4, 5, 7' });
  });

  it('a row over the limit is rejected, whether it has line breaks or not, and memory stays bounded', async () => {
    using site = openSite();
    const long = 'x'.repeat(9 * 1024 * 1024);
    const endless = 'y'.repeat(40 * 1024 * 1024);
    const broken = `"${`${'z'.repeat(999)}\n`.repeat(10 * 1024)}"`;
    site.put('a.csv', `id,name\n1,a\n2,${long}\n3,${endless}\n4,b\n5,c\n`);
    site.put('b.csv', `id,name\n1,a\n2,${broken}\n3,c\n`);
    const { rows, rejected } = await readAll(await site.source({ pattern: 'a.csv' }));
    expect(rows.map(([, id]) => id)).toEqual(['1', '4', '5']);
    expect(rejected.map(({ reason }) => reason)).toEqual(['row-too-large', 'row-too-large']);
    const many = await readAll(await site.source({ pattern: 'b.csv' }));
    expect(many.rows.map(([, id]) => id)).toEqual(['1', '3']);
    expect(many.blocks.length).toBeGreaterThan(1);
  });

  it('a header that lacks a column stops the exchange and names it', async () => {
    using site = openSite();
    site.put('a.csv', 'id,label\n1,x\n');
    await expect(site.source(csv)).rejects.toThrow(/column "name" for item "name"|列“name”/);
    site.put('a.csv', 'id,name,name\n1,x,y\n');
    await expect(site.source(csv)).rejects.toMatchObject({ code: 'QZ_FILES_COLUMN_TWICE' });
    site.put('a.csv', '');
    await expect(site.source(csv)).rejects.toMatchObject({ code: 'QZ_FILES_HEADER_MISSING' });
    const missing = await site.source({ pattern: 'b.csv' });
    await expect(
      missing.read(undefined, { blockBytes: 1000 }, signal)[Symbol.asyncIterator]().next(),
    ).rejects.toMatchObject({
      code: 'QZ_FILES_NO_FILE',
      kind: 'unavailable',
    });
  });
});

describe('properties', () => {
  const value = fc.option(
    fc
      .array(
        fc.constantFrom(
          ',',
          '"',
          '\n',
          '\r\n',
          '\r',
          '\t',
          '\\',
          '',
          ' ',
          'a',
          '中',
          '䶮',
          '𠮷',
          '😀',
          'NULL',
          '|',
        ),
        { maxLength: 8 },
      )
      .map((parts) => parts.join('')),
    { nil: null },
  );
  check(
    'any values come back as they were written, in any encoding, by any block size',
    [
      fc.array(fc.tuple(value, value), { maxLength: 20 }),
      fc.constantFrom('utf-8', 'gb18030', 'utf-16le'),
      fc.integer({ min: 1, max: 300 }),
    ],
    async (rows, encoding, blockBytes) => {
      using site = openSite();
      const field = (text: string | null) => (text === null ? '' : `"${text.replaceAll('"', '""')}"`);
      const lines = rows.map(([a, b]) => `${field(a)},${field(b)}\n`).join('');
      site.put('a.csv', iconv.encode(`id,name\n${lines}`, encoding));
      const { rows: read, blocks } = await readAll(await site.source({ ...csv, encoding }), undefined, {
        blockBytes,
      });
      expect(read).toEqual(rows.map((row) => ['S', ...row]));
      const middle = blocks[Math.floor(blocks.length / 2)]!;
      if (middle.lastOfSnapshot) return;
      const before = blocks.slice(0, blocks.indexOf(middle) + 1).reduce((sum, block) => sum + block.rows, 0);
      const rest = await readAll(await site.source({ ...csv, encoding }, person), middle.checkpoint);
      expect(rest.rows).toEqual(read.slice(before));
    },
  );
});
