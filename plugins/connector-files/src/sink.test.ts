import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { noCounts } from '@qianzhi/model';
import type { RowRejection, Sink, SinkBatch } from '@qianzhi/plugin-api';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { deltaOf, snapshotOf } from './test/batches.js';
import { openSite, person, resourceOf, type Site, signal } from './test/site.js';

const nothing = async () => {
  throw new Error('a row was refused');
};
const write = (sink: Sink, batch: SinkBatch) => sink.write(batch, nothing, signal);
const text = (site: Site, name: string) => readFileSync(join(site.folder, name), 'utf8');
const seen = (site: Site) => site.names().filter((name) => !name.startsWith('.'));

describe('files', () => {
  it('a snapshot is one file, changes are numbered files with an op, a description tells types and key', async () => {
    using site = openSite();
    const sink = await site.sink({ name: 'area' });
    const [first, second] = snapshotOf(person, 1, 's', [
      [
        ['1', '名'],
        ['2', null],
      ],
      [['3', '']],
    ]);
    expect(await write(sink, first!)).toMatchObject({ stage: 'staged', snapshotId: 's' });
    expect(seen(site)).toEqual(['area.schema.json']);
    const whole = await write(sink, second!);
    expect(whole.counts).toEqual({ ...noCounts, delivered: 3, inserted: 3 });
    const changes = await write(
      sink,
      deltaOf(person, 3, [
        ['U', '4', 'a,"b"\n'],
        ['D', '1', null],
      ]),
    );
    expect(changes.counts).toMatchObject({ delivered: 2, inserted: 1, deleted: 1 });
    await write(sink, deltaOf(person, 4, []));
    expect(seen(site)).toEqual([
      'area-0000000001-full.csv',
      'area-0000000002-changes.csv',
      'area.schema.json',
    ]);
    expect(text(site, 'area-0000000001-full.csv')).toBe('id,name\n1,名\n2,\n3,""\n');
    expect(text(site, 'area-0000000002-changes.csv')).toBe('op,id,name\nU,4,"a,""b""\n"\nD,1,\n');
    expect(JSON.parse(text(site, 'area.schema.json'))).toMatchObject({
      fields: [
        { name: 'id', type: 'string', constraints: { required: true, maxLength: 20 } },
        { name: 'name', type: 'string' },
      ],
      primaryKey: ['id'],
    });
    expect(site.names('.qianzhi')).toEqual(['area.ledger.jsonl']);
  });

  it.each([
    [
      'GBK with other delimiters',
      { encoding: 'gbk', delimiter: '|', lineEnd: 'crlf', nullText: 'NULL' },
      'id|name\r\n1|名,x\r\n2|NULL\r\n3|"NULL"\r\n',
    ],
    ['TSV', { format: 'tsv', header: false }, '1\t名,x\n2\t\n3\tNULL\n'],
    [
      'JSON Lines',
      { format: 'jsonl' },
      '{"id":"1","name":"名,x"}\n{"id":"2","name":null}\n{"id":"3","name":"NULL"}\n',
    ],
    ['other names', { columns: { id: '编号' }, bom: true }, '\ufeff编号,name\n1,"名,x"\n2,\n3,NULL\n'],
    ['UTF-16', { encoding: 'utf-16be', bom: true }, '\ufeffid,name\n1,"名,x"\n2,\n3,NULL\n'],
  ])('%s', async (_name, target, expected) => {
    using site = openSite();
    const sink = await site.sink({ name: 'area', ...target });
    await write(
      sink,
      snapshotOf(person, 1, 's', [
        [
          ['1', '名,x'],
          ['2', null],
          ['3', 'NULL'],
        ],
      ])[0]!,
    );
    const { format = 'csv', encoding = 'utf-8' } = target as { format?: string; encoding?: string };
    const bytes = readFileSync(join(site.folder, `area-0000000001-full.${format}`));
    expect(iconv.decode(bytes, encoding, { stripBOM: false })).toBe(expected);
  });

  it('JSON Lines keep every digit and the type of a value', async () => {
    using site = openSite();
    const typed = resourceOf(
      { column: 'n', type: 'N', precision: 30, scale: 2, key: true },
      { column: 'l', type: 'L' },
      { column: 'b', type: 'B', allow: ['nan'] },
    );
    const sink = await site.sink({ name: 'area', format: 'jsonl' }, typed);
    await write(
      sink,
      deltaOf(typed, 1, [
        ['U', '1234567890123456789012345678.01', 't', 'NaN'],
        ['D', '2.00', null, null],
      ]),
    );
    expect(text(site, 'area-0000000001-changes.jsonl')).toBe(
      '{"op":"U","n":1234567890123456789012345678.01,"l":true,"b":"NaN"}\n{"op":"D","n":2.00,"l":null,"b":null}\n',
    );
  });

  it('a marker is made for each file', async () => {
    using site = openSite();
    const sink = await site.sink({ name: 'area', marker: '.ok' });
    await write(sink, deltaOf(person, 1, [['U', '1', 'x']]));
    expect(seen(site)).toContain('area-0000000001-changes.csv.ok');
  });
});

describe('rejected rows', () => {
  async function refused(target: object, rows: readonly (readonly [string, string])[]) {
    using site = openSite();
    const kept: RowRejection[] = [];
    const sink = await site.sink({ name: 'area', ...target });
    let early = true;
    const ledger = await sink.write(
      deltaOf(
        person,
        1,
        rows.map(([id, name]) => ['U', id, name]),
      ),
      async (rejected) => {
        early = !existsSync(join(site.folder, 'area-0000000001-changes.csv'));
        kept.push(...rejected);
      },
      signal,
    );
    expect(early).toBe(true);
    const bytes = seen(site).includes('area-0000000001-changes.csv')
      ? readFileSync(join(site.folder, 'area-0000000001-changes.csv'))
      : Buffer.alloc(0);
    return { kept, ledger, bytes };
  }

  it('characters that GBK cannot hold, each row with its item; what it holds is exact', async () => {
    const { kept, ledger, bytes } = await refused({ encoding: 'gbk' }, [
      ['1', '王'],
      ['2', '𠮷野家'],
      ['3', '😀'],
      ['4', 'é€〇'],
    ]);
    expect(kept.map(({ row, item, reason, op }) => [row, op, item, reason])).toEqual([
      [1, 'U', 'name', 'not-in-encoding'],
      [2, 'U', 'name', 'not-in-encoding'],
    ]);
    expect(Buffer.from(kept[0]!.bytes).toString()).toBe('U\t2\t𠮷野家\n');
    expect(ledger.counts).toMatchObject({ delivered: 4, inserted: 2, rejected: 2 });
    expect(iconv.decode(bytes, 'gbk')).toBe('op,id,name\nU,1,王\nU,4,é€〇\n');
  });

  it('GB18030 holds all but the private characters that two bytes stand for another one of', async () => {
    const { kept, bytes } = await refused({ encoding: 'gb18030' }, [
      ['1', '𠮷😀䶮'],
      ['2', '\ue81e'],
      ['3', '\ue000'],
    ]);
    expect(kept.map(({ row }) => row)).toEqual([1]);
    expect(new TextDecoder('gb18030').decode(bytes)).toBe('op,id,name\nU,1,𠮷😀䶮\nU,3,\ue000\n');
  });

  it('texts that a spreadsheet would run, where the target asks for it', async () => {
    const { kept } = await refused({ formulas: 'reject' }, [
      ['1', '=1+1'],
      ['2', '-5'],
      ['3', '甲=乙'],
    ]);
    expect(kept.map(({ row, reason }) => [row, reason])).toEqual([
      [0, 'formula'],
      [1, 'formula'],
    ]);
  });

  it('no file where every row is rejected', async () => {
    const { bytes, ledger } = await refused({ encoding: 'gbk' }, [['1', '😀']]);
    expect(bytes).toHaveLength(0);
    expect(ledger.counts).toMatchObject({ delivered: 1, rejected: 1, inserted: 0 });
  });
});

describe('a target that does not fit', () => {
  it('columns that were promised are kept, and one that is missing is told', async () => {
    using site = openSite();
    const wide = resourceOf(...person.items, { column: 'phone', type: 'C', length: 20 });
    await write(await site.sink({ name: 'area' }, wide), deltaOf(wide, 1, [['U', '1', 'x', '1']]));
    await write(await site.sink({ name: 'area' }), deltaOf(person, 2, [['U', '2', 'y']]));
    expect(text(site, 'area-0000000002-changes.csv')).toBe('op,id,name,phone\nU,2,y,\n');
    const wider = resourceOf(...wide.items, { column: 'mail', type: 'C', length: 20 });
    await expect(site.sink({ name: 'area' }, wider)).rejects.toThrow(/mail/);
  });

  it.each([
    [{ name: '../x' }, 'name'],
    [{ name: 'a', folder: '../b' }, 'folder'],
    [{ name: 'a', marker: '/ok' }, 'marker'],
  ])('%j is refused', async (target, field) => {
    using site = openSite();
    await expect(site.sink(target)).rejects.toThrow(new RegExp(field));
  });
});
