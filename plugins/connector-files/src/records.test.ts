import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { dbfFile, dbtFile, fptFile } from './test/dbf-file.js';
import { openSite, person, readAll, readFileRows, resourceOf } from './test/site.js';

describe('JSON Lines', () => {
  const spec = { pattern: '*.jsonl' };
  const resource = resourceOf(
    { column: 'id', type: 'C', length: 20, key: true },
    { column: 'n', type: 'N', precision: 38, scale: 10 },
    { column: 'i', type: 'I' },
    { column: 'l', type: 'L' },
  );

  it('numbers keep every digit, NULL and the empty text differ', async () => {
    using site = openSite();
    site.put(
      'a.jsonl',
      '{"id":"1","n":1234567890123456789012345678.0123456789,"i":9223372036854775807,"l":true}\n{"id":"","n":1e2,"i":-9007199254740993}\r\n\n{"l":false,"id":"3 \\"4\\" 5\\n\\\\6","n":null}\n',
    );
    expect(await readFileRows(site, spec, resource)).toEqual([
      ['1', '1234567890123456789012345678.0123456789', '9223372036854775807', 't'],
      ['', '100.0000000000', '-9007199254740993', null],
      ['3 "4" 5\n\\6', null, null, 'f'],
    ]);
  });

  it('lines that are no object, and values that are no single one, are rejected', async () => {
    using site = openSite();
    site.put(
      'a.jsonl',
      '{"id":"1","name":"x"}\n[1]\n{"id":\n{"id":"2","name":{"a":1}}\nnull\n{"id":"3","name":"y"}\n',
    );
    const source = await site.source(spec);
    const { rows, rejected } = await readAll(source);
    expect(rows.map(([, id]) => id)).toEqual(['1', '3']);
    expect(rejected).toEqual([
      { reason: 'malformed', item: '*' },
      { reason: 'malformed', item: '*' },
      { reason: 'type', item: 'name' },
      { reason: 'malformed', item: '*' },
    ]);
    expect(source.notices()[0]?.details.lines).toBe('2, 3, 4, 5');
  });

  it('goes on behind any line', async () => {
    using site = openSite();
    site.put('a.jsonl', Array.from({ length: 9 }, (_, n) => `{"id":"${n}","name":"名"}\n`).join(''));
    const { blocks, rows } = await readAll(await site.source(spec), undefined, { blockBytes: 1 });
    for (const [at, { checkpoint }] of blocks.slice(0, -1).entries()) {
      expect((await readAll(await site.source(spec), checkpoint)).rows).toEqual(rows.slice(at + 1));
    }
  });
});

describe('fixed width', () => {
  const spec = {
    pattern: '*.txt',
    encoding: 'gbk',
    fixed: [
      { name: 'id', bytes: 4 },
      { name: 'name', bytes: 8 },
    ],
  };

  it('columns are counted in bytes of the encoding', async () => {
    using site = openSite();
    site.put('a.txt', iconv.encode('0001王小明  \r\n0002ab䶮\n0003        \n\n', 'gb18030'));
    expect(await readFileRows(site, spec)).toEqual([
      ['0001', '王小明'],
      ['0002', 'ab䶮'],
      ['0003', null],
    ]);
  });

  it('lines of another length, and characters cut in half, are rejected', async () => {
    using site = openSite();
    const half = iconv.encode('0002abcdefg王\n0003xx\n0004中      x\n', 'gbk');
    site.put(
      'a.txt',
      Buffer.concat([iconv.encode('0001x\n', 'gbk'), half, iconv.encode('00\n0005  ok\n', 'gbk')]),
    );
    const { rows, rejected } = await readAll(await site.source(spec));
    expect(rows.map(([, id]) => id)).toEqual(['0001', '0003', '0005']);
    expect(rejected.map(({ reason }) => reason)).toEqual(['malformed', 'malformed', 'malformed']);
    site.put('a.txt', Buffer.concat([Buffer.from('0001abcdefg'), Buffer.from([0xb0]), Buffer.from('\n')]));
    expect((await readAll(await site.source(spec))).rejected).toEqual([
      { reason: 'invalid-utf8', item: '*' },
    ]);
  });
});

describe('DBF', () => {
  const resource = resourceOf(
    { column: '编号', type: 'C', length: 10, key: true },
    { column: 'NAME', type: 'C', length: 20 },
    { column: 'AMOUNT', type: 'N', precision: 18, scale: 2 },
    { column: 'QTY', type: 'I' },
    { column: 'BORN', type: 'D' },
    { column: 'ACTIVE', type: 'L' },
    { column: 'RATE', type: 'B' },
    { column: 'SEEN', type: 'T' },
  );
  const spec = { pattern: '*.dbf' };

  it('a file of dbffile 1.13.0, in GBK', async () => {
    using site = openSite();
    const from = fileURLToPath(new URL('fixtures/dbffile.dbf', import.meta.url));
    copyFileSync(from, join(site.folder, 'a.dbf'));
    const source = await site.source(spec, resource);
    expect(source.shape?.columns.map(({ type }) => type)).toEqual([
      'C(10)',
      'C(20)',
      'N(18, 2)',
      'I',
      'D',
      'L',
      'B',
      'T',
    ]);
    expect((await readAll(source)).rows).toEqual([
      ['S', '001', '䶮', '123456789012.25', '-42', '2026-01-02', 't', '0.125', '2026-01-02 03:04:05'],
      ['S', '002', '𠮷野家', '-0.50', '2147483647', null, 'f', '-2.5', null],
      ['S', '003', null, null, '0', '1901-01-01', null, '0', '9999-12-31 23:59:59'],
    ]);
  });

  const memo = resourceOf({ column: 'ID', type: 'C', length: 4, key: true }, { column: 'NOTE', type: 'M' });
  const long = `${'政务数据\r\n'.repeat(200)}末`;

  it.each([
    ['FoxPro', 0xf5, 'a.fpt', fptFile],
    ['dBase III', 0x83, 'a.dbt', dbtFile],
  ])(
    'long texts of %s; records marked as deleted are left out',
    async (_name, version, memoName, memoFile) => {
      using site = openSite();
      const { bytes, blocks } = memoFile([iconv.encode(long, 'gbk'), Buffer.from('short')]);
      const fields = [
        { name: 'ID', type: 'C', length: 4 },
        { name: 'NOTE', type: 'M', length: 10 },
      ];
      const block = (n: number) => String(blocks[n]).padStart(10);
      const table = dbfFile(version, fields, [
        ` 0001${block(0)}`,
        `*0002${block(1)}`,
        ` 0003${block(1)}`,
        ` 0004${' '.repeat(10)}`,
      ]);
      site.put('a.dbf', table);
      site.put(memoName, bytes);
      expect(await readFileRows(site, spec, memo)).toEqual([
        ['0001', long],
        ['0003', 'short'],
        ['0004', null],
      ]);
    },
  );

  it('decimals keep every digit; overflown numbers and other types are told', async () => {
    using site = openSite();
    const numbers = resourceOf({ column: 'N', type: 'N', precision: 20, scale: 4 });
    const field = [{ name: 'N', type: 'N', length: 20, decimals: 4 }];
    site.put('a.dbf', dbfFile(3, field, [' 123456789012345.6789', ` ${'*'.repeat(20)}`]));
    expect(await readFileRows(site, spec, numbers)).toEqual([['123456789012345.6789'], ['*'.repeat(20)]]);
    await expect(site.source(spec, resourceOf({ column: 'N', type: 'G' }))).rejects.toMatchObject({
      code: 'QZ_FILES_TYPE_UNFIT',
    });
    site.put('a.dbf', dbfFile(3, field, [' 1']).subarray(0, 80));
    await expect(site.source(spec, numbers)).rejects.toMatchObject({ code: 'QZ_FILES_DAMAGED' });
  });

  it('goes on behind any record', async () => {
    using site = openSite();
    const fields = [
      { name: 'id', type: 'C', length: 4 },
      { name: 'name', type: 'C', length: 4 },
    ];
    site.put(
      'a.dbf',
      dbfFile(
        3,
        fields,
        Array.from({ length: 9 }, (_, n) => ` 000${n}name`),
      ),
    );
    const { blocks, rows } = await readAll(await site.source(spec, person), undefined, { blockBytes: 1 });
    expect(rows).toHaveLength(9);
    for (const [at, { checkpoint }] of blocks.slice(0, -1).entries()) {
      expect((await readAll(await site.source(spec, person), checkpoint)).rows).toEqual(rows.slice(at + 1));
    }
  });
});
