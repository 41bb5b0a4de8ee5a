/** For tests: seals batches as an agent does, and wrong ones where told. */
import {
  type BatchManifest,
  MANIFEST_HEADER,
  type Receipt,
  type Signed,
  type SnapshotPart,
  type Stream,
} from '@qianzhi/model';
import {
  canonicalBytes,
  documentDigest,
  intlSuite,
  type SigningKey,
  signDocument,
} from '@qianzhi/model/crypto';
import { bytesDigest, compress, createRowWriter, type RowOp, rowsDigest } from '@qianzhi/rows';
import type { AgentCaller } from '../server/caller.js';
import type { Exchange } from './exchange.js';
import type { IncomingBatch } from './intake/intake.js';

export type TestRow = readonly [RowOp, ...(string | null)[]];

export interface Sealed extends IncomingBatch {
  readonly signed: Signed<BatchManifest>;
  readonly raw: Uint8Array;
}

export interface SealSpec {
  readonly rows: readonly TestRow[];
  readonly snapshot?: SnapshotPart;
  readonly rejected?: number;
  readonly schemaVersion?: number;
  /** Replaces the row text. */
  readonly raw?: Uint8Array;
  /** Replaces the stored bytes after their digest is taken of the replacement. */
  readonly bytes?: Uint8Array;
  /** Last word on the manifest before it is signed. */
  readonly change?: Partial<BatchManifest>;
  readonly key?: SigningKey;
}

export function rowText(rows: readonly TestRow[]): Uint8Array {
  const writer = createRowWriter();
  for (const [op, ...fields] of rows) {
    writer.begin(op);
    for (const field of fields) writer.text(field);
    writer.end();
  }
  return writer.take();
}

export interface Sealer {
  /** Seals the next batch of the stream and moves on. */
  next(spec: SealSpec): Promise<Sealed>;
  /** Seals the next batch without moving on. */
  peek(spec: SealSpec): Promise<Sealed>;
  /** Seals a whole snapshot, one part for each list of rows. */
  snapshot(id: string, ...parts: (readonly TestRow[])[]): Promise<Sealed[]>;
  readonly stream: Stream;
}

export function createSealer(stream: Stream, key: SigningKey, dutyDigest: string): Sealer {
  let seq = 1;
  let previous: string | null = null;

  async function peek(spec: SealSpec): Promise<Sealed> {
    const raw = spec.raw ?? rowText(spec.rows);
    const bytes = spec.bytes ?? (await compress(raw));
    const about = {
      kind: spec.snapshot ? ('snapshot' as const) : ('delta' as const),
      schemaVersion: spec.schemaVersion ?? 1,
    };
    const digest = rowsDigest(about, raw);
    const rejected = spec.rejected ?? 0;
    const body: BatchManifest = {
      type: 'batch',
      version: 1,
      id: intlSuite.digest(canonicalBytes({ stream, seq, digest })),
      stream,
      seq,
      previous,
      ...about,
      ...(spec.snapshot ? { snapshot: spec.snapshot } : {}),
      rows: spec.rows.length,
      read: spec.rows.length + rejected,
      rejected,
      flagged: 0,
      repeated: 0,
      rawBytes: raw.length,
      storedBytes: bytes.length,
      compression: 'zstd',
      rowsDigest: digest,
      bytesDigest: bytesDigest(bytes),
      checkpointDigest: null,
      dutyDigest,
      sealedAt: new Date().toISOString(),
      ...spec.change,
    };
    const signed = signDocument(body, spec.key ?? key);
    const header = Buffer.from(JSON.stringify(signed)).toString('base64url');
    const { resource, epoch } = body.stream;
    return {
      signed,
      raw,
      bytes,
      headers: { [MANIFEST_HEADER]: header },
      path: { resource, epoch, seq: body.seq },
    };
  }

  async function next(spec: SealSpec): Promise<Sealed> {
    const sealed = await peek(spec);
    seq = sealed.signed.body.seq + 1;
    previous = documentDigest(sealed.signed, intlSuite);
    return sealed;
  }

  return {
    stream,
    peek,
    next,
    async snapshot(id, ...parts) {
      const sealed: Sealed[] = [];
      const total = parts.reduce((sum, rows) => sum + rows.length, 0);
      for (const [i, rows] of parts.entries()) {
        const last = i === parts.length - 1;
        const totals = last ? { totals: { parts: parts.length, rows: total } } : {};
        sealed.push(await next({ rows, snapshot: { id, part: i + 1, last, ...totals } }));
      }
      return sealed;
    },
  };
}

export async function sendAll(
  exchange: Exchange,
  caller: AgentCaller,
  batches: readonly Sealed[],
): Promise<Signed<Receipt>[]> {
  const receipts: Signed<Receipt>[] = [];
  for (const batch of batches) receipts.push(await exchange.sendBatch(caller, batch));
  return receipts;
}
