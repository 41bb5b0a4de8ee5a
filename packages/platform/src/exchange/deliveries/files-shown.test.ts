import { createHash, randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Delivery,
  type FilePart,
  fileListText,
  filePartText,
  mediaTypeOf,
  type Signed,
} from '@qianzhi/model';
import { documentDigest, intlSuite, verifyDocument } from '@qianzhi/model/crypto';
import { openRows, rowsDigest } from '@qianzhi/rows';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRig, type Rig, village } from '../test-exchange.js';
import { createConsumer, type TestConsumer } from '../test-receipts.js';
import { createSealer, type Sealer } from '../test-sealer.js';

let rig: Rig;
let sealer: Sealer;
let consumer: TestConsumer;
beforeEach(async () => {
  rig = await createRig();
  const items = [{ name: '文件', column: 'file', type: 'G' as const, length: 1000 }];
  rig.publish({ ...village(), code: 'papers', content: 'files', items });
  const duty = rig.giveDuty('papers', 'mz-1');
  const stream = { resource: 'papers', agent: 'mz-1', epoch: 1 };
  sealer = createSealer(stream, rig.provider.key, documentDigest(duty, intlSuite));
  rig.grant('a1', { resource: 'papers', items: ['file'] });
  consumer = createConsumer(rig);
});
afterEach(() => rig.close());

function fileOf(name: string, bytes: Uint8Array): FilePart {
  const digest = `sha-256:${createHash('sha256').update(bytes).digest('base64url')}`;
  const modifiedAt = '2026-01-01T00:00:00.000Z';
  return { name, size: bytes.length, digest, mediaType: mediaTypeOf(name), modifiedAt, offset: 0 };
}

/** Whole files in one batch, from their names: the content of each is random, and one is empty. */
async function together(...names: string[]) {
  const contents = names.map((_, n) => (n === 1 ? new Uint8Array() : randomBytes(500 + n)));
  const files = names.map((name, n) => fileOf(name, contents[n]!));
  const list = Buffer.from(fileListText(files));
  const raw = Buffer.concat([list, ...contents]);
  const wholeFiles = { listBytes: list.length };
  const digest = rowsDigest({ kind: 'files', schemaVersion: 1, listBytes: list.length }, raw);
  const rows = files.length;
  const change = { kind: 'files' as const, wholeFiles, rows, read: rows, rowsDigest: digest };
  const sealed = await sealer.next({ rows: [], raw, change });
  await rig.exchange.sendBatch(rig.provider.caller, sealed);
  return { sealed, files, contents };
}

async function alone(name: string) {
  const raw = randomBytes(100);
  const file = fileOf(name, raw);
  const digest = rowsDigest({ kind: 'files', schemaVersion: 1, part: filePartText(file) }, raw);
  const change = { kind: 'files' as const, file, rows: 1, read: 1, rowsDigest: digest };
  const sealed = await sealer.next({ rows: [], raw, change });
  await rig.exchange.sendBatch(rig.provider.caller, sealed);
  return sealed;
}

const papers = { resource: 'papers' };
const takingWhole = { ...papers, wholeFiles: true as const };

/** As a consumer opens it: by the manifest that came with it, and nothing else. */
async function opened({ body: { delivery, seq, manifest } }: Signed<Delivery>) {
  const { bytes } = await rig.exchange.deliveryBytes(rig.consumer.caller, delivery, seq);
  const { file, wholeFiles, storedBytes, ...claim } = manifest.body;
  expect(bytes.length).toBe(storedBytes);
  const about = { part: file && filePartText(file), listBytes: wholeFiles?.listBytes, fields: 1 };
  const found = await openRows(bytes, { ...claim, ...about });
  if ('differs' in found) throw new Error(`${found.differs} differ`);
  return Buffer.from(found.raw);
}

describe('several whole files', () => {
  it('are one delivery of the provider’s own bytes and signature for who takes them', async () => {
    const { sealed } = await together('a.pdf', 'b.pdf', 'c.pdf');
    const [delivery, ...others] = await consumer.poll(takingWhole);
    expect(others).toEqual([]);
    expect(delivery!.body).toMatchObject({ projected: false, manifest: sealed.signed });
    expect(await opened(delivery!)).toEqual(Buffer.from(sealed.raw));
    await rig.exchange.acknowledge(rig.consumer.caller, [
      consumer.receipt([delivery!], { bytes: sealed.raw.length - sealed.signed.body.wholeFiles!.listBytes }),
    ]);
  });

  it('come one by one to who takes no others, as parts that older agents know, in order and in a chain', async () => {
    const { files, contents } = await together('a.pdf', 'b.pdf', 'c.pdf');
    const later = await alone('d.pdf');
    const deliveries = await consumer.poll(papers);
    const own = await rig.context.keys.ofAgent('platform');
    expect(deliveries.map(({ body }) => body.manifest.body.file)).toEqual([...files, later.signed.body.file]);
    for (const [at, delivery] of deliveries.entries()) {
      const { seq, previous, manifest, projected } = delivery.body;
      expect([seq, projected, manifest.body.wholeFiles]).toEqual([at + 1, true, undefined]);
      expect(previous).toBe(at === 0 ? null : documentDigest(deliveries[at - 1]!, intlSuite));
      verifyDocument(manifest, own, new Date().toISOString());
      expect(await opened(delivery)).toEqual(Buffer.from(contents[at] ?? later.raw));
    }
    // stored once, and a repeat gets the same
    expect(await rig.context.db('stored_bytes')).toHaveLength(2);
    expect(await createConsumer(rig).poll(papers)).toEqual(deliveries);
    const bytes = contents.reduce((sum, content) => sum + content.length, later.raw.length);
    await consumer.acknowledge(consumer.receipt(deliveries, { bytes }));
  });

  it('are read from the disk once, though they are asked for one by one', async () => {
    const { contents } = await together('a.pdf', 'b.pdf', 'c.pdf');
    const deliveries = await consumer.poll(papers);
    expect(await opened(deliveries[0]!)).toEqual(contents[0]);
    await rm(join(rig.folder, 'batches', 'segments'), { recursive: true });
    expect(await opened(deliveries[2]!)).toEqual(contents[2]);
  });

  it('come in pages, however few are asked for', async () => {
    const { files } = await together('a.pdf', 'b.pdf', 'c.pdf');
    const names: (string | undefined)[] = [];
    for (let page = 0; page < files.length; page++)
      for (const { body } of await consumer.poll({ ...papers, limit: 1 }))
        names.push(body.manifest.body.file?.name);
    expect(names).toEqual(['a.pdf', 'b.pdf', 'c.pdf']);
    expect(await consumer.poll(papers)).toEqual([]);
  });

  it('behind what came one by one are signed by the platform: the consumer knows no chain of the provider’s', async () => {
    await together('a.pdf', 'b.pdf');
    await consumer.poll(papers);
    const { sealed } = await together('c.pdf', 'd.pdf');
    const [delivery, ...others] = await consumer.poll(takingWhole);
    expect(others).toEqual([]);
    const { wholeFiles, rowsDigest: digest, bytesDigest } = sealed.signed.body;
    expect(delivery!.body).toMatchObject({
      projected: true,
      manifest: { body: { wholeFiles, rowsDigest: digest, bytesDigest, previous: null, dutyDigest: null } },
    });
    expect(await opened(delivery!)).toEqual(Buffer.from(sealed.raw));
  });
});
