import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkShape, filePartText, isLastPart, mediaTypeOf, removedFile } from '@qianzhi/model';
import type { FilePartBlock, FileSink, SinkFilePart, Source } from '@qianzhi/plugin-api';
import { rowsDigest } from '@qianzhi/rows';
import { describe, expect, it } from 'vitest';
import { openFileSink } from './attachments/sink.js';
import { ConfigSchema } from './config.js';
import { filesConnector } from './connector.js';
import type { Failpoint } from './sink/write-batch.js';
import { delivery } from './test/batches.js';
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
    const notes = await connection.trySource!({ resource: papers, strategy: 'files', source }, signal);
    expect(notes.map(({ error }) => error?.code)).toEqual(['QZ_FILES_FILES_REFUSED']);
    expect(notes[0]!.en).toContain('nul.pdf (name)');
  });
});

/** A file in parts of 100 bytes, numbered from `seq`. */
function partsOf(name: string, bytes: Uint8Array, seq: number): SinkFilePart[] {
  const parts: SinkFilePart[] = [];
  for (let offset = 0; offset === 0 || offset < bytes.length; offset += 100) {
    const piece = bytes.slice(offset, offset + 100);
    const file = {
      name,
      size: bytes.length,
      digest: `sha-256:${createHash('sha256').update(bytes).digest('base64url')}`,
      mediaType: mediaTypeOf(name),
      modifiedAt: '2026-01-02T03:04:05.000Z',
      offset,
    };
    const about = { kind: 'files' as const, schemaVersion: 1, part: filePartText(file) };
    const rows = isLastPart(file, piece.length) ? 1 : 0;
    const digest = rowsDigest(about, piece);
    const numbered = { delivery, seq: seq + parts.length, rowsDigest: digest };
    parts.push({ ...numbered, kind: 'files', file, resource: papers, rows, bytes: piece });
  }
  return parts;
}

const died = new Error('the process died');
const nothing = async () => {
  throw new Error('a file was refused');
};

function sinkOf(site: Site, at?: Parameters<Failpoint>[0]): Promise<FileSink> {
  const config = checkShape(ConfigSchema, { path: site.folder }, 'config');
  const failpoint: Failpoint = (point) => {
    if (point === at) throw died;
  };
  const spec = { exchange: 'in', resource: papers, target: { name: 'papers' } };
  return openFileSink(config, spec, site.context, signal, failpoint);
}

const shown = (site: Site) =>
  Object.fromEntries(
    site
      .names()
      .filter((name) => name !== '.qianzhi' && name !== 'removed')
      .map((name) => [name, readFileSync(join(site.folder, name)).toString('hex')]),
  );

describe('as a target', () => {
  const parts = [
    ...partsOf('现场.mp4', content, 1),
    ...partsOf('empty.txt', Buffer.alloc(0), 5),
    ...partsOf('现场.mp4', Buffer.from('replaced'), 6),
    ...partsOf('现场.mp4', Buffer.from('replaced'), 7),
  ];
  const whole = { 'empty.txt': '', '现场.mp4': Buffer.from('replaced').toString('hex') };

  it.each(['written', 'committed', 'renamed'] as const)(
    'a crash at the point %s of every part',
    async (at) => {
      using site = openSite();
      for (const part of parts) {
        const before = shown(site);
        const finished = await (await sinkOf(site, at)).write(part, nothing, signal).then(
          () => true,
          (error: unknown) => {
            if (error !== died) throw error;
            return false;
          },
        );
        if (at === 'written') expect(shown(site)).toEqual(before);
        const next = await sinkOf(site);
        const head = await next.ledgerHead(delivery, signal);
        expect(head?.seq === part.seq).toBe(finished || at !== 'written');
        const row = await next.write(part, nothing, signal);
        if (head?.seq === part.seq) expect(row).toEqual(head);
        expect(row.counts.delivered).toBe(part.rows);
      }
      expect(shown(site)).toEqual(whole);
      await sinkOf(site);
      expect(site.names('.qianzhi')).toEqual(['papers.ledger.jsonl']);
    },
  );

  it.each(['written', 'committed'] as const)('a crash at the point %s of taking a file away', async (at) => {
    using site = openSite();
    const [shows] = partsOf('a.pdf', Buffer.from('x'), 1);
    await (await sinkOf(site)).write(shows!, nothing, signal);
    const file = removedFile('a.pdf', new Date('2026-01-03T00:00:00Z'));
    const nowhere = new Uint8Array();
    const digest = rowsDigest({ kind: 'files', schemaVersion: 1, part: filePartText(file) }, nowhere);
    const gone = { ...shows!, seq: 2, file, bytes: nowhere, rowsDigest: digest };
    await expect((await sinkOf(site, at)).write(gone, nothing, signal)).rejects.toBe(died);
    expect(shown(site)).toEqual({});
    const row = await (await sinkOf(site)).write(gone, nothing, signal);
    // the first attempt took it away already; the ledger says what it found itself
    expect(row.counts).toMatchObject({ delivered: 1, [at === 'written' ? 'unchanged' : 'deleted']: 1 });
    expect(site.names('removed')).toEqual(['0000000002-a.pdf']);
  });

  it('staged parts whose bytes are lost are due again', async () => {
    using site = openSite();
    const sink = await sinkOf(site);
    for (const part of parts.slice(0, 2)) await sink.write(part, nothing, signal);
    truncateSync(join(site.folder, '.qianzhi', '.papers-0000000001.part'), 150);
    expect(await (await sinkOf(site)).ledgerHead(delivery, signal)).toBeUndefined();
    for (const part of parts) await sink.write(part, nothing, signal);
    expect(shown(site)).toEqual(whole);
  });

  it('a link of the name at the target is not followed', async () => {
    using site = openSite();
    mkdirSync(join(site.folder, 'below'));
    site.put('below/theirs', 'of somebody else');
    symlinkSync(join(site.folder, 'below', 'theirs'), join(site.folder, 'link.txt'));
    const sink = await sinkOf(site);
    const refused: string[] = [];
    const [part] = partsOf('link.txt', Buffer.from('new'), 1);
    const row = await sink.write(part!, async (rows) => void refused.push(rows[0]!.reason), signal);
    expect(row.counts).toMatchObject({ delivered: 1, rejected: 1 });
    expect(refused).toEqual(['name-taken']);
    expect(readFileSync(join(site.folder, 'below', 'theirs'), 'utf8')).toBe('of somebody else');
  });
});
