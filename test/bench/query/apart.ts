import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Grant } from '@qianzhi/model';
import { intlSuite, type SignatureSuite } from '@qianzhi/model/crypto';
import { openQueryLog } from '../../../packages/agent/src/queries/query-log.js';
import { createRig } from '../../../packages/platform/src/exchange/test-exchange.js';
import { createUsage } from '../../../packages/platform/src/usage/usage.js';
import { median } from '../options.js';

/** Milliseconds spent in signing, verifying and digesting since it was last asked, by the whole process. */
export function countSignatures(): () => number {
  let spent = 0;
  const suite = intlSuite as { -readonly [K in keyof SignatureSuite]: SignatureSuite[K] };
  for (const name of ['sign', 'verify'] as const) {
    const own = suite[name] as (...all: unknown[]) => unknown;
    (suite as Record<string, unknown>)[name] = (...all: unknown[]) => {
      const start = performance.now();
      try {
        return own.apply(intlSuite, all);
      } finally {
        spent += performance.now() - start;
      }
    };
  }
  return () => {
    const since = spent;
    spent = 0;
    return since;
  };
}

/** What one answered question makes durable, beside the platform that answers it and on the same disk. */
export interface Records {
  /** Operation, receipt and audit of the platform. */
  record(): Promise<unknown>;
  /** The provider agent's own log. */
  providerLog(): Promise<unknown>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function createRecords(folder: string): Promise<Records> {
  const rig = await createRig();
  const place = await mkdtemp(join(folder, 'apart-'));
  const { context, consumer } = rig;
  const grant: Grant = rig.grant('a1', { modes: ['online-query'] }).body;
  const usage = createUsage(context);
  const log = await openQueryLog(place, context.now);
  const digest = `sha-256:${'0'.repeat(43)}`;
  const audit = {
    actor: consumer.caller,
    action: 'query.ask',
    object: 'firm/by-code',
    outcome: 'done' as const,
    details: { id: 'x', digest },
  };
  const done = {
    grant,
    mode: 'online-query' as const,
    actor: consumer.caller,
    matter: '核验',
    digest,
    rows: 1,
    bytes: 30,
    audit,
  };
  const entry = {
    kind: 'answered' as const,
    id: 'x',
    resource: 'firm',
    service: 'by-code',
    agreement: 'a1',
    grantVersion: 1,
    consumer: 'sw',
    actor: 'agent:sw-1',
    matter: '核验',
    requestDigest: digest,
    rows: 1,
    complete: true,
    rowsDigest: digest,
  };
  return {
    record: () => usage.record(done),
    providerLog: () => log.record(entry),
    async [Symbol.asyncDispose]() {
      await log.close();
      await rig.close();
      await rm(place, { recursive: true });
    },
  };
}

/** Of one round: half of them took less time than `p50Ms`; `cpuMs` is what this process computed, on average: a busy machine changes it little. */
export interface Cost {
  readonly p50Ms: number;
  readonly cpuMs: number;
}

const MOST_WARM_ROUNDS = 100;

/** Costs of acts that take turns, after some rounds to warm them. */
export async function costsOf<K extends string>(
  rounds: number,
  acts: Readonly<Record<K, (round: number) => Promise<unknown>>>,
): Promise<Record<K, Cost>> {
  const names = Object.keys(acts) as K[];
  const times = new Map(names.map((name) => [name, [] as number[]]));
  const cpu = new Map(names.map((name) => [name, 0]));
  for (let round = -Math.min(rounds, MOST_WARM_ROUNDS); round < rounds; round++) {
    for (const name of names) {
      const before = process.cpuUsage();
      const start = performance.now();
      await acts[name](round);
      const took = performance.now() - start;
      const { user, system } = process.cpuUsage(before);
      if (round < 0) continue;
      times.get(name)!.push(took);
      cpu.set(name, cpu.get(name)! + (user + system) / 1_000);
    }
  }
  const costs = names.map((name) => [
    name,
    { p50Ms: median(times.get(name)!), cpuMs: cpu.get(name)! / rounds },
  ]);
  return Object.fromEntries(costs) as Record<K, Cost>;
}
