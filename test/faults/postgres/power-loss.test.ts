import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { hasPostgres, type PostgresServer, startPostgres } from '../../services/postgres.js';
import { type Chain, createChain, exchanges, subscribeAll, workMuch } from '../chain.js';
import { expectAllHolds } from '../evidence.js';
import { forgettable } from '../power-loss/forgettable.js';
import { damagedBytes, type StoredBytes } from '../power-loss/inspect.js';
import { startRecording } from '../power-loss/recording.js';
import { shadowMissing } from '../power-loss/shadow.js';
import { long, throwDice } from '../seed.js';
import { stateOn } from './state.js';

/**
 * A loss of power with the platform's state on PostgreSQL. The server crashes and keeps all it committed, as it promises; of
 * everything else only what was fsynced is left. So no row may be committed before the bytes it speaks of are safe.
 */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const ROUNDS = long ? 30 : 2;

let server: PostgresServer;
let chain: Chain;
let into: string;
let day = 0;

describe.skipIf(!hasPostgres() || shadowMissing())('a loss of power, with the state on PostgreSQL,', () => {
  beforeAll(async () => {
    server = await startPostgres();
    chain = await createChain({ villages: 12_000, firms: 300, state: stateOn(server) });
    await subscribeAll(chain);
    await chain.platform.stop();
    into = `${chain.folder}.cut`;
  });
  afterAll(async () => {
    await chain?.close();
    await server?.[Symbol.asyncDispose]();
    if (into) rmSync(into, { recursive: true, force: true });
  });

  const storedBytes = () => chain.platformRows<StoredBytes>('SELECT * FROM stored_bytes');

  it.each(Array.from({ length: ROUNDS }, (_, n) => n))('at any moment, round %i', async (round) => {
    const dice = throwDice(`power loss on PostgreSQL ${round}`);
    const recording = startRecording(chain.folder);
    try {
      const { env } = recording;
      workMuch(chain, ++day);
      await chain.start({ platform: env, mz: env, sw: env });
      for (const exchange of exchanges) await chain.begin(exchange);
      await new Promise((resolve) => setTimeout(resolve, dice.below(1_500)));
      await chain.end('power');
      await server.stop('immediate');
      recording.end().timeline().cut(into);
    } finally {
      await recording.close();
    }
    await chain.become(into);
    await server.start();
    expect(damagedBytes(chain.folder, await storedBytes())).toEqual([]);
    await chain.start();
    await chain.exchangeAll();
    await expectAllHolds(chain);
    await chain.end('stop');
  });

  it('is felt where an fsync of batch bytes is forgotten', async () => {
    const recording = startRecording(chain.folder);
    try {
      const { env } = recording;
      workMuch(chain, ++day);
      await chain.start({ platform: env, mz: env, sw: env });
      await chain.exchangeAll();
      await chain.end('stop');
      const timeline = recording.end().timeline();
      const stored = await storedBytes();
      for (const { name, forgets } of forgettable.filter(({ loses }) => loses === 'batch bytes')) {
        timeline.cut(into, { forgets });
        expect(damagedBytes(into, stored), name).not.toEqual([]);
        rmSync(into, { recursive: true });
      }
    } finally {
      await recording.close();
    }
  });
});
