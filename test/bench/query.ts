/**
 * One row by its key through the whole way (consumer's signed request, platform, tunnel, provider's agent, PostgreSQL and back),
 * against the same prepared statement asked directly. Signatures are timed where they happen, durable records each alone on the same
 * disk; what is left is what the way itself adds. Then requests a second, and the same beside a provider that sleeps.
 */

import { report } from './measure.js';
import { median, numberOption, rounded, say } from './options.js';
import { countSignatures, durableCost, medianOf } from './query/apart.js';
import { createQueryRig, type QueryRig, ROWS, SQL } from './query/rig.js';

const LOAD_MS = 5_000;
const SLOW_AT_ONCE = 32;

export async function run(options: readonly string[]): Promise<void> {
  const rounds = numberOption(options, 'rounds', 500);
  await using rig = await createQueryRig();
  const signed = countSignatures();
  say('one client');
  const single = await alone(rig, rounds, signed);
  say('durable records apart');
  const durable = await durableCost(rig.site.folder, rounds);
  const durableMs = durable.nonce + durable.record + durable.providerLog;
  // the receipt's own signature is in `record`, and was counted with the signatures
  const added = single.throughMs - single.directMs - single.signaturesMs - durableMs;
  const load: Record<string, Load> = {};
  for (const clients of [1, 16, 64]) {
    say(`${clients} clients`);
    load[clients] = await underLoad(rig, clients);
  }
  say('beside a slow provider');
  const slow = await besideSlow(rig);
  const result = {
    rounds,
    p50Ms: {
      through: rounded(single.throughMs),
      direct: rounded(single.directMs),
      signatures: rounded(single.signaturesMs),
      durable: rounded(durableMs),
      added: rounded(added),
    },
    durableMs: {
      nonce: rounded(durable.nonce),
      record: rounded(durable.record),
      providerLog: rounded(durable.providerLog),
    },
    load,
    besideSlowProvider: slow,
  };
  report(options, result, [
    `through ${result.p50Ms.through} ms, direct ${result.p50Ms.direct} ms, signatures ${result.p50Ms.signatures} ms, durable ${result.p50Ms.durable} ms: the way adds ${result.p50Ms.added} ms (p50)`,
    ...Object.entries(load).map(
      ([clients, one]) => `${clients} clients: ${one.perSecond}/s, p50 ${one.p50Ms} ms, p99 ${one.p99Ms} ms`,
    ),
    `16 clients beside a slow provider: ${slow.perSecond}/s, p50 ${slow.p50Ms} ms, p99 ${slow.p99Ms} ms`,
  ]);
}

async function alone(rig: QueryRig, rounds: number, signed: () => number) {
  const [client] = rig.clients(1);
  const signatures: number[] = [];
  const throughMs = await medianOf(rounds, async (n) => {
    signed();
    await rig.ask(client!, 'firm', codeOf(n));
    if (n >= 0) signatures.push(signed());
  });
  const directMs = await medianOf(rounds, (n) =>
    rig.database.query({ name: 'direct', text: SQL, values: [codeOf(n)], rowMode: 'array' }),
  );
  return { throughMs, directMs, signaturesMs: median(signatures) };
}

const codeOf = (n: number) => `C${1 + ((n * 7919 + ROWS) % ROWS)}`;

interface Load {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

async function underLoad(rig: QueryRig, count: number): Promise<Load> {
  const clients = rig.clients(count);
  const times: number[] = [];
  const end = performance.now() + LOAD_MS;
  await Promise.all(
    clients.map(async (client, at) => {
      for (let n = at; performance.now() < end; n += count) {
        const start = performance.now();
        await rig.ask(client, 'firm', codeOf(n));
        times.push(performance.now() - start);
      }
    }),
  );
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => rounded(sorted[Math.floor((sorted.length - 1) * share)]!);
  return { perSecond: Math.round((times.length / LOAD_MS) * 1_000), p50Ms: at(0.5), p99Ms: at(0.99) };
}

/** As many slow questions as wait at any time, all of them to another provider. */
async function besideSlow(rig: QueryRig): Promise<Load> {
  let over = false;
  const slow = rig.clients(SLOW_AT_ONCE).map(async (client) => {
    while (!over) await rig.ask(client, 'slow', codeOf(1));
  });
  try {
    return await underLoad(rig, 16);
  } finally {
    over = true;
    await Promise.all(slow);
  }
}
