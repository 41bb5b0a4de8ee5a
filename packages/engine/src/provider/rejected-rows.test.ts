import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRig, deadline, type Rig, runNow, supplyVillage, until, village } from '../doubles/rig.js';
import type { Engine } from '../surface.js';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
  for (let i = 0; i < 9; i++) rig.source.put(`0${i}`, `村${i}`);
});
afterEach(() => rig.cleanup());

const tooLong = '长'.repeat(30);
const stored = () => rig.platform.batchesOf('civil-1').map(({ manifest }) => manifest.body);
const held = () => stored().reduce((sum, batch) => sum + batch.rows, 0);

describe('rows that do not fit the catalog', () => {
  it('are left out, kept, counted, and sent once the catalog fits them', async () => {
    rig.source.put('99', '一个长得放不进二十个字符的村庄名称超过限制');
    const provider = await rig.provider();
    const done = await runNow(provider, 'village-out');
    expect(done.summary).toMatchObject({ read: 10, stored: 9, rejected: 1 });
    expect(stored()[0]).toMatchObject({ read: 10, rows: 9, rejected: 1 });
    expect(provider.quarantine.list()).toMatchObject([
      { exchange: 'village-out', item: 'name', reason: 'too-long', op: 'S', seen: 1 },
    ]);
    expect(JSON.stringify(provider.quarantine.list())).not.toContain('村庄');
    expect(provider.streams.show('village').staleKeys).toBe(1);

    const wider = structuredClone(village) as Writable<typeof village>;
    wider.schemaVersion = 2;
    wider.items[1]!.length = 40;
    rig.platform.setResource(wider);
    expect(await runNow(provider, 'village-out')).toMatchObject({
      state: 'failed',
      problem: { code: 'QZ_ENGINE_SCHEMA_CHANGED' },
    });
    expect(provider.streams.show('village')).toMatchObject({
      state: 'paused',
      restart: 'qianzhi stream accept-schema village',
    });
    await provider.streams.acceptSchema('village', deadline());
    await until('idle', () => provider.jobs.list().every((job) => job.state !== 'running'));
    expect(await provider.quarantine.retry('village-out', deadline())).toEqual({
      sent: 1,
      stillRejected: 0,
      superseded: 0,
    });
    expect(stored().at(-1)).toMatchObject({ kind: 'delta', rows: 1, schemaVersion: 2 });
    expect(provider.quarantine.list()).toEqual([]);
    expect(provider.streams.show('village').staleKeys).toBe(0);
  });

  it('stop the exchange past the limit before anything leaves; resume goes on', async () => {
    for (let i = 0; i < 5; i++) rig.source.put(`9${i}`, '长'.repeat(30));
    const strict = [{ ...supplyVillage, rejectLimit: 0.2 }];
    const provider = await rig.provider({ exchanges: () => strict });
    const ended = await runNow(provider, 'village-out');
    expect(ended).toMatchObject({ state: 'failed', problem: { code: 'QZ_ENGINE_REJECT_LIMIT' } });
    expect(stored()).toEqual([]);
    const stopped = { state: 'stopped', restart: 'qianzhi job resume village-out' };
    expect(provider.exchanges.list()).toMatchObject([stopped]);
    const { code } = ended.problem!;
    expect(provider.streams.list()).toMatchObject([{ ...stopped, problem: { code } }]);
    expect(provider.streams.resume('village')).toMatchObject([stopped]);
    expect(() => provider.jobs.run('village-out')).toThrowError(
      expect.objectContaining({ code: 'QZ_ENGINE_REJECT_LIMIT' }),
    );
    for (let i = 0; i < 5; i++) rig.source.put(`9${i}`, '短');
    provider.jobs.resume('village-out');
    await until('it is sent', () => held() === 14);
    expect(provider.streams.show('village')).toMatchObject({ problem: undefined, restart: undefined });
  });

  it('of one run may be more than the quarantine holds: exported by and by, all of them are seen', async () => {
    for (let i = 0; i < 9; i++) rig.source.put(`9${i}`, tooLong);
    const exchanges = [{ ...supplyVillage, rejectLimit: 1 }];
    const provider = await rig.provider({ exchanges: () => exchanges, limits: { quarantineRows: 2 } });
    let exported = '';
    let job = await runNow(provider, 'village-out');
    for (let run = 0; job.state === 'failed'; run++) {
      expect(job).toMatchObject({
        problem: { code: 'QZ_ENGINE_QUARANTINE_FULL' },
        restart: 'qianzhi job resume village-out',
      });
      const file = join(rig.folder, `export-${run}.jsonl`);
      await provider.quarantine.export({}, file, deadline());
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      exported += await readFile(file, 'utf8');
      provider.jobs.resume('village-out');
      job = await provider.jobs.ended(provider.jobs.list()[0]!.id, deadline());
    }
    expect(job.state).toBe('done');
    expect(held()).toBe(9);
    expect(stored().reduce((sum, { rejected }) => sum + rejected, 0)).toBe(9);
    await provider.quarantine.export({}, join(rig.folder, 'last.jsonl'), deadline());
    exported += await readFile(join(rig.folder, 'last.jsonl'), 'utf8');
    for (let i = 0; i < 9; i++) expect(exported).toContain(`9${i}\\t${tooLong}`);
  });

  it('met again need no room of their own', async () => {
    for (let i = 0; i < 4; i++) rig.source.put(`9${i}`, tooLong);
    const exchanges = [{ ...supplyVillage, strategy: 'snapshot' as const }];
    const provider = await rig.provider({ exchanges: () => exchanges, limits: { quarantineRows: 4 } });
    await runNow(provider, 'village-out');
    provider.streams.resnapshot('village');
    expect(await runNow(provider, 'village-out')).toMatchObject({ state: 'done', summary: { rejected: 4 } });
    expect(provider.quarantine.list().map(({ seen }) => seen)).toEqual([2, 2, 2, 2]);
  });

  it('are not exported over a file that exists', async () => {
    const provider = await rig.provider();
    await provider.quarantine.export({}, join(rig.folder, 'export.jsonl'), deadline());
    await expect(
      provider.quarantine.export({}, join(rig.folder, 'export.jsonl'), deadline()),
    ).rejects.toMatchObject({
      code: 'QZ_ENGINE_EXPORT_FAILED',
    });
  });
});

describe('rows that were refused and are right now', () => {
  const open = (provider: Engine) => [
    provider.quarantine.list().length,
    provider.streams.show('village').staleKeys,
  ];

  it('leave the quarantine when the valid row of their key comes, or its deletion', async () => {
    const provider = await rig.provider({ exchanges: () => [{ ...supplyVillage, rejectLimit: 1 }] });
    await runNow(provider, 'village-out');
    rig.source.put('01', tooLong);
    rig.source.put('02', tooLong);
    await runNow(provider, 'village-out');
    expect(open(provider)).toEqual([2, 2]);
    rig.source.put('01', '改好');
    await runNow(provider, 'village-out');
    expect(open(provider)).toEqual([1, 1]);
    rig.source.remove('02');
    await runNow(provider, 'village-out');
    expect(open(provider)).toEqual([0, 0]);
  });

  it('stay where the refused one came last, also within one block', async () => {
    rig.source.blockRows = 10;
    const provider = await rig.provider();
    await runNow(provider, 'village-out');
    rig.source.put('01', tooLong);
    rig.source.put('01', '好');
    rig.source.put('02', '好');
    rig.source.put('03', tooLong);
    rig.source.put('02', tooLong);
    rig.source.put('03', '好');
    await runNow(provider, 'village-out');
    expect(open(provider)).toEqual([1, 1]);
  });

  it('leave it by a whole copy without them, where the key itself was wrong or they are gone', async () => {
    rig.source.put('9'.repeat(13), '村');
    rig.source.put('91', tooLong);
    rig.source.put('92', tooLong);
    const provider = await rig.provider();
    await runNow(provider, 'village-out');
    expect(provider.quarantine.list()).toHaveLength(3);
    rig.source.rows.delete('9'.repeat(13));
    rig.source.rows.delete('91');
    rig.source.rows.set('99', ['99', '村']);
    provider.streams.resnapshot('village');
    await runNow(provider, 'village-out');
    expect(open(provider)).toEqual([1, 1]);
    expect(provider.quarantine.list()).toMatchObject([{ reason: 'too-long', item: 'name', seen: 2 }]);
  });

  it('leave it also by a copy that took two runs', async () => {
    rig.source.put('001', tooLong);
    rig.source.put('991', tooLong);
    const limits = { batchRows: 2, blockBytes: 1 };
    const first = await rig.provider({ limits });
    await runNow(first, 'village-out');
    rig.source.rows.delete('991');
    first.streams.resnapshot('village');
    rig.source.beforeBlock = (index) => {
      if (index === 3) first.jobs.pause('village-out');
    };
    const { id } = first.jobs.run('village-out');
    await until('it rests', () => first.jobs.status(id).state === 'queued');
    rig.source.beforeBlock = undefined;
    expect(open(first)[0]).toBe(2);
    await rig.kill(first);
    const second = await rig.provider({ limits });
    second.jobs.resume('village-out');
    expect(await second.jobs.ended(id, deadline())).toMatchObject({ state: 'done' });
    expect(open(second)).toEqual([1, 1]);
  });
});
