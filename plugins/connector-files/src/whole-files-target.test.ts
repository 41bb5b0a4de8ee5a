import { createHash } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { checkShape, type FilePart, fileListText, mediaTypeOf, noCounts, removedFile } from '@qianzhi/model';
import type { FileSink, RowRejection, SinkWholeFiles } from '@qianzhi/plugin-api';
import { rowsDigest } from '@qianzhi/rows';
import { describe, expect, it } from 'vitest';
import { openFileSink } from './attachments/sink.js';
import { ConfigSchema } from './config.js';
import type { Failpoint } from './sink/write-batch.js';
import { delivery } from './test/batches.js';
import { openSite, resourceOf, type Site, signal } from './test/site.js';

const papers = { ...resourceOf({ column: 'file', type: 'G', length: 1000 }), content: 'files' as const };
const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('base64url');

describe('whole files as a target', () => {
  const modifiedAt = '2026-01-02T03:04:05.000Z';

  function batchOf(
    contents: Readonly<Record<string, string>>,
    seq = 1,
    gone: readonly string[] = [],
  ): SinkWholeFiles {
    const there = Object.entries(contents).map(([name, text]): FilePart => {
      const bytes = Buffer.from(text);
      const digest = `sha-256:${sha(bytes)}`;
      return { name, size: bytes.length, digest, mediaType: mediaTypeOf(name), modifiedAt, offset: 0 };
    });
    const files = [...gone.map((name) => removedFile(name, new Date(modifiedAt))), ...there];
    const list = Buffer.from(fileListText(files));
    const digest = rowsDigest({ kind: 'files', schemaVersion: 1, listBytes: list.length }, list);
    const bytes = Buffer.from(Object.values(contents).join(''));
    const numbered = { delivery, seq, rowsDigest: digest, rows: files.length };
    return { ...numbered, kind: 'whole-files', files, resource: papers, bytes };
  }

  const died = new Error('the process died');
  const nothing = async () => {
    throw new Error('a file was refused');
  };

  function sinkOf(
    site: Site,
    target: object = {},
    at?: Parameters<Failpoint>[0],
  ): Promise<Required<FileSink>> {
    const config = checkShape(ConfigSchema, { path: site.folder }, 'config');
    const failpoint: Failpoint = (point) => {
      if (point === at) throw died;
    };
    const spec = { exchange: 'in', resource: papers, target: { name: 'papers', ...target } };
    return openFileSink(config, spec, site.context, signal, failpoint);
  }

  const shown = (site: Site) =>
    Object.fromEntries(
      readdirSync(site.folder, { withFileTypes: true })
        .filter((one) => one.isFile())
        .map(({ name }) => [name, readFileSync(join(site.folder, name), 'utf8')]),
    );
  const three = { '一.pdf': 'one', 'b.pdf': '', 'c.pdf': 'three' };

  it('all show, whole, with their time of change; each counts as one', async () => {
    using site = openSite();
    const row = await (await sinkOf(site)).writeWhole(batchOf(three), nothing, signal);
    expect(row).toMatchObject({
      stage: 'applied',
      bytes: 8,
      counts: { ...noCounts, delivered: 3, inserted: 3 },
    });
    expect(shown(site)).toEqual(three);
    expect(statSync(join(site.folder, 'b.pdf')).mtime).toEqual(new Date(modifiedAt));
    expect(site.names('.qianzhi')).toEqual(['papers.ledger.jsonl']);
  });

  it('counts say what became of each; one that cannot be there is refused by its place, and the others come', async () => {
    using site = openSite();
    const sink = await sinkOf(site);
    await sink.writeWhole(batchOf({ 'a.pdf': 'a', 'b.pdf': 'b' }), nothing, signal);
    mkdirSync(join(site.folder, 'folder.pdf'));
    const refused: RowRejection[] = [];
    const mixed = { 'A.pdf': 'x', 'a.pdf2': 'new', 'b.pdf': 'other', 'folder.pdf': 'y', removed: 'z' };
    const again = batchOf({ ...mixed, 'a.pdf': 'a' }, 2);
    const row = await sink.writeWhole(again, async (rows) => void refused.push(...rows), signal);
    expect(row.counts).toEqual({
      ...noCounts,
      delivered: 6,
      inserted: 1,
      updated: 1,
      unchanged: 1,
      rejected: 3,
    });
    expect(refused.map(({ row, bytes }) => [row, Buffer.from(bytes).toString()])).toEqual([
      [0, 'A.pdf'],
      [3, 'folder.pdf'],
      [4, 'removed'],
    ]);
    expect(shown(site)).toEqual({ 'a.pdf': 'a', 'a.pdf2': 'new', 'b.pdf': 'other' });
  });

  it.each(['written', 'committed', 'renamed'] as const)(
    'a crash at the point %s: none shows that is not in the ledger, and all show that are',
    async (at) => {
      using site = openSite();
      site.put('b.pdf', 'of before');
      await expect((await sinkOf(site, {}, at)).writeWhole(batchOf(three), nothing, signal)).rejects.toBe(
        died,
      );
      if (at !== 'renamed') expect(shown(site)).toEqual({ 'b.pdf': 'of before' });
      const next = await sinkOf(site);
      const head = await next.ledgerHead(delivery, signal);
      expect(head?.seq).toBe(at === 'written' ? undefined : 1);
      expect(shown(site)).toEqual(at === 'written' ? { 'b.pdf': 'of before' } : three);
      const row = await next.writeWhole(batchOf(three), nothing, signal);
      if (head) expect(row).toEqual(head);
      expect(row.counts).toEqual({ ...noCounts, delivered: 3, inserted: 2, updated: 1 });
      expect(shown(site)).toEqual(three);
      expect(site.names('.qianzhi')).toEqual(['papers.ledger.jsonl']);
    },
  );

  it('a crash among the renames: the rest gets its place when the target is opened again', async () => {
    using site = openSite();
    await expect(
      (await sinkOf(site, {}, 'committed')).writeWhole(batchOf(three), nothing, signal),
    ).rejects.toBe(died);
    const [folder] = site.names('.qianzhi').filter((name) => name.endsWith('.part'));
    const aside = join(site.folder, '.qianzhi', folder!);
    writeFileSync(join(site.folder, 'c.pdf'), readFileSync(join(aside, 'c.pdf')));
    utimesSync(join(site.folder, 'c.pdf'), new Date(), new Date());
    await sinkOf(site);
    expect(shown(site)).toEqual(three);
    expect(site.names('.qianzhi')).toEqual(['papers.ledger.jsonl']);
  });

  it('a folder that took the place of one meanwhile is named, and once it is gone all are in their places', async () => {
    using site = openSite();
    await expect(
      (await sinkOf(site, {}, 'committed')).writeWhole(batchOf(three), nothing, signal),
    ).rejects.toBe(died);
    const path = join(site.folder, 'b.pdf');
    mkdirSync(path);
    await expect(sinkOf(site)).rejects.toMatchObject({
      code: 'QZ_FILES_FOLDER_IN_WAY',
      details: { path },
    });
    rmdirSync(path);
    await sinkOf(site);
    expect(shown(site)).toEqual(three);
  });

  it.each(['delete', 'move', 'keep'] as const)(
    'files that are gone go together: removed: %s',
    async (removed) => {
      using site = openSite();
      const sink = await sinkOf(site, { removed });
      await sink.writeWhole(batchOf(three), nothing, signal);
      const batch = batchOf({ 'B.pdf': 'new' }, 2, ['b.pdf', 'c.pdf', 'never.pdf']);
      const refused: RowRejection[] = [];
      const { counts } = await sink.writeWhole(batch, async (rows) => void refused.push(...rows), signal);
      const goes = removed !== 'keep';
      expect(counts).toEqual({
        ...noCounts,
        delivered: 4,
        ...(goes ? { deleted: 2, unchanged: 1, inserted: 1 } : { unchanged: 3, rejected: 1 }),
      });
      expect(refused).toHaveLength(goes ? 0 : 1);
      expect(shown(site)).toEqual(goes ? { '一.pdf': 'one', 'B.pdf': 'new' } : three);
      if (removed === 'move') expect(site.names('removed')).toEqual(['0000000002-b.pdf', '0000000002-c.pdf']);
    },
  );

  it.each(['written', 'committed'] as const)(
    'a crash at the point %s among files that go: all are gone, and it is said once',
    async (at) => {
      using site = openSite();
      await (await sinkOf(site)).writeWhole(batchOf(three), nothing, signal);
      const batch = batchOf({}, 2, ['b.pdf', 'c.pdf']);
      await expect((await sinkOf(site, {}, at)).writeWhole(batch, nothing, signal)).rejects.toBe(died);
      const next = await sinkOf(site);
      const row = await next.writeWhole(batch, nothing, signal);
      expect(row.counts).toEqual({
        ...noCounts,
        delivered: 2,
        [at === 'written' ? 'unchanged' : 'deleted']: 2,
      });
      expect(await next.writeWhole(batch, nothing, signal)).toEqual(row);
      expect(shown(site)).toEqual({ '一.pdf': 'one' });
    },
  );

  it('what stands beside a file comes for each, its own manifest with its own counts', async () => {
    using site = openSite();
    site.put('b.pdf', 'of before');
    const sink = await sinkOf(site, { manifest: true, marker: '.ok' });
    const batch = batchOf({ 'a.pdf': 'one', 'b.pdf': 'two' });
    await sink.writeWhole(batch, nothing, signal);
    const names = ['a.pdf', 'b.pdf'].flatMap((name) => [name, `${name}.manifest.json`, `${name}.ok`]);
    expect(site.names().filter((name) => name !== '.qianzhi')).toEqual(names);
    const manifest = (name: string) => JSON.parse(shown(site)[`${name}.manifest.json`]!);
    expect(manifest('a.pdf')).toMatchObject({
      file: 'a.pdf',
      bytes: 3,
      sha256: createHash('sha256').update('one').digest('hex'),
      seq: 1,
      counts: { delivered: 1, inserted: 1 },
    });
    expect(manifest('b.pdf')).toMatchObject({ file: 'b.pdf', counts: { delivered: 1, updated: 1 } });
  });

  it('a repeat changes nothing, other content under its number is refused, parts follow', async () => {
    using site = openSite();
    const sink = await sinkOf(site);
    const row = await sink.writeWhole(batchOf(three), nothing, signal);
    expect(await sink.writeWhole(batchOf(three), nothing, signal)).toEqual(row);
    await expect(sink.writeWhole(batchOf({ 'x.pdf': 'x' }), nothing, signal)).rejects.toMatchObject({
      code: 'QZ_FILES_LEDGER_CONFLICT',
    });
    expect(shown(site)).toEqual(three);
  });
});
