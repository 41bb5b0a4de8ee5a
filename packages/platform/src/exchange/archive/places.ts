import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Receipt, Signed } from '@qianzhi/model';
import { subjectName } from '@qianzhi/model/crypto';
import type { Knex } from 'knex';
import { EVIDENCE_ARCHIVES } from './evidence-archive.js';
import type { ReceiptRow } from './old-rows.js';

/** Lines that went into an archive at once. */
export interface ArchivePlace {
  readonly file: string;
  readonly offset: number;
  readonly length: number;
}

/** Which batches of each chain the receipts at a place are about: one row for each chain and place, not for each receipt. */
export async function addPlaces(
  trx: Knex.Transaction,
  rows: readonly ReceiptRow[],
  place: ArchivePlace,
): Promise<void> {
  const chains = new Map<string, { subject: string; issuer: string; seq_from: number; seq_to: number }>();
  for (const { document } of rows) {
    const { body } = JSON.parse(document) as Signed<Receipt>;
    const [subject, { issuer }] = [subjectName(body), body];
    const name = `${issuer} ${subject}`;
    const { seq_from, seq_to } = chains.get(name) ?? { seq_from: body.seqFrom, seq_to: body.seqTo };
    const range = { seq_from: Math.min(seq_from, body.seqFrom), seq_to: Math.max(seq_to, body.seqTo) };
    chains.set(name, { subject, issuer, ...range });
  }
  for (const chain of chains.values()) await trx('evidence_places').insert({ ...chain, ...place });
}

/** Where receipts of the same issuer about the same batches may be. */
export async function placesOf(db: Knex, receipt: Receipt): Promise<readonly ArchivePlace[]> {
  const { issuer, seqFrom, seqTo } = receipt;
  const rows: readonly ArchivePlace[] = await db('evidence_places')
    .where({ subject: subjectName(receipt), issuer })
    .where('seq_from', '<=', seqFrom)
    .where('seq_to', '>=', seqTo)
    .select('file', 'offset', 'length');
  return rows.map(({ file, offset, length }) => ({ file, offset: Number(offset), length: Number(length) }));
}

export async function* receiptsAt(dataDir: string, place: ArchivePlace): AsyncGenerator<Signed<Receipt>> {
  const { file, offset: start, length } = place;
  const path = join(dataDir, EVIDENCE_ARCHIVES, file);
  const input = createReadStream(path, { start, end: start + length - 1 });
  for await (const line of createInterface({ input })) {
    if (line.startsWith('{"receipt":')) yield (JSON.parse(line) as { receipt: Signed<Receipt> }).receipt;
  }
}
