import type { QianzhiError } from '@qianzhi/model';
import { returnBytes } from '@qianzhi/rows';
import { createChanges } from '../changes.js';
import { backoffMs, withDeadline } from '../clock.js';
import { engineErrors } from '../errors.js';
import { codedError, errorOf } from '../failure.js';
import { requireDuty } from '../provider/duty.js';
import type { BatchRow } from '../store/batch-table.js';
import type { StreamRow } from '../store/stream-table.js';
import type { HeadsGate } from '../streams/heads.js';
import { type StoredParts, storedBytes } from './stored-bytes.js';
import { supplierOf } from './supplier.js';

/** Sends one stream's sealed batches in order, several in flight, until each has its committed receipt. */
export interface Sender {
  /** A batch was committed; its bytes are still in memory. */
  offer(batch: BatchRow, bytes: Uint8Array): void;
  /** Tries again now: the stream resumed, assignments came, a run begins. */
  wake(): void;
  /** Nothing is sent any more of what was sealed: its bytes are gone. */
  giveUp(): void;
  /** A receipt was committed: there is room in the window. */
  onReceipted(): void;
  /** Why nothing moves at the moment: the stream's stop, or what went wrong a few times. */
  failure(): QianzhiError | undefined;
  /** Resolves when all that is sealed has its receipt. Throws the stream's stop, or why the link does not answer. */
  drained(signal: AbortSignal): Promise<void>;
  /** Resolves at the next change of this stream. */
  changed(signal: AbortSignal): Promise<void>;
  /** Calls `listener` at each change of this stream until the answered function is called. */
  onChange(listener: () => void): () => void;
  close(): void;
}

export interface SenderParts extends StoredParts {
  readonly gate: HeadsGate;
  readonly stop: (resource: string, error: QianzhiError) => void;
}

interface Flight {
  readonly bytes: number;
  /** The medium holds it; the receipt is due. */
  held: boolean;
  receiptTimer?: NodeJS.Timeout;
}

/** A short interruption of the link is no news; from here on a run says that it waits. */
const REPORTED_AFTER = 3;

/** Refusals of a platform that knows less of the stream than it confirmed: it was restored while this agent ran. */
const misplaced = new Set(['QZ_PLATFORM_SEQUENCE_GAP', 'QZ_PLATFORM_EPOCH_UNKNOWN']);

const nothing = () => undefined;

export function createSender(parts: SenderParts, resource: string): Sender {
  const { core, tables, gate } = parts;
  const { limits, options } = core;
  const changes = createChanges();
  const inFlight = new Map<number, Flight>();
  /** Bytes of sealed batches not yet held, as far as they fit into the window; the rest is read from the folder. */
  const ready = new Map<number, Uint8Array>();
  /** Refused while an earlier one was under way: sent again once all before are held. */
  const outrun = new Set<number>();
  let epoch = 0;
  /** A misplaced batch had both sides compare their heads; one more like it stops the stream. */
  let comparedAgain = false;
  let failures = 0;
  let failure: QianzhiError | undefined;
  let retryTimer: NodeJS.Timeout | undefined;
  let lastStarted: Promise<unknown> = Promise.resolve();

  function pump(): void {
    if (retryTimer || core.closed.aborted) return;
    const row = tables.streams.get(resource);
    if (!row) return;
    forgetReceipted(row);
    if (row.state === 'stopped') return;
    let bytes = 0;
    let batches = 0;
    for (let seq = row.receipted + 1; seq <= row.seq; seq++) {
      const flight = inFlight.get(seq);
      if (flight?.held && options.channel.carried) continue;
      if (flight) {
        bytes += flight.bytes;
        batches++;
        continue;
      }
      if (outrun.has(seq) && !allHeldBefore(seq)) return;
      const batch = tables.batches.get(resource, row.epoch, seq);
      if (!batch) {
        parts.stop(resource, engineErrors.BATCH_FILE_BROKEN({ stream: resource, seq }));
        return;
      }
      const fits = batches < limits.windowBatches && bytes + batch.storedBytes <= limits.windowBytes;
      if (!fits && batches > 0) return;
      bytes += batch.storedBytes;
      batches++;
      launch(batch);
    }
  }

  function allHeldBefore(seq: number): boolean {
    return [...inFlight].every(([other, flight]) => other >= seq || flight.held);
  }

  function forgetReceipted(row: StreamRow): void {
    if (row.epoch !== epoch) {
      forgetAll();
      epoch = row.epoch;
    }
    for (const [seq, flight] of inFlight) {
      if (seq > row.receipted) continue;
      clearTimeout(flight.receiptTimer);
      inFlight.delete(seq);
    }
    for (const seq of ready.keys()) if (seq <= row.receipted) ready.delete(seq);
  }

  function forgetAll(): void {
    for (const flight of inFlight.values()) clearTimeout(flight.receiptTimer);
    inFlight.clear();
    outrun.clear();
    ready.clear();
  }

  /** Of what is being sent and what waits for its turn. */
  function bytesInMemory(): number {
    let sum = 0;
    for (const flight of inFlight.values()) if (!flight.held) sum += flight.bytes;
    for (const [seq, bytes] of ready) if (!inFlight.has(seq)) sum += bytes.length;
    return sum;
  }

  function launch(batch: BatchRow): void {
    outrun.delete(batch.seq);
    const flight: Flight = { bytes: batch.storedBytes, held: false };
    inFlight.set(batch.seq, flight);
    const before = lastStarted;
    // sends begin in the order of the sequence, whichever bytes are at hand first
    const started = Promise.all([before, loadChecked(batch)]);
    // without its value: a chain of values would hold the bytes of all that was ever sent
    lastStarted = started.then(nothing, nothing);
    started
      .then(async ([, bytes]) => {
        await transmit(batch, bytes);
        ready.delete(batch.seq);
        returnBytes(bytes);
      })
      .then(() => onHeld(batch.seq, flight))
      .catch((error) => onFailed(batch, flight, error));
  }

  async function loadChecked(batch: BatchRow): Promise<Uint8Array> {
    await Promise.all([gate.ensure(core.closed), core.store.synced()]);
    requireDuty(core, resource, supplierOf(core, resource));
    const inMemory = ready.get(batch.seq);
    if (inMemory && batch.epoch === epoch) return inMemory;
    return storedBytes(parts, batch);
  }

  async function transmit(batch: BatchRow, bytes: Uint8Array): Promise<void> {
    if (inFlight.get(batch.seq)?.held !== false) return; // receipted or voided while the bytes were fetched
    requireDuty(core, resource, supplierOf(core, resource));
    core.failpoint('send:before');
    const what = `${resource}/${batch.epoch} #${batch.seq}`;
    await withDeadline(what, limits.channelTimeoutMs, core.closed, (signal) =>
      options.channel.send({ manifest: batch.manifest, bytes }, signal),
    );
    core.failpoint('send:after');
  }

  function onHeld(seq: number, flight: Flight): void {
    if (core.closed.aborted) return;
    flight.held = true;
    comparedAgain = false;
    failures = 0;
    failure = undefined;
    if (inFlight.get(seq) !== flight) return;
    flight.receiptTimer = setTimeout(() => {
      inFlight.delete(seq);
      failures++;
      failure = engineErrors.CHANNEL_TIMEOUT({ what: `${resource} #${seq}`, ms: limits.receiptTimeoutMs });
      changes.notify();
      pump();
    }, limits.receiptTimeoutMs);
    changes.notify();
    // carried, what is held makes room in the window: its receipt may be days away
    if (outrun.size > 0 || options.channel.carried) pump();
  }

  function onFailed(batch: BatchRow, flight: Flight, cause: unknown): void {
    if (inFlight.get(batch.seq) !== flight || core.closed.aborted) return;
    const error = codedError(cause, `send ${resource} #${batch.seq}`);
    // a refusal counts only when all before it is held: else it may be nothing but the gap those left
    const outran = !allHeldBefore(batch.seq);
    inFlight.delete(batch.seq);
    const due = (tables.streams.get(resource)?.receipted ?? 0) + 1;
    const unsentBefore = batch.seq > due && !inFlight.has(due);
    if (outran || unsentBefore) {
      outrun.add(batch.seq);
      if (unsentBefore) pump();
      return;
    }
    const platformWentBack = misplaced.has(error.code) && !comparedAgain;
    if (platformWentBack) {
      comparedAgain = true;
      gate.again(resource);
    }
    const waitsByItself =
      platformWentBack ||
      error.retry === 'backoff' ||
      error.code === 'QZ_ENGINE_NO_DUTY' ||
      (error.retry === 'capped' && failures + 1 < limits.internalAttempts);
    if (!waitsByItself) {
      parts.stop(resource, error);
      return;
    }
    failures++;
    failure = error;
    const { id } = batch.manifest.body;
    options.log.warn({ code: error.code, resource, batch: id, seq: batch.seq, failures }, error.message);
    clearTimeout(retryTimer);
    const pause = backoffMs(failures, limits.backoffFirstMs, limits.backoffCapMs);
    retryTimer = setTimeout(() => {
      retryTimer = undefined;
      // what goes wrong here goes wrong again with the batch, and is told there
      gate.ensure(core.closed).then(pump, pump);
    }, pause);
    changes.notify();
  }

  function reported(row: StreamRow): QianzhiError | undefined {
    if (!failure) return undefined;
    if (failure.code === 'QZ_ENGINE_NO_DUTY') return failure;
    if (failures < REPORTED_AFTER) return undefined;
    const facts = { stream: resource, seq: row.receipted + 1, reason: failure.code };
    return engineErrors.RECEIPT_MISSING(facts, failure);
  }

  return {
    offer(batch, bytes) {
      if (batch.epoch === epoch && bytesInMemory() + bytes.length <= limits.windowBytes) {
        ready.set(batch.seq, bytes);
      } else {
        returnBytes(bytes);
      }
      pump();
    },
    wake() {
      clearTimeout(retryTimer);
      retryTimer = undefined;
      failures = 0;
      failure = undefined;
      pump();
      changes.notify();
    },
    giveUp: forgetAll,
    onReceipted() {
      pump();
      changes.notify();
    },
    failure() {
      const row = tables.streams.get(resource);
      if (row?.problem && row.state === 'stopped') return errorOf(row.problem);
      return row && reported(row);
    },
    async drained(signal) {
      for (;;) {
        const row = tables.streams.get(resource);
        if (row?.problem && row.state === 'stopped') throw errorOf(row.problem);
        if (!row || row.receipted >= row.seq) return;
        const error = reported(row);
        if (error) throw error;
        await changes.next(signal);
      }
    },
    changed: (signal) => changes.next(signal),
    onChange: (listener) => changes.on(listener),
    close() {
      clearTimeout(retryTimer);
      forgetAll();
    },
  };
}
