import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Box, openBox, openPackage } from '@qianzhi/carrier';
import type { Delivery, Signed } from '@qianzhi/model';
import { documentDigest, intlSuite } from '@qianzhi/model/crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRig, type Rig, village } from '../exchange/test-exchange.js';
import { createSealer } from '../exchange/test-sealer.js';
import { type Answers, readAnswers } from './answers.js';
import { type LayOutParts, layOut } from './lay-out.js';

let rig: Rig;
let box: Box;
let answers: Answers;
beforeEach(async () => {
  rig = await createRig();
  rig.publish({ ...village(), code: 'town' });
  const { signingKey: key, keys, now } = rig.context;
  box = await openBox({
    folder: join(rig.folder, 'box'),
    out: join(rig.folder, 'out'),
    in: join(rig.folder, 'in'),
    self: 'platform',
    peer: 'sw-1',
    key,
    keys: () => keys.all(),
    validMs: 86_400_000,
    now,
  });
  answers = await readAnswers(join(rig.folder, 'answers.json'));
});
afterEach(() => rig.close());

async function supply(resource: string, rows: number): Promise<void> {
  const duty = rig.giveDuty(resource, 'mz-1');
  const stream = { resource, agent: 'mz-1', epoch: 1 };
  const sealer = createSealer(stream, rig.provider.key, documentDigest(duty, intlSuite));
  for (let n = 1; n <= rows; n++)
    await rig.exchange.sendBatch(
      rig.provider.caller,
      await sealer.next({ rows: [['U', `11${n}`, `村${n}`, null]] }),
    );
}

/** Of a resource's first batch. */
async function damage(resource: string): Promise<void> {
  const { db } = rig.context;
  const { bytes_id: id } = await db('batches').where({ resource, seq: 1 }).first('bytes_id');
  const row = await db('stored_bytes').where({ id }).first();
  const path = join(rig.folder, 'batches', row.file);
  const bytes = await readFile(path);
  bytes[Number(row.offset) + 12]! ^= 1;
  await writeFile(path, bytes);
}

/** Lays out; what is in the packages that came of it. */
async function laidOut(): Promise<string[][]> {
  const expiresAt = new Date(rig.context.now().getTime() + 86_400_000).toISOString();
  const parts = {
    context: rig.context,
    exchange: rig.exchange,
    agreements: rig.ports.agreements,
    assignments: {
      assignments: async () => ({ body: { version: 1 } }),
      lease: async () => ({ body: { live: [], revoked: [], expiresAt } }),
    },
    maxBytes: 1024 ** 2,
    validSeconds: 86_400,
  } as unknown as LayOutParts;
  const files = await layOut(parts, box, rig.consumer.caller, answers, async (next) => {
    answers = next;
  });
  return Promise.all(files.map((file) => contentOf(join(rig.folder, 'out', file))));
}

async function contentOf(path: string): Promise<string[]> {
  await using made = await openPackage(path, await rig.context.keys.all());
  const content: string[] = [];
  for await (const { kind, document } of made.entries()) {
    if (kind !== 'delivery') continue;
    const { delivery, seq } = (document as Signed<Delivery>).body;
    content.push(`${delivery.stream.resource}/${seq}`);
  }
  return content;
}

it.each([
  { what: 'as they were sent', items: ['code', 'name', 'phone'] },
  { what: 'and would be projected', items: ['code'] },
])('damaged bytes, $what, keep back what follows them and nothing else', async ({ items }) => {
  rig.grant('a1', { items });
  rig.grant('a2', { resource: 'town' });
  await supply('village', 2);
  await supply('town', 2);
  await damage('village');
  expect(await laidOut()).toEqual([['town/1', 'town/2']]);
  expect(await laidOut()).toEqual([]);
});
