import type { IncomingHttpHeaders } from 'node:http';
import { type BatchManifest, isQianzhiError, type Receipt, type Signed, streamName } from '@qianzhi/model';
import type { AgentCaller } from '../../server/caller.js';
import { deliverAhead } from '../deliveries/deliver-ahead.js';
import { exchangeErrors } from '../errors.js';
import type { Held } from '../monitor.js';
import type { ExchangeParts } from '../parts.js';
import type { StreamRow } from '../stream-table.js';
import { checkContent } from './content.js';
import { checkFile, checkFileOrder } from './file-parts.js';
import { createGate } from './gate.js';
import { readManifest } from './manifest-header.js';
import { type BatchPath, checkAddress, checkDuty, checkSignature, schemaOf } from './permission.js';
import { type CheckedBatch, recordBatch } from './record-batch.js';
import { checkPrevious, gap, MAX_AHEAD, openStream, receiptOfRepeat } from './sequence.js';
import { snapshotAfter } from './snapshot-order.js';

export interface IncomingBatch {
  readonly path: BatchPath;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Uint8Array;
  /** Their digest where the request's signature has proven it. */
  readonly bytesDigest?: string | undefined;
  /** Told of the batch, for the log of the request. */
  readonly note?: (facts: object) => void;
}

export interface Intake {
  /**
   * Checks a batch in full, stores it durably, then answers the signed receipt of stage `stored`. A repeat gets the
   * same receipt, byte for byte. Any failed check refuses the batch with a code of its own and stores nothing;
   * refusals of kind integrity are put into the audit chain.
   */
  sendBatch(caller: AgentCaller, incoming: IncomingBatch): Promise<Signed<Receipt>>;
}

export interface IntakeOptions {
  /** How long a batch waits for the ones before it. */
  readonly orderWaitMs: number;
}

/** Batches checked at one time on the whole platform: each takes up to 16 MiB of raw rows. */
const CHECKED_AT_ONCE = 3;
/** Requests of one agent under way: the window of an agent is 4 for each stream. */
const UNDER_WAY_PER_STREAM = 2 * MAX_AHEAD;

export function createIntake(parts: ExchangeParts, options: IntakeOptions): Intake {
  const { context, ports, store, monitors, wakes, heads } = parts;
  const { db, keys, signingKey, audit } = context;
  const checking = createGate(CHECKED_AT_ONCE);
  const underWay = new Map<string, number>();

  async function take(caller: AgentCaller, incoming: IncomingBatch): Promise<Signed<Receipt>> {
    const signed = readManifest(incoming.headers, incoming.path.resource);
    const manifest = signed.body;
    const { id: batch, seq, rows } = manifest;
    incoming.note?.({ batch, stream: streamName(manifest.stream), seq, rows });
    checkAddress(manifest, incoming.path, caller);
    await checkDuty(manifest, ports);
    const resource = await schemaOf(manifest, ports);
    checkFile(manifest, resource);
    if (!followedBy(manifest)) {
      const repeated = await receiptOfRepeat(db, manifest);
      if (repeated) return repeated;
      const ahead = await openStream(db, manifest, caller.department, context.now().toISOString());
      if (manifest.seq > ahead.seq + MAX_AHEAD) throw gap(manifest, ahead.seq + 1);
    }
    const manifestDigest = await checkSignature(signed, keys);
    await checking(() => checkContent(manifest, incoming, resource));
    return monitors.within(`intake ${streamName(manifest.stream)}`, (held) =>
      storeInOrder(caller, { signed, manifestDigest }, incoming.bytes, held),
    );
  }

  /** The stream that the batch is the next one of, where that is known. */
  function followedBy({ stream, seq }: BatchManifest): StreamRow | undefined {
    const head = heads.get(streamName(stream));
    return head?.seq === seq - 1 ? head : undefined;
  }

  async function storeInOrder(
    caller: AgentCaller,
    checked: Pick<CheckedBatch, 'signed' | 'manifestDigest'>,
    bytes: Uint8Array,
    held: Held,
  ): Promise<Signed<Receipt>> {
    const manifest = checked.signed.body;
    const deadline = Date.now() + options.orderWaitMs;
    let row: StreamRow;
    for (;;) {
      row =
        followedBy(manifest) ??
        (await openStream(db, manifest, caller.department, context.now().toISOString()));
      if (manifest.seq === row.seq + 1) break;
      if (manifest.seq <= row.seq) {
        const repeated = await receiptOfRepeat(db, manifest);
        if (repeated) return repeated;
      }
      if (!(await held.wait(deadline))) throw gap(manifest, row.seq + 1);
    }
    checkPrevious(row, manifest);
    await checkFileOrder(db, manifest);
    const batch: CheckedBatch = { ...checked, row, snapshot: snapshotAfter(row, manifest) };
    const at = context.now().toISOString();
    context.failpoint?.('intake:before-store');
    const stream = streamName(manifest.stream);
    heads.delete(stream);
    const ahead = await deliverAhead(parts, checked.signed);
    try {
      const { receipt, row: after } = await store.write(bytes, (location, durable) => {
        context.failpoint?.('intake:bytes-written');
        return db.transaction(async (trx) => {
          const recorded = await recordBatch(trx, batch, location, signingKey, at);
          await ahead.record(trx);
          await durable;
          context.failpoint?.('intake:bytes-stored');
          return recorded;
        });
      });
      heads.set(stream, after);
      context.failpoint?.('intake:recorded');
      ahead.handOver(bytes);
      stored(caller, manifest);
      return receipt;
    } finally {
      ahead.release();
    }
  }

  function stored(caller: AgentCaller, manifest: BatchManifest): void {
    wakes.wake(manifest.stream.resource);
    const { rows, rejected, storedBytes } = manifest;
    context.meter?.batchStored({ department: caller.department, rows, rejected, bytes: storedBytes });
  }

  async function bounded<T>(name: string, work: () => Promise<T>): Promise<T> {
    const count = underWay.get(name) ?? 0;
    if (count >= UNDER_WAY_PER_STREAM) throw exchangeErrors.STREAM_BUSY({ stream: name });
    underWay.set(name, count + 1);
    try {
      return await work();
    } finally {
      const left = underWay.get(name)! - 1;
      if (left === 0) underWay.delete(name);
      else underWay.set(name, left);
    }
  }

  return {
    async sendBatch(caller, incoming) {
      const name = `${incoming.path.resource}/${caller.agent}/${incoming.path.epoch}`;
      try {
        return await bounded(name, () => take(caller, incoming));
      } catch (error) {
        if (isQianzhiError(error)) context.meter?.batchRefused(error.code);
        // Denials are audited by the server; a damaged or forged batch is raised here.
        if (isQianzhiError(error) && error.kind === 'integrity') {
          const { code } = error;
          context.log.error({ code, stream: name, seq: incoming.path.seq }, 'batch refused');
          await audit.record({
            actor: caller,
            action: 'batch.store',
            object: `${name}/${incoming.path.seq}`,
            outcome: 'failed',
            details: { code },
          });
        }
        throw error;
      }
    },
  };
}
