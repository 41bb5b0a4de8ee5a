import {
  type Assignments,
  type BatchManifest,
  type CatalogResource,
  type Delivery,
  type DeliveryStream,
  deliveryName,
  type Grant,
  type KeyRecord,
  type Lease,
  type Receipt,
  type Recovery,
  type Signed,
  type Stream,
  type SupplyDuty,
  streamName,
} from '@qianzhi/model';
import {
  documentDigest,
  intlSuite,
  keyIdOf,
  type SigningKey,
  signDocument,
  verifyDocument,
} from '@qianzhi/model/crypto';
import type { Channel, SealedBatch } from '@qianzhi/plugin-api';
import { bytesDigest, decompress, rowsDigest, scanRows } from '@qianzhi/rows';
import { createChanges } from '../changes.js';
import { platformDoubleErrors } from './errors.js';
import { createMemoryChannel, type Faults } from './memory-channel.js';

const past = '2020-01-01T00:00:00.000Z';
const future = '2099-01-01T00:00:00.000Z';

function keyRecord(owner: string, publicKey: string): KeyRecord {
  return { keyId: keyIdOf(publicKey), owner, suite: 'intl', publicKey, validFrom: past, validTo: future };
}

export interface StoredBatch {
  readonly manifest: Signed<BatchManifest>;
  readonly bytes: Uint8Array;
  readonly receipt: Signed<Receipt>;
}

/** Test double: a platform in memory, as strict as the real one at the channel's face. */
export function createMemoryPlatform(now: () => Date) {
  const pair = intlSuite.generateKeyPair();
  const key: SigningKey = { keyId: keyIdOf(pair.publicKey), suite: intlSuite, privateKey: pair.privateKey };
  const keys: KeyRecord[] = [keyRecord('platform', pair.publicKey)];
  const streams = new Map<string, { stream: Stream; batches: StoredBatch[] }>();
  const deliveries = new Map<string, { delivery: DeliveryStream; documents: Signed<Delivery>[] }>();
  const acknowledged: Signed<Receipt>[] = [];
  const faults: Faults = { down: false, holdReceipts: false, reverseReceipts: false };
  const arrived = createChanges();
  const receiptQueues = new Map<
    string,
    { items: Signed<Receipt>[]; changes: ReturnType<typeof createChanges> }
  >();
  let duty: Signed<SupplyDuty> | undefined;
  let grants: { grant: Signed<Grant>; revoked: boolean }[] = [];
  let resource: CatalogResource;
  let leaseMs = 60_000;
  const counters = { sends: 0, duringSend: 0, mostInFlight: 0 };

  function addAgent(agent: string): SigningKey {
    const own = intlSuite.generateKeyPair();
    keys.push(keyRecord(agent, own.publicKey));
    return { keyId: keyIdOf(own.publicKey), suite: intlSuite, privateKey: own.privateKey };
  }

  function setDuty(agent: string | undefined): void {
    if (agent === undefined) {
      duty = undefined;
      return;
    }
    const body: SupplyDuty = {
      type: 'supply-duty',
      id: 'duty-1',
      resource: resource.code,
      department: 'civil',
      agent,
      secrecyReview: 'r-1',
      validFrom: past,
      issuedAt: past,
    };
    duty = signDocument(body, key);
  }

  function grant(grantVersion = 1): void {
    const body: Grant = {
      type: 'grant',
      agreement: 'agr-1',
      grantVersion,
      resource: resource.code,
      provider: 'civil',
      consumer: 'tax',
      items: resource.items.map((item) => item.column),
      masks: {},
      purpose: { usage: 'data-check', matter: 'test', legalBasis: '' },
      modes: ['docking'],
      validFrom: past,
      validTo: future,
      approvedBy: 'rule:unconditional',
      issuedAt: past,
    };
    const made = { grant: signDocument(body, key), revoked: false };
    grants.push(made);
    for (const { batches } of streams.values()) for (const batch of batches) deliver(batch, [made]);
  }

  function assignments(agent: string): Assignments {
    return {
      type: 'assignments',
      version: 1,
      agent,
      department: 'd',
      supply: duty && duty.body.agent === agent ? [{ duty, resource }] : [],
      consume: grants
        .filter((one) => !one.revoked)
        .map((one) => ({
          grant: one.grant,
          resources: [resource],
          streams: [...streams.values()].map(({ stream }) => stream),
        })),
      keys,
      issuedAt: past,
    };
  }

  function lease(agent: string): Lease {
    const live = (one: (typeof grants)[number]) => ({
      agreement: one.grant.body.agreement,
      grantVersion: one.grant.body.grantVersion,
    });
    return {
      type: 'lease',
      agent,
      live: grants.filter((one) => !one.revoked).map(live),
      revoked: grants.filter((one) => one.revoked).map((one) => ({ ...live(one), reason: 'ended' })),
      issuedAt: now().toISOString(),
      expiresAt: new Date(now().getTime() + leaseMs).toISOString(),
    };
  }

  async function store({ manifest, bytes }: SealedBatch): Promise<Signed<Receipt>> {
    const { body } = manifest;
    const refuse = (what: string) => platformDoubleErrors.WRONG({ what });
    verifyDocument(manifest, keys, body.sealedAt);
    if (!duty || documentDigest(duty, intlSuite) !== body.dutyDigest) throw refuse('duty');
    const name = streamName(body.stream);
    const known = streams.get(name) ?? { stream: body.stream, batches: [] };
    const repeat = known.batches[body.seq - 1];
    if (repeat) {
      if (repeat.manifest.body.rowsDigest === body.rowsDigest) return repeat.receipt;
      throw platformDoubleErrors.FORK({ seq: body.seq });
    }
    if (bytesDigest(bytes) !== body.bytesDigest) throw refuse('bytes');
    const raw = await decompress(bytes, { rawBytes: body.rawBytes });
    // decided after the last await: what came before it may have been stored meanwhile
    const { batches } = streams.get(name) ?? known;
    if (batches.length + 1 !== body.seq) throw platformDoubleErrors.GAP({ seq: body.seq });
    if (rowsDigest({ kind: body.kind, schemaVersion: body.schemaVersion }, raw) !== body.rowsDigest) {
      throw refuse('rows');
    }
    if (scanRows(raw, resource.items.length).rows !== body.rows) throw refuse('count');
    if (body.read !== body.rows + body.rejected) throw refuse('equation');
    const before = batches.at(-1);
    const previous = before ? documentDigest(before.manifest, intlSuite) : null;
    if (body.previous !== previous) throw refuse('chain');
    const receipt = signDocument<Receipt>(
      {
        type: 'receipt',
        version: 1,
        id: `r-${name}-${body.seq}-${receiptsMade++}`,
        stage: 'stored',
        subject: { stream: body.stream },
        issuer: 'platform',
        seqFrom: body.seq,
        seqTo: body.seq,
        rowsDigests: [body.rowsDigest],
        rows: body.rows,
        previous: before ? documentDigest(before.receipt, intlSuite) : null,
        issuedAt: now().toISOString(),
      },
      key,
    );
    const stored = { manifest, bytes, receipt };
    streams.set(name, { stream: body.stream, batches: [...batches, stored] });
    deliver(stored);
    return receipt;
  }
  let receiptsMade = 0;

  function deliver({ manifest }: StoredBatch, to = grants): void {
    for (const { grant: document, revoked } of to) {
      if (revoked) continue;
      const { agreement, grantVersion } = document.body;
      const delivery = { agreement, grantVersion, stream: manifest.body.stream };
      const name = deliveryName(delivery);
      const known = deliveries.get(name) ?? { delivery, documents: [] };
      const last = known.documents.at(-1);
      known.documents.push(
        signDocument<Delivery>(
          {
            type: 'delivery',
            version: 1,
            delivery,
            seq: known.documents.length + 1,
            previous: last ? documentDigest(last, intlSuite) : null,
            sourceBatch: manifest.body.id,
            projected: false,
            manifest,
            grantDigest: documentDigest(document, intlSuite),
            policyDigest: 'sha-256:0000000000000000000000',
            deliveredAt: now().toISOString(),
          },
          key,
        ),
      );
      deliveries.set(name, known);
    }
    arrived.notify();
  }

  function queueOf(agent: string) {
    const queue = receiptQueues.get(agent) ?? { items: [], changes: createChanges() };
    receiptQueues.set(agent, queue);
    return queue;
  }

  function bytesOf({ body }: Signed<Delivery>): Uint8Array {
    const { batches } = streams.get(streamName(body.delivery.stream))!;
    return batches.find((one) => one.manifest.body.id === body.sourceBatch)!.bytes;
  }

  return {
    key,
    keys,
    streams,
    deliveries,
    acknowledged,
    faults,
    addAgent,
    setDuty,
    grant,
    assignments,
    lease,
    channel(agent: string): Channel {
      const queue = queueOf(agent);
      return createMemoryChannel(agent, {
        faults,
        keys,
        streams,
        deliveries,
        acknowledged,
        arrived,
        queue,
        counters,
        store,
        bytesOf,
      });
    },
    setResource(next: CatalogResource) {
      resource = next;
    },
    revoke() {
      grants = grants.map((one) => ({ ...one, revoked: true }));
    },
    setLeaseMs(ms: number) {
      leaseMs = ms;
    },
    releaseReceipts() {
      faults.holdReceipts = false;
      for (const queue of receiptQueues.values()) queue.changes.notify();
    },
    pushReceipt(agent: string, receipt: Signed<Receipt>) {
      queueOf(agent).items.push(receipt);
      queueOf(agent).changes.notify();
    },
    /** Restored from a backup: all after `seq` is forgotten. */
    forgetAfter(seq: number) {
      for (const [name, { stream, batches }] of streams) {
        streams.set(name, { stream, batches: batches.slice(0, seq) });
      }
    },
    async openEpoch(recovery: Signed<Recovery>): Promise<Stream> {
      verifyDocument(recovery, keys, recovery.body.issuedAt);
      const stream = { ...recovery.body.stream, epoch: recovery.body.nextEpoch };
      streams.set(streamName(stream), { stream, batches: [] });
      return stream;
    },
    batchesOf(agent: string, epoch = 1) {
      return streams.get(streamName({ resource: resource.code, agent, epoch }))?.batches ?? [];
    },
    sends: () => counters.sends,
    mostInFlight: () => counters.mostInFlight,
  };
}

export type MemoryPlatform = ReturnType<typeof createMemoryPlatform>;
