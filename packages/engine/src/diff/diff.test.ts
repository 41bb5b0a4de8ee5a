import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createDataset, type Dataset } from '@qianzhi/dataset';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRig, failAt, type Rig, runNow, supplyVillage, until, village } from '../doubles/rig.js';
import type { EngineOptions, Failpoint } from '../options.js';

let rig: Rig;
let dataset: Dataset;
beforeEach(async () => {
  rig = await createRig();
  dataset = await createDataset({ workDir: join(rig.folder, 'dataset'), memoryLimitMb: 128 });
  for (let i = 0; i < 9; i++) rig.source.put(`0${i}`, `村${i}`);
});
afterEach(async () => {
  await dataset[Symbol.asyncDispose]();
  await rig.cleanup();
});

const stored = () => rig.platform.batchesOf('civil-1').map(({ manifest }) => manifest.body);
const differ = (more: Partial<EngineOptions> = {}) =>
  rig.provider({
    exchanges: () => [{ ...supplyVillage, strategy: 'diff' }],
    ...more,
    // the work folder lies beside the state: a result is moved, never copied
    dataset,
  });

async function applied(): Promise<void> {
  const consumer = await rig.consumer();
  await runNow(consumer, 'village-in');
  await rig.kill(consumer);
  expect([...rig.target.rows].sort()).toEqual([...rig.source.rows].sort());
}

describe('strategy diff', () => {
  it('sends a snapshot first, then what was inserted, updated and deleted, then nothing', async () => {
    const engine = await differ();
    expect(await runNow(engine, 'village-out')).toMatchObject({
      summary: { read: 9, stored: 9, repeated: 0 },
    });
    rig.source.rows.set('10', ['10', '新村']);
    rig.source.rows.set('00', ['00', '改名']);
    rig.source.rows.delete('08');
    expect(await runNow(engine, 'village-out')).toMatchObject({
      summary: { read: 3, stored: 3, repeated: 7, batches: 1 },
    });
    expect(stored().map(({ kind, rows }) => [kind, rows])).toEqual([
      ['snapshot', 9],
      ['delta', 3],
    ]);
    expect(await runNow(engine, 'village-out')).toMatchObject({
      summary: { read: 0, stored: 0, repeated: 9, batches: 0 },
    });
    expect(stored()).toHaveLength(2);
    await applied();
  });

  it('deletes no row that was only rejected, and sends it once it is valid again', async () => {
    const engine = await differ();
    await runNow(engine, 'village-out');
    const good = rig.source.rows.get('03')!;
    rig.source.rows.set('03', ['03', '长'.repeat(30)]);
    expect(await runNow(engine, 'village-out')).toMatchObject({
      summary: { read: 1, stored: 0, rejected: 1, batches: 0 },
    });
    rig.source.rows.set('00', ['00', '改名']);
    await runNow(engine, 'village-out');
    expect(stored().at(-1)).toMatchObject({ kind: 'delta', rows: 1, rejected: 1, read: 2 });
    rig.source.rows.set('03', good);
    await runNow(engine, 'village-out');
    rig.source.rows.delete('03');
    await runNow(engine, 'village-out');
    await applied();
  });

  const points: Failpoint[] = [
    'diff:candidate-written',
    'seal:file-renamed',
    'seal:committed',
    'send:after',
    'receipt:committed',
    'diff:before-confirm',
    'confirm:after',
  ];
  for (const point of points) {
    it(`a crash at ${point} loses no change`, async () => {
      const first = await differ();
      await runNow(first, 'village-out');
      await rig.kill(first);
      rig.source.rows.set('00', ['00', '改名']);
      rig.source.rows.delete('08');
      let crashed = false;
      const crash = failAt(point);
      const second = await differ({
        failpoint(name) {
          try {
            crash(name);
          } catch (error) {
            crashed = true;
            throw error;
          }
        },
      });
      second.jobs.run('village-out');
      await until('the crash', () => crashed);
      await rig.kill(second);
      // put back while the agent was down: a new comparison alone would not see that it was ever sent
      rig.source.rows.set('00', ['00', '村0']);
      const third = await differ();
      await until('done', () => third.jobs.list().every((job) => job.state === 'done'));
      await runNow(third, 'village-out');
      expect(await runNow(third, 'village-out')).toMatchObject({ summary: { stored: 0 } });
      await applied();
    });
  }

  it('finds a flipped bit in the copy it compares with, and begins again with a snapshot', async () => {
    const engine = await differ();
    await runNow(engine, 'village-out');
    const folder = join(rig.folder, 'civil-1', 'diff', 'village');
    const [candidate] = await readdir(folder);
    const file = join(folder, candidate!, '000001.zst');
    const bytes = await readFile(file);
    bytes[bytes.length - 20]! ^= 1;
    await writeFile(file, bytes);
    rig.source.rows.set('00', ['00', '改名']);
    expect(await runNow(engine, 'village-out')).toMatchObject({
      state: 'failed',
      problem: { code: 'QZ_DATASET_BYTES_DIFFER' },
      restart: 'qianzhi stream resnapshot village',
    });
    engine.streams.resnapshot('village');
    await until('done', () => engine.jobs.list({ limit: 1 })[0]!.state === 'done');
    await applied();
  });

  it('begins again with a snapshot after resnapshot', async () => {
    const engine = await differ();
    await runNow(engine, 'village-out');
    engine.streams.resnapshot('village');
    await runNow(engine, 'village-out');
    expect(stored().map(({ kind }) => kind)).toEqual(['snapshot', 'snapshot']);
  });

  it('of rows without a key sends the whole copy, only where it holds other rows or one of them more often', async () => {
    const keyless = await createRig({
      ...village,
      items: village.items.map(({ key: _key, ...item }) => item),
    });
    try {
      const { rows } = keyless.source;
      for (const key of ['a', 'b', 'c']) rows.set(key, ['01', '村']);
      rows.set('d', ['02', '村']);
      const engine = await keyless.provider({
        exchanges: () => [{ ...supplyVillage, strategy: 'diff' }],
        dataset,
      });
      const run = async () => (await runNow(engine, 'village-out')).summary;
      expect(await run()).toMatchObject({ read: 4, stored: 4, repeated: 0, batches: 1 });
      expect(await run()).toMatchObject({ read: 0, stored: 0, repeated: 4, batches: 0 });
      rows.delete('b');
      rows.set('e', ['02', '村']);
      expect(await run()).toMatchObject({ read: 4, stored: 4, repeated: 0, batches: 1 });
      expect(await run()).toMatchObject({ stored: 0, repeated: 4 });
      const sent = keyless.platform.batchesOf('civil-1').map(({ manifest }) => manifest.body.kind);
      expect(sent).toEqual(['snapshot', 'snapshot']);
    } finally {
      await keyless.cleanup();
    }
  });
});
