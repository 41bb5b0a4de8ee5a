import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FilePartBlock, Source } from '@qianzhi/plugin-api';
import { describe, expect, it } from 'vitest';
import { filesConnector } from './connector.js';
import { openSite, resourceOf, type Site, signal } from './test/site.js';

const papers = { ...resourceOf({ column: 'file', type: 'G', length: 1000 }), content: 'files' as const };
const content = Buffer.from(Array.from({ length: 333 }, (_, n) => n % 256));
const limits = { blockBytes: 100 };

async function sourceOf(site: Site, more: object = {}): Promise<Source> {
  const connection = await filesConnector.open({ path: site.folder }, site.context, signal);
  const source = { pattern: '*', complete: { quietSeconds: 0 }, ...more };
  return connection.source({ resource: papers, strategy: 'files', source }, signal);
}

async function read(source: Source, checkpoint?: string): Promise<FilePartBlock[]> {
  const blocks: FilePartBlock[] = [];
  for await (const block of source.read(checkpoint, limits, signal)) {
    if (block.kind !== 'file-part') throw new Error('rows of a document');
    blocks.push({ ...block, bytes: Buffer.from(block.bytes) });
  }
  return blocks;
}

const namesOf = (blocks: readonly FilePartBlock[]) => [...new Set(blocks.map(({ file }) => file.name))];
const told = (source: Source) =>
  source.notices().map(({ code, details }) => [code, details.file, details.reason]);

describe('as a source', () => {
  it('files that cannot be carried are passed over and told: names, sizes, links, letter case', async () => {
    using site = openSite();
    site.put('secret', 'of somebody else');
    mkdirSync(join(site.folder, 'in'));
    for (const name of ['a.pdf', 'A.pdf', 'nul.pdf', 'x?.pdf']) site.put(join('in', name), name);
    site.put('in/large.pdf', Buffer.alloc(1001));
    symlinkSync(join(site.folder, 'secret'), join(site.folder, 'in', 'link.pdf'));
    // a name in GBK, as old archives leave it
    spawnSync('bash', ['-c', `touch "$0/$(printf '\\xd6\\xb4\\xd5\\xd5.pdf')"`, join(site.folder, 'in')]);
    const source = await sourceOf(site, { folder: 'in' });
    expect(namesOf(await read(source))).toEqual(['a.pdf']);
    const refused = ([file, reason]: readonly unknown[]) => ['files-refused', file, reason];
    expect(told(source)).toHaveLength(6);
    expect(told(source)).toEqual(
      expect.arrayContaining(
        [
          ['A.pdf', 'letter-case'],
          ['large.pdf', 'size'],
          ['link.pdf', 'link'],
          ['nul.pdf', 'name'],
          ['x?.pdf', 'name'],
          [expect.stringContaining('\ufffd'), 'name'],
        ].map(refused),
      ),
    );
  });

  it('a file that is not complete, or has an unfinished name, waits', async () => {
    using site = openSite();
    site.put('a.mp4', content);
    site.put('b.mp4.part', content);
    site.put('.c.mp4', content);
    const quiet = { complete: { quietSeconds: 60 } };
    expect(await read(await sourceOf(site, quiet))).toEqual([]);
    site.clock = new Date(Date.now() + 61_000);
    expect(namesOf(await read(await sourceOf(site, quiet)))).toEqual(['a.mp4']);
    expect(namesOf(await read(await sourceOf(site, { complete: { marker: '.ok' } })))).toEqual([]);
    site.put('a.mp4.ok', '');
    expect(namesOf(await read(await sourceOf(site, { complete: { marker: '.ok' } })))).toEqual(['a.mp4']);
  });

  it('one that changes while it is read ends the run, and is read anew', async () => {
    using site = openSite();
    site.put('a.mp4', content);
    const source = await sourceOf(site);
    const reading = source.read(undefined, limits, signal)[Symbol.asyncIterator]();
    const first = (await reading.next()).value as FilePartBlock;
    await site.replace('other', 'x');
    writeFileSync(join(site.folder, 'a.mp4'), Buffer.concat([content, Buffer.from('more')]));
    await expect(reading.next()).rejects.toMatchObject({ code: 'QZ_FILES_CHANGED_WHILE_READ' });
    const again = await sourceOf(site);
    const blocks = await read(again, first.checkpoint);
    expect(blocks.filter(({ file }) => file.name === 'a.mp4').map(({ file }) => file.offset)).toEqual([
      0, 100, 200, 300,
    ]);
    expect(told(again)).toEqual([['files-changed', 'a.mp4', undefined]]);
  });

  it('a checkpoint names no file that was put aside meanwhile, and none is read again', async () => {
    using site = openSite();
    const names = ['a.pdf', 'b.pdf', 'c.pdf', 'd.pdf'];
    for (const name of names) site.put(name, name);
    const source = await sourceOf(site, { done: 'move' });
    const named: string[][] = [];
    let last = '';
    for await (const { checkpoint } of source.read(undefined, limits, signal)) {
      named.push(names.filter((name) => checkpoint.includes(name)));
      await source.confirm(checkpoint, signal);
      last = checkpoint;
    }
    expect(named).toEqual(names.map((name) => [name]));
    expect(site.names('done')).toEqual(names.map((name, at) => `000000000${at + 1}-${name}`));
    expect(await read(await sourceOf(site, { done: 'move' }), last)).toEqual([]);
  });

  it('files that are gone are told once; all of them at once are only a notice', async () => {
    using site = openSite();
    for (const name of ['a.pdf', 'b.pdf', 'c.pdf']) site.put(name, name);
    const removals = { removals: true };
    const first = await read(await sourceOf(site, removals));
    rmSync(join(site.folder, 'b.pdf'));
    expect(await read(await sourceOf(site), first.at(-1)!.checkpoint)).toEqual([]);
    const gone = await read(await sourceOf(site, removals), first.at(-1)!.checkpoint);
    expect(gone.map(({ file, bytes }) => [file.name, file.removed, file.size, bytes.length])).toEqual([
      ['b.pdf', true, 0, 0],
    ]);
    const { checkpoint } = gone[0]!;
    expect(await read(await sourceOf(site, removals), checkpoint)).toEqual([]);

    for (const name of ['a.pdf', 'c.pdf']) rmSync(join(site.folder, name));
    const empty = await sourceOf(site, removals);
    expect(await read(empty, checkpoint)).toEqual([]);
    expect(empty.notices().map(({ code, details }) => [code, details.files])).toEqual([
      ['files-all-gone', 2],
    ]);
  });

  it('one that was changed, and went before it was read again, is told as gone', async () => {
    using site = openSite();
    const removals = { removals: true, complete: { marker: '.ok' } };
    const complete = (name: string) => {
      site.put(name, name);
      site.put(`${name}.ok`, '');
    };
    for (const name of ['a.pdf', 'b.pdf']) complete(name);
    const first = await read(await sourceOf(site, removals));
    rmSync(join(site.folder, 'b.pdf.ok'));
    site.put('b.pdf', 'is being written anew');
    complete('c.pdf');
    const second = await read(await sourceOf(site, removals), first.at(-1)!.checkpoint);
    expect(namesOf(second)).toEqual(['c.pdf']);
    rmSync(join(site.folder, 'b.pdf'));
    const third = await read(await sourceOf(site, removals), second.at(-1)!.checkpoint);
    expect(third.map(({ file }) => [file.name, file.removed])).toEqual([['b.pdf', true]]);
  });

  it('while all are gone, new files do not make it a removal: one of them must be back', async () => {
    using site = openSite();
    for (const name of ['a.pdf', 'b.pdf']) site.put(name, name);
    const removals = { removals: true };
    const first = await read(await sourceOf(site, removals));
    for (const name of ['a.pdf', 'b.pdf']) rmSync(join(site.folder, name));
    // somebody writes into the folder that lies below the one that is not mounted
    site.put('c.pdf', 'c.pdf');
    const second = await read(await sourceOf(site, removals), first.at(-1)!.checkpoint);
    expect(namesOf(second)).toEqual(['c.pdf']);
    const third = await sourceOf(site, removals);
    const { checkpoint } = second.at(-1)!;
    expect(await read(third, checkpoint)).toEqual([]);
    expect(third.notices().map(({ code, details }) => [code, details.files])).toEqual([
      ['files-all-gone', 2],
    ]);
    site.put('a.pdf', 'a.pdf');
    const back = await read(await sourceOf(site, removals), checkpoint);
    expect(back.map(({ file }) => [file.name, file.removed])).toEqual([['b.pdf', true]]);
  });

  it('files that the agent itself puts aside are not taken away', async () => {
    using site = openSite();
    await expect(sourceOf(site, { removals: true, done: 'move' })).rejects.toMatchObject({
      code: 'QZ_FILES_OPTIONS_CONTRADICT',
    });
  });

  it('settings that speak of tables are refused', async () => {
    using site = openSite();
    await expect(sourceOf(site, { columns: { file: 'a' } })).rejects.toMatchObject({
      code: 'QZ_FILES_OPTIONS_CONTRADICT',
    });
  });

  it('doctor names what is passed over', async () => {
    using site = openSite();
    site.put('nul.pdf', '');
    const connection = await filesConnector.open({ path: site.folder }, site.context, signal);
    const source = { pattern: '*', complete: { quietSeconds: 0 } };
    mkdirSync(join(site.folder, '2025'));
    const notes = await connection.trySource!({ resource: papers, strategy: 'files', source }, signal);
    expect(notes.map(({ error }) => error?.code)).toEqual(['QZ_FILES_SUBFOLDERS', 'QZ_FILES_FILES_REFUSED']);
    expect(notes[1]!.en).toContain('nul.pdf (name)');
  });
});
