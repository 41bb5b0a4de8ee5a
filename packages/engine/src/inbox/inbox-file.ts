/** The delivery stream of one consuming exchange. */
export interface InboxPlace {
  readonly exchange: string;
  readonly delivery: string;
}

/** What a receipt has to say of a batch, also of one that is erased unapplied. */
export interface ReceivedBatch {
  readonly seq: number;
  readonly rows: number;
  readonly rowsDigest: string;
}

/**
 * `exchange/delivery/seq.rows.rowsDigest.zst`, each part without anything a path would heed: what is held can be told from
 * the names alone, so that a file needs no entry in the database.
 */
export function fileOf({ exchange, delivery }: InboxPlace, { seq, rows, rowsDigest }: ReceivedBatch): string {
  const safe = encodeURIComponent;
  return `${safe(exchange)}/${safe(delivery)}/${seq}.${rows}.${safe(rowsDigest)}.zst`;
}

/** Undefined for a file of another name. */
export function placeOf(file: string): { place: InboxPlace; batch: ReceivedBatch } | undefined {
  const [, exchange, delivery, seq, rows, rowsDigest] =
    /^([^/]+)\/([^/]+)\/([1-9]\d*)\.(\d+)\.([^/.]+)\.zst$/.exec(file) ?? [];
  if (!exchange || !delivery || !rowsDigest) return undefined;
  try {
    return {
      place: { exchange: decodeURIComponent(exchange), delivery: decodeURIComponent(delivery) },
      batch: { seq: Number(seq), rows: Number(rows), rowsDigest: decodeURIComponent(rowsDigest) },
    };
  } catch {
    return undefined;
  }
}
