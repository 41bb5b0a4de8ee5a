import { agentRoutes, type BatchManifest, MANIFEST_HEADER } from '@qianzhi/model';
import { canonicalBytes, documentDigest, intlSuite, signDocument } from '@qianzhi/model/crypto';
import { checkRows, sealRows } from '@qianzhi/rows';
import { enterpriseResource, enterpriseRows } from '../chain/enterprise.js';
import type { SmallAgent } from './agent.js';

const ROWS = 2;

export interface Batches {
  /** Seals the next batch of the stream and sends it; resolves when the platform has answered its receipt. */
  send(): Promise<void>;
  /** Decompresses, digests and reads the rows of one, as the platform does before it takes it. */
  scan(): Promise<void>;
}

export async function createBatches({ client, key, agent }: SmallAgent, resource: string): Promise<Batches> {
  const { body: assigned } = await client.call(agentRoutes.assignments, {});
  const duty = assigned.supply.find((one) => one.duty.body.resource === resource)!.duty;
  const dutyDigest = documentDigest(duty, intlSuite);
  const stream = { resource, agent, epoch: 1 };
  const [block] = enterpriseRows(0, ROWS);
  const raw = Buffer.from(block!.toString().replace(/^/gm, 'U\t').replace(/U\t$/, ''));
  const about = { kind: 'delta', schemaVersion: 1 } as const;
  const { stored, rowsDigest, bytesDigest } = await sealRows(raw, about);
  let seq = 0;
  let previous: string | null = null;
  async function send(): Promise<void> {
    seq++;
    const body: BatchManifest = {
      type: 'batch',
      version: 1,
      id: intlSuite.digest(canonicalBytes({ stream, seq, rowsDigest })),
      stream,
      seq,
      previous,
      ...about,
      rows: ROWS,
      read: ROWS,
      rejected: 0,
      flagged: 0,
      repeated: 0,
      rawBytes: raw.length,
      storedBytes: stored.length,
      compression: 'zstd',
      rowsDigest,
      bytesDigest,
      checkpointDigest: null,
      dutyDigest,
      sealedAt: new Date().toISOString(),
    };
    const manifest = signDocument(body, key);
    previous = documentDigest(manifest, intlSuite);
    await client.call(agentRoutes.sendBatch, {
      params: { resource, epoch: 1, seq: body.seq },
      headers: { [MANIFEST_HEADER]: Buffer.from(JSON.stringify(manifest)).toString('base64url') },
      body: stored,
      bodyDigest: bytesDigest,
    });
  }
  const claim = {
    ...about,
    rawBytes: raw.length,
    rowsDigest,
    bytesDigest,
    fields: enterpriseResource(resource).items.length,
  };
  return {
    send,
    async scan() {
      const checked = await checkRows(stored, claim);
      if ('differs' in checked || checked.counts.rows !== ROWS)
        throw new Error('the batch is not as it was sealed');
    },
  };
}
