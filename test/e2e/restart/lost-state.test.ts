import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { copyFolder } from '../../fixtures/copy-folder.js';
import { sql } from '../../fixtures/tables.js';
import { createScene, type Scene } from './scene.js';

/** See scene.ts: each stop, and the command it named. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let scene: Scene;

beforeAll(async () => {
  scene = await createScene({ tables: ['behind', 'outbox', 'baseline', 'damaged'] });
});

afterAll(async () => {
  await scene?.rig.close();
});

/** The file below a folder that was written last, descriptions apart. */
async function newest(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.json'))
    .map((entry) => join(entry.parentPath, entry.name));
  const timed = await Promise.all(files.map(async (name) => ({ name, at: (await stat(name)).mtimeMs })));
  return timed.sort((a, b) => b.at - a.at)[0]!.name;
}

/** Flips one bit near the end; a second time it is as it was. */
async function flipBit(file: string): Promise<void> {
  const bytes = await readFile(file);
  bytes[bytes.length - 20]! ^= 1;
  await writeFile(file, bytes);
}

describe('lost or damaged state', () => {
  it('an agent restored to an older state: recover', async () => {
    const { rig, add, supplied, arrives, stops, paste, runs } = scene;
    await supplied('behind');
    await rig.stopAgent('mz');
    await copyFolder(rig.at('mz-state'), rig.at('mz-backup'));
    await rig.startAgent('mz');
    add('behind', '4');
    await supplied('behind');
    await arrives('behind');
    await rig.stopAgent('mz', 'SIGKILL');
    await copyFolder(rig.at('mz-backup'), rig.at('mz-state'));
    await rig.startAgent('mz');
    add('behind', '5');
    const { commands, restart } = await stops('mz', 'supply-behind', 'QZ_ENGINE_STATE_BEHIND');
    expect(commands).toEqual([restart]);
    const refused = await rig.paste('qianzhi stream resume', 'mz');
    expect(refused.code, 'only a new epoch helps').toBe(9);
    expect(refused.err).toContain(restart);
    await paste(restart, 'mz');
    await runs('mz', 'supply-behind');
    await arrives('behind');
  });

  it('a batch in the outbox that was changed: recover', async () => {
    const { rig, stops, paste, runs, arrives } = scene;
    await rig.platform.stop();
    const job = await rig.run('mz', 'supply-outbox');
    expect(job, JSON.stringify(job)).toMatchObject({ state: 'waiting' });
    await rig.stopAgent('mz', 'SIGKILL');
    // a small batch lies in the state database
    const damage = `UPDATE batch_bytes SET bytes = CAST('not what was sealed' AS BLOB) WHERE resource = 'outbox'`;
    sql(join(rig.at('mz-state'), 'state.db'), damage);
    await rig.startPlatform(Number(new URL(rig.url).port));
    await rig.startAgent('mz');
    const { restart } = await stops('mz', 'supply-outbox', 'QZ_ENGINE_BATCH_FILE_BROKEN');
    await paste(restart, 'mz');
    await runs('mz', 'supply-outbox');
    await arrives('outbox');
  });

  it('the copy that changes are found against was changed: resnapshot', async () => {
    const { rig, add, supplied, arrives, stops, paste, runs } = scene;
    await supplied('baseline');
    await arrives('baseline');
    await flipBit(await newest(join(rig.at('mz-state'), 'diff', 'baseline')));
    add('baseline', '4');
    const { commands, restart } = await stops('mz', 'supply-baseline', 'QZ_DATASET_BYTES_DIFFER');
    expect(commands).toEqual(['qianzhi stream resnapshot baseline']);
    expect(restart).toBe(commands[0]);
    await paste(restart, 'mz');
    await runs('mz', 'supply-baseline');
    await arrives('baseline');
  });

  it('a batch at the platform that was changed: restored from a backup, and resume', async () => {
    const { rig, supplied, stops, paste, runs, same } = scene;
    await supplied('damaged');
    const batch = await newest(join(rig.at('platform'), 'batches'));
    await flipBit(batch);
    const { commands, restart } = await stops('sw', 'pull-damaged', 'QZ_PLATFORM_DELIVERY_DAMAGED');
    expect(commands[0]).toBe(restart);
    await flipBit(batch);
    await paste(restart, 'sw');
    await runs('sw', 'pull-damaged');
    same('damaged');
  });

  it('a batch at the platform that was changed, and no backup: from the provider again', async () => {
    const { rig, add, supplied, stops, paste, pasteAs, arrives } = scene;
    add('damaged', '4');
    await supplied('damaged');
    await flipBit(await newest(join(rig.at('platform'), 'batches')));
    const { commands } = await stops('sw', 'pull-damaged', 'QZ_PLATFORM_DELIVERY_DAMAGED');
    const [, resnapshot, revoke, apply] = commands;
    await paste(resnapshot, 'mz');
    await supplied('damaged');
    await pasteAs('approver', revoke);
    await pasteAs('consumer', apply?.replace('MATTER', '税源管理'));
    await arrives('damaged');
  });
});
