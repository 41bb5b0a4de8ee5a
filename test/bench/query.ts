/**
 * One row by its key through the whole way (consumer's signed request, platform, tunnel, provider's agent, PostgreSQL and back),
 * against the same prepared statement asked directly. Apart from that stand: a signed request that does nothing (proven, its nonce
 * durable, its answer signed), the documents a question signs and proves, timed where they happen, and its durable records, each
 * on the same disk. All of these take turns, so that each finds the machine as the others do. What is left is what the way itself
 * adds, in time and in CPU of this one process; beside it stands what a bare way of the same steps adds to a bare request. Then 1,000
 * keys at once, requests a second, and the same beside a provider that sleeps.
 */

import { agentRoutes, MAX_LOOKUPS } from '@qianzhi/model';
import { report } from './measure.js';
import { median, numberOption, rounded, say } from './options.js';
import { costsOf, countSignatures, createRecords, type Records } from './query/apart.js';
import { type BareWay, openBareWay } from './query/bare.js';
import { createQueryRig, type QueryRig, ROWS, SQL } from './query/rig.js';

let loadMs = 5_000;
const SLOW_AT_ONCE = 32;

export async function run(options: readonly string[]): Promise<void> {
  const rounds = numberOption(options, 'rounds', 500);
  loadMs = numberOption(options, 'load-ms', 5_000);
  await using rig = await createQueryRig();
  const signed = countSignatures();
  say('one client, and its parts apart');
  await using records = await createRecords(rig.site.folder);
  await using bare = await openBareWay(rig.databaseUrl);
  const parts = await alone(rig, records, rounds, signed, bare);
  const p50Ms = apart(parts, 'p50Ms');
  const cpuMs = apart(parts, 'cpuMs');
  say(JSON.stringify({ p50Ms, cpuMs }));
  say('a thousand keys');
  const thousandKeysMs = await thousandKeys(rig);
  const load: Record<string, Load> = {};
  for (const clients of [1, 16, 64]) {
    say(`${clients} clients`);
    load[clients] = await underLoad(rig, clients);
    say(JSON.stringify(load[clients]));
  }
  say('beside a slow provider');
  const slow = await besideSlow(rig);
  const durableMs = { record: rounded(parts.record.p50Ms), providerLog: rounded(parts.providerLog.p50Ms) };
  const result = { rounds, p50Ms, cpuMs, durableMs, thousandKeysMs, load, besideSlowProvider: slow };
  report(options, result, [
    ...Object.entries({ p50: p50Ms, CPU: cpuMs }).map(
      ([what, of]) =>
        `${what}: through ${of.through} ms, direct ${of.direct} ms, a signed request that does nothing ${of.signedRequest} ms, signing and proving documents ${of.documents} ms, durable ${of.durable} ms: the way adds ${of.added} ms (a bare one ${of.addedByBareWay} ms)`,
    ),
    `1,000 keys in one request: ${thousandKeysMs.through} ms, directly one after the other ${thousandKeysMs.direct} ms`,
    ...Object.entries(load).map(
      ([clients, one]) => `${clients} clients: ${one.perSecond}/s, p50 ${one.p50Ms} ms, p99 ${one.p99Ms} ms`,
    ),
    `16 clients beside a slow provider: ${slow.perSecond}/s, p50 ${slow.p50Ms} ms, p99 ${slow.p99Ms} ms`,
  ]);
}

type Parts = Awaited<ReturnType<typeof alone>>;

/** What any signed request costs, its nonce made durable among it; then the documents that a question signs; then its records. */
function apart(
  { through, direct, signedRequest, documentsMs, record, providerLog, bareWay, bareRequest }: Parts,
  of: 'p50Ms' | 'cpuMs',
) {
  const durable = record[of] + providerLog[of];
  const added = through[of] - direct[of] - signedRequest[of] - documentsMs - durable;
  return {
    through: rounded(through[of]),
    direct: rounded(direct[of]),
    signedRequest: rounded(signedRequest[of]),
    documents: rounded(documentsMs),
    durable: rounded(durable),
    added: rounded(added),
    addedByBareWay: rounded(bareWay[of] - direct[of] - bareRequest[of]),
  };
}

async function alone(rig: QueryRig, records: Records, rounds: number, signed: () => number, bare: BareWay) {
  const [client] = rig.clients(1);
  const signatures: number[] = [];
  const requestSignatures: number[] = [];
  const costs = await costsOf(rounds, {
    async through(n) {
      signed();
      await rig.ask(client!, 'firm', codeOf(n));
      signatures.push(signed());
    },
    async signedRequest() {
      signed();
      await client!.call(agentRoutes.heads, { body: { streams: [] } });
      requestSignatures.push(signed());
    },
    direct: (n) => askDirectly(rig, codeOf(n)),
    record: records.record,
    providerLog: records.providerLog,
    bareWay: (n) => bare.through(codeOf(n)),
    bareRequest: bare.request,
  });
  return { ...costs, documentsMs: median(signatures) - median(requestSignatures) };
}

const askDirectly = ({ database }: QueryRig, code: string) =>
  database.query({ name: 'direct', text: SQL, values: [code], rowMode: 'array' });

async function thousandKeys(rig: QueryRig) {
  const [client] = rig.clients(1);
  const codes = Array.from({ length: MAX_LOOKUPS }, (_, n) => codeOf(n));
  const { through, direct } = await costsOf(10, {
    through: () => rig.askAll(client!, codes),
    async direct() {
      for (const code of codes) await askDirectly(rig, code);
    },
  });
  return { through: rounded(through.p50Ms), direct: rounded(direct.p50Ms) };
}

const codeOf = (n: number) => `C${1 + ((((n * 7919) % ROWS) + ROWS) % ROWS)}`;

interface Load {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

async function underLoad(rig: QueryRig, count: number): Promise<Load> {
  const clients = rig.clients(count);
  const times: number[] = [];
  const end = performance.now() + loadMs;
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
  return { perSecond: Math.round((times.length / loadMs) * 1_000), p50Ms: at(0.5), p99Ms: at(0.99) };
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
