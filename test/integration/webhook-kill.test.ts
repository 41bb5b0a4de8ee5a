import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { sql } from '../fixtures/tables.js';
import { createWebhookSite, holds, type WebhookSite } from './webhook-site.js';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const program = fileURLToPath(new URL('../../packages/cli/bin/qianzhi.js', import.meta.url));
let world: WebhookSite;
let child: ChildProcess | undefined;
beforeEach(async () => {
  world = await createWebhookSite(30);
});
afterEach(async () => {
  await kill();
  await world?.close();
});

function start(): void {
  child = spawn(process.execPath, [program, 'agent', 'start', '--config', world.configFile], {
    stdio: 'ignore',
  });
}

async function kill(): Promise<void> {
  const victim = child;
  child = undefined;
  if (!victim || victim.exitCode !== null || victim.signalCode !== null) return;
  const ended = once(victim, 'exit');
  victim.kill('SIGKILL');
  await ended;
}

it('SIGKILL between sending and recording: sent again with its id; nothing lost, nothing told twice, the order kept', async () => {
  await world.configure({ batch: { ms: 0, records: 4 } });
  await world.supply();
  const kills = { left: 4 };
  const twice: string[] = [];
  // the receiver took it, and the agent never hears of that
  world.receiver.answering = async ({ id }) => {
    if (kills.left === 0 || world.receiver.arrived.length % 3 !== 0) return 204;
    kills.left -= 1;
    twice.push(id);
    await kill();
    start();
    return 204;
  };
  start();
  const wanted: Record<string, string> = {};
  for (let n = 0; n < 30; n++) wanted[`c${String(n).padStart(4, '0')}`] = `名称${n}`;
  await holds(world, wanted);
  for (let round = 1; round <= 4; round++) {
    sql(world.site.legacy, `UPDATE firm SET name = '第${round}轮' WHERE code IN ('c0001', 'c0007')`);
    sql(world.site.legacy, `DELETE FROM firm WHERE code = 'c001${round}'`);
    await world.supply();
    wanted.c0001 = wanted.c0007 = `第${round}轮`;
    delete wanted[`c001${round}`];
    await holds(world, wanted);
  }
  expect(kills.left).toBe(0);
  const { arrived, forged } = world.receiver;
  expect(forged).toBe(0);
  for (const id of twice) {
    const [one, again, ...more] = arrived.filter((all) => all.id === id);
    expect([again?.body, more.length], 'the same letter with the same id').toEqual([one!.body, 0]);
  }
  const rounds = arrived
    .flatMap(({ body }) => body.data.records)
    .filter(({ key, op }) => key.code === 'c0001' && op === 'upsert')
    .map(({ values }) => values.name);
  expect([...new Set(rounds)]).toEqual(['名称1', '第1轮', '第2轮', '第3轮', '第4轮']);
});
