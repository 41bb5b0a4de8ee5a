import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FilePartBlock, Source } from '@qianzhi/plugin-api';
import { describeWithSshd, type Sshd, startSshd } from '@qianzhi/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { filesConnector } from './connector.js';
import { sftpConnector } from './remote/connector.js';
import { configOf } from './test/sftp-site.js';
import { openSite, person, readAll, type Site, signal } from './test/site.js';

const ENDING = '.manifest.json';
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const says = (file: string, text: string) => ({
  file,
  bytes: Buffer.byteLength(text),
  sha256: sha256(text),
});

const one = 'id,name\n1,甲\n';
const two = 'id,name\n2,乙\n';

/** The same promises for a folder here and one on a server; `folder` is where the supplier puts its files. */
function picksUpByManifest(
  folderOf: () => string,
  open: (strategy: 'change-table' | 'files', source: object) => Promise<Source>,
) {
  const put = (name: string, text: string) => writeFileSync(join(folderOf(), name), text);
  const names = (below = '.') => readdirSync(join(folderOf(), below)).sort();
  const source = (more: object = {}, strategy: 'change-table' | 'files' = 'change-table') =>
    open(strategy, { pattern: '*.csv', complete: { manifest: ENDING }, ...more });

  it('takes what a manifest names, and leaves everything else alone', async () => {
    put('a_1.csv', one);
    put('a_2.csv', two);
    put('a_3.csv', 'id,name\n3,无清单\n');
    put(`lot-7${ENDING}`, JSON.stringify({ lot: 7, files: [says('a_1.csv', one), says('a_2.csv', two)] }));
    const opened = await source({ done: 'move', acknowledge: '.ack' });
    const { rows, checkpoint } = await readAll(opened);
    expect(rows).toEqual([
      ['U', '1', '甲'],
      ['U', '2', '乙'],
    ]);
    const held = { agent: 'mz-1', epoch: 1, seq: 3, receipt: 'r-3' };
    await opened.confirm(checkpoint!, signal, held);
    const ack = JSON.parse(readFileSync(join(folderOf(), 'a_2.csv.ack'), 'utf8'));
    expect(ack).toMatchObject({ file: 'a_2.csv', bytes: 14, resource: 'files_test', ...held });
    expect(names()).toEqual(['a_1.csv.ack', 'a_2.csv.ack', 'a_3.csv', 'done', `lot-7${ENDING}`]);
    expect((await readAll(opened, checkpoint)).rows).toEqual([]);
  });

  it('takes the manifest of one file away with it, unless it speaks of the next one already', async () => {
    put('a_1.csv', one);
    put(`a_1.csv${ENDING}`, JSON.stringify(says('a_1.csv', one)));
    put('a_2.csv', two);
    put(`a_2.csv${ENDING}`, JSON.stringify(says('a_2.csv', two)));
    const opened = await source({ done: 'move' });
    const { checkpoint } = await readAll(opened);
    put(`a_2.csv${ENDING}`, JSON.stringify(says('a_2.csv', `${two}3,丙\n`)));
    // a server tells times by the second, and manifests are mostly of one size
    const later = new Date(Date.now() + 5_000);
    utimesSync(join(folderOf(), `a_2.csv${ENDING}`), later, later);
    await opened.confirm(checkpoint!, signal);
    expect(names()).toEqual([`a_2.csv${ENDING}`, 'done']);
    expect(names('done')).toEqual([
      '0000000001-a_1.csv',
      `0000000001-a_1.csv${ENDING}`,
      '0000000002-a_2.csv',
    ]);
  });

  it('gives what is right, then tells of a file that is not, by both values, until it is sent again', async () => {
    put('a_1.csv', one);
    put('a_2.csv', two.slice(0, -2));
    put(`lot${ENDING}`, JSON.stringify({ files: [says('a_1.csv', one), says('a_2.csv', two)] }));
    const opened = await source();
    const first = await readAll(opened);
    expect(first.rows).toEqual([['U', '1', '甲']]);
    expect(opened.notices()).toMatchObject([
      { code: 'files-manifest-mismatch', details: { file: 'a_2.csv' } },
    ]);
    const half = readAll(opened, first.checkpoint);
    await expect(half).rejects.toMatchObject({
      code: 'QZ_FILES_MANIFEST_MISMATCH',
      details: { manifest: `lot${ENDING}`, declared: '14 B', found: '10 B' },
    });
    const other = two.replace('2', '9');
    put('a_2.csv', other);
    await expect(readAll(opened, first.checkpoint)).rejects.toMatchObject({
      code: 'QZ_FILES_MANIFEST_MISMATCH',
      details: { path: expect.stringContaining('a_2.csv'), declared: sha256(two), found: sha256(other) },
    });
    await unlink(join(folderOf(), 'a_2.csv'));
    expect((await readAll(opened, first.checkpoint)).rows).toEqual([]);
    put('a_2.csv', two);
    expect((await readAll(opened, first.checkpoint)).rows).toEqual([['U', '2', '乙']]);
  });

  it('takes nothing while a manifest is half written', async () => {
    put('a_1.csv', one);
    const whole = JSON.stringify(says('a_1.csv', one));
    put(`a_1.csv${ENDING}`, whole.slice(0, 40));
    // a server is looked at when its source is opened, a folder when it is read
    const broken = source().then((opened) => readAll(opened));
    await expect(broken).rejects.toMatchObject({ code: 'QZ_FILES_MANIFEST_BROKEN', kind: 'unavailable' });
    put(`a_1.csv${ENDING}`, whole);
    expect((await readAll(await source())).rows).toHaveLength(1);
  });

  it('carries documents that match, past one that does not', async () => {
    put('a.pdf', 'AAA');
    put('b.pdf', 'BBB');
    put('c.pdf', 'CCC');
    const files = [says('a.pdf', 'AAA'), says('b.pdf', 'bbb'), says('c.pdf', 'CCC')];
    put(`lot${ENDING}`, JSON.stringify({ files }));
    const opened = await source({ pattern: '*' }, 'files');
    const read = async (checkpoint?: string) => {
      const blocks: FilePartBlock[] = [];
      for await (const block of opened.read(checkpoint, { blockBytes: 1024 }, signal)) {
        if (block.kind === 'file-part') blocks.push(block);
      }
      return blocks;
    };
    const blocks = await read();
    expect(blocks.map(({ file, bytes }) => [file.name, Buffer.from(bytes).toString()])).toEqual([
      ['a.pdf', 'AAA'],
      ['c.pdf', 'CCC'],
    ]);
    await expect(read(blocks.at(-1)!.checkpoint)).rejects.toMatchObject({
      code: 'QZ_FILES_MANIFEST_MISMATCH',
      details: { declared: sha256('bbb'), found: sha256('BBB') },
    });
  });
}

const documents = {
  ...person,
  content: 'files' as const,
  items: [{ name: 'file', column: 'file', type: 'G' as const, length: 1000, key: true, required: true }],
};
const resourceFor = (strategy: string) => (strategy === 'files' ? documents : person);

describe('files that a manifest names, in a folder', () => {
  let site: Site;
  beforeEach(() => {
    site = openSite();
  });
  afterEach(() => site[Symbol.dispose]());

  picksUpByManifest(
    () => site.folder,
    async (strategy, source) => {
      const connection = await filesConnector.open({ path: site.folder }, site.context, signal);
      return connection.source({ resource: resourceFor(strategy), strategy, source }, signal);
    },
  );
});

describeWithSshd('files that a manifest names, on an SFTP server', () => {
  let sshd: Sshd;
  let mirror: string;
  let site: Site;
  beforeEach(async () => {
    sshd = await startSshd();
    mirror = await mkdtemp(join(tmpdir(), 'qianzhi-mirror-'));
    site = openSite();
  });
  afterEach(async () => {
    await sshd[Symbol.asyncDispose]();
    await rm(mirror, { recursive: true, force: true });
    site[Symbol.dispose]();
  });

  picksUpByManifest(
    () => sshd.folder,
    async (strategy, source) => {
      const connection = await sftpConnector.open(configOf(sshd, mirror), site.context, signal);
      return connection.source({ resource: resourceFor(strategy), strategy, source }, signal);
    },
  );
});
