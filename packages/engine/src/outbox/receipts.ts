import {
  checkShape,
  isQianzhiError,
  type LocalText,
  type QianzhiError,
  type Receipt,
  receiptResource,
  type Signed,
  SignedReceiptSchema,
  streamName,
} from '@qianzhi/model';
import { subjectName, verifyWithDigest } from '@qianzhi/model/crypto';
import { namesOf, tellBatch } from '../batch-event.js';
import type { Core } from '../core.js';
import { engineErrors } from '../errors.js';
import type { BatchRow } from '../store/batch-table.js';
import type { StreamRow } from '../store/stream-table.js';
import { streamOf } from '../store/stream-table.js';
import type { Tables } from '../store/tables.js';
import { supplierOf } from './supplier.js';

export interface ReceiptParts {
  readonly core: Core;
  readonly tables: Tables;
  readonly stop: (resource: string, error: QianzhiError) => void;
  /** A receipt of this resource's stream was committed. */
  readonly committed: (resource: string) => void;
}

/** A receipt whose signature is right. */
interface Proven {
  readonly document: Signed<Receipt>;
  readonly digest: string;
}

type Batches = readonly (BatchRow | undefined)[];

/**
 * Takes the platform's `stored` receipts in any order and commits them in order: receipt, batch state and
 * checkpoint in one transaction, so that a checkpoint never passes rows without a receipt (design: promise 2).
 * One with a wrong signature is refused and alarmed, and the true one still awaited; one truly signed that
 * names other rows stops the stream.
 */
export function createReceiptAcceptor(parts: ReceiptParts) {
  const { core, tables } = parts;
  const waiting = new Map<string, Map<number, Proven>>();

  function accept(input: unknown): void {
    const found = verified(input);
    if (!found || tables.receipts.knows(found.document.body.id)) return;
    const { subject, seqFrom } = found.document.body;
    if (!('stream' in subject)) return;
    const { resource } = subject.stream;
    const row = tables.streams.get(resource);
    if (!row || subject.stream.epoch !== row.epoch) return; // of an epoch that was given up
    const pending = waiting.get(resource) ?? new Map<number, Proven>();
    waiting.set(resource, pending);
    pending.set(seqFrom, found);
    commitInOrder(resource, pending);
  }

  function verified(input: unknown): Proven | undefined {
    const assignments = core.options.assignments();
    if (!assignments) return undefined; // asked for again by sending again
    try {
      const document = checkShape(SignedReceiptSchema, input, 'receipt') as Signed<Receipt>;
      const { body } = document;
      const { signer, digest } = verifyWithDigest(document, assignments.keys, body.issuedAt, core.suite);
      if (signer.owner !== 'platform' || body.issuer !== 'platform' || body.stage !== 'stored') {
        throw wrong(document, '它不是平台的入库签收', 'it is not a stored receipt of the platform');
      }
      const ours = 'stream' in body.subject && body.subject.stream.agent === core.options.identity.agent;
      if (!ours) throw wrong(document, '它属于另一前置机', 'it is about another agent');
      if (body.seqTo - body.seqFrom + 1 !== body.rowsDigests.length)
        throw wrong(document, '其批次范围有误', 'its range is broken');
      return { document, digest };
    } catch (error) {
      if (!isQianzhiError(error)) throw error;
      core.alarm(error, 'receipt');
      return undefined;
    }
  }

  function commitInOrder(resource: string, pending: Map<number, Proven>): void {
    while (pending.size > 0) {
      const row = tables.streams.get(resource);
      if (!row) return;
      const next = [...pending.values()].find(
        ({ document: { body } }) => body.seqFrom <= row.receipted + 1 && body.seqTo <= row.seq,
      );
      if (!next) return;
      const { document } = next;
      const { seqFrom } = document.body;
      const batches = batchesOf(row, document.body);
      const problem = mismatch(row, document, batches);
      if (problem) {
        pending.delete(seqFrom);
        parts.stop(resource, wrong(document, problem.zh, problem.en));
        return;
      }
      core.failpoint('receipt:before-commit');
      // lost with the power, it is given again for the batch that is then sent again
      const first = core.store.writeAhead(() => commit(row, next, batches));
      pending.delete(seqFrom);
      core.failpoint('receipt:committed');
      tellSent(resource, batches, first);
      parts.committed(resource);
    }
  }

  /** In the order of the receipt’s range; undefined for one that is not there. */
  function batchesOf({ resource, epoch }: StreamRow, { seqFrom, rowsDigests }: Receipt): Batches {
    return rowsDigests.map((_, at) => tables.batches.get(resource, epoch, seqFrom + at));
  }

  function mismatch(row: StreamRow, { body }: Signed<Receipt>, batches: Batches): LocalText | undefined {
    let rows = 0;
    for (const [at, batch] of batches.entries()) {
      if (!batch || batch.rowsDigest !== body.rowsDigests[at]) {
        return { zh: '行摘要与批次不符', en: 'its rows digest is not the batch’s' };
      }
      rows += batch.rows;
    }
    if (rows !== body.rows) return { zh: '行数与批次不符', en: 'its row count is not the batches’' };
    const name = nameOf(row);
    const chained =
      body.seqFrom === 1
        ? body.previous === null
        : body.previous !== null &&
          tables.receipts.endingAt(name, 'platform', body.seqFrom - 1).includes(body.previous);
    return chained ? undefined : { zh: '不接续前一签收', en: 'it does not follow the receipt before it' };
  }

  /** Of a batch sent again to a restored platform nothing is told: it was sent before. */
  function tellSent(resource: string, batches: Batches, first: number): void {
    const exchange = supplierOf(core, resource);
    for (const batch of batches) {
      if (!batch || batch.seq < first) continue;
      const { rows, storedBytes: bytes } = batch;
      tellBatch(core, {
        ...namesOf(batch.manifest.body),
        stage: 'sent',
        exchange,
        rows,
        rejected: 0,
        bytes,
      });
    }
  }

  /** Answers the first batch that had no receipt before. */
  function commit(row: StreamRow, { document, digest }: Proven, batches: Batches): number {
    const { body } = document;
    const at = core.now();
    tables.receipts.insert(nameOf(row), digest, document, true);
    let { committed } = row;
    let first = row.receipted + 1;
    for (let seq = row.receipted + 1; seq <= body.seqTo; seq++) {
      const batch = batches[seq - body.seqFrom];
      // a batch sent again to a restored platform committed its checkpoint long ago
      if (batch && batch.receiptedAt === null) committed = batch.checkpoint;
      else first = seq + 1;
      tables.batches.setReceipted(row.resource, row.epoch, seq, at);
    }
    const receipted = Math.max(row.receipted, body.seqTo);
    // blocks that made no batch moved the reading on; with everything receipted they count too
    if (receipted === row.seq) committed = row.checkpoint;
    tables.streams.put({ ...row, receipted, committed });
    return first;
  }

  function nameOf(row: StreamRow): string {
    return streamName(streamOf(row, core.options.identity.agent));
  }

  function wrong({ body }: Signed<Receipt>, zh: string, en: string): QianzhiError {
    const { subject, seqFrom: seq } = body;
    const stream = 'stream' in subject ? streamName(subject.stream) : subjectName(body);
    const about = { stream, resource: receiptResource(body), seq };
    return engineErrors.RECEIPT_WRONG({ ...about, problem: { zh, en } });
  }

  return { accept };
}
