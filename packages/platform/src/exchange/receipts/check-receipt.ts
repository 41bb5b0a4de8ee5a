import {
  appliedRows,
  countsBalance,
  type DeliveryStream,
  endedFileBytes,
  type Receipt,
  receiptResource,
  type Signed,
} from '@qianzhi/model';
import { verifyWithDigest } from '@qianzhi/model/crypto';
import type { KeyDirectory } from '../../ports.js';
import type { AgentCaller } from '../../server/caller.js';
import { aboutDelivery } from '../about.js';
import { type DeliveryRow, documentOf } from '../deliveries/delivery-table.js';
import { exchangeErrors } from '../errors.js';

/** A receipt as a person would name it. */
export function aboutReceipt(delivery: DeliveryStream, { seqFrom, seqTo }: Receipt) {
  return { ...aboutDelivery(delivery), seqFrom, seqTo };
}

/**
 * Signed by a key that an agent of the caller's department held at the time the receipt names, who is the issuer it
 * names. Answers the receipt's digest. Throws QZ_PLATFORM_RECEIPT_ISSUER (denied) or the signature's own errors.
 */
export async function checkIssuer(
  signed: Signed<Receipt>,
  caller: AgentCaller,
  keys: KeyDirectory,
): Promise<string> {
  const record = await keys.find(signed.signature.keyId);
  const { signer, digest } = verifyWithDigest(signed, record ? [record] : [], signed.body.issuedAt);
  if (signer.owner !== signed.body.issuer || signer.department !== caller.department) {
    throw foreignReceipt(signed.body);
  }
  return digest;
}

/** Of a receipt that its sender may not give. */
export function foreignReceipt(receipt: Receipt) {
  return exchangeErrors.RECEIPT_ISSUER({ receipt: receipt.id, resource: receiptResource(receipt) });
}

/** Where a new receipt has to begin: after `last`; void deliveries before it may be left out. */
export function checkStart(
  receipt: Receipt,
  delivery: DeliveryStream,
  last: number,
  rows: readonly DeliveryRow[],
): void {
  const expected = rows.find((row) => row.seq > last && !row.void)?.seq ?? last + 1;
  if (receipt.seqFrom > last && receipt.seqFrom <= expected) return;
  const { seqFrom } = receipt;
  throw exchangeErrors.RECEIPT_GAP({ ...aboutDelivery(delivery), seqFrom, expected });
}

/** Rows of deliveries, with and without the parts of snapshots that were never completed. */
export function deliveredRows(range: readonly DeliveryRow[]): {
  readonly all: number;
  readonly kept: number;
} {
  const sum = (rows: readonly DeliveryRow[]) => rows.reduce((total, row) => total + row.rows, 0);
  return { all: sum(range), kept: sum(range.filter((row) => !row.void)) };
}

/** Sizes of the files that end in a range of deliveries; undefined for rows. One stream never has both. */
function deliveredBytes(range: readonly DeliveryRow[]): number | undefined {
  const ended = range.map((row) => endedFileBytes(documentOf(row).body.manifest.body));
  return ended[0] === undefined ? undefined : ended.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0);
}

/**
 * What the receipt says is what was delivered: one digest for each batch of the range, their rows, and for a final
 * receipt counts that balance. Throws QZ_PLATFORM_RECEIPT_DIFFERS or _RECEIPT_UNBALANCED (integrity).
 */
export function checkAgainstDelivered(
  receipt: Receipt,
  delivery: DeliveryStream,
  range: readonly DeliveryRow[],
): void {
  const about = aboutReceipt(delivery, receipt);
  const differs = (problem: string, problemZh: string) =>
    exchangeErrors.RECEIPT_DIFFERS({ ...about, problem, problemZh });
  const { seqFrom, seqTo, rowsDigests, counts } = receipt;
  if (seqTo < seqFrom || range.length !== seqTo - seqFrom + 1)
    throw differs('it covers more than was delivered', '超出已交付范围');
  if (rowsDigests.length !== range.length)
    throw differs('not one digest for each batch', '摘要数与批次数不符');
  const other = range.findIndex((row, i) => row.rows_digest !== rowsDigests[i]);
  if (other >= 0)
    throw differs(`the digest of batch ${seqFrom + other} differs`, `第 ${seqFrom + other} 批的摘要不符`);
  const { all, kept } = deliveredRows(range);
  const bytes = deliveredBytes(range);
  if (receipt.stage !== 'staged' && receipt.stage !== 'rejected' && receipt.bytes !== bytes) {
    const { bytes: said = 0 } = receipt;
    throw differs(
      `it says ${said} bytes of files, ${bytes ?? 0} were delivered`,
      `称文件 ${said} 字节,实交付 ${bytes ?? 0} 字节`,
    );
  }
  const { rows } = receipt;
  if (rows !== all && rows !== kept) {
    throw differs(`it says ${rows} rows, ${kept} were delivered`, `称 ${rows} 行,实交付 ${kept} 行`);
  }
  if (receipt.stage === 'staged') return;
  if (!counts) {
    if (receipt.stage === 'applied') throw differs('it carries no counts', '缺少计数');
    return;
  }
  if (counts.delivered !== rows)
    throw differs(
      `its counts say ${counts.delivered} of ${rows} rows`,
      `计数为 ${counts.delivered} 行,应为 ${rows} 行`,
    );
  if (!countsBalance(counts)) {
    const { delivered, rejected } = counts;
    throw exchangeErrors.RECEIPT_UNBALANCED({ ...about, delivered, applied: appliedRows(counts), rejected });
  }
}
