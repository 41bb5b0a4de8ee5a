import {
  type BatchManifest,
  type Delivery,
  type DeliveryStream,
  deliveryName,
  type Grant,
  missingKeyItems,
  type Signed,
} from '@qianzhi/model';
import { decompress, returnBytes } from '@qianzhi/rows';
import type { Knex } from 'knex';
import { aboutDelivery, aboutStream } from '../about.js';
import { afterChanges, type BatchRow, findBatch, nextBatch } from '../batch-table.js';
import { indexBytes, readBytes } from '../byte-index.js';
import { exchangeErrors } from '../errors.js';
import type { ExchangeParts } from '../parts.js';
import { changeHeld } from '../scope/held-keys.js';
import { rowsOfSnapshot, scopeNext } from '../scope/scope-delivery.js';
import { findStream } from '../stream-table.js';
import { damagedDelivery } from './damaged.js';
import {
  type DeliveryRow,
  type DeliveryStreamRow,
  deliveriesBetween,
  deliveryKey,
  documentOf,
  findDeliveryStream,
  newDeliveryStreamRow,
} from './delivery-table.js';
import { filesShown } from './files-shown.js';
import type { Asking } from './grants.js';
import { type MadeDelivery, makeDelivery } from './made-delivery.js';
import { type Projectors, project } from './projection.js';

/** How much one answer to a poll may hold. */
export interface PollRoom {
  readonly deliveries: number;
  readonly bytes: number;
}

export interface DeliveryLog {
  /**
   * The deliveries after `after` in order, at most what the room takes and at least one where there is any; makes the
   * ones that are not made yet. A delivery is durable before it is answered, and a repeat answers the same
   * document. Throws QZ_PLATFORM_DELIVERY_AHEAD where the consumer holds more than there is to deliver, _DELIVERY_EXPIRED where what
   * it asks for is in an archive, _QUOTA_USED where there is more to deliver and the day's quota has nothing left for any of it.
   */
  read(asking: Asking, delivery: DeliveryStream, after: number, room: PollRoom): Promise<DeliveryPage>;
}

export interface DeliveryPage {
  readonly deliveries: readonly Signed<Delivery>[];
  /** The room was used up: there may be more. */
  readonly more: boolean;
  /** The stream as it is when there is no more. */
  readonly head?: DeliveryStreamRow;
}

/** What is recorded of a projection with its delivery. */
interface ProjectionRecord {
  readonly heldRows: string | null;
  /** Answers the id of its bytes. */
  keep(trx: Knex.Transaction): Promise<string>;
}

/** The stream after one step, and the deliveries it made: none where its batch has been voided. */
interface Extended {
  readonly log: DeliveryStreamRow;
  readonly rows: readonly DeliveryRow[];
}

export function createDeliveryLog(parts: ExchangeParts, projectors: Projectors): DeliveryLog {
  const { context, ports, store, monitors } = parts;
  const { db, signingKey } = context;

  async function openLog(grant: Grant, delivery: DeliveryStream): Promise<DeliveryStreamRow | undefined> {
    const known = await findDeliveryStream(db, delivery);
    if (known) return known;
    return db.transaction(async (trx) => {
      const stream = await findStream(trx, delivery.stream);
      if (!stream) return undefined;
      // A new subscriber begins with the last complete snapshot; before there is one, with all there is.
      const from = stream.complete_from ?? 1;
      const row = newDeliveryStreamRow(delivery, grant, from, context.now().toISOString());
      await trx('delivery_streams').insert(row);
      return row;
    });
  }

  /** Makes what is delivered of the next batch; undefined when the stream has nothing more. */
  async function extend(
    asking: Asking,
    log: DeliveryStreamRow,
    delivery: DeliveryStream,
  ): Promise<Extended | undefined> {
    if (log.state === 'closed') return undefined;
    const { grant } = asking;
    const source = await nextBatch(db, delivery.stream, log.next_source);
    if (!source) return undefined;
    await ports.usage.requireLeft(grant.body);
    const resource = await ports.catalog.resource(source.resource, source.schema_version);
    if (!resource) {
      const { seq, schema_version: schemaVersion } = source;
      throw exchangeErrors.SCHEMA_UNKNOWN({ ...aboutStream(source), seq, schemaVersion });
    }
    if (source.kind === 'delta' && missingKeyItems(resource, grant.body.items).length > 0)
      return passOver(log, delivery, source);
    const { projector, scoped, whole } = await projectors.viewOf(grant.body, resource);
    const provided: Signed<BatchManifest> = JSON.parse(source.manifest);
    if (whole) {
      const shown = await filesShown(parts, asking, log, delivery, source);
      return shown
        ? recordFiles(asking, log, delivery, source, shown)
        : record(asking, log, delivery, source, provided, undefined);
    }
    // files are granted whole or not at all: nothing in them can be left out or masked
    if (provided.body.kind === 'files') throw exchangeErrors.FILES_NOT_GRANTED(aboutDelivery(delivery));
    if (source.bytes_id === null) {
      throw exchangeErrors.DELIVERY_EXPIRED({ ...aboutDelivery(delivery), seq: log.seq + 1 });
    }
    const { bytes: stored } = await readBytes(db, store, source.bytes_id).catch((error) => {
      throw damagedDelivery(delivery, log.seq + 1, error);
    });
    const at = context.now().toISOString();
    const raw = await decompress(stored, { rawBytes: provided.body.rawBytes });
    returnBytes(stored);
    const inScope = scoped && (await scopeNext(db, delivery, provided.body, raw, scoped));
    const shown = inScope && {
      fates: inScope.fates,
      keyFields: scoped!.keyFields,
      snapshotRows: provided.body.snapshot?.last ? await rowsOfSnapshot(db, delivery, source) : 0,
    };
    const made = await project(provided.body, raw, delivery, projector, shown, signingKey, at);
    return store.write(made.bytes, (location, durable) =>
      record(asking, log, delivery, source, made.manifest, {
        heldRows: inScope?.heldRows ?? null,
        async keep(trx) {
          if (inScope) await changeHeld(trx, delivery, inScope.change);
          const id = await indexBytes(trx, location, made.manifest.body.bytesDigest);
          await durable;
          return id;
        },
      }),
    );
  }

  /** Nobody could tell which rows a change is about without the key: such a grant has whole copies only. */
  async function passOver(
    log: DeliveryStreamRow,
    delivery: DeliveryStream,
    source: BatchRow,
  ): Promise<Extended> {
    const head = { next_source: await afterChanges(db, source) };
    await db('delivery_streams').where(deliveryKey(delivery)).update(head);
    return { log: { ...log, ...head }, rows: [] };
  }

  async function record(
    asking: Asking,
    log: DeliveryStreamRow,
    delivery: DeliveryStream,
    source: BatchRow,
    manifest: Signed<BatchManifest>,
    projection: ProjectionRecord | undefined,
  ): Promise<Extended> {
    const { id, seq } = source;
    const about = { id, seq, manifest, projected: projection !== undefined };
    const next = makeDelivery(parts, asking, log, delivery, about);
    const made = await db.transaction(async (trx): Promise<Extended> => {
      // An aborted snapshot may have been voided since it was read: its part is looked for again.
      if (source.snapshot_id !== null && (await findBatch(trx, delivery.stream, source.seq))?.void)
        return { log: { ...log, next_source: source.seq + 1 }, rows: [] };
      const kept = projection && { bytesId: await projection.keep(trx), heldRows: projection.heldRows };
      return { log: next.log, rows: [await next.record(trx, kept)] };
    });
    if (made.rows.length > 0) next.recorded();
    return made;
  }

  /** In one transaction: no other batch comes between files that came together. */
  async function recordFiles(
    asking: Asking,
    log: DeliveryStreamRow,
    delivery: DeliveryStream,
    { id, seq }: BatchRow,
    manifests: readonly Signed<BatchManifest>[],
  ): Promise<Extended> {
    const made: MadeDelivery[] = [];
    for (const manifest of manifests) {
      const about = { id, seq, manifest, projected: true };
      made.push(makeDelivery(parts, asking, made.at(-1)?.log ?? log, delivery, about));
    }
    const rows = await db.transaction(async (trx) => {
      const recorded: DeliveryRow[] = [];
      for (const one of made) recorded.push(await one.record(trx));
      return recorded;
    });
    for (const one of made) one.recorded();
    return { log: made.at(-1)!.log, rows };
  }

  return {
    read: (asking, delivery, after, room) =>
      monitors.within(`delivery ${deliveryName(delivery)}`, async () => {
        const { grant } = asking;
        let log = await openLog(grant.body, delivery);
        if (!log) {
          if (after === 0) return { deliveries: [], more: false };
          throw exchangeErrors.DELIVERY_AHEAD({ ...aboutDelivery(delivery), after, head: 0 });
        }
        while (after > log.seq) {
          // a restored platform makes again what it delivered, from the batches that were sent again
          const next: Extended | undefined = await extend(asking, log, delivery);
          const head = log.seq;
          if (!next) throw exchangeErrors.DELIVERY_AHEAD({ ...aboutDelivery(delivery), after, head });
          log = next.log;
        }
        const found =
          after < log.seq ? await deliveriesBetween(db, delivery, after + 1, after + room.deliveries) : [];
        // in an archive: a target that went back so far begins anew
        if (after < log.seq && found[0]?.seq !== after + 1)
          throw exchangeErrors.DELIVERY_EXPIRED({ ...aboutDelivery(delivery), seq: after + 1 });
        const answer: Signed<Delivery>[] = [];
        let bytes = 0;
        for (let seq = after + 1; answer.length < room.deliveries; seq++) {
          while (found.length <= seq - after - 1) {
            if (answer.length > 0 && !(await ports.usage.hasLeft(grant.body)))
              return { deliveries: answer, more: true };
            const next: Extended | undefined = await extend(asking, log, delivery);
            if (!next) return { deliveries: answer, more: false, head: log };
            log = next.log;
            found.push(...next.rows);
          }
          const row = found[seq - after - 1]!;
          bytes += row.stored_bytes;
          if (answer.length > 0 && bytes > room.bytes) break;
          answer.push(documentOf(row));
        }
        return { deliveries: answer, more: true };
      }),
  };
}
