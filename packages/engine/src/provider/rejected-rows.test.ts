import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRig, deadline, type Rig, runNow, supplyVillage, until, village } from '../doubles/rig.js';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
  for (let i = 0; i < 9; i++) rig.source.put(`0${i}`, `村${i}`);
});
afterEach(() => rig.cleanup());

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
    const provider = await rig.provider({ exchanges: strict });
    const ended = await runNow(provider, 'village-out');
    expect(ended).toMatchObject({ state: 'failed', problem: { code: 'QZ_ENGINE_REJECT_LIMIT' } });
    expect(stored()).toEqual([]);
    expect(provider.exchanges.list()).toMatchObject([
      { state: 'stopped', restart: 'qianzhi job resume village-out' },
    ]);
    expect(() => provider.jobs.run('village-out')).toThrowError(
      expect.objectContaining({ code: 'QZ_ENGINE_REJECT_LIMIT' }),
    );
    for (let i = 0; i < 5; i++) rig.source.put(`9${i}`, '短');
    provider.jobs.resume('village-out');
    await until('it is sent', () => held() === 14);
  });

  it('stop the exchange when the quarantine is full, until it is exported', async () => {
    for (let i = 0; i < 3; i++) rig.source.put(`9${i}`, '长'.repeat(30));
    const provider = await rig.provider({ limits: { quarantineRows: 2 } });
    expect(await runNow(provider, 'village-out')).toMatchObject({
      problem: { code: 'QZ_ENGINE_QUARANTINE_FULL' },
    });
    rig.source.rows.delete('92');
    rig.source.rows.delete('91');
    provider.jobs.resume('village-out');
    await until('it is sent', () => held() === 9);
    const file = join(rig.folder, 'export.jsonl');
    expect(await provider.quarantine.export({}, file, deadline())).toBe(1);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).toContain('长'.repeat(30));
    await expect(provider.quarantine.export({}, file, deadline())).rejects.toMatchObject({
      code: 'QZ_ENGINE_EXPORT_FAILED',
    });
  });
});
