import { type BatchManifest, deliveryName, type Signed } from '@qianzhi/model';
import type { Knex } from 'knex';
import type { ExchangeParts } from '../parts.js';
import { findDeliveryStream } from './delivery-table.js';
import { putInHand } from './inline-bytes.js';
import { type MadeDelivery, makeDelivery } from './made-delivery.js';
import type { Standing, StandingStream } from './standing.js';

/** Deliveries of a batch that are recorded with it. */
export interface DeliveriesAhead {
  record(trx: Knex.Transaction): Promise<void>;
  /** Makes them ready, once the transaction is committed; whoever gets none of them looks for himself. */
  handOver(bytes: Uint8Array): void;
  /** Lets others make deliveries of the same streams. */
  release(): void;
}

interface Planned {
  readonly standing: Standing;
  readonly stream: StandingStream;
  readonly made: MadeDelivery;
  recorded: boolean;
}

/** What is kept in memory until it is asked for. */
const SMALL_BYTES = 64 * 1024;

/**
 * Who keeps up gets a change that he sees just as it is in the transaction that stores it: one commit instead of two, and
 * nothing is read again on its way. All else is delivered when he asks. Asks the database itself before the transaction only.
 */
export async function deliverAhead(
  parts: ExchangeParts,
  manifest: Signed<BatchManifest>,
): Promise<DeliveriesAhead> {
  const { consumers } = parts;
  const { body } = manifest;
  const planned: Planned[] = [];
  const entered: (() => void)[] = [];
  let handedOver = false;
  const release = () => {
    for (const leave of entered) leave();
    // nobody knows whether the transaction was committed: whoever is kept looks for himself
    if (!handedOver) consumers.changed(body.stream.resource);
  };
  try {
    await plan(parts, manifest, planned, entered);
  } catch (error) {
    release();
    throw error;
  }
  return {
    async record(trx) {
      for (const one of planned) {
        const { log, delivery } = one.stream;
        const now = await findDeliveryStream(trx, delivery);
        // delivered meanwhile to another who asked, or closed
        if (now?.state !== 'open' || now.seq !== log.seq || now.next_source !== log.next_source) continue;
        await one.made.record(trx);
        one.recorded = true;
      }
    },
    handOver(bytes) {
      handedOver = true;
      const known = new Set<Standing>();
      for (const { standing, stream, made, recorded } of planned) {
        if (!recorded) continue;
        made.recorded();
        putInHand(made.document, bytes);
        stream.log = made.log;
        stream.ready.push(made.document);
        known.add(standing);
      }
      consumers.changed(body.stream.resource, known);
    },
    release,
  };
}

/** `entered` is told of each delivery stream that is to be left again, however this ends. */
async function plan(
  parts: ExchangeParts,
  manifest: Signed<BatchManifest>,
  planned: Planned[],
  entered: (() => void)[],
): Promise<void> {
  const { context, ports, consumers, monitors } = parts;
  const { body } = manifest;
  const small = body.kind === 'delta' && body.storedBytes <= SMALL_BYTES;
  for (const { standing, stream } of small ? consumers.of(body.stream) : []) {
    const { delivery, log, schemaVersion } = stream;
    if (log.next_source !== body.seq || schemaVersion !== body.schemaVersion) continue;
    const { agreement, grantVersion } = delivery;
    if (!(await ports.agreements.isLive(agreement, grantVersion, context.now()))) continue;
    if (!(await ports.usage.hasLeft(standing.asking.grant.body))) continue;
    const leave = monitors.enterFree(`delivery ${deliveryName(delivery)}`);
    if (!leave) continue;
    entered.push(leave);
    const source = { id: body.id, seq: body.seq, manifest, projected: false };
    const made = makeDelivery(parts, standing.asking, log, delivery, source);
    planned.push({ standing, stream, made, recorded: false });
  }
}
