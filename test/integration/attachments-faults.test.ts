import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Channel } from '@qianzhi/plugin-api';
import { startTcpProxy } from '@qianzhi/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDocumentSite, type DocumentSite, digestOf, smallParts, unfinished } from './documents.js';
import { crash, dyingAt } from './dying.js';
import { collectReceipts, expectEvidence } from './evidence.js';
import { createGate } from './gate.js';
import { startTamperingGateway } from './tampering-gateway.js';
import { until } from './until.js';

/** A file of 16 parts and what can befall it on its way. */
let site: DocumentSite;
const video = randomBytes(16 * smallParts.filePartBytes);
const received = { '现场.mp4': digestOf(video) };
const offsets = Array.from({ length: 16 }, (_, n) => n * smallParts.filePartBytes);

beforeEach(async () => {
  site = await createDocumentSite();
  site.put('现场.mp4', video);
});
afterEach(() => site?.close());

const storedOffsets = () => site.parts().map(({ offset }) => offset);

/** Passes everything on and remembers which deliveries were fetched. */
function counting(fetched: number[]) {
  return (http: Channel): Channel => ({
    ...http,
    async *receive(request, signal) {
      for await (const incoming of http.receive(request, signal)) {
        const bytes = (inner: AbortSignal) => {
          fetched.push(incoming.delivery.body.seq);
          return incoming.bytes(inner);
        };
        yield { ...incoming, bytes };
      }
    },
  });
}

async function supplied(): Promise<void> {
  await site.mz.start({ limits: smallParts });
  await site.mz.done('out');
}

describe('a crash', () => {
  const outgoing = [
    ['seal:file-written', 5],
    ['seal:file-renamed', 5],
    ['seal:committed', 5],
    ['send:before', 5],
    ['send:after', 5],
    ['receipt:before-commit', 5],
    ['receipt:committed', 5],
    ['confirm:after', 1],
  ] as const;
  it.each(outgoing)('of the provider at %s: the file goes on from where it was', async (point, nth) => {
    await crash(site.mz, 'out', dyingAt(point, nth), { limits: smallParts });
    await site.mz.done('out');
    expect(storedOffsets()).toEqual(offsets);
    expect(readdirSync(site.inbox)).toEqual(['done']);
    await site.sw.start();
    await site.sw.done('in');
    expect(await site.received()).toEqual(received);
    await expectEvidence(site);
  });

  const incoming = [
    ['apply:before', 6],
    ['apply:after', 6],
    ['apply:receipt-stored', 6],
    ['apply:after', 16],
  ] as const;
  it.each(incoming)(
    'of the consumer at %s, part %i: what was written is not fetched again',
    async (point, nth) => {
      await supplied();
      const fetched: number[] = [];
      await crash(site.sw, 'in', dyingAt(point, nth), {});
      expect(await site.received()).toEqual(nth === 16 ? received : {});
      await site.sw.stop();
      await site.sw.start({ channel: counting(fetched) });
      await site.sw.done('in');
      expect(await site.received()).toEqual(received);
      expect(unfinished(site)).toEqual([]);
      expect(fetched.filter((seq) => seq < nth)).toEqual([]);
      await expectEvidence(site);
    },
  );
});

describe('the line', () => {
  it('cut in the middle of a file, on both ways: it goes on and is whole', async () => {
    const target = { host: '127.0.0.1', port: Number(new URL(site.url).port) };
    await using proxy = await startTcpProxy({ target });
    for (const agent of [site.mz, site.sw]) await agent.reach(`http://127.0.0.1:${proxy.port}`);
    await site.mz.start({ limits: smallParts });
    proxy.resetAfter(6.5 * smallParts.filePartBytes, 'toTarget');
    await site.mz.done('out');
    expect(storedOffsets()).toEqual(offsets);
    await site.sw.start();
    proxy.resetAfter(6.5 * smallParts.filePartBytes, 'toClient');
    await site.sw.done('in');
    expect(await site.received()).toEqual(received);
    await expectEvidence(site);
    // each way was cut, and only what was under way went twice
    expect(proxy.passed.toTarget).toBeLessThan(1.6 * video.length);
  });

  it('that changes one byte of one part: it is found, nothing shows, and later the file is whole', async () => {
    const gateway = await startTamperingGateway(() => site.url);
    try {
      for (const agent of [site.mz, site.sw]) await agent.reach(gateway.url);
      const hit = (direction: string, path: RegExp) => {
        gateway.change = (passing) => {
          if (passing.direction === direction && path.test(passing.path)) passing.body[1000]! ^= 1;
        };
      };
      await site.mz.start({ limits: smallParts });
      hit('request', /batches\/9$/);
      await site.mz.run('out', 'waiting');
      expect(storedOffsets()).toEqual(offsets.slice(0, 8));
      gateway.change = undefined;
      site.mz.engine.streams.resume('licences');
      await site.mz.done('out');

      await site.sw.start();
      hit('answer', /\/9\/bytes$/);
      const job = await site.sw.run('in', 'waiting');
      expect(job.problem).toBeDefined();
      expect(await site.received()).toEqual({});
      gateway.change = undefined;
      for (const { name } of site.sw.engine.streams.list()) site.sw.engine.streams.resume(name);
      await site.sw.done('in');
      expect(await site.received()).toEqual(received);
    } finally {
      await gateway.close();
    }
  });
});

it('a part damaged at the target before the file is whole: it is discarded, and received anew', async () => {
  const { gate, consuming } = await halfReceived();
  const [name] = unfinished(site);
  const path = join(site.outbox, '.qianzhi', name!);
  const bytes = readFileSync(path);
  bytes[1000]! ^= 1;
  writeFileSync(path, bytes);
  gate.open();
  expect(await consuming).toMatchObject({ state: 'failed', problem: { code: 'QZ_FILES_FILE_DIFFERS' } });
  expect(await site.received()).toEqual({});
  for (const stream of site.sw.engine.streams.list()) site.sw.engine.streams.resume(stream.name);
  await site.sw.done('in');
  expect(await site.received()).toEqual(received);
  await expectEvidence(site);
});

it('a file that is replaced while its parts are under way: the parts of the old one are void', async () => {
  const gate = createGate({ sendUpTo: 6 });
  await site.mz.start({ limits: smallParts, channel: gate.through });
  const supplying = site.mz.run('out', 'waiting');
  await until('six parts are there', () => storedOffsets().length === 6);
  await site.mz.kill();
  await expect(supplying).rejects.toBeDefined();
  site.put('现场.mp4', 'a short one');
  await site.mz.start({ limits: smallParts });
  await site.mz.done('out');
  await site.sw.start();
  await site.sw.done('in');
  expect(await site.received()).toEqual({ '现场.mp4': digestOf('a short one') });
  expect(site.parts().at(-1)).toMatchObject({ offset: 0 });
  await expectEvidence(site);
});

it('a grant revoked in the middle of a file: what was staged is erased, the sequence is closed', async () => {
  const { gate, consuming } = await halfReceived();
  await site.revoke(site.agreement);
  await site.sw.sync();
  gate.open();
  expect(await consuming).toMatchObject({ state: 'failed', problem: { code: 'QZ_ENGINE_REVOKED' } });
  expect(await site.received()).toEqual({});
  expect(unfinished(site)).toEqual([]);
  const [closing] = await until('the closing receipt is held', async () => {
    const found = await receiptsOf('rejected');
    return found.length > 0 && found;
  });
  expect(closing!.body).toMatchObject({ seqFrom: 1, reason: 'revoked' });
  await expectEvidence(site);
});

it('a restored target gets again what it lacks', async () => {
  await supplied();
  await site.sw.start();
  await site.sw.done('in');
  await site.sw.stop();
  rmSync(site.outbox, { recursive: true });
  mkdirSync(site.outbox);
  await site.sw.start();
  await site.sw.done('in');
  expect(await site.received()).toEqual(received);
});

/** Eight of the parts are at the target; the rest waits behind the gate. */
async function halfReceived() {
  await supplied();
  const gate = createGate({ fetchUpTo: 8 });
  await site.sw.start({ channel: gate.through });
  const consuming = site.sw.run('in');
  await until('the ninth part waits', () => gate.held.has(9));
  await until('eight parts are staged', async () => (await receiptsOf('staged')).length === 8);
  return { gate, consuming };
}

async function receiptsOf(stage: string) {
  const { receipts } = await collectReceipts(site);
  return receipts.filter(({ body }) => body.stage === stage);
}
