import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../packages/agent/src/webhooks/state.js';
import { newestDeliveries } from '../../packages/agent/src/webhooks/webhook-log.js';
import { sql } from '../fixtures/tables.js';
import { until } from './until.js';
import { startReceiver } from './webhook-receiver.js';
import { createWebhookSite, holds, type WebhookSite } from './webhook-site.js';

let world: WebhookSite;
beforeEach(async () => {
  world = await createWebhookSite(3);
});
afterEach(() => world?.close());

const first = { c0000: '名称0', c0001: '名称1', c0002: '名称2' };
const change = (...statements: string[]) => sql(world.site.legacy, ...statements);
const rename = (code: string, name: string) =>
  change(`UPDATE firm SET name = '${name}' WHERE code = '${code}'`);

async function startAndReceive(): Promise<void> {
  await world.start();
  await world.supply();
  await holds(world, first);
}

describe('webhooks', () => {
  it('bring the records as they are, then every change in order, each once, over a restart', async () => {
    await startAndReceive();
    rename('c0001', '甲');
    change("DELETE FROM firm WHERE code = 'c0000'");
    await world.supply();
    await holds(world, { c0001: '甲', c0002: '名称2' });
    // a letter whose answer was not read yet would be sent again
    await until('nothing is left to send', () => world.hook().state === 'idle');
    await world.stop();
    rename('c0001', '乙');
    await world.supply();
    await world.start();
    await holds(world, { c0001: '乙', c0002: '名称2' });
    const { arrived, forged } = world.receiver;
    expect(forged).toBe(0);
    expect(
      world.receiver
        .story()
        .slice(3)
        .filter((one) => one.endsWith('c0001')),
    ).toEqual(['upsert c0001', 'upsert c0001']);
    const cursors = arrived.flatMap(({ body }) => body.data.records.map(({ cursor }) => cursor));
    expect(new Set(cursors).size).toBe(cursors.length);
    expect(arrived[0]!.body).toMatchObject({
      type: 'records',
      data: { agent: 'sw-1', webhook: 'oa', exchange: 'in', resource: 'firm' },
    });
    await until('nothing is left to send', () => world.hook().state === 'idle');
    expect(world.hook()).toMatchObject({ host: `127.0.0.1:${world.receiver.port}`, dead: [] });
    expect(JSON.stringify(world.sw.status())).not.toContain('hidden');
  });

  it('send the same letter again until it is taken: refused, cut off and never answered', async () => {
    await world.configure({ timeoutSeconds: 0.3 });
    const answers = [500, 'cut', 'hang', 204] as const;
    world.receiver.answering = () => answers[world.receiver.arrived.length - 1] ?? 204;
    await startAndReceive();
    const ids = world.receiver.arrived.map(({ id }) => id);
    expect(ids.slice(0, 4)).toEqual([ids[0], ids[0], ids[0], ids[0]]);
    rename('c0002', '丙');
    await world.supply();
    await holds(world, { ...first, c0002: '丙' });
    expect(world.receiver.arrived.at(-1)!.id).not.toBe(ids[0]);
  });

  it('are proven afterwards: which body went to whom, when, by which agreement, and with which answer', async () => {
    world.receiver.answering = () => (world.receiver.arrived.length === 1 ? 500 : 204);
    await startAndReceive();
    await until('nothing is left to send', () => world.hook().state === 'idle');
    await world.stop();
    await world.start();
    rename('c0001', '甲');
    await world.supply();
    await holds(world, { ...first, c0001: '甲' });
    await until('nothing is left to send', () => world.hook().state === 'idle');
    const newest = await newestDeliveries(join(world.site.folder, 'sw-1-state'), 100);
    const logged = newest.entries.toReversed();
    const { arrived } = world.receiver;
    const sent = logged.filter(({ kind }) => kind === 'sending');
    expect(sent.map(({ id, bodyDigest }) => [id, bodyDigest])).toEqual(
      arrived.map(({ id, body }) => [id, digestOf(JSON.stringify(body))]),
    );
    const [begun, failed] = logged;
    expect(begun).toMatchObject({
      webhook: 'oa',
      host: `127.0.0.1:${world.receiver.port}`,
      resource: 'firm',
      agreement: world.agreement,
      attempt: 1,
    });
    expect(failed).toMatchObject({ kind: 'failed', id: begun!.id, status: 500 });
    const delivered = logged.filter(({ kind }) => kind === 'delivered');
    expect(delivered.map(({ status }) => status)).toEqual(arrived.slice(1).map(() => 204));
    expect(logged.map(({ seq }) => seq)).toEqual(logged.map((_, at) => at + 1));
    expect(JSON.stringify(logged)).not.toMatch(/名称|甲|hidden/);
  });

  it('keep what follows behind a dead letter until somebody decides, and raise an alarm', async () => {
    await startAndReceive();
    world.receiver.answering = () => 422;
    rename('c0000', '一');
    await world.supply();
    await until('it is blocked', () => world.hook().state === 'blocked');
    rename('c0000', '二');
    await world.supply();
    await until(
      'the alarm is raised',
      () => world.sw.status().openAlerts.some(({ rule }) => rule === 'webhook-dead'),
      20_000,
    );
    expect(world.hook().dead).toMatchObject([
      { records: 1, attempts: 1, problem: { code: 'QZ_AGENT_WEBHOOK_FAILED' } },
    ]);
    expect(JSON.stringify(world.sw.status())).not.toContain('一');
    world.receiver.answering = () => 204;
    await world.stop();
    await world.start();
    await until('it is blocked after a restart, too', () => world.hook()?.state === 'blocked');
    const { retry } = await control();
    expect(await retry(world.hook().dead[0]!.id)).toBe(1);
    await holds(world, { ...first, c0000: '二' });
    expect(world.receiver.story().slice(3)).toEqual(['upsert c0000', 'upsert c0000']);
    expect(await failure(() => retry('msg_none'))).toBe('QZ_AGENT_WEBHOOK_LETTER_UNKNOWN');
  });

  it('go on past a dead letter where the config says so, and give it up when told', async () => {
    await world.configure({ onDead: 'set-aside', attempts: 2 });
    await startAndReceive();
    world.receiver.answering = ({ body }) =>
      body.data.records.some(({ values }) => values.name === '坏') ? 503 : 204;
    rename('c0000', '坏');
    await world.supply();
    await until('it is dead', () => world.hook().dead.length === 1);
    rename('c0001', '好');
    await world.supply();
    await holds(world, { ...first, c0001: '好' });
    const { drop } = await control();
    expect(await drop(undefined)).toBe(1);
    await until('nothing is dead', () => world.hook().dead.length === 0);
  });

  it('follow no redirect, and go to no port of the agent and no link-local address', async () => {
    const elsewhere = await startReceiver();
    world.receiver.answering = () => ({ redirect: elsewhere.url });
    await world.start();
    await world.supply();
    await until('it is dead at once', () => world.hook().dead.length === 1);
    const place = { host: '127.0.0.1', port: elsewhere.port };
    await elsewhere.close();
    for (const own of [{ monitor: place }, { api: place }]) {
      await world.stop();
      await world.configure({ url: `http://127.0.0.1:${place.port}/` }, own);
      await world.start();
      await until('it is known', () => world.hook() !== undefined);
      const { test } = await control();
      expect(await failure(() => test()), Object.keys(own)[0]).toBe('QZ_AGENT_WEBHOOK_ADDRESS');
    }
    await (await control()).drop(undefined);
    expect(elsewhere.arrived).toEqual([]);
  });

  it('judge the address of each letter, and connect to the one that was judged', async () => {
    const addresses = ['127.0.0.1'];
    let asked = 0;
    const lookup = async () => {
      asked += 1;
      return addresses.map((address) => ({ address, family: 4 as const }));
    };
    await world.configure({ url: `http://hook.test:${world.receiver.port}/` });
    await world.start({ lookup });
    await world.supply();
    await holds(world, first);
    expect(asked).toBe(world.receiver.arrived.length);
    const before = world.receiver.arrived.length;
    addresses.push('169.254.169.254');
    rename('c0000', '换');
    await world.supply();
    await until('it is refused', () => world.hook().problem?.code === 'QZ_AGENT_WEBHOOK_ADDRESS');
    expect(world.receiver.arrived.length).toBe(before);
    addresses.pop();
    await holds(world, { ...first, c0000: '换' });
  });
});

describe('access that ends', () => {
  it('takes back within a second what waits and what is on its way; nothing is left of the records', async () => {
    await world.configure({ timeoutSeconds: 60 });
    await startAndReceive();
    world.receiver.answering = () => 'hang';
    rename('c0000', '晚');
    await world.supply();
    await until('a letter is on its way', () => world.receiver.arrived.length === 2);
    rename('c0001', '更晚');
    await world.supply();
    const began = Date.now();
    await world.site.revoke(world.agreement);
    await until('the webhook is closed', () => world.hook().state === 'closed');
    const took = Date.now() - began;
    world.receiver.answering = () => 204;
    expect(world.hook()).toMatchObject({ dead: [], problem: { code: 'QZ_AGENT_FEED_CLOSED' } });
    expect(world.hook().pending).toBeUndefined();
    expect(took).toBeLessThan(1_000);
    await until('the records are erased', async () => (await feeds())[0]?.records === 0);
    expect((await feeds())[0]).toMatchObject({ problem: { code: 'QZ_AGENT_FEED_CLOSED' } });
    expect(world.receiver.arrived.length).toBe(2);
    expect(readdirSync(join(world.site.folder, 'sw-1-state', 'received'))).toContain('in.db');

    await world.site.subscribe('sw', 'firm');
    await holds(world, { ...first, c0000: '晚', c0001: '更晚' });
    expect(world.receiver.arrived[2]!.body.data.records[0]!.op).toBe('reset');
  });

  it('at an agent that the platform cannot reach: nothing is sent after the end of the lease', async () => {
    await world.configure({ attempts: 1000 });
    await startAndReceive();
    world.receiver.answering = () => 503;
    rename('c0000', '晚');
    await world.supply();
    await until('it is tried again', () => world.hook().state === 'retrying');
    await world.site.stopPlatform();
    await until('the lease has run out', () => world.hook().problem?.code === 'QZ_AGENT_FEED_LEASE', 20_000);
    const tried = world.receiver.arrived.length;
    expect(world.hook().state).toBe('waiting');
    world.receiver.answering = () => 204;
    await world.site.startPlatform();
    await holds(world, { ...first, c0000: '晚' });
    expect(world.receiver.arrived.length).toBe(tried + 1);
  });
});

async function control() {
  const { connectAgent, controlRoutes } = await import('../../packages/agent/src/control/control.js');
  const stateDir = join(world.site.folder, 'sw-1-state');
  const params = { webhook: 'oa' };
  const call = async (route: 'retryWebhook' | 'dropWebhook', id: string | undefined) => {
    const agent = connectAgent(stateDir);
    try {
      const body = id === undefined ? {} : { id };
      return (await agent.call(controlRoutes[route], { params, body })).letters;
    } finally {
      await agent.close();
    }
  };
  return {
    retry: (id: string | undefined) => call('retryWebhook', id),
    drop: (id: string | undefined) => call('dropWebhook', id),
    async test() {
      const agent = connectAgent(stateDir);
      try {
        return await agent.call(controlRoutes.testWebhook, { params });
      } finally {
        await agent.close();
      }
    },
  };
}

async function feeds() {
  const { connectAgent, controlRoutes } = await import('../../packages/agent/src/control/control.js');
  const agent = connectAgent(join(world.site.folder, 'sw-1-state'));
  try {
    return (await agent.call(controlRoutes.feeds, {})).feeds;
  } finally {
    await agent.close();
  }
}

async function failure(work: () => Promise<unknown>): Promise<string> {
  return work().then(
    () => 'none',
    (error) => String(error.code),
  );
}
