import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkShape } from '@qianzhi/model';
import type { Sink, SinkBatch } from '@qianzhi/plugin-api';
import { describe, expect, it } from 'vitest';
import { ConfigSchema } from './config.js';
import { openSink } from './sink/sink.js';
import type { Failpoint } from './sink/write-batch.js';
import { delivery, deltaOf, snapshotOf } from './test/batches.js';
import { openSite, person, type Site, signal } from './test/site.js';

const died = new Error('the process died');
const points = ['written', 'committed', 'renamed'] as const;

/** A sink that ends at a point as a killed process does: nothing of it runs on. */
function dyingSink(site: Site, at: (typeof points)[number]): Promise<Sink> {
  const config = checkShape(ConfigSchema, { path: site.folder }, 'config');
  const failpoint: Failpoint = (point) => {
    if (point === at) throw died;
  };
  const spec = { exchange: 'in', resource: person, target: { name: 'area', marker: '.ok' } };
  return openSink(config, spec, site.context, signal, failpoint);
}

const nothing = async () => {
  throw new Error('a row was refused');
};

const files = (site: Site) =>
  Object.fromEntries(
    site
      .names()
      .filter((name) => name.endsWith('.csv'))
      .map((name) => [name, readFileSync(join(site.folder, name), 'utf8')]),
  );

const unfinished = (site: Site) => site.names().filter((name) => name.endsWith('.part'));

/** Every batch, each met by a crash first; what is left is what a run without any leaves. */
async function afterCrashes(batches: readonly SinkBatch[], at: (typeof points)[number]) {
  using site = openSite();
  for (const batch of batches) {
    const sink = await dyingSink(site, at);
    const finished = await sink.write(batch, nothing, signal).then(
      () => true,
      (error: unknown) => {
        if (error !== died) throw error;
        return false;
      },
    );
    const next = await site.sink({ name: 'area', marker: '.ok' });
    const head = await next.ledgerHead(delivery, signal);
    expect(head?.seq === batch.seq).toBe(finished || at !== 'written');
    const row = await next.write(batch, nothing, signal);
    expect(row.seq).toBe(batch.seq);
    if (head?.seq === batch.seq) expect(row).toEqual(head);
  }
  const head = await (await site.sink({ name: 'area', marker: '.ok' })).ledgerHead(delivery, signal);
  return {
    head: head && { ...head, committedAt: '' },
    files: files(site),
    markers: site.names().filter((name) => name.endsWith('.ok')),
    unfinished: unfinished(site),
  };
}

async function withoutCrash(batches: readonly SinkBatch[]) {
  using site = openSite();
  const sink = await site.sink({ name: 'area', marker: '.ok' });
  for (const batch of batches) await sink.write(batch, nothing, signal);
  const head = await sink.ledgerHead(delivery, signal);
  return {
    head: head && { ...head, committedAt: '' },
    files: files(site),
    markers: site.names().filter((name) => name.endsWith('.ok')),
    unfinished: unfinished(site),
  };
}

describe('a crash leaves files and ledger as one', () => {
  const batches = [
    ...snapshotOf(person, 1, 's', [[['1', 'a']], [['2', 'b']], [['3', 'c']]]),
    deltaOf(person, 4, [
      ['U', '4', 'd'],
      ['D', '1', null],
    ]),
    deltaOf(person, 5, []),
    deltaOf(person, 6, [['U', '5', 'e']]),
    ...snapshotOf(person, 7, 't', [[['9', 'z']]]),
  ];

  it.each(points)('at the point %s of every batch', async (at) => {
    expect(await afterCrashes(batches, at)).toEqual(await withoutCrash(batches));
  });

  it('unfinished files of a snapshot that was discarded, or voided by another one, are swept', async () => {
    using site = openSite();
    const sink = await site.sink({ name: 'area' });
    const [first] = snapshotOf(person, 1, 's', [[['1', 'a']], [['2', 'b']]]);
    await sink.write(first!, nothing, signal);
    expect(unfinished(site)).toEqual(['.area-0000000001.part']);
    await sink.discardStaged(delivery, signal);
    expect(unfinished(site)).toEqual([]);
    await sink.write(first!, nothing, signal);
    const [other] = snapshotOf(person, 2, 't', [[['3', 'c']]]);
    await sink.write(other!, nothing, signal);
    await site.sink({ name: 'area' });
    expect(unfinished(site)).toEqual([]);
    expect(Object.values(files(site))).toEqual(['id,name\n3,c\n']);
  });

  it('a part whose predecessors are gone, or that is out of order, is refused', async () => {
    using site = openSite();
    const sink = await site.sink({ name: 'area' });
    const [first, second, third] = snapshotOf(person, 1, 's', [[['1', 'a']], [['2', 'b']], [['3', 'c']]]);
    await sink.write(first!, nothing, signal);
    await expect(sink.write({ ...third!, seq: 2 }, nothing, signal)).rejects.toMatchObject({
      code: 'QZ_FILES_SNAPSHOT_BROKEN',
    });
    await site.replace('.area-0000000001.part', '');
    await expect(sink.write(second!, nothing, signal)).rejects.toMatchObject({
      code: 'QZ_FILES_SNAPSHOT_BROKEN',
    });
  });
});

describe('a process that is killed', () => {
  const sinkModule = fileURLToPath(new URL('../dist/sink/sink.js', import.meta.url));
  const writer = (folder: string, at: string, batch: SinkBatch) => `
    const { openSink } = await import(${JSON.stringify(sinkModule)});
    const context = { now: () => new Date(), log: {}, tempDir: ${JSON.stringify(folder)}, timeZone: 'Asia/Shanghai' };
    const kill = (point) => { if (point === ${JSON.stringify(at)}) process.kill(process.pid, 'SIGKILL'); };
    const batch = ${JSON.stringify({ ...batch, bytes: Buffer.from(batch.bytes).toString('base64') })};
    batch.bytes = Buffer.from(batch.bytes, 'base64');
    const spec = { exchange: 'in', resource: batch.resource, target: { name: 'area' } };
    const signal = new AbortController().signal;
    const sink = await openSink({ path: ${JSON.stringify(folder)}, readOnly: false }, spec, context, signal, kill);
    await sink.write(batch, async () => {}, signal);
  `;

  it.each(points)('at %s leaves what the next one finishes', async (at) => {
    using site = openSite();
    const batch = deltaOf(person, 1, [['U', '1', 'x']]);
    const { signal: end } = spawnSync(process.execPath, [
      '--input-type=module',
      '-e',
      writer(site.folder, at, batch),
    ]);
    expect(end).toBe('SIGKILL');
    const sink = await site.sink({ name: 'area' });
    expect((await sink.ledgerHead(delivery, signal))?.seq).toBe(at === 'written' ? undefined : 1);
    await sink.write(batch, nothing, signal);
    expect(files(site)).toEqual({ 'area-0000000001-changes.csv': 'op,id,name\nU,1,x\n' });
    expect(unfinished(site)).toEqual([]);
  });
});
