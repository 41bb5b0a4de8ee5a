import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '../../packages/agent/src/api/keys/api-keys.js';
import { connectAgent } from '../../packages/agent/src/control/connect.js';
import { controlRoutes } from '../../packages/agent/src/control/routes.js';
import { rowsOf } from '../fixtures/tables.js';
import { expectEvidence } from '../integration/evidence.js';
import { callerOf, pushConfig, pushedFirm } from '../integration/push-site.js';
import { createSite, type Site } from '../integration/site.js';
import { until } from '../integration/until.js';

const binary = fileURLToPath(new URL('../../packages/cli/bin/qianzhi.js', import.meta.url));
const ROUNDS = 3;
const EACH = 40;

let site: Site;
let child: ChildProcess | undefined;
let url: string;
const stateDir = () => join(site.folder, 'mz-1-state');

/** A process of its own, so that it can be killed; `maxBatchAgeMs` decides whether what is pushed is sealed before. */
async function startAgent(maxBatchAgeMs: number): Promise<void> {
  const [exchange] = pushConfig.exchanges;
  const config = {
    ...pushConfig,
    platform: { url: site.url },
    stateDir: stateDir(),
    exchanges: [{ ...exchange, modeOptions: { continuous: true, maxBatchAgeMs } }],
  };
  const file = join(site.folder, 'mz-1-agent.json');
  await writeFile(file, JSON.stringify(config));
  child = spawn(process.execPath, [binary, 'agent', 'start', '--config', file], { stdio: 'ignore' });
  const control = connectAgent(stateDir());
  try {
    url = await until('the API is open', async () => {
      const status = await control.call(controlRoutes.status, {}).catch(() => undefined);
      return status?.pid === child!.pid && status!.api!.pushed.length > 0 && status!.api!.url;
    });
  } finally {
    await control.close();
  }
}

async function kill(): Promise<void> {
  const exited = once(child!, 'exit');
  child!.kill('SIGKILL');
  await exited;
}

beforeAll(async () => {
  site = await createSite();
  await site.publish(pushedFirm);
  await site.enrol('mz-1', 'mz', { connectors: {}, exchanges: [] });
  await site.supply('firm', 'mz-1');
  await site.subscribe('sw', 'firm');
}, 60_000);
afterAll(async () => {
  if (child?.exitCode === null && child.signalCode === null) await kill();
  await site?.close();
});

describe.sequential('SIGKILL of an agent that is pushed to', () => {
  it('nothing is lost after its answer, and nothing is taken twice', { timeout: 120_000 }, async () => {
    const { text } = await createApiKey(stateDir(), { system: 'crm', scopes: ['push:firm'] }, new Date());
    const crm = callerOf(() => url, text);
    const answered = new Map<string, string>();
    const put = async (code: string) => {
      const { status, body } = await crm.call(
        'POST',
        '/resources/firm/records',
        { code, name: `n-${code}` },
        { 'idempotency-key': code },
      );
      if (status === 200) answered.set(code, body.push);
      return body;
    };
    const all: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      // an hour: what is pushed in this round is in no batch when the process dies
      await startAgent(3_600_000);
      const codes = Array.from({ length: EACH }, (_, n) => `r${round}-${n}`);
      all.push(...codes);
      const sending = Promise.allSettled(codes.map(put));
      await until('half of them are answered', () => answered.size >= round * EACH + EACH / 2);
      await kill();
      await sending;
    }
    await startAgent(1);
    const unsure = all.filter((code) => !answered.has(code));
    const before = new Map(answered);
    // what had its answer, and what had none because the process died: all of it once more
    for (const code of all) {
      const body = await put(code);
      if (before.has(code)) expect(body).toMatchObject({ push: before.get(code), repeated: true });
    }
    const last = answered.get(all.at(-1)!)!;
    await until('all has its receipt', async () => {
      const { body } = await crm.call('GET', `/resources/firm/pushes/${last}`);
      return body.stage === 'stored';
    });
    const sw = await site.enrol('sw-1', 'sw', {
      connectors: { own: { type: 'sqlite', path: site.at('sw.sqlite'), create: true } },
      exchanges: [{ name: 'in', consume: 'firm', connector: 'own', target: { table: 'firm', create: true } }],
    });
    await sw.start();
    const job = await sw.done('in');
    expect(rowsOf(site.at('sw.sqlite'), 'firm', ['code']).map(([code]) => code)).toEqual(all.toSorted());
    expect(job.summary).toMatchObject({ inserted: all.length, updated: 0, unchanged: 0 });
    expect(unsure.length).toBeLessThanOrEqual((ROUNDS * EACH) / 2);
    await expectEvidence(site);
  });
});
