import {
  type BatchManifest,
  type DeliveryStream,
  deliveryName,
  type Grant,
  isQianzhiError,
  type Signed,
} from '@qianzhi/model';
import { decompress } from '@qianzhi/rows';
import type { AgentCaller } from '../../server/caller.js';
import { aboutDelivery } from '../about.js';
import { type BatchRow, findBatch } from '../batch-table.js';
import { readBytes } from '../byte-index.js';
import { exchangeErrors } from '../errors.js';
import type { ExchangeParts } from '../parts.js';
import { scopeAgain } from '../scope/scope-delivery.js';
import { damagedDelivery } from './damaged.js';
import { documentOf, findPlaced, type PlacedDelivery } from './delivery-table.js';
import { createFilesShown } from './files-shown.js';
import { liveGrant } from './grants.js';
import { type Projectors, project } from './projection.js';

/**
 * The stored bytes of one delivery, for an agent of the consuming department under a grant in force, which is
 * looked at again after the bytes are read. Damage is found here, audited and raised as
 * QZ_PLATFORM_DELIVERY_DAMAGED (integrity); bytes that retention dropped as _DELIVERY_EXPIRED (conflict).
 */
export type ReadDeliveryBytes = (
  caller: AgentCaller,
  delivery: DeliveryStream,
  seq: number,
) => Promise<ProvenBytes>;

/** Bytes, and their digest as it was found right when they were read. */
export interface ProvenBytes {
  readonly bytes: Uint8Array;
  readonly digest: string;
}

export function createDeliveryBytes(parts: ExchangeParts, projectors: Projectors): ReadDeliveryBytes {
  const { context, ports, store } = parts;
  const { db } = context;
  const readFilesShown = createFilesShown();

  async function read(grant: Grant, delivery: DeliveryStream, row: PlacedDelivery): Promise<ProvenBytes> {
    const expired = () => exchangeErrors.DELIVERY_EXPIRED({ ...aboutDelivery(delivery), seq: row.seq });
    if (row.projected && row.bytes_id !== null) return readBytes(db, store, row.bytes_id);
    const bytesId = row.source_bytes_id;
    if (bytesId === null) throw expired();
    const stored = () => readBytes(db, store, bytesId);
    if (!row.projected) return stored();
    const source = (await findBatch(db, delivery.stream, row.source_seq))!;
    const wanted = documentOf(row).body.manifest.body;
    if (wanted.kind === 'files') {
      const provided: Signed<BatchManifest> = JSON.parse(source.manifest);
      return readFilesShown(bytesId, stored, provided.body, wanted);
    }
    // Its projection was dropped after the final receipt; a target that went back asks for it again.
    const again = await projectAgain(grant, delivery, source, (await stored()).bytes, row.held_rows ?? '');
    if (again.body.bytesDigest !== wanted.bytesDigest) throw expired();
    return { bytes: again.bytes, digest: again.body.bytesDigest };
  }

  async function projectAgain(
    grant: Grant,
    delivery: DeliveryStream,
    source: BatchRow,
    stored: Uint8Array,
    heldRows: string,
  ): Promise<{ body: BatchManifest; bytes: Uint8Array }> {
    const resource = (await ports.catalog.resource(source.resource, source.schema_version))!;
    const { projector, scoped } = await projectors.viewOf(grant, resource);
    const provided: Signed<BatchManifest> = JSON.parse(source.manifest);
    const at = context.now().toISOString();
    const raw = await decompress(stored, { rawBytes: provided.body.rawBytes });
    const shown = scoped && {
      fates: await scopeAgain(provided.body, raw, scoped, heldRows),
      keyFields: scoped.keyFields,
      snapshotRows: 0,
    };
    const made = await project(provided.body, raw, delivery, projector, shown, context.signingKey, at);
    return { body: made.manifest.body, bytes: made.bytes };
  }

  return async (caller, delivery, seq) => {
    const row = await findPlaced(db, delivery, seq);
    if (row?.consumer !== caller.department)
      throw exchangeErrors.DELIVERY_UNKNOWN({ ...aboutDelivery(delivery), seq });
    const { body: grant } = await liveGrant(ports.agreements, delivery, context.now());
    try {
      const proven = await read(grant, delivery, row);
      await liveGrant(ports.agreements, delivery, context.now());
      return proven;
    } catch (error) {
      if (isQianzhiError(error) && error.kind === 'integrity') {
        const object = `${deliveryName(delivery)}/${seq}`;
        context.log.error(
          { code: error.code, ...error.details, delivery: object },
          'stored bytes are damaged',
        );
        await context.audit.record({
          actor: 'platform',
          action: 'delivery.read',
          object,
          outcome: 'failed',
          details: { code: error.code },
        });
      }
      throw damagedDelivery(delivery, seq, error);
    }
  };
}
