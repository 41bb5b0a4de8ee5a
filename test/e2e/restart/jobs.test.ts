import type { JobInfo } from '@qianzhi/agent/control';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { commandsIn } from '../hints.js';
import { eventually } from '../program.js';
import { createScene, type Scene } from './scene.js';

/** See scene.ts: each stop, and the command it named. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let scene: Scene;

beforeAll(async () => {
  scene = await createScene({ tables: ['paused', 'cancelled', 'lost_table', 'locked'] });
});

afterAll(async () => {
  await scene?.rig.close();
});

/** Another program's lock on the supplier's database. */
function lockSource(): () => void {
  const lock = new Database(scene.rig.at('legacy.sqlite'));
  lock.exec('BEGIN EXCLUSIVE');
  return () => {
    lock.exec('ROLLBACK');
    lock.close();
  };
}

describe('a job', () => {
  it('of a paused exchange', async () => {
    const { rig, paste, supplied, arrives } = scene;
    const { err } = await rig.qz(['job', 'pause', 'supply-paused', '--config', 'mz.yaml']);
    const [, told] = /with: (qianzhi .*)/.exec(err)!;
    const refused = await rig.json(['job', 'run', 'supply-paused', '--config', 'mz.yaml']);
    expect(refused).toMatchObject({ code: 6, answer: { error: { code: 'QZ_ENGINE_EXCHANGE_PAUSED' } } });
    expect(commandsIn(refused.answer.error.hint)).toEqual([told]);
    await paste(told, 'mz');
    await supplied('paused');
    await arrives('paused');
  });

  it('that was cancelled', async () => {
    const { rig, stops, paste, runs, arrives } = scene;
    // behind a lock of the source, so that it can be met before it ends
    const unlock = lockSource();
    const { job } = await stops('mz', 'supply-cancelled', 'QZ_SQLITE_BUSY', 'waiting');
    await rig.qz(['job', 'cancel', job.id, '--config', 'mz.yaml']);
    const cancelled = await eventually('the job to be cancelled', 30_000, async () => {
      const { answer } = await rig.json<JobInfo>(['job', 'status', job.id, '--config', 'mz.yaml']);
      return answer.state === 'cancelled' ? answer : undefined;
    });
    unlock();
    expect(cancelled.restart).toBe(`qianzhi job retry ${job.id}`);
    await paste(cancelled.restart, 'mz');
    await runs('mz', 'supply-cancelled');
    await arrives('cancelled');
  });

  it('that failed for what was mended since: by its own command, and by the one without an id', async () => {
    const { rig, change, stops, paste, runs, arrives } = scene;
    for (const again of [false, true]) {
      change('ALTER TABLE lost_table RENAME TO elsewhere');
      await rig.qz(['stream', 'resume', '--config', 'mz.yaml']);
      const code = again ? 'QZ_ENGINE_DRIFT' : 'QZ_SQLITE_TABLE_MISSING';
      const { restart } = await stops('mz', 'supply-lost_table', code);
      change('ALTER TABLE elsewhere RENAME TO lost_table');
      await paste(restart, 'mz');
      await runs('mz', 'supply-lost_table');
      await arrives('lost_table');
    }
  });

  it('that waits for a locked database goes on by itself, and at once by its command', async () => {
    const { rig, stops, runs, arrives } = scene;
    const unlock = lockSource();
    const { restart } = await stops('mz', 'supply-locked', 'QZ_SQLITE_BUSY', 'waiting');
    unlock();
    const { code, err } = await rig.paste(restart, 'mz');
    if (code !== 0) expect(err, 'it went on by itself before').toContain('QZ_ENGINE_JOB_NOT_RETRIED');
    await runs('mz', 'supply-locked');
    await arrives('locked');
  });
});
