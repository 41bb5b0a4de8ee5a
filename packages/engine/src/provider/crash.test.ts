import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRig, failAt, type Rig, runNow, until } from '../doubles/rig.js';
import type { Failpoint } from '../options.js';

const small = { batchRows: 2, blockBytes: 1 };
let rig: Rig;
beforeEach(async () => {
  rig = await createRig();
  for (let i = 0; i < 9; i++) rig.source.put(`0${i}`, `村${i}`);
});
afterEach(() => rig.cleanup());

const stored = () => rig.platform.batchesOf('civil-1').map(({ manifest }) => manifest.body);
const held = () => stored().reduce((sum, batch) => sum + batch.rows, 0);

describe('a crash of the supplying agent', () => {
  const points: Failpoint[] = [
    'seal:file-written',
    'seal:file-renamed',
    'seal:committed',
    'send:before',
    'send:after',
    'receipt:before-commit',
    'receipt:committed',
    'confirm:after',
  ];
  for (const point of points) {
    for (const nth of point === 'confirm:after' ? [1] : [1, 3]) {
      it(`at ${point} (${nth}) loses and doubles nothing`, async () => {
        rig.source.onConfirm = (checkpoint) => {
          const { phase, position } = JSON.parse(checkpoint) as { phase: string; position: number };
          expect(held()).toBeGreaterThanOrEqual(phase === 'snapshot' ? position : 9);
        };
        let crashed = false;
        const crash = failAt(point, nth);
        const first = await rig.provider({
          limits: small,
          failpoint(name) {
            try {
              crash(name);
            } catch (error) {
              crashed = true;
              throw error;
            }
          },
        });
        first.jobs.run('village-out');
        await until('the crash', () => crashed);
        await rig.kill(first);

        const second = await rig.provider({ limits: small });
        await until('no job open', () => second.jobs.list().every((job) => job.state === 'done'));
        await runNow(second, 'village-out');
        expect(stored().map((batch) => batch.seq)).toEqual(stored().map((_, index) => index + 1));
        expect(held()).toBe(9);
        expect(stored().map(({ snapshot }) => snapshot?.part)).toEqual([1, 2, 3, 4, 5]);
        expect(new Set(stored().map(({ snapshot }) => snapshot?.id)).size).toBe(1);
        expect(stored().at(-1)?.snapshot).toMatchObject({ last: true, totals: { parts: 5, rows: 9 } });
        expect(second.streams.show('village')).toMatchObject({ state: 'running', receiptedSeq: 5 });
        const consumer = await rig.consumer();
        await runNow(consumer, 'village-in');
        expect([...rig.target.rows].sort()).toEqual([...rig.source.rows].sort());
      });
    }
  }
});
