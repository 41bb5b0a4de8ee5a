/**
 * From a change's commit at the source to its commit at the target, by the commit records in both servers' logs: the chain (strategy
 * log, both sides continuous) against PostgreSQL's own logical replication, and beside a bare relay of three programs, which says what
 * is possible on the machine. Medians over rounds, after a warm-up.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { controlRoutes } from '@qianzhi/agent/control';
import { type ChainRig, createChainRig } from './chain/chain-rig.js';
import { cpuMicrosOfTree } from './chain/process-figures.js';
import { profileOf } from './chain/profile.js';
import { arrived, changeAtRate, type Latency } from './latency/changes.js';
import { chainTable, openServers, type Pair } from './latency/servers.js';
import { report } from './measure.js';
import { median, numberOption, rounded, say } from './options.js';
import { relayChanges } from './relay/relay.js';

const RATES = [200, 2000] as const;
const ROWS = 20_000;
const PROGRESS_MS = 1_100;
/**
 * What runs for weeks is measured warm: after a minute and a half V8 has compiled nearly all that a batch runs, and until then that takes a tenth
 * of the processes' time. The last of these is a whole round.
 */
const WARM_UPS = 10;

interface Run extends Latency {
  readonly ratePerSecond: number;
}

export async function run(options: readonly string[]): Promise<void> {
  const rounds = numberOption(options, 'rounds', 5);
  const seconds = numberOption(options, 'seconds', 8);
  const rate = numberOption(options, 'rate', 0);
  const rates = rate ? [rate] : RATES;
  await using servers = await openServers(ROWS);
  await servers.subscribe();
  const profile = profileOf(options);
  const rig = await createChainRig(servers, {
    resources: [chainTable],
    strategy: 'log',
    continuous: true,
    env: profile.env,
  });
  const found = new Map<string, Latency[]>();
  const keep = (name: string, one: Latency) => found.set(name, [...(found.get(name) ?? []), one]);
  const folder = await mkdtemp(join(tmpdir(), 'qianzhi-bench-latency-'));
  try {
    for (const pair of [servers.chain, servers.floor]) await arrived(pair);
    const { rows } = await servers.chain.source.query('SELECT uscc FROM enterprise ORDER BY uscc');
    const keys = rows.map(({ uscc }) => uscc as string);
    const url = (of: 'chain' | 'floor') =>
      of === 'chain' ? servers.sourceUrl : servers.sourceUrl.replace(/source$/, 'floor');
    const measure = async (of: 'chain' | 'floor', rate: number, round: number) => {
      const pair: Pair = servers[of];
      const count = Math.min(rate * seconds, ROWS / 2);
      // other rows than the round before
      const from = (Math.abs(round) % 2) * (ROWS / 2);
      const before = of === 'chain' ? rig.cpuMicros() : undefined;
      const batchesBefore = await batchesOf(rig);
      const databases = cpuMicrosOfTree(servers.pids.source) + cpuMicrosOfTree(servers.pids.target);
      const latency = await changeAtRate(pair, url(of), keys.slice(from, from + count), rate);
      // progress is told once a second
      if (before) await setTimeout(PROGRESS_MS);
      const after = rig.cpuMicros();
      const perChange = (micros: number) => Math.round(micros / count);
      const ofServers = cpuMicrosOfTree(servers.pids.source) + cpuMicrosOfTree(servers.pids.target);
      const used = before
        ? [
            `provider ${perChange(after.provider - before.provider)}`,
            `platform ${perChange(after.platform - before.platform)}`,
            `consumer ${perChange(after.consumer - before.consumer)}`,
          ]
        : [];
      used.push(`databases ${perChange(ofServers - databases)}`);
      const batches = before ? `, ${(await batchesOf(rig)) - batchesBefore} batches` : '';
      say(`${named(round)} ${of} ${rate}/s: ${told(latency)}; CPU µs a change: ${used.join(', ')}${batches}`);
      if (round > 0) keep(`${of} ${rate}`, latency);
    };
    const relay = async (round: number) => {
      const count = rates[0]! * seconds;
      const relayed = await relayChanges(folder, servers.targetUrl, { count, ratePerSecond: rates[0]! });
      const cpu = Object.entries(relayed.cpuMicros).map(
        ([role, micros]) => `${role} ${Math.round(micros / count)}`,
      );
      say(
        `${named(round)} relay ${rates[0]}/s: ${told(relayed)}; CPU µs a change: ${cpu.join(', ')}, ${relayed.batches} batches`,
      );
      if (round > 0) keep(`relay ${rates[0]}`, relayed);
    };
    for (let round = 1 - WARM_UPS; round <= rounds; round++) {
      if (round === 1) profile.toggle(rig);
      const whole = round >= 0;
      await servers.replicate(whole);
      if (whole) await measure('floor', rates[0]!, round);
      await servers.replicate(false);
      for (const rate of whole ? rates : rates.slice(0, 1)) await measure('chain', rate, round);
      if (whole) await relay(round);
    }
    profile.toggle(rig);
  } finally {
    await rig.close();
    await rm(folder, { recursive: true });
  }
  const medians = (name: string): Latency => {
    const of = found.get(name)!;
    return {
      p50Ms: rounded(median(of.map(({ p50Ms }) => p50Ms))),
      p99Ms: rounded(median(of.map(({ p99Ms }) => p99Ms))),
    };
  };
  const runs: Run[] = rates.map((ratePerSecond) => ({ ratePerSecond, ...medians(`chain ${ratePerSecond}`) }));
  const floor = medians(`floor ${rates[0]}`);
  const relayed = medians(`relay ${rates[0]}`);
  report(options, { runs, floor, relay: relayed }, [
    `bare relay ${rates[0]}/s: p50 ${relayed.p50Ms} ms, p99 ${relayed.p99Ms} ms`,
    `floor ${rates[0]}/s: p50 ${floor.p50Ms} ms, p99 ${floor.p99Ms} ms`,
    ...runs.map((one) => `chain ${one.ratePerSecond}/s: p50 ${one.p50Ms} ms, p99 ${one.p99Ms} ms`),
  ]);
}

const named = (round: number) => (round <= 0 ? 'warm-up' : `round ${round}`);
const told = ({ p50Ms, p99Ms }: Latency) => `p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms`;

/** Batches that the provider has sealed in the run that goes on. */
async function batchesOf({ agents }: ChainRig): Promise<number> {
  const { jobs } = await agents.provider.call(controlRoutes.jobs, { query: { state: 'running' } });
  return jobs[0]?.progress?.batches ?? 0;
}
