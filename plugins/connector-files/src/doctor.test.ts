import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { filesConnector } from './connector.js';
import { openSite, person, resourceOf, type Site, signal } from './test/site.js';

const connect = (site: Site, config: object = {}) =>
  filesConnector.open({ path: site.folder, ...config }, site.context, signal);

/** Code or text of what is found. */
async function tried(site: Site, source: object, strategy: 'snapshot' | 'change-table' = 'snapshot') {
  await using connection = await connect(site);
  const notes = await connection.trySource!({ resource: person, strategy, source }, signal);
  return notes.map(({ level, en, error }) => `${level} ${error?.code ?? en.replace(site.folder, '')}`);
}

describe('a source', () => {
  it('says that nothing fits, that nothing is complete, and how the newest file is read', async () => {
    using site = openSite();
    site.put('b.txt', 'x');
    expect(await tried(site, { pattern: '*.csv' })).toEqual(['warning QZ_FILES_NO_FILE']);
    site.put('a.csv', iconv.encode('id;name\n1;名\n', 'gbk'));
    expect(await tried(site, { pattern: '*.csv' })).toEqual(['warning QZ_FILES_NOTHING_COMPLETE']);
    site.clock = new Date(Date.now() + 60_000);
    expect(await tried(site, { pattern: '*.csv', delimiter: 'auto' })).toEqual([
      'ok a.csv: CSV, gb18030, ;; columns id, name',
    ]);
  });

  const moves = async () => {
    using site = openSite();
    chmodSync(site.folder, 0o500);
    expect(await tried(site, { pattern: '*.csv', done: 'move' })).toContain('warning QZ_FILES_NO_PERMISSION');
    chmodSync(site.folder, 0o700);
  };
  // root may write into every folder
  if (process.getuid?.() !== 0) it('says that files could not be moved', moves);

  it('of a connection that is read-only keeps its files', async () => {
    using site = openSite();
    await using connection = await connect(site, { readOnly: true });
    const source = { pattern: '*.csv', done: 'move' };
    const spec = { resource: person, strategy: 'snapshot', source } as const;
    await expect(connection.source(spec, signal)).rejects.toMatchObject({ code: 'QZ_FILES_READ_ONLY' });
    await expect(
      connection.sink({ exchange: 'in', resource: person, target: { name: 'a' } }, signal),
    ).rejects.toMatchObject({ code: 'QZ_FILES_READ_ONLY' });
  });
});

describe('a target', () => {
  it('is tried without a trace, and says what its encoding costs', async () => {
    using site = openSite();
    await using connection = await connect(site);
    const spec = { exchange: 'in', resource: person, target: { name: 'area', encoding: 'gbk' } };
    expect((await connection.tryTarget!(spec, signal)).map(({ level }) => level)).toEqual(['warning']);
    expect(site.names()).toEqual([]);
  });
});

describe('check and discover', () => {
  it('tell how many files there are, in which encodings, and what each holds', async () => {
    using site = openSite();
    site.put(
      'a.csv',
      iconv.encode('编号,名称,金额,日期,时间\n001,名,1.50,2026/1/2,2026-01-02 03:04:05\n', 'gbk'),
    );
    site.put('b.jsonl', '{"id":1,"flag":true}\n');
    site.put('broken.xlsx', 'no zip');
    site.put('readme.md', '');
    mkdirSync(join(site.folder, 'c.csv'));
    await using connection = await connect(site);
    const { notes } = await connection.check(signal);
    expect(notes.map(({ en }) => en)).toEqual([
      'the folder can be read and holds 4 files of known formats',
      'files can be written, moved and deleted',
      '1 text files look like gb18030',
      '1 text files look like utf-8',
    ]);
    const tables = await connection.discover({}, signal);
    expect(
      tables.map(({ table, columns }) => [table, columns.map(({ name, type }) => `${name} ${type}`)]),
    ).toEqual([
      ['a.csv', ['编号 C', '名称 C', '金额 N', '日期 D', '时间 T']],
      ['b.jsonl', ['id I', 'flag L']],
      ['broken.xlsx', []],
    ]);
    expect(tables[0]!.comment).toBe('CSV, gb18030, ,');
    expect(tables[2]!.comment).toMatch(/no sound XLSX/);
  });

  it('a source can name a file as it was discovered', async () => {
    using site = openSite();
    site.put('a.csv', 'id,name\n1,x\n');
    const source = await site.source({ table: 'a.csv' });
    expect(source.notices()).toEqual([]);
    await expect(site.source({})).rejects.toMatchObject({ code: 'QZ_FILES_OPTIONS_CONTRADICT' });
    await expect(site.source({ table: 'a.csv', columns: { nothing: 'id' } })).rejects.toMatchObject({
      code: 'QZ_FILES_ITEM_UNKNOWN',
    });
    await expect(
      site.source({ table: 'a.csv', zone: 'Mars/Base' }, resourceOf(...person.items)),
    ).rejects.toMatchObject({
      code: 'QZ_FILES_OPTIONS_CONTRADICT',
    });
  });
});
