import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Grant } from '@qianzhi/model';
import { intlSuite, type SignatureSuite } from '@qianzhi/model/crypto';
import { openQueryLog } from '../../../packages/agent/src/queries/query-log.js';
import { createRig } from '../../../packages/platform/src/exchange/test-exchange.js';
import { createNonces } from '../../../packages/platform/src/identity/nonces.js';
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

/** Medians of what one answered question makes durable, each alone on the same disk, one after the other as a question does. */
export async function durableCost(folder: string, rounds: number) {
  const rig = await createRig();
  const place = await mkdtemp(join(folder, 'apart-'));
  try {
    const { context, consumer } = rig;
    const grant: Grant = rig.grant('a1', { modes: ['online-query'] }).body;
    const usage = createUsage(context);
    const nonces = createNonces(context.db);
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
    const cost = {
      nonce: await medianOf(rounds, async (n) => {
        await nonces.take('key', `n${n}`, new Date(Date.now() + 60_000));
        await nonces.stored('key', `n${n}`);
      }),
      record: await medianOf(rounds, () => usage.record(done)),
      providerLog: await medianOf(rounds, () => log.record(entry)),
    };
    await log.close();
    return cost;
  } finally {
    await rig.close();
    await rm(place, { recursive: true });
  }
}

export async function medianOf(rounds: number, act: (round: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = -20; round < rounds; round++) {
    const start = performance.now();
    await act(round);
    if (round >= 0) times.push(performance.now() - start);
  }
  return median(times);
}
