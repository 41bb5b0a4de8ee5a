import type { ChainBegin, Receipt, Signed } from '@qianzhi/model';
import { subjectName } from '@qianzhi/model/crypto';
import type { Knex } from 'knex';
import type { Sight } from '../sight.js';
import type { ReceiptRow } from './old-rows.js';

/** Where chains of receipts go on whose beginning is in archives. */
export async function listBegins(
  db: Knex,
  sight: Sight,
  {
    resource,
    agreement,
  }: { readonly resource?: string | undefined; readonly agreement?: string | undefined },
): Promise<ChainBegin[]> {
  const query = db('evidence_begins').orderBy(['subject', 'issuer']);
  if (resource !== undefined) query.where({ resource });
  if (agreement !== undefined) query.where({ agreement });
  if (!sight.all) {
    const { department } = sight;
    query.where((own) => own.where({ provider: department }).orWhere({ consumer: department }));
  }
  return (await query).map(({ subject, issuer, digest, seq_to, file }) => ({
    subject,
    issuer,
    previous: digest,
    seqTo: Number(seq_to),
    file,
  }));
}

/** `rows` in the order of issue. */
export async function addBegins(
  trx: Knex.Transaction,
  rows: readonly ReceiptRow[],
  file: string,
): Promise<void> {
  const last = new Map<
    string,
    { readonly row: ReceiptRow; readonly subject: string; readonly seqTo: number }
  >();
  for (const row of rows) {
    const subject = subjectName((JSON.parse(row.document) as Signed<Receipt>).body);
    const name = `${row.issuer} ${subject}`;
    last.set(name, { row, subject, seqTo: Math.max(Number(row.seq_to), last.get(name)?.seqTo ?? 0) });
  }
  for (const { row, subject, seqTo } of last.values()) {
    const { issuer, resource, agreement, provider, consumer, digest } = row;
    const before = await trx('evidence_begins').where({ subject, issuer }).first('seq_to');
    const seq_to = Math.max(seqTo, Number(before?.seq_to ?? 0));
    await trx('evidence_begins')
      .insert({ subject, issuer, resource, agreement, provider, consumer, digest, seq_to, file })
      .onConflict(['subject', 'issuer'])
      .merge(['digest', 'seq_to', 'file']);
  }
}
