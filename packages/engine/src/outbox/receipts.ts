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
import { documentDigest, subjectName, verifyDocument } from '@qianzhi/model/crypto';
import { namesOf, tellBatch } from '../batch-event.js';
import type { Core } from '../core.js';
import { engineErrors } from '../errors.js';
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

/**
 * Takes the platform's `stored` receipts in any order and commits them in order: receipt, batch state and
 * checkpoint in one transaction, so that a checkpoint never passes rows without a receipt (design: promise 2).
 * One with a wrong signature is refused and alarmed, and the true one still awaited; one truly signed that
 * names other rows stops the stream.
 */
export function createReceiptAcceptor(parts: ReceiptParts) {
  const { core, tables } = parts;
  const waiting = new Map<string, Map<number, Signed<Receipt>>>();

  function accept(input: unknown): void {
    const document = verified(input);
    if (!document || tables.receipts.knows(document.body.id)) return;
    const { subject, seqFrom } = document.body;
    if (!('stream' in subject)) return;
    const { resource } = subject.stream;
    const row = tables.streams.get(resource);
    if (!row || subject.stream.epoch !== row.epoch) return; // of an epoch that was given up
    const pending = waiting.get(resource) ?? new Map<number, Signed<Receipt>>();
    waiting.set(resource, pending);
    pending.set(seqFrom, document);
    commitInOrder(resource, pending);
  }

  function verified(input: unknown): Signed<Receipt> | undefined {
    const assignments = core.options.assignments();
    if (!assignments) return undefined; // asked for again by sending again
    try {
      const document = checkShape(SignedReceiptSchema, input, 'receipt') as Signed<Receipt>;
      const { body } = document;
      const signer = verifyDocument(document, assignments.keys, body.issuedAt);
      if (signer.owner !== 'platform' || body.issuer !== 'platform' || body.stage !== 'stored') {
        throw wrong(document, '它不是平台的入库签收', 'it is not a stored receipt of the platform');
      }
      const ours = 'stream' in body.subject && body.subject.stream.agent === core.options.identity.agent;
      if (!ours) throw wrong(document, '它属于另一前置机', 'it is about another agent');
      if (body.seqTo - body.seqFrom + 1 !== body.rowsDigests.length)
        throw wrong(document, '其批次范围有误', 'its range is broken');
      return document;
    } catch (error) {
      if (!isQianzhiError(error)) throw error;
      core.alarm(error, 'receipt');
      return undefined;
    }
  }

  function commitInOrder(resource: string, pending: Map<number, Signed<Receipt>>): void {
    for (;;) {
      const row = tables.streams.get(resource);
      if (!row) return;
      const next = [...pending.values()].find(
        ({ body }) => body.seqFrom <= row.receipted + 1 && body.seqTo <= row.seq,
      );
      if (!next) return;
      const problem = mismatch(row, next);
      if (problem) {
        pending.delete(next.body.seqFrom);
        parts.stop(resource, wrong(next, problem.zh, problem.en));
        return;
      }
      core.failpoint('receipt:before-commit');
      const first = core.store.write(() => commit(row, next));
      pending.delete(next.body.seqFrom);
      core.failpoint('receipt:committed');
      tellSent(row, first, next.body.seqTo);
      parts.committed(resource);
    }
  }

  function mismatch(row: StreamRow, { body }: Signed<Receipt>): LocalText | undefined {
    let rows = 0;
    for (let seq = body.seqFrom; seq <= body.seqTo; seq++) {
      const batch = tables.batches.get(row.resource, row.epoch, seq);
      if (!batch || batch.rowsDigest !== body.rowsDigests[seq - body.seqFrom]) {
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
  function tellSent(row: StreamRow, first: number, last: number): void {
    const { resource, epoch } = row;
    const exchange = supplierOf(core, resource);
    for (let seq = first; seq <= last; seq++) {
      const batch = tables.batches.get(resource, epoch, seq);
      if (!batch) continue;
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
  function commit(row: StreamRow, document: Signed<Receipt>): number {
    const { body } = document;
    const at = core.now();
    tables.receipts.insert(nameOf(row), documentDigest(document, core.suite), document, true);
    let { committed } = row;
    let first = row.receipted + 1;
    for (let seq = row.receipted + 1; seq <= body.seqTo; seq++) {
      const batch = tables.batches.get(row.resource, row.epoch, seq);
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
