import { readFile, writeFile } from 'node:fs/promises';
import type { StreamInfo } from '@qianzhi/agent/control';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { resourceOf } from '../../fixtures/resource.js';
import { createScene, type Scene } from './scene.js';

/** See scene.ts: each stop, and the command it named. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let scene: Scene;

beforeAll(async () => {
  scene = await createScene({ tables: ['drifted', 'renamed', 'grown', 'strategy'] });
});

afterAll(async () => {
  await scene?.rig.close();
});

describe('a change of structure', () => {
  it('of the table pauses the stream: put back, and resume', async () => {
    const { change, supplied, stops, paste, runs, arrives } = scene;
    await supplied('drifted');
    change('ALTER TABLE drifted RENAME COLUMN name TO title', `INSERT INTO drifted VALUES ('4', 'new')`);
    const { commands, restart } = await stops('mz', 'supply-drifted', 'QZ_ENGINE_DRIFT');
    expect(commands).toEqual(['qianzhi stream resume drifted', 'qianzhi stream accept-schema drifted']);
    expect(commands).toContain(restart);
    change('ALTER TABLE drifted RENAME COLUMN title TO name');
    await paste(restart, 'mz');
    await runs('mz', 'supply-drifted');
    await arrives('drifted');
  });

  it('of the table, published afterwards: accept-schema', async () => {
    const { rig, change, supplied, stops, paste, runs } = scene;
    await supplied('renamed');
    change('ALTER TABLE renamed RENAME COLUMN name TO title');
    const { commands } = await stops('mz', 'supply-renamed', 'QZ_ENGINE_DRIFT');
    await rig.publish(resourceOf('renamed', [{ column: 'code' }, { column: 'title' }]), 'mz');
    await paste(commands[1], 'mz');
    await runs('mz', 'supply-renamed');
    const { answer } = await rig.json<StreamInfo>(['stream', 'show', 'renamed', '--config', 'mz.yaml']);
    expect(answer).toMatchObject({ state: 'running', stream: { epoch: 2 }, schemaVersion: 2 });
  });

  it('of table and catalog: accept-schema', async () => {
    const { rig, change, supplied, stops, paste, runs, arrives } = scene;
    await supplied('grown');
    await arrives('grown');
    change('ALTER TABLE grown ADD COLUMN note TEXT', `UPDATE grown SET note = 'seen' WHERE code = '2'`);
    const items = [{ column: 'code' }, { column: 'name' }, { column: 'note' }];
    await rig.publish(resourceOf('grown', items), 'mz');
    const { commands, restart } = await stops('mz', 'supply-grown', 'QZ_ENGINE_SCHEMA_CHANGED');
    expect(commands).toEqual([restart]);
    await paste(restart, 'mz');
    await runs('mz', 'supply-grown');
    await arrives('grown');
  });

  it('of the read strategy: resnapshot', async () => {
    const { rig, change, supplied, stops, paste, runs, arrives } = scene;
    await supplied('strategy');
    await rig.stopAgent('mz');
    const config = await readFile(rig.at('mz.yaml'), 'utf8');
    const before = 'strategy: diff, source: { table: strategy }';
    expect(config).toContain(before);
    const after = 'strategy: watermark, source: { table: strategy, watermark: { column: at } }';
    change('ALTER TABLE strategy ADD COLUMN at TEXT', `UPDATE strategy SET at = '2026-01-01 08:00:00'`);
    await writeFile(rig.at('mz.yaml'), config.replace(before, after));
    await rig.startAgent('mz');
    const { commands } = await stops('mz', 'supply-strategy', 'QZ_SQLITE_CHECKPOINT_UNKNOWN');
    await paste(commands.at(-1), 'mz');
    await runs('mz', 'supply-strategy');
    await arrives('strategy');
  });
});
