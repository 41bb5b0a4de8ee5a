/**
 * What one small batch costs the platform, in CPU of its process, which other work on the machine changes little: `intakeMicros` with a
 * provider alone, which sends batches of two rows at a steady rate; `scanningMicros` of these for scanning and hashing the rows, as this
 * process takes for it at the same rate, and `beyondMicros` for the rest; `platformMicros` with a consumer as well, which polls for them
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
import { type Batches, createBatches } from './small-batches/batches.js';

const RESOURCE = 'enterprise';
/** Granted to nobody. */
const UNSHARED = 'enterprise_unshared';
const GATHER_MS = 50;
const POLL_MS = 5_000;

/** A second. What comes seldom finds the processor's memory full of other things, and costs more each. */
const RATES = [50, 200] as const;

export async function run(options: readonly string[]): Promise<void> {
  const rate = numberOption(options, 'rate', 0);
  const seconds = numberOption(options, 'seconds', 10);
  const rounds = numberOption(options, 'rounds', 5);
  const warmUps = numberOption(options, 'warm-ups', 4);
  const rig = await createRig();
  try {
    const provider = await enrolHere(rig, 'provider', 'mz');
    const consumer = await enrolHere(rig, 'consumer', 'sw');
    for (const resource of [UNSHARED, RESOURCE]) await rig.publish(enterpriseResource(resource), 'provider');
    await rig.subscribe(RESOURCE);
    const rates = rate ? [rate] : RATES;

    /** Of each rate the median of the rounds; `done` resolves when so many batches have gone their whole way. */
    async function costs(what: string, { send }: Batches, done: (batches: number) => Promise<void>) {
      const ofRates: number[] = [];
      let sent = 0;
      for (const rate of rates) {
        const batches = rate * seconds;
        const found: number[] = [];
        for (let round = 1 - warmUps; round <= rounds; round++) {
          const before = cpuMicrosOf(rig.platform.pid);
          await steadily(send, batches, rate);
          sent += batches;
          await done(sent);
          const micros = (cpuMicrosOf(rig.platform.pid) - before) / batches;
          const peakMiB = Math.round(peakRssMiBOf(rig.platform.pid));
          say(
            `${what}, ${rate} a second, ${round <= 0 ? 'warm-up' : `round ${round}`}: ${Math.round(micros)} µs of the platform a batch, peak ${peakMiB} MiB`,
          );
          if (round > 0) found.push(micros);
        }
        ofRates.push(rounded(median(found)));
      }
      return ofRates;
    }

    const unshared = await createBatches(provider, UNSHARED);
    const intake = await costs('intake', unshared, async () => {});
    const scanning: number[] = [];
    for (const rate of rates) scanning.push(await ownCostOf(unshared.scan, rate * seconds, rate));
    const sink = consume(consumer);
    const all = await costs('all', await createBatches(provider, RESOURCE), sink.receipted);
    await sink.end();
    const runs = rates.map((ratePerSecond, i) => ({
      ratePerSecond,
      intakeMicros: intake[i]!,
      scanningMicros: scanning[i]!,
      beyondMicros: intake[i]! - scanning[i]!,
      platformMicros: all[i]!,
    }));
    report(
      options,
      { runs },
      runs.map(
        (run) =>
          `platform, at ${run.ratePerSecond} batches a second: ${run.intakeMicros} µs of CPU a batch taken in, ${run.beyondMicros} of them beyond scanning and hashing; ${run.platformMicros} with its delivery and receipt`,
      ),
    );
  } finally {
    await rig.close();
  }
}

async function steadily(work: () => Promise<void>, times: number, rate: number): Promise<void> {
  const start = performance.now();
  const running: Promise<void>[] = [];
  for (let begun = 0; begun < times; begun++) {
    const due = start + (begun * 1000) / rate - performance.now();
    if (due > 0) await setTimeout(due);
    running.push(work());
    if (running.length >= 4) await running.shift();
  }
  await Promise.all(running);
}

/** CPU of this process for work at a rate, without what waiting at that rate takes; warm. */
async function ownCostOf(work: () => Promise<void>, times: number, rate: number): Promise<number> {
  const spent = async (what: () => Promise<void>) => {
    const before = process.cpuUsage();
    await steadily(what, times, rate);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / times;
  };
  await spent(work);
  return Math.round((await spent(work)) - (await spent(async () => {})));
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
