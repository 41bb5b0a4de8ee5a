import { useName } from '../agreement/use.js';
import { deliveryName } from '../batch/delivery.js';
import { isQianzhiError } from '../errors/qianzhi-error.js';
import { streamName } from '../exchange/stream.js';
import type { ChainBegin } from '../receipt/archive.js';
import { countsBalance, type Receipt } from '../receipt/receipt.js';
import { documentDigest, verifyDocument } from './documents.js';
import type { KeyRecord } from './keys.js';
import type { Signed } from './signed.js';
import { suiteOf } from './suites.js';

export interface ReceiptProblem {
  readonly receipt: string;
  readonly subject: string;
  readonly code:
    | 'signature-wrong'
    | 'issuer-wrong'
    | 'chain-broken'
    | 'sequence-gap'
    | 'digest-count-wrong'
    | 'counts-unbalanced';
}

export interface ReceiptCheck {
  readonly verified: number;
  readonly problems: readonly ReceiptProblem[];
}

/** `stream …`, `delivery …` or `use …`: what a receipt is about, as one text. */
export function subjectName({ subject }: Receipt): string {
  if ('stream' in subject) return `stream ${streamName(subject.stream)}`;
  if ('use' in subject) return `use ${useName(subject.use)}`;
  return `delivery ${deliveryName(subject.delivery)}`;
}

/** Whether two receipts state the same, whenever and under whichever id they were written. */
export function statesTheSame(a: Receipt, b: Receipt): boolean {
  const said = ({ stage, seqFrom, seqTo, rowsDigests, rows, bytes, counts, reason }: Receipt) =>
    JSON.stringify([
      stage,
      seqFrom,
      seqTo,
      rowsDigests,
      rows,
      bytes,
      counts && Object.values(counts),
      reason,
    ]);
  return said(a) === said(b);
}

/** What is known of one issuer's receipts over one subject. */
interface Chain {
  head: string | null;
  seqTo: number;
  readonly receipts: Map<string, Receipt>;
}

/**
 * Checks receipts offline, with the key directory alone: signature by the issuer's key, chain by `previous`,
 * ranges without gaps, one digest for each seq, balanced counts. Receipts of one issuer over one subject must be
 * complete from the first on, or from where `begins` says that earlier ones were moved into archives, and in order of issue; different
 * subjects may be mixed. An issuer that lost its memory may write receipts anew, from the first or a later one on, beginning with one
 * that states the same as before.
 */
export function checkReceipts(
  receipts: readonly Signed<Receipt>[],
  keys: readonly KeyRecord[],
  begins: readonly ChainBegin[] = [],
): ReceiptCheck {
  const chains = new Map<string, Chain>();
  const begin = new Map(begins.map((one) => [`${one.issuer} ${one.subject}`, one]));
  const problems: ReceiptProblem[] = [];
  let verified = 0;
  for (const receipt of receipts) {
    const subject = subjectName(receipt.body);
    const name = `${receipt.body.issuer} ${subject}`;
    const chain = chains.get(name) ?? chainFrom(receipt.body, begin.get(name));
    chains.set(name, chain);
    const found = problemsOf(receipt, keys, chain);
    problems.push(...found.map((code) => ({ receipt: receipt.body.id, subject, code })));
    if (found.length === 0) verified += 1;
    chain.head = digestOf(receipt, keys);
    chain.seqTo = Math.max(receipt.body.seqTo, chain.seqTo);
    chain.receipts.set(chain.head, receipt.body);
  }
  return { verified, problems };
}

/** The whole chain, where its first receipt is there, and else what follows the archives. */
function chainFrom({ previous }: Receipt, begin: ChainBegin | undefined): Chain {
  return begin && previous === begin.previous
    ? { head: begin.previous, seqTo: begin.seqTo, receipts: new Map() }
    : { head: null, seqTo: 0, receipts: new Map() };
}

function problemsOf(
  receipt: Signed<Receipt>,
  keys: readonly KeyRecord[],
  chain: Chain,
): ReceiptProblem['code'][] {
  const { body } = receipt;
  const problems: ReceiptProblem['code'][] = [];
  try {
    if (verifyDocument(receipt, keys, body.issuedAt).owner !== body.issuer) problems.push('issuer-wrong');
  } catch (error) {
    if (!isQianzhiError(error)) throw error;
    problems.push('signature-wrong');
  }
  if (body.previous !== chain.head && !isWrittenAnew(body, chain)) problems.push('chain-broken');
  // An applied receipt may cover staged parts again, so a range may overlap what is known; it never leaves a gap.
  if (body.seqFrom > chain.seqTo + 1 || body.seqTo < body.seqFrom) problems.push('sequence-gap');
  if (body.rowsDigests.length !== body.seqTo - body.seqFrom + 1) problems.push('digest-count-wrong');
  if (body.counts && body.stage !== 'staged' && !countsBalance(body.counts))
    problems.push('counts-unbalanced');
  return problems;
}

function isWrittenAnew(body: Receipt, { receipts }: Chain): boolean {
  if (body.previous !== null && !receipts.has(body.previous)) return false;
  return [...receipts.values()].some((known) => statesTheSame(known, body));
}

function digestOf(receipt: Signed<Receipt>, keys: readonly KeyRecord[]): string {
  const suite = keys.find((key) => key.keyId === receipt.signature.keyId)?.suite ?? 'intl';
  return documentDigest(receipt, suiteOf(suite));
}
