import { type ChildProcess, fork } from 'node:child_process';
import { on, once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type PerRole, perRole } from '../chain/chain-rig.js';
import { cpuMicrosOf } from '../chain/process-figures.js';
import { type Latency, latencyIn } from '../latency/changes.js';

/** Three bare programs: what provider, platform and consumer cost a machine before any of them has signed, checked or recorded a thing. */
interface Relay extends AsyncDisposable {
  readonly programs: { readonly [K in keyof PerRole]: ChildProcess };
  cpuMicros(): PerRole;
  /** Waits until each program has done what it was begun for; fails when one of them ends before. */
  done(): Promise<unknown>;
}

async function startRelay(program: string, within: string, settings: object): Promise<Relay> {
  const held = await mkdtemp(join(within, 'relay-'));
  const started: ChildProcess[] = [];
  const ends = new Map<keyof PerRole, Promise<unknown>>();
  const start = (role: keyof PerRole, port?: unknown) => {
    const file = fileURLToPath(new URL(program, import.meta.url));
    const child = fork(file, [role, JSON.stringify({ held, port, ...settings })], { execArgv: [] });
    started.push(child);
    ends.set(role, doneOf(child));
    return child;
  };
  const platform = start('platform');
  const port = await ends.get('platform');
  const programs = { platform, consumer: start('consumer', port), provider: start('provider', port) };
  return {
    programs,
    done: () => Promise.all(ends.values()),
    cpuMicros: () => perRole((role) => cpuMicrosOf(programs[role].pid!)),
    async [Symbol.asyncDispose]() {
      for (const child of started) child.kill();
      await Promise.all(started.map((child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')));
      await rm(held, { recursive: true });
    },
  };
}

async function doneOf(child: ChildProcess): Promise<unknown> {
  for await (const [message] of on(child, 'message', { close: ['exit'] }))
    if ('done' in message) return message.done;
  throw new Error('a program of the relay ended');
}

/** Seconds for all files of a folder, each of so many bytes, into another one. */
export async function relayFiles(
  within: string,
  { from, to, bytes }: { from: string; to: string; bytes: number },
): Promise<number> {
  await mkdir(to);
  await using relay = await startRelay('files.js', within, { from, to, bytes });
  const start = performance.now();
  relay.programs.provider.send('go');
  await relay.done();
  return (performance.now() - start) / 1000;
}

export interface RelayedChanges extends Latency {
  readonly cpuMicros: PerRole;
  readonly batches: number;
}

const ARRIVE_DEADLINE_MS = 20_000;

/** From telling the provider of a change to its commit at the target's database, so many of them at a steady rate. */
export async function relayChanges(
  within: string,
  url: string,
  { count, ratePerSecond }: { count: number; ratePerSecond: number },
): Promise<RelayedChanges> {
  await using relay = await startRelay('changes.js', within, { url });
  await relay.done();
  const { provider, consumer } = relay.programs;
  const told: number[] = [];
  const took: number[] = [];
  let batches = 0;
  consumer.on('message', ({ keys, at }: { keys: number[]; at: number }) => {
    batches++;
    for (const key of keys) took.push(at - told[key]!);
  });
  const before = relay.cpuMicros();
  const start = performance.now();
  for (let n = 0; n < count; n++) {
    const due = start + (n * 1000) / ratePerSecond - performance.now();
    if (due > 0) await setTimeout(due);
    told.push(performance.timeOrigin + performance.now());
    provider.send(n);
  }
  for (const deadline = performance.now() + ARRIVE_DEADLINE_MS; took.length < count; await setTimeout(50))
    if (performance.now() > deadline) throw new Error(`${took.length} of ${count} changes arrived`);
  const after = relay.cpuMicros();
  return { ...latencyIn(took), cpuMicros: perRole((role) => after[role] - before[role]), batches };
}
