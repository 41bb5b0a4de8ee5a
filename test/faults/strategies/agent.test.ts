import { realpathSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { controlRoutes } from '@qianzhi/agent/control';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { hasMariadb } from '../../services/mariadb.js';
import { hasPostgres } from '../../services/postgres.js';
import { type Strategy, tables } from '../chaos/tables.js';
import { createWorld, type ProcessName, subscribeAll, type World } from '../chaos/world.js';
import { startRecording } from '../power-loss/recording.js';
import { shadowMissing } from '../power-loss/shadow.js';
import { long, throwDice } from '../seed.js';
import { expectArrives, expectEvidenceOf, ofPostgres, supplied, tableOf, work } from './scene.js';

/** Every read strategy under what happens to an agent: it is killed, loses power, or its line to the source or the platform breaks. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const dice = throwDice('strategies of an agent');
let world: World;

const read = ['seal:committed', 'send:after', 'receipt:before-commit'];
/** Between the receipt and what a source does about it: a flag set back, changes purged, log released. */
const confirm = ['receipt:committed', 'confirm:after'];
const points: Readonly<Record<Strategy, readonly (readonly string[])[]>> = {
  snapshot: [read],
  watermark: [[...read, ...confirm]],
  flag: [confirm],
  'change-table': [confirm],
  log: [confirm],
  diff: [['diff:candidate-written', 'diff:before-confirm']],
};
const kills = ofPostgres.flatMap(({ strategy }) =>
  (long ? [...read, ...points[strategy].flat()] : points[strategy].map((some) => dice.pick(some))).map(
    (point) => [strategy, point] as const,
  ),
);

const begin = (code: string) =>
  world.agent('mz').control.call(controlRoutes.runJob, { params: { exchange: `out-${code}` } });

describe.skipIf(!hasPostgres() || !hasMariadb())('read strategies', () => {
  beforeAll(async () => {
    world = await createWorld();
    await subscribeAll(world);
    for (const table of tables) await work(world, table, dice);
    await Promise.all(tables.map((table) => expectArrives(world, table)));
  });
  afterAll(() => world?.[Symbol.asyncDispose]());

  it.each(kills)('%s: SIGKILL at %s, and rows change meanwhile', async (strategy, point) => {
    const table = tableOf(strategy);
    await work(world, table, dice);
    await world.process('mz').stop();
    await world.start('mz', { QZ_FAILPOINT: point });
    // it may be gone before it answers
    const begun = begin(table.code).catch(() => undefined);
    const late = pause(30_000).then(() => Promise.reject(new Error(`${point} was not passed`)));
    late.catch(() => undefined);
    expect(await Promise.race([world.process('mz').ended, late])).toMatchObject({ signal: 'SIGKILL' });
    await begun;
    await work(world, table, dice);
    await world.start('mz');
    await expectArrives(world, table);
  });

  it.each(Array.from({ length: long ? 30 : 1 }, (_, n) => n))(
    'all of them: SIGKILL at any time, round %i',
    async () => {
      for (const table of tables) await work(world, table, dice);
      for (const { code } of tables) await begin(code);
      await pause(dice.below(800));
      const victims = (['mz', 'platform'] as ProcessName[]).filter(
        (name) => name === 'mz' || dice.next() < 0.5,
      );
      await Promise.all(victims.map((name) => world.process(name).stop('SIGKILL')));
      for (const table of tables) await work(world, table, dice);
      for (const name of victims.toReversed()) await world.start(name);
      await Promise.all(tables.map((table) => expectArrives(world, table)));
    },
  );

  it.each(ofPostgres.map(({ strategy }) => strategy))(
    '%s: lines to source and platform break under a read',
    async (strategy) => {
      const table = tableOf(strategy);
      await work(world, table, dice);
      world.lines.source.resetAfter(600 + dice.below(2_000), 'toClient');
      expect(await supplied(world, table)).toBeGreaterThan(1);
      await work(world, table, dice);
      world.lines.mz.resetAfter(dice.below(1_500), dice.pick(['toTarget', 'toClient']));
      await expectArrives(world, table);
    },
  );

  it.skipIf(shadowMissing()).each(Array.from({ length: long ? 20 : 1 }, (_, n) => n))(
    'all of them: a loss of power, round %i',
    async () => {
      const { rig } = world;
      const folder = realpathSync(rig.folder);
      const names: readonly ProcessName[] = ['mz', 'sw', 'rs', 'platform'];
      for (const name of names) await world.process(name).stop();
      const recording = startRecording(folder);
      try {
        for (const name of names.toReversed()) await world.start(name, recording.env);
        // sources in files are not written by who is recorded
        for (const table of ofPostgres) await work(world, table, dice);
        for (const { code } of ofPostgres) await begin(code);
        await pause(dice.below(1_200));
        for (const name of names) process.kill(world.process(name).pid, 'SIGSTOP');
        await Promise.all(names.map((name) => world.process(name).stop('SIGKILL')));
        await recording.allEnded();
        const cut = `${folder}.cut`;
        recording.end().timeline().cut(cut);
        await rm(folder, { recursive: true });
        await rename(cut, folder);
      } finally {
        await recording.close();
      }
      for (const table of ofPostgres) await work(world, table, dice);
      for (const name of names.toReversed()) await world.start(name);
      await Promise.all(tables.map((table) => expectArrives(world, table)));
    },
  );

  it('leave evidence that adds up', () => expectEvidenceOf(world));
});
