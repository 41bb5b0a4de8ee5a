import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  copyDurably,
  type OpenPackage,
  openPackage,
  type PlatformNotes,
  PlatformNotesSchema,
  packageName,
  readPackageBytes,
} from '@qianzhi/carrier';
import {
  checkShape,
  type Delivery,
  deliveryName,
  type KeyRecord,
  type Signed,
  SignedDeliverySchema,
} from '@qianzhi/model';
import type { IncomingDelivery, ReceiveRequest } from '@qianzhi/plugin-api';

interface Arrived {
  readonly delivery: Signed<Delivery>;
  readonly file: string;
  readonly at: number;
  readonly length: number;
}

interface Content {
  readonly notes: readonly PlatformNotes[];
  readonly deliveries: readonly Arrived[];
}

/** Packages of the platform that were taken, kept here until what is in them is applied. */
export interface Arrivals {
  /** Keeps a proven package; durable when it resolves. Answers what the platform says in it. */
  keep(arrived: OpenPackage, file: string): Promise<readonly PlatformNotes[]>;
  /** Deliveries of one agreement behind the positions, in order. */
  after(request: Omit<ReceiveRequest, 'waitMs'>): readonly IncomingDelivery[];
  /** Removes packages of which everything is applied by these positions; the newest stays for what it says. */
  forget(request: Omit<ReceiveRequest, 'waitMs'>): Promise<void>;
}

/** Opens what was kept before; `told` hears what the platform said in it, oldest first. */
export async function openArrivals(
  folder: string,
  keys: readonly KeyRecord[],
  told: (notes: PlatformNotes) => void,
): Promise<Arrivals> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const byFile = new Map<string, readonly Arrived[]>();
  const streams = new Map<string, Map<number, Arrived>>();

  function index(file: string, deliveries: readonly Arrived[]): void {
    byFile.set(file, deliveries);
    for (const one of deliveries) {
      const name = deliveryName(one.delivery.body.delivery);
      const bySeq = streams.get(name) ?? new Map<number, Arrived>();
      streams.set(name, bySeq.set(one.delivery.body.seq, one));
    }
  }

  for (const name of (await readdir(folder)).sort()) {
    const file = join(folder, name);
    if (name.endsWith('.part')) {
      await rm(file);
      continue;
    }
    await using kept = await openPackage(file, keys);
    const { notes, deliveries } = await contentOf(kept, file);
    index(file, deliveries);
    for (const each of notes) told(each);
  }

  const held = (after: ReceiveRequest['after']) =>
    new Map(after.map(({ delivery, seq }) => [deliveryName(delivery), seq]));

  return {
    async keep(arrived, from) {
      // by what it says of itself: whoever carried it may have called it anything
      const file = join(folder, packageName(arrived.head));
      const content = await contentOf(arrived, file);
      await copyDurably(from, file);
      index(file, content.deliveries);
      return content.notes;
    },
    after({ resource, agreement, after }) {
      const positions = held(after);
      const found: IncomingDelivery[] = [];
      for (const [name, bySeq] of streams) {
        for (let seq = (positions.get(name) ?? 0) + 1; ; seq++) {
          const next = bySeq.get(seq);
          const of = next?.delivery.body.delivery;
          if (!next || of?.stream.resource !== resource) break;
          if (agreement !== undefined && of.agreement !== agreement) break;
          const { file, at, length } = next;
          found.push({ delivery: next.delivery, bytes: () => readPackageBytes(file, at, length) });
        }
      }
      return found;
    },
    async forget({ after }) {
      const positions = held(after);
      const newest = [...byFile.keys()].sort().at(-1);
      for (const [file, deliveries] of byFile) {
        const applied = deliveries.every(
          ({ delivery: { body } }) => (positions.get(deliveryName(body.delivery)) ?? 0) >= body.seq,
        );
        if (file === newest || !applied) continue;
        await rm(file, { force: true });
        byFile.delete(file);
        for (const { delivery } of deliveries) {
          streams.get(deliveryName(delivery.body.delivery))?.delete(delivery.body.seq);
        }
      }
    },
  };
}

async function contentOf(arrived: OpenPackage, file: string): Promise<Content> {
  const notes: PlatformNotes[] = [];
  const deliveries: Arrived[] = [];
  for await (const { kind, document, at, length } of arrived.entries()) {
    if (kind === 'notes') notes.push(checkShape(PlatformNotesSchema, document, 'notes'));
    if (kind !== 'delivery') continue;
    const delivery = checkShape(SignedDeliverySchema, document, 'delivery') as Signed<Delivery>;
    deliveries.push({ delivery, file, at, length });
  }
  return { notes, deliveries };
}
