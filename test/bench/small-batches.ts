/**
 * What one small batch costs the platform, in CPU of its process, which other work on the machine changes little: `intakeMicros` with a
 * provider alone, which sends batches of two rows at a steady rate, and `platformMicros` with a consumer as well, which polls for them
 * with their bytes inside and hands in receipts; all over signed HTTP.
 */

import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { agentRoutes, type Delivery, noCounts, type Receipt, type Signed } from '@qianzhi/model';
import { documentDigest, intlSuite, signDocument } from '@qianzhi/model/crypto';
import { createRig } from '../e2e/rig.js';
import { enterpriseResource } from './chain/enterprise.js';
import { cpuMicrosOf, peakRssMiBOf } from './chain/process-figures.js';
import { report } from './measure.js';
import { median, numberOption, rounded, say } from './options.js';
import { enrolHere, type SmallAgent } from './small-batches/agent.js';
import { createBatches } from './small-batches/batches.js';

const RESOURCE = 'enterprise';
/** Granted to nobody. */
const UNSHARED = 'enterprise_unshared';
const GATHER_MS = 50;
const POLL_MS = 5_000;

export async function run(options: readonly string[]): Promise<void> {
  const rate = numberOption(options, 'rate', 50);
  const batches = numberOption(options, 'batches', 500);
  const rounds = numberOption(options, 'rounds', 3);
  const warmUps = numberOption(options, 'warm-ups', 4);
  const rig = await createRig();
  try {
    const provider = await enrolHere(rig, 'provider', 'mz');
    const consumer = await enrolHere(rig, 'consumer', 'sw');
    for (const resource of [UNSHARED, RESOURCE]) await rig.publish(enterpriseResource(resource), 'provider');
    await rig.subscribe(RESOURCE);

    /** Median of the rounds; `done` resolves when so many batches have gone their whole way. */
    async function costOf(what: string, resource: string, done: (batches: number) => Promise<void>) {
      const next = await createBatches(provider, resource);
      const found: number[] = [];
      for (let round = 1 - warmUps; round <= rounds; round++) {
        const before = cpuMicrosOf(rig.platform.pid);
        const start = performance.now();
        await sendSteadily(next, batches, rate, start);
        await done(batches * (round + warmUps));
        const micros = (cpuMicrosOf(rig.platform.pid) - before) / batches;
        const seconds = (performance.now() - start) / 1000;
        say(
          `${what} ${round <= 0 ? 'warm-up' : `round ${round}`}: ${Math.round(micros)} µs of the platform a batch, ${seconds.toFixed(1)} s, peak ${Math.round(peakRssMiBOf(rig.platform.pid))} MiB`,
        );
        if (round > 0) found.push(micros);
      }
      return rounded(median(found));
    }

    const intakeMicros = await costOf('intake', UNSHARED, async () => {});
    const sink = consume(consumer);
    const platformMicros = await costOf('all', RESOURCE, sink.receipted);
    await sink.end();
    report(options, { intakeMicros, platformMicros }, [
      `platform: ${intakeMicros} µs of CPU a batch taken in, ${platformMicros} with its delivery and receipt`,
    ]);
  } finally {
    await rig.close();
  }
}

async function sendSteadily(next: () => Promise<void>, batches: number, rate: number, start: number) {
  const sends: Promise<void>[] = [];
  for (let sent = 0; sent < batches; sent++) {
    const due = start + (sent * 1000) / rate - performance.now();
    if (due > 0) await setTimeout(due);
    sends.push(next());
    if (sends.length >= 4) await sends.shift();
  }
  await Promise.all(sends);
}

interface Sink {
  /** Resolves when so many batches in all have their receipts at the platform. */
  receipted(batches: number): Promise<void>;
  end(): Promise<void>;
}

/** Polls as an agent does, and hands in one receipt for each batch, those of a moment together. */
function consume({ client, key, agent }: SmallAgent): Sink {
  const over = new AbortController();
  const waiting: Signed<Delivery>[] = [];
  let handedIn = 0;
  let previous: string | null = null;

  function receiptOf({ body: { delivery, seq, manifest } }: Signed<Delivery>): Signed<Receipt> {
    const { rows, rowsDigest } = manifest.body;
    const receipt = signDocument<Receipt>(
      {
        type: 'receipt',
        version: 1,
        id: randomUUID(),
        stage: 'applied',
        subject: { delivery },
        issuer: agent,
        seqFrom: seq,
        seqTo: seq,
        rowsDigests: [rowsDigest],
        rows,
        counts: { ...noCounts, delivered: rows, updated: rows },
        previous,
        issuedAt: new Date().toISOString(),
      },
      key,
    );
    previous = documentDigest(receipt, intlSuite);
    return receipt;
  }

  async function poll(): Promise<void> {
    let last: Signed<Delivery> | undefined;
    while (!over.signal.aborted) {
      const after = last ? [{ delivery: last.body.delivery, seq: last.body.seq }] : [];
      const body = { resource: RESOURCE, after, waitMs: POLL_MS, limit: 16, inlineBytes: 65_536 };
      const answer = await client.call(agentRoutes.pollDeliveries, { body, waitMs: POLL_MS }, over.signal);
      waiting.push(...answer.deliveries);
      last = answer.deliveries.at(-1) ?? last;
    }
  }

  async function handIn(): Promise<void> {
    for (;;) {
      const receipts = waiting.splice(0, 100).map(receiptOf);
      if (receipts.length > 0) await client.call(agentRoutes.acknowledge, { body: { receipts } });
      else if (over.signal.aborted) return;
      handedIn += receipts.length;
      await setTimeout(GATHER_MS);
    }
  }

  const polling = poll().catch((error) => {
    if (!over.signal.aborted) throw error;
  });
  const handing = handIn();
  const running = Promise.all([polling, handing]);
  running.catch(() => over.abort());
  return {
    async receipted(batches) {
      while (handedIn < batches) {
        if (over.signal.aborted) await running;
        await setTimeout(GATHER_MS);
      }
    },
    async end() {
      over.abort();
      await running;
    },
  };
}
