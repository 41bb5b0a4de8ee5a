import { createHash } from 'node:crypto';
import {
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { checkShape, filePartText, isLastPart, mediaTypeOf, removedFile } from '@qianzhi/model';
import type { FileSink, SinkFilePart } from '@qianzhi/plugin-api';
import { rowsDigest } from '@qianzhi/rows';
import { describe, expect, it } from 'vitest';
import { openFileSink } from './attachments/sink.js';
import { ConfigSchema } from './config.js';
import type { Failpoint } from './sink/write-batch.js';
import { delivery } from './test/batches.js';
import { openSite, resourceOf, type Site, signal } from './test/site.js';

const papers = { ...resourceOf({ column: 'file', type: 'G', length: 1000 }), content: 'files' as const };
const content = Buffer.from(Array.from({ length: 333 }, (_, n) => n % 256));

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

function goneOf(name: string, seq: number): SinkFilePart {
  const file = removedFile(name, new Date('2026-01-03T00:00:00Z'));
  const bytes = new Uint8Array();
  const digest = rowsDigest({ kind: 'files', schemaVersion: 1, part: filePartText(file) }, bytes);
  return { delivery, seq, rowsDigest: digest, kind: 'files', file, resource: papers, rows: 1, bytes };
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
    const gone = goneOf('a.pdf', 2);
    await expect((await sinkOf(site, at)).write(gone, nothing, signal)).rejects.toBe(died);
    expect(shown(site)).toEqual({});
    const row = await (await sinkOf(site)).write(gone, nothing, signal);
    // the first attempt took it away already; the ledger says what it found itself
    expect(row.counts).toMatchObject({ delivered: 1, [at === 'written' ? 'unchanged' : 'deleted']: 1 });
    expect(site.names('removed')).toEqual(['0000000002-a.pdf']);
  });

  it('a file named as the folder of removed ones is refused, and keeps no removal from the target', async () => {
    using site = openSite();
    const sink = await sinkOf(site);
    const refused: string[] = [];
    const onRejected = async (rows: readonly { reason: string }[]) => void refused.push(rows[0]!.reason);
    for (const [seq, name] of ['Removed', 'removed', 'a.pdf'].entries())
      await sink.write(partsOf(name, Buffer.from('x'), seq + 1)[0]!, onRejected, signal);
    expect(refused).toEqual(['name-taken', 'name-taken']);
    const row = await sink.write(goneOf('a.pdf', 4), nothing, signal);
    expect(row.counts).toMatchObject({ delivered: 1, deleted: 1 });
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

  it('parts that somebody else changed before the last one came never show', async () => {
    using site = openSite();
    const sink = await sinkOf(site);
    const [first, second, ...others] = partsOf('a.mp4', content, 1);
    for (const part of [first!, second!]) await sink.write(part, nothing, signal);
    const path = join(site.folder, '.qianzhi', '.papers-0000000001.part');
    const changedNs = () => statSync(path, { bigint: true }).ctimeNs;
    const before = changedNs();
    // the clock of a file system ticks every few milliseconds
    do writeFileSync(path, Buffer.alloc(200));
    while (changedNs() === before);
    await sink.write(others[0]!, nothing, signal);
    await expect(sink.write(others[1]!, nothing, signal)).rejects.toMatchObject({
      code: 'QZ_FILES_FILE_DIFFERS',
    });
    expect(shown(site)).toEqual({});
    for (const part of partsOf('a.mp4', content, 1)) await sink.write(part, nothing, signal);
    expect(shown(site)).toEqual({ 'a.mp4': content.toString('hex') });
  });

  it('a name that somebody else puts there meanwhile is seen, the folder being listed once or not', async () => {
    using site = openSite();
    const sink = await sinkOf(site);
    const refused: string[] = [];
    const write = (name: string, seq: number) =>
      sink.write(
        partsOf(name, Buffer.from('x'), seq)[0]!,
        async (rows) => void refused.push(String(rows[0]!.bytes)),
        signal,
      );
    for (const [at, name] of ['a.pdf', 'b.pdf', 'c.pdf'].entries()) await write(name, at + 1);
    site.put('THEIRS.pdf', 'of somebody else');
    // the clock of a file system ticks every few milliseconds
    utimesSync(site.folder, new Date(), new Date(Date.now() + 1000));
    for (const [at, name] of ['theirs.pdf', 'B.pdf', 'b.pdf'].entries()) await write(name, at + 4);
    expect(refused).toEqual(['theirs.pdf', 'B.pdf']);
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
