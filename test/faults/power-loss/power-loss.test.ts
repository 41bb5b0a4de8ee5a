import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { query } from '../../fixtures/tables.js';
import { type Chain, createChain, resources, subscribeAll, work } from '../chain.js';
import { expectAllHolds } from '../evidence.js';
import { long, throwDice } from '../seed.js';
import { forgettable } from './forgettable.js';
import { type Broken, findBroken, type Told } from './inspect.js';
import { type Recording, startRecording } from './recording.js';
import { shadowMissing } from './shadow.js';
import type { Loss, Recorded, Timeline } from './timeline.js';

/**
 * One run of all three processes is recorded act by act. From it the files of any moment are made as a loss of power at
 * that moment leaves them: looked at as they are, and, for some, started from again.
 */
vi.setConfig({ testTimeout: long ? 3_600_000 : 300_000, hookTimeout: 300_000 });

const MOMENTS = long ? 3_000 : 40;
const RESTARTS = long ? 30 : 2;

let chain: Chain;
let recording: Recording;
let recorded: Recorded;
let timeline: Timeline;
let begin: string;
let into: string;
const told: Told[] = [];

describe.skipIf(shadowMissing())('a loss of power', () => {
  beforeAll(async () => {
    chain = await createChain({ villages: 100_100, firms: 200 });
    await chain.platform.stop();
    begin = `${chain.folder}.begin`;
    into = `${chain.folder}.cut`;
    cpSync(chain.folder, begin, { recursive: true });
    recording = startRecording(chain.folder);
    await runOn();
    recorded = recording.end();
  });
  afterAll(async () => {
    await chain?.close();
    await recording?.close();
    for (const folder of [begin, into]) rmSync(folder, { recursive: true, force: true });
  });

  /** First start, snapshot, two increments with an orderly restart between them, and the cut in the middle of a third. */
  async function runOn(): Promise<void> {
    const { env } = recording;
    const everywhere = { platform: env, mz: env, sw: env };
    await chain.start(everywhere);
    await subscribeAll(chain);
    for (const [resource, id] of chain.agreements) {
      tell('platform state', `the agreement on ${resource}`, `SELECT 1 FROM agreements WHERE id = '${id}'`);
    }
    await chain.exchangeAll();
    for (const resource of resources) tell('target', `all of ${resource}`, `SELECT 1 FROM ${resource}`);
    work(chain, 1);
    await chain.exchangeAll();
    await chain.end('stop');
    await chain.start(everywhere);
    work(chain, 2);
    await chain.exchangeAll();
    work(chain, 3, 60_000);
    for (const exchange of ['out-firm', 'out-village', 'in-firm', 'in-village']) {
      const { id } = await chain.begin(exchange);
      if (exchange.startsWith('out-'))
        tell('provider state', `the job ${exchange}`, `SELECT 1 FROM job WHERE id = '${id}'`);
    }
    const state = join(chain.folder, 'mz-state/state.db');
    const sealed = () => query(state, `SELECT 1 FROM batch WHERE resource = 'village'`).length;
    await vi.waitUntil(() => sealed() >= 5, { timeout: 60_000, interval: 5 });
    await chain.end('power');
  }

  function tell(place: Told['place'], what: string, sql: string): void {
    told.push({ at: recording.now(), place, what, sql });
  }

  /** So many acts, at random, and the last. */
  function* moments(count: number, what: string): Generator<bigint> {
    const dice = throwDice(what);
    const { length } = recorded.acts;
    yield* standingAt([length - 1, ...Array.from({ length: count - 1 }, () => dice.below(length))]);
  }

  /** From the newest to the oldest, for a timeline goes backwards only. */
  function* standingAt(chosen: readonly number[]): Generator<bigint> {
    timeline = recorded.timeline();
    for (const index of chosen.toSorted((a, b) => b - a)) {
      const { at } = recorded.acts[index]!;
      timeline.rewind(at);
      yield at;
    }
  }

  /** The end, and while a target is still being written: what its log holds goes into the file when it is closed. */
  function beforeCheckpoints(): number[] {
    return recorded.acts.flatMap((act, index, { length }) =>
      index === length - 1 || (act.kind === 'sync' && act.path === 'own.sqlite')
        ? [Math.max(0, index - 1)]
        : [],
    );
  }

  function lookAt(moment: bigint, loss?: Loss): Broken[] {
    timeline.cut(into, loss);
    try {
      return findBroken(
        into,
        told.filter(({ at }) => at < moment),
      );
    } finally {
      rmSync(into, { recursive: true });
    }
  }

  it('leaves every promise kept, whichever moment it comes at and whatever of the rest the disk kept', () => {
    const dice = throwDice('survivors');
    for (const moment of moments(MOMENTS, 'moments')) {
      expect(lookAt(moment), `all that was not confirmed is lost at ${moment}`).toEqual([]);
      const survivors = (unconfirmed: number) => dice.below(unconfirmed + 1);
      expect(lookAt(moment, { survivors }), `some of it is lost at ${moment}`).toEqual([]);
    }
  });

  it('is found by these tests where one fsync is forgotten, each kind of them', () => {
    const found = new Map<string, readonly string[]>();
    for (const moment of standingAt(beforeCheckpoints())) {
      for (const { name, forgets, loses } of forgettable) {
        if (found.has(name)) continue;
        const places = [...new Set(lookAt(moment, { forgets }).map(({ place }) => place))];
        if (places.length > 0) found.set(name, places.includes(loses) ? [loses] : places);
      }
    }
    expect(Object.fromEntries(found)).toEqual(
      Object.fromEntries(forgettable.map(({ name, loses }) => [name, [loses]])),
    );
  });

  it('is got over: the three start again, and all promises hold', async () => {
    for (const moment of moments(RESTARTS, 'restarts')) {
      timeline.cut(into);
      await chain.become(into);
      await chain.start();
      try {
        await chain.exchangeAll();
        await expectAllHolds(chain);
      } catch (error) {
        throw new Error(`after the cut at ${moment}`, { cause: error });
      } finally {
        await chain.end('stop');
      }
    }
  });

  it('was recorded without a gap: undoing every act leads back to the first byte', () => {
    timeline = recorded.timeline();
    timeline.rewind(0n);
    timeline.copy(into);
    const files = filesBelow(begin).filter((name) => !name.startsWith('legacy.sqlite'));
    expect(filesBelow(into).filter((name) => !name.startsWith('legacy.sqlite'))).toEqual(files);
    for (const name of files) {
      expect(readFileSync(join(into, name)).equals(readFileSync(join(begin, name))), name).toBe(true);
    }
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((name) => existsSync(join(folder, name)))
    .sort();
}
