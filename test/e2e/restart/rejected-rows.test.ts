import type { StreamInfo } from '@qianzhi/agent/control';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { resourceOf } from '../../fixtures/resource.js';
import { insertRows, sql } from '../../fixtures/tables.js';
import { createScene, type Scene } from './scene.js';

/** See scene.ts: each stop, and the command it named. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const TOO_LONG = 'x'.repeat(41);
let scene: Scene;

beforeAll(async () => {
  scene = await createScene({ tables: ['rejected'] });
});

afterAll(async () => {
  await scene?.rig.close();
});

describe('rejected rows', () => {
  it('above the limit stop the exchange until the rows are right', async () => {
    const { change, stops, paste, runs, arrives } = scene;
    change(`UPDATE rejected SET name = '${TOO_LONG}'`);
    const { commands, restart } = await stops('mz', 'supply-rejected', 'QZ_ENGINE_REJECT_LIMIT');
    expect(commands).toEqual([
      'qianzhi quarantine list --exchange supply-rejected',
      'qianzhi job resume supply-rejected',
    ]);
    expect(restart).toBe('qianzhi job resume supply-rejected');
    await paste(commands[0], 'mz');
    change(`UPDATE rejected SET name = 'right'`);
    await paste(commands[1], 'mz');
    await runs('mz', 'supply-rejected');
    await arrives('rejected');
  });

  it('that fill the quarantine: export, then resume', async () => {
    const { rig, stops, paste, runs } = scene;
    await rig.enrol(
      'full',
      'mz',
      `limits: { quarantineRows: 3 }\nconnectors:\n  civil: { type: sqlite, path: ./full.sqlite }\nexchanges:\n  - { name: supply-full, supply: full, connector: civil, strategy: diff, source: { table: t }, rejectLimit: 1 }\n`,
    );
    const file = rig.at('full.sqlite');
    sql(file, 'CREATE TABLE t (code TEXT PRIMARY KEY, name TEXT)');
    insertRows(file, 't', [
      ['1', 'good'],
      ['2', TOO_LONG],
      ['3', TOO_LONG],
    ]);
    await rig.publish(resourceOf('full', [{ column: 'code' }, { column: 'name' }]), 'full');
    await rig.startAgent('full');
    expect(await rig.run('full', 'supply-full')).toMatchObject({ state: 'done', summary: { rejected: 2 } });
    insertRows(file, 't', [
      ['4', TOO_LONG],
      ['5', `${TOO_LONG}y`],
      ['6', 'good'],
    ]);
    const { commands } = await stops('full', 'supply-full', 'QZ_ENGINE_QUARANTINE_FULL');
    for (const command of commands) await paste(command, 'full');
    await runs('full', 'supply-full');
    const { answer } = await rig.json<StreamInfo>(['stream', 'show', 'full', '--config', 'full.yaml']);
    expect(answer.head.seq).toBe(2);
  });
});
