import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Source, SourceBlock } from '@qianzhi/plugin-api';
import { describe, expect, it } from 'vitest';
import { filesConnector } from './connector.js';
import { openSite, resourceOf, type Site, signal } from './test/site.js';

const papers = { ...resourceOf({ column: 'file', type: 'G', length: 1000 }), content: 'files' as const };
const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('base64url');

describe('whole files as a source', () => {
  const limits = { blockBytes: 400, wholeFiles: { files: 4, bytes: 900 } };

  async function sourceOf(site: Site, more: object = {}): Promise<Source> {
    const connection = await filesConnector.open({ path: site.folder }, site.context, signal);
    const source = { pattern: '*.pdf', complete: { quietSeconds: 0 }, ...more };
    return connection.source({ resource: papers, strategy: 'files', source }, signal);
  }

  async function read(source: Source, checkpoint?: string, known = limits): Promise<SourceBlock[]> {
    const blocks: SourceBlock[] = [];
    for await (const block of source.read(checkpoint, known, signal)) {
      blocks.push({ ...block, bytes: Buffer.from(block.bytes) });
    }
    return blocks;
  }

  const told = (blocks: readonly SourceBlock[]) =>
    blocks.map((block) => {
      if (block.kind === 'whole-files') return block.files.map(({ name }) => name).join(' ');
      if (block.kind === 'file-part') return `${block.file.name}@${block.file.offset}`;
      throw new Error('rows');
    });

  function put(site: Site, sizes: Readonly<Record<string, number>>): void {
    for (const [name, size] of Object.entries(sizes)) site.put(name, randomBytes(size));
  }

  it('small files come together, in order, up to so many and so many bytes; a large one comes in parts', async () => {
    using site = openSite();
    put(site, {
      '1.pdf': 1,
      '2.pdf': 0,
      '3.pdf': 2,
      '4.pdf': 3,
      '5.pdf': 500,
      '6.pdf': 399,
      '7.pdf': 950,
      '8.pdf': 1,
      '9.pdf': 1,
    });
    const blocks = await read(await sourceOf(site));
    expect(told(blocks)).toEqual([
      '1.pdf 2.pdf 3.pdf 4.pdf',
      '5.pdf 6.pdf',
      '7.pdf@0',
      '7.pdf@400',
      '7.pdf@800',
      '8.pdf 9.pdf',
    ]);
    for (const block of blocks) {
      if (block.kind !== 'whole-files') continue;
      const bytes = block.files.map(({ name }) => readFileSync(join(site.folder, name)));
      expect(Buffer.concat(bytes)).toEqual(block.bytes);
      expect(block.files.map(({ digest, size, offset }) => [digest, size, offset])).toEqual(
        bytes.map((content) => [`sha-256:${sha(content)}`, content.length, 0]),
      );
    }
    for (const [at, { checkpoint }] of blocks.entries())
      expect(told(await read(await sourceOf(site), checkpoint))).toEqual(told(blocks).slice(at + 1));
  });

  it('without a word of it each comes alone', async () => {
    using site = openSite();
    put(site, { '1.pdf': 1, '2.pdf': 0 });
    const source = await sourceOf(site);
    const alone: SourceBlock[] = [];
    for await (const block of source.read(undefined, { blockBytes: 400 }, signal)) alone.push(block);
    expect(told(alone)).toEqual(['1.pdf@0', '2.pdf@0']);
  });

  it('after the receipt all are put aside; one replaced meanwhile stays and comes again', async () => {
    using site = openSite();
    put(site, { '1.pdf': 5, '2.pdf': 5, '3.pdf': 5 });
    const source = await sourceOf(site, { done: 'move', acknowledge: '.ack' });
    const [block] = await read(source);
    site.put('2.pdf', randomBytes(6));
    await source.confirm(block!.checkpoint, signal);
    expect(site.names('done')).toEqual(['0000000001-1.pdf', '0000000003-3.pdf']);
    expect(told(await read(source, block!.checkpoint))).toEqual(['2.pdf@0']);
  });

  it('files that are gone are told together, up to so many', async () => {
    using site = openSite();
    const removals = { removals: true };
    const names = ['1.pdf', '2.pdf', '3.pdf', '4.pdf', '5.pdf', '6.pdf'];
    put(site, Object.fromEntries(names.map((name) => [name, 1])));
    const first = await read(await sourceOf(site, removals));
    for (const name of names.slice(1)) rmSync(join(site.folder, name));
    const gone = await read(await sourceOf(site, removals), first.at(-1)!.checkpoint);
    expect(told(gone)).toEqual(['2.pdf 3.pdf 4.pdf 5.pdf', '6.pdf@0']);
    const files = gone.flatMap((block) => (block.kind === 'whole-files' ? block.files : []));
    expect(files.map(({ removed, size }) => [removed, size])).toEqual(Array(4).fill([true, 0]));
    expect(await read(await sourceOf(site, removals), gone.at(-1)!.checkpoint)).toEqual([]);
    // cut off behind the first of them, the rest is told
    expect(told(await read(await sourceOf(site, removals), gone[0]!.checkpoint))).toEqual(['6.pdf@0']);
  });

  it('two that are gone and differ in letter case alone are told apart', async () => {
    using site = openSite();
    const look = async (checkpoint?: string) => read(await sourceOf(site, { removals: true }), checkpoint);
    put(site, { 'a.pdf': 1, 'b.pdf': 1 });
    const first = await look();
    for (const name of ['a.pdf', 'b.pdf']) rmSync(join(site.folder, name));
    put(site, { 'A.pdf': 1 });
    // all are gone, which is not believed
    const second = await look(first.at(-1)!.checkpoint);
    expect(told(second)).toEqual(['A.pdf@0']);
    rmSync(join(site.folder, 'A.pdf'));
    put(site, { 'b.pdf': 1 });
    expect(told(await look(second.at(-1)!.checkpoint))).toEqual(['a.pdf@0', 'A.pdf@0', 'b.pdf@0']);
  });

  it('what its manifest is not of, a link, and what is gone are left out, and the others come', async () => {
    using site = openSite();
    put(site, { '1.pdf': 5, '2.pdf': 5, '3.pdf': 5 });
    const entry = (file: string, sha256?: string) => {
      const bytes = readFileSync(join(site.folder, file));
      return {
        file,
        bytes: bytes.length,
        sha256: sha256 ?? createHash('sha256').update(bytes).digest('hex'),
      };
    };
    const files = [entry('1.pdf'), entry('2.pdf', 'a'.repeat(64)), entry('3.pdf')];
    site.put('all.manifest.json', JSON.stringify({ files }));
    const byManifest = await sourceOf(site, { complete: { manifest: '.manifest.json' } });
    const [block] = await read(byManifest);
    expect(told([block!])).toEqual(['1.pdf 3.pdf']);
    expect(Buffer.from(block!.bytes)).toEqual(
      Buffer.concat(['1.pdf', '3.pdf'].map((name) => readFileSync(join(site.folder, name)))),
    );
    await expect(read(byManifest, block!.checkpoint)).rejects.toMatchObject({
      code: 'QZ_FILES_MANIFEST_MISMATCH',
    });
    symlinkSync(join(site.folder, '1.pdf'), join(site.folder, '4.pdf'));
    expect(told(await read(await sourceOf(site)))).toEqual(['1.pdf 2.pdf 3.pdf']);
  });
});
