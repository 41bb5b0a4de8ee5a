import { join } from 'node:path';
import { startRewritingGateway, startTcpProxy, type TcpProxy } from '@qianzhi/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { query, rowsOf, sql } from '../fixtures/tables.js';
import { expectEvidence } from './evidence.js';
import { createFirmSite, type FirmSite, smallBatches } from './firm.js';
import type { SiteAgent } from './site-agent.js';
import { startTamperingGateway, type TamperingGateway } from './tampering-gateway.js';
import { until } from './until.js';

let site: FirmSite;
let sw: SiteAgent;
beforeEach(async () => {
  site = await createFirmSite({ rows: 60 });
  sw = await site.consumer('sw-1', 'sw');
  await site.subscribe('sw', 'firm');
});
afterEach(() => site?.close());

const equal = () => expect(rowsOf(site.targetOf('sw-1'), 'firm')).toEqual(rowsOf(site.legacy, 'firm'));
const target = () => ({ host: '127.0.0.1', port: Number(new URL(site.url).port) });
const batches = () =>
  query<{ seq: number }>(join(site.dataDir, 'platform.sqlite'), 'SELECT seq FROM batches ORDER BY seq');

it('a gateway that ends the connection and rewrites host and prefix is no hindrance', async () => {
  await using gateway = await startRewritingGateway({
    target: target(),
    prefix: '/share/front',
    hostHeader: 'inner.example',
  });
  for (const agent of [site.mz, sw]) await agent.stop();
  await site.mz.reach(gateway.url);
  await sw.reach(gateway.url);
  await Promise.all([site.mz.start(), sw.start()]);
  await site.mz.done('out');
  await sw.done('in');
  equal();
  expect(gateway.forwarded.length).toBeGreaterThan(5);
});

describe('a man in the middle', () => {
  let gateway: TamperingGateway;
  beforeEach(async () => {
    gateway = await startTamperingGateway(() => site.url);
    await site.mz.reach(gateway.url);
    await sw.reach(gateway.url);
    await Promise.all([site.mz.start({ limits: smallBatches }), sw.start()]);
  });
  afterEach(() => gateway.close());

  /** Larger than what comes with the answer to a poll: its bytes are asked for. */
  async function supplyLargeBatch(): Promise<void> {
    await site.mz.stop();
    sql(
      site.legacy,
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)
       INSERT INTO firm SELECT 'large' || i, hex(randomblob(20)), hex(randomblob(9)) FROM n`,
    );
    await site.mz.start();
    await site.mz.done('out');
  }

  it('who changes nothing is not noticed', async () => {
    await site.mz.done('out');
    await sw.done('in');
    equal();
  });

  it('who changes a batch or its manifest gets nothing stored', async () => {
    gateway.change = ({ direction, path, body }) => {
      if (direction === 'request' && path.includes('/batches/')) body[body.length >> 1]! ^= 1;
    };
    const job = await site.mz.run('out', 'waiting');
    expect(job.problem, JSON.stringify(job)).toBeDefined();
    expect(batches()).toEqual([]);
    gateway.change = ({ direction, path, headers }) => {
      if (direction === 'request' && path.includes('/batches/')) headers['qz-manifest'] += 'A';
    };
    site.mz.engine.streams.resume('firm');
    await site.mz.run('out', 'waiting');
    expect(batches()).toEqual([]);
    gateway.change = undefined;
    site.mz.engine.streams.resume('firm');
    await site.mz.done('out');
    await sw.done('in');
    equal();
  });

  it('who changes delivered bytes, a document or a receipt is found before anything is applied', async () => {
    await supplyLargeBatch();
    for (const part of ['/bytes', '/deliveries/poll']) {
      gateway.change = ({ direction, path, body }) => {
        if (direction === 'answer' && path.endsWith(part) && body.length > 40) body[30]! ^= 1;
      };
      const job = await sw.run('in', 'waiting');
      expect(job.problem, part).toBeDefined();
      expect(rowsOf(site.targetOf('sw-1'), 'firm')).toEqual([]);
    }
    gateway.change = undefined;
    for (const stream of sw.engine.streams.list()) sw.engine.streams.resume(stream.name);
    await sw.done('in');
    equal();
    await expectEvidence(site);
  });

  it('who changes delivered bytes once is passed by: they are fetched again', async () => {
    await supplyLargeBatch();
    let changed = 0;
    gateway.change = ({ direction, path, body }) => {
      if (direction === 'answer' && path.endsWith('/bytes') && changed++ === 0) body[30]! ^= 1;
    };
    await sw.done('in');
    expect(changed).toBeGreaterThan(1);
    equal();
  });

  it('who answers in the place of another request is not believed', async () => {
    let before: { headers: Record<string, string>; body: Buffer } | undefined;
    gateway.change = ({ direction, path, headers, body }) => {
      if (direction === 'answer' && path.includes('/lease')) before ??= { headers: { ...headers }, body };
    };
    await sw.sync();
    gateway.change = (passing) => {
      if (passing.direction === 'request' || !passing.path.includes('/lease')) return;
      Object.assign(passing.headers, before!.headers);
      passing.body = before!.body;
    };
    await expect(sw.sync()).rejects.toMatchObject({ code: 'QZ_CLIENT_RESPONSE_UNTRUSTED' });
  });
});

describe('a line that breaks', () => {
  let proxy: TcpProxy;
  beforeEach(async () => {
    proxy = await startTcpProxy({ target: target() });
    const url = `http://127.0.0.1:${proxy.port}`;
    await site.mz.reach(url);
    await sw.reach(url);
    await Promise.all([site.mz.start({ limits: smallBatches }), sw.start()]);
  });
  afterEach(() => proxy[Symbol.asyncDispose]());

  /** Without the sync before it: the fuse is for the run. */
  async function ended(agent: SiteAgent, exchange: string): Promise<void> {
    const { jobs } = agent.engine;
    const { id } = jobs.run(exchange);
    await until(`${exchange} is done`, () => jobs.status(id).state === 'done');
  }

  it('in requests and answers, by reset and cut, is tried again; nothing is doubled or lost', async () => {
    await site.mz.sync();
    let breaking: NodeJS.Timeout;
    const breakIn = (ms: number) => {
      breaking = setTimeout(() => {
        proxy.resetAfter(900, 'toClient');
        setTimeout(() => proxy.cut(), 40);
        // seldomer each time: on a busy machine a request takes its time
        breakIn(ms * 1.1);
      }, ms);
    };
    breakIn(70);
    const running = ended(site.mz, 'out');
    await until('batches come through', () => batches().length > 1).finally(() => clearTimeout(breaking));
    await running;
    expect(batches().map(({ seq }) => seq)).toEqual(batches().map((_, index) => index + 1));

    await sw.sync();
    proxy.resetAfter(20_000, 'toClient');
    await ended(sw, 'in');
    equal();
    proxy.resetAfter(300, 'toTarget');
    sql(site.legacy, "UPDATE firm SET name = '新' WHERE code = 'c0001'");
    await ended(site.mz, 'out');
    await ended(sw, 'in');
    equal();
    const [sums] = await site.reconciliation('firm');
    expect(sums).toMatchObject({ stored: 61, deliveries: [{ rows: 61, counts: { delivered: 61 } }] });
    await expectEvidence(site);
  });

  it('that stalls and flows again, or is refused for a while, is waited for', async () => {
    const before = proxy.passed.toTarget;
    await site.mz.sync();
    proxy.stall();
    const { id } = site.mz.engine.jobs.run('out');
    await until('something was sent into the stall', () => proxy.connections() > 0);
    expect(proxy.passed.toTarget).toBeGreaterThan(before);
    proxy.flow();
    await until('it ends', () => site.mz.engine.jobs.status(id).state === 'done');
    await sw.sync();
    proxy.refuse(true);
    proxy.reset();
    const pulling = sw.engine.jobs.run('in');
    await until('it waits', () => sw.engine.jobs.status(pulling.id).state === 'waiting');
    proxy.refuse(false);
    await until('it ends', () => sw.engine.jobs.status(pulling.id).state === 'done');
    equal();
    await expectEvidence(site);
  });
});

it('an agent started before its platform waits for it and goes on by itself', async () => {
  await site.mz.start();
  await site.mz.done('out');
  await site.mz.stop();
  await site.stopPlatform();
  await site.mz.start();
  sql(site.legacy, "INSERT INTO firm VALUES ('new', '新设', NULL)");
  const job = site.mz.engine.jobs.run('out');
  await until('the job waits', () => site.mz.engine.jobs.status(job.id).state === 'waiting');
  expect(site.mz.engine.jobs.status(job.id).problem?.kind).toBe('unavailable');
  await site.startPlatform();
  expect(await site.mz.engine.jobs.ended(job.id, AbortSignal.timeout(60_000))).toMatchObject({
    state: 'done',
  });
});
