import type { Channel, IncomingDelivery, SealedBatch } from '@qianzhi/plugin-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commandsIn } from '../e2e/hints.js';
import { rowsOf } from '../fixtures/tables.js';
import { expectEvidence } from './evidence.js';
import { createFirmSite, type FirmSite, smallBatches } from './firm.js';
import type { SiteAgent } from './site-agent.js';

/** Media that deliver twice, in another order, or cut: true documents, each in the wrong place. */
let site: FirmSite;
let sw: SiteAgent;
beforeEach(async () => {
  site = await createFirmSite({ rows: 60 });
  sw = await site.consumer('sw-1', 'sw');
  await site.subscribe('sw', 'firm');
});
afterEach(() => site?.close());

const target = () => rowsOf(site.targetOf('sw-1'), 'firm');
const equal = () => expect(target()).toEqual(rowsOf(site.legacy, 'firm'));

type Incoming = AsyncIterable<IncomingDelivery>;
const receiving =
  (change: (from: Incoming) => Incoming) =>
  (http: Channel): Channel => ({
    ...http,
    receive: (request, signal) => change(http.receive(request, signal)),
  });

async function* twice(from: Incoming): Incoming {
  for await (const one of from) {
    yield one;
    yield one;
  }
}

async function* inPairsTurned(from: Incoming): Incoming {
  let held: IncomingDelivery | undefined;
  for await (const one of from) {
    if (!held) held = one;
    else {
      yield one;
      yield held;
      held = undefined;
    }
  }
  if (held) yield held;
}

async function* bytesCut(from: Incoming): Incoming {
  for await (const one of from) {
    yield { ...one, bytes: async (signal) => (await one.bytes(signal)).subarray(0, -1) };
  }
}

async function* oneLeftOut(from: Incoming): Incoming {
  for await (const one of from) if (one.delivery.body.seq !== 3) yield one;
}

describe('deliveries', () => {
  beforeEach(async () => {
    await site.mz.start({ limits: smallBatches });
    await site.mz.done('out');
  });

  it('that come twice are applied once', async () => {
    await sw.start({ channel: receiving(twice) });
    expect((await sw.done('in')).summary).toMatchObject({ delivered: 60, inserted: 60, rejected: 0 });
    equal();
    await expectEvidence(site);
  });

  it.each([
    ['out of order', inPairsTurned, 'QZ_ENGINE_DELIVERY_GAP'],
    ['with one left out', oneLeftOut, 'QZ_ENGINE_DELIVERY_GAP'],
    ['a byte short', bytesCut, 'QZ_ENGINE_DELIVERY_WRONG'],
  ])(
    'that come %s stop the stream, nothing of it is seen, and the command leads on',
    async (_what, change, code) => {
      await sw.start({ channel: receiving(change) });
      const job = await sw.run('in');
      expect(job, JSON.stringify(job)).toMatchObject({ state: 'failed', problem: { code } });
      expect(target()).toEqual([]);
      const [resume] = commandsIn(job.problem!.texts.en.hint);
      expect(resume).toBe('qianzhi stream resume firm');
      await sw.stop();
      await sw.start();
      sw.engine.streams.resume('firm');
      await sw.done('in');
      equal();
      await expectEvidence(site);
    },
  );
});

it('batches sent twice, and the second of each two first, are stored once and in order', async () => {
  let held: { batch: SealedBatch; sent: () => void } | undefined;
  const channel = (http: Channel): Channel => ({
    ...http,
    async send(batch, signal) {
      if (batch.manifest.body.seq % 2 === 1 && !held) {
        await new Promise<void>((sent, reject) => {
          held = { batch, sent };
          signal.addEventListener('abort', () => reject(signal.reason), { once: true });
          // the last of all has none to wait for
          setTimeout(sent, 1_000);
        });
        held = undefined;
      }
      const earlier = held;
      const sending = http.send(batch, signal);
      earlier?.sent();
      await sending;
      await http.send(batch, signal);
    },
  });
  await site.mz.start({ limits: smallBatches, channel });
  await site.mz.done('out');
  await sw.start();
  expect((await sw.done('in')).summary).toMatchObject({ delivered: 60, inserted: 60 });
  equal();
  const [sums] = await site.reconciliation('firm');
  expect(sums).toMatchObject({ stored: 60, balanced: true });
  await expectEvidence(site);
});
