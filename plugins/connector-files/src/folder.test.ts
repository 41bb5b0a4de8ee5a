import { chmodSync, mkdirSync, renameSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSite, person, type ReadAll, readAll, type Site, signal } from './test/site.js';

const later = (site: Site, seconds: number) => {
  site.clock = new Date(Date.now() + seconds * 1000);
};
const ids = ({ rows }: ReadAll) => rows.map(([, id]) => id);
const one = (id: number, name = '名') => `id,name\n${id},${name}\n`;

describe('a file is taken when it is complete', () => {
  it('after it was quiet for so long, by a time that copying cannot set back', async () => {
    using site = openSite();
    const source = await site.source({ pattern: '*.csv', complete: { quietSeconds: 30 } });
    const path = site.put('a.csv', one(1));
    utimesSync(path, 1, 1);
    later(site, 12);
    await expect(readAll(source)).rejects.toMatchObject({
      code: 'QZ_FILES_NOTHING_COMPLETE',
      message: expect.stringMatching(/30 秒,最早的还差 1[78] 秒/),
    });
    later(site, 40);
    expect(ids(await readAll(source))).toEqual(['1']);
    writeFileSync(path, one(2));
    later(site, 20);
    await expect(readAll(source)).rejects.toMatchObject({ code: 'QZ_FILES_NOTHING_COMPLETE' });
  });

  it.each(['a.csv.ok', 'a.ok'])(
    'when its marker %s is there, and not by one of an earlier content',
    async (marker) => {
      using site = openSite();
      const source = await site.source({ pattern: 'a*', complete: { marker: '.ok' }, format: 'csv' });
      const path = site.put('a.csv', one(1));
      await expect(readAll(source)).rejects.toMatchObject({
        code: 'QZ_FILES_NOTHING_COMPLETE',
        message: expect.stringContaining('a.csv.ok'),
      });
      const marked = site.put(marker, '');
      expect(ids(await readAll(source))).toEqual(['1']);
      const { mtimeMs } = statSync(marked);
      writeFileSync(path, one(2));
      utimesSync(path, mtimeMs / 1000 + 1, mtimeMs / 1000 + 1);
      await expect(readAll(source)).rejects.toMatchObject({ code: 'QZ_FILES_NOTHING_COMPLETE' });
    },
  );

  it('when it gets its name: names of unfinished files are never read', async () => {
    using site = openSite();
    const source = await site.source({ pattern: '*', format: 'csv' });
    for (const name of ['.a.csv', 'a.csv.part', 'a.csv.tmp', '~$a.csv', 'a.filepart']) site.put(name, one(9));
    mkdirSync(join(site.folder, 'a.csv.d'));
    await expect(readAll(source)).rejects.toMatchObject({ code: 'QZ_FILES_NO_FILE' });
    renameSync(join(site.folder, 'a.csv.part'), join(site.folder, 'a.csv'));
    expect(ids(await readAll(source))).toEqual(['9']);
  });
});

describe('what was read', () => {
  it('stays until it is confirmed, then moves; the same name with new content is a new file', async () => {
    using site = openSite();
    const spec = { pattern: '*.csv', done: 'move', complete: { marker: '.ok' } };
    site.put('a.csv', one(1));
    site.put('a.csv.ok', '');
    const source = await site.source(spec, person, 'change-table');
    const first = await readAll(source);
    expect(ids(first)).toEqual(['1']);
    expect(site.names()).toEqual(['a.csv', 'a.csv.ok']);
    expect(ids(await readAll(source, first.checkpoint))).toEqual([]);
    await source.confirm(first.checkpoint!, signal);
    await source.confirm(first.checkpoint!, signal);
    expect(site.names()).toEqual(['done']);
    expect(site.names('done')).toEqual(['0000000001-a.csv', '0000000001-a.csv.ok']);

    site.put('a.csv', one(2));
    site.put('a.csv.ok', '');
    const second = await readAll(source, first.checkpoint);
    expect(ids(second)).toEqual(['2']);
    site.put('a.csv', one(3));
    await source.confirm(second.checkpoint!, signal);
    expect(site.names()).toEqual(['a.csv', 'a.csv.ok', 'done']);
    site.put('a.csv.ok', '');
    const third = await readAll(source, second.checkpoint);
    expect(ids(third)).toEqual(['3']);
    await source.confirm(third.checkpoint!, signal);
    expect(site.names('done').filter((name) => name.endsWith('.csv'))).toEqual([
      '0000000001-a.csv',
      '0000000003-a.csv',
    ]);
  });

  it('is deleted where that was asked for, and only then', async () => {
    using site = openSite();
    site.put('a.csv', one(1));
    const source = await site.source({ pattern: '*.csv', done: 'delete' });
    const { checkpoint } = await readAll(source);
    expect(site.names()).toEqual(['a.csv']);
    await source.confirm(checkpoint!, signal);
    expect(site.names()).toEqual([]);
    await expect(
      site.source({ pattern: '*.csv', done: 'delete' }, person, 'change-table'),
    ).rejects.toMatchObject({ code: 'QZ_FILES_OPTIONS_CONTRADICT' });
  });

  it('is left where it is and remembered; a copy of the same content is no new file', async () => {
    using site = openSite();
    site.put('a.csv', one(1));
    site.put('b.csv', one(2));
    const source = await site.source({ pattern: '*.csv' }, person, 'change-table');
    const first = await readAll(source);
    expect(ids(first)).toEqual(['1', '2']);
    await source.confirm(first.checkpoint!, signal);
    await site.replace('a.csv', one(1));
    const second = await readAll(source, first.checkpoint);
    expect(ids(second)).toEqual([]);
    await site.replace('a.csv', one(3));
    expect(ids(await readAll(source, second.checkpoint ?? first.checkpoint))).toEqual(['3']);
  });

  it('is read again after what was put aside, where a stream starts over', async () => {
    using site = openSite();
    const spec = { pattern: '*.csv', done: 'move' };
    const source = await site.source(spec, person, 'change-table');
    let checkpoint: string | undefined;
    for (const [name, id] of [
      ['b.csv', 1],
      ['a.csv', 2],
      ['a.csv', 3],
    ] as const) {
      site.put(name, one(id));
      ({ checkpoint } = await readAll(source, checkpoint));
      await source.confirm(checkpoint!, signal);
    }
    site.put('a.csv', one(4));
    const again = await readAll(source, undefined, { blockBytes: 1 });
    expect(ids(again)).toEqual(['1', '2', '3', '4']);
    expect(again.blocks[0]).toMatchObject({ phase: 'snapshot', lastOfSnapshot: true, rows: 0 });
    for (const [at, { checkpoint }] of again.blocks.entries()) {
      const before = again.blocks.slice(0, at + 1).reduce((sum, { rows }) => sum + rows, 0);
      const rest = await readAll(await site.source(spec, person, 'change-table'), checkpoint);
      expect(ids(rest)).toEqual(['1', '2', '3', '4'].slice(before));
    }
    await source.confirm(again.checkpoint!, signal);
    expect(ids(await readAll(source, again.checkpoint))).toEqual([]);
    expect(site.names('done')).toEqual([
      '0000000001-b.csv',
      '0000000002-a.csv',
      '0000000003-a.csv',
      '0000000004-a.csv',
    ]);
  });
});

describe('order', () => {
  it('numbers in names count as numbers; the newest full copy comes first and makes older files needless', async () => {
    using site = openSite();
    const spec = { pattern: 'changes_*.csv', full: 'all_*.csv', op: { column: 'op' } };
    const changes = (op: string, id: number) => `op,id,name\n${op},${id},名\n`;
    site.put('changes_2.csv', changes('U', 2));
    site.put('all_9.csv', one(9));
    site.put('all_10.csv', one(10));
    site.put('changes_11.csv', changes('D', 10));
    site.put('changes_100.csv', changes('I', 100));
    const source = await site.source(spec, person, 'change-table');
    const { rows, checkpoint } = await readAll(source);
    expect(rows).toEqual([
      ['S', '10', '名'],
      ['D', '10', null],
      ['U', '100', '名'],
    ]);
    expect(source.notices()).toMatchObject([{ code: 'files-passed-over', details: { files: 2 } }]);
    site.put('all_101.csv', one(101));
    const next = await readAll(source, checkpoint);
    expect(next.rows).toEqual([['S', '101', '名']]);
    expect(next.blocks.at(-1)?.lastOfSnapshot).toBe(true);
  });

  it.each(['keep', 'move'])(
    'a file that comes late, from before the full copy that was read, is not read (%s)',
    async (done) => {
      using site = openSite();
      const spec = { pattern: 'changes_*.csv', full: 'all_*.csv', done };
      site.put('all_10.csv', one(10));
      const source = await site.source(spec, person, 'change-table');
      const first = await readAll(source);
      await source.confirm(first.checkpoint!, signal);
      site.put('all_9.csv', one(9));
      site.put('changes_8.csv', one(8));
      expect(await readAll(source, first.checkpoint)).toMatchObject({ rows: [] });
      expect(source.notices()).toMatchObject([{ code: 'files-passed-over', details: { files: 2 } }]);
      site.put('changes_11.csv', one(11));
      const second = await readAll(source, first.checkpoint);
      expect(ids(second)).toEqual(['11']);
      await source.confirm(second.checkpoint!, signal);
      expect(site.names()).toEqual(
        done === 'move' ? ['done'] : ['all_10.csv', 'all_9.csv', 'changes_11.csv', 'changes_8.csv'],
      );
      await site.replace('all_10.csv', one(100));
      expect(ids(await readAll(source, second.checkpoint))).toEqual(['100']);
    },
  );

  it('by time of writing', async () => {
    using site = openSite();
    utimesSync(site.put('b.csv', one(1)), 1000, 1000);
    utimesSync(site.put('a.csv', one(2)), 2000, 2000);
    const source = await site.source({ pattern: '*.csv', order: 'modified' }, person, 'change-table');
    expect(ids(await readAll(source))).toEqual(['1', '2']);
  });

  it('an op that is not known is a rejected row', async () => {
    using site = openSite();
    site.put('a.csv', 'op,id,name\nI,1,x\nX,2,y\n,3,z\nD,4,\n');
    const source = await site.source({ pattern: '*.csv', op: { column: 'op' } }, person, 'change-table');
    const { rows, rejected } = await readAll(source);
    expect(rows).toEqual([
      ['U', '1', 'x'],
      ['D', '4', null],
    ]);
    expect(rejected).toHaveLength(2);
  });
});

describe('a file that changes while it is read', () => {
  const many = (first: number) =>
    `id,name\n${Array.from({ length: 50 }, (_, n) => `${first + n},名\n`).join('')}`;

  it('is told and read again from its beginning', async () => {
    using site = openSite();
    const path = site.put('a.csv', many(100));
    const source = await site.source({ pattern: '*.csv' });
    let checkpoint: string | undefined;
    const read = async () => {
      for await (const block of source.read(undefined, { blockBytes: 64 }, signal)) {
        checkpoint ??= block.checkpoint;
        writeFileSync(path, many(500));
      }
    };
    await expect(read()).rejects.toMatchObject({ code: 'QZ_FILES_CHANGED_WHILE_READ', kind: 'unavailable' });
    const again = await readAll(source, checkpoint);
    expect(ids(again)).toEqual(Array.from({ length: 50 }, (_, n) => String(500 + n)));
    expect(again.blocks[0]?.restart).toBe(true);
    expect(source.notices().map(({ code }) => code)).toEqual(['files-changed']);
  });

  it('is told where it is gone, and the next one follows', async () => {
    using site = openSite();
    const path = site.put('a.csv', many(100));
    site.put('b.csv', one(900));
    const source = await site.source({ pattern: '*.csv' }, person, 'change-table');
    const first = await readAll(source, undefined, { blockBytes: 64, maxRows: 10 });
    expect(ids(first).length).toBeLessThan(50);
    unlinkSync(path);
    expect(ids(await readAll(source, first.checkpoint))).toEqual(['900']);
    expect(source.notices().map(({ code }) => code)).toEqual(['files-gone']);
  });
});

describe('rights', () => {
  const listed = async () => {
    using site = openSite();
    mkdirSync(join(site.folder, 'closed'));
    chmodSync(join(site.folder, 'closed'), 0);
    await expect(site.source({ folder: 'closed', pattern: '*.csv' })).rejects.toMatchObject({
      code: 'QZ_FILES_NO_PERMISSION',
    });
  };
  // root may list every folder
  if (process.getuid?.() !== 0) it('a folder that may not be listed is a config error', listed);

  it.each(['../x', '/etc', 'a/../../b'])('folder %s would leave the connection’s', async (folder) => {
    using site = openSite();
    await expect(site.source({ folder, pattern: '*.csv' })).rejects.toThrow(/folder/);
  });
});
