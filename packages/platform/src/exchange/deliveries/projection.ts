import { randomBytes } from 'node:crypto';
import type {
  BatchManifest,
  CatalogResource,
  DeliveryStream,
  Grant,
  Signed,
  SnapshotPart,
} from '@qianzhi/model';
import { canonicalBytes, intlSuite, type SigningKey, signDocument } from '@qianzhi/model/crypto';
import {
  bytesDigest,
  compileProjector,
  compileScope,
  compress,
  keepRows,
  type RowProjector,
  rowOffsets,
  startRowsDigest,
} from '@qianzhi/rows';
import type { Knex } from 'knex';
import { rowPieces } from '../row-pieces.js';
import type { ScopedRows } from '../scope/judge-rows.js';

/** A batch as one grant version may see it. */
export interface Projection {
  readonly manifest: Signed<BatchManifest>;
  readonly bytes: Uint8Array;
}

const MAX_COMPILED = 200;

/** What a grant version shows of a resource. */
export interface GrantView {
  readonly projector: RowProjector;
  /** Rows it is limited to; undefined: all. */
  readonly scoped: ScopedRows | undefined;
  /** All rows and items in clear: the provider's own bytes. */
  readonly whole: boolean;
}

/** Compiled views of grants, by grant version and schema version. */
export interface Projectors {
  viewOf(grant: Grant, resource: CatalogResource): Promise<GrantView>;
}

export function createProjectors(db: Knex): Projectors {
  const compiled = new Map<string, GrantView>();
  return {
    async viewOf(grant, resource) {
      const name = `${grant.agreement}/${grant.grantVersion}/${resource.schemaVersion}`;
      const known = compiled.get(name);
      if (known) return known;
      const columns = resource.items.map((item) => item.column).filter((c) => grant.items.includes(c));
      const masks = Object.fromEntries(Object.entries(grant.masks).filter(([c]) => columns.includes(c)));
      const pseudonyms = Object.values(masks).includes('pseudonym');
      const projector = compileProjector(resource, columns, {
        masks,
        pseudonymKey: pseudonyms ? await pseudonymKey(db, grant.agreement) : undefined,
      });
      const scoped = await scopedRows(db, grant, resource);
      const view = { projector, scoped, whole: projector.identity && scoped === undefined };
      if (compiled.size >= MAX_COMPILED) compiled.clear();
      compiled.set(name, view);
      return view;
    },
  };
}

async function scopedRows(
  db: Knex,
  { agreement, rows }: Grant,
  resource: CatalogResource,
): Promise<ScopedRows | undefined> {
  if (rows === undefined) return undefined;
  const keyFields = resource.items.flatMap(({ key }, at) => (key ? [at] : []));
  return { scope: compileScope(resource, rows), keyFields, secret: await pseudonymKey(db, agreement) };
}

/** One key for each agreement, made at its first use: pseudonyms stay equal over its grant versions and no further. */
export async function pseudonymKey(db: Knex, agreement: string): Promise<Uint8Array> {
  const fresh = { agreement, key: randomBytes(32).toString('hex') };
  await db('pseudonym_keys').insert(fresh).onConflict('agreement').ignore();
  const row: { key: string } = await db('pseudonym_keys').where({ agreement }).first();
  return Buffer.from(row.key, 'hex');
}

/** What a row scope makes of the batch, and the rows that the snapshot's other parts had. */
export interface RowsShown {
  readonly fates: Uint8Array;
  readonly keyFields: readonly number[];
  readonly snapshotRows: number;
}

/**
 * Projects the provider's batch: its rows in the same order, those in scope, granted columns only, masked where told. The
 * manifest is the platform's own and says nothing of the source that the grant does not: it counts the rows that
 * are delivered, and names no source manifest, duty or checkpoint.
 */
export async function project(
  source: BatchManifest,
  block: Uint8Array,
  delivery: DeliveryStream,
  projector: RowProjector,
  shown: RowsShown | undefined,
  key: SigningKey,
  at: string,
): Promise<Projection> {
  const pieces: Uint8Array[] = [];
  const digesting = startRowsDigest(source);
  let rows = shown ? 0 : source.rows;
  let row = 0;
  for await (const piece of rowPieces(block)) {
    let inScope = piece;
    if (shown) {
      const count = rowOffsets(piece).length - 1;
      const kept = keepRows(piece, shown.fates.subarray(row, row + count), shown.keyFields);
      row += count;
      rows += kept.rows;
      inScope = kept.bytes;
    }
    const projected = projector.project(inScope);
    digesting.update(projected);
    pieces.push(projected);
  }
  const raw = Buffer.concat(pieces);
  const bytes = await compress(raw);
  const manifest = signProjection(
    source,
    delivery,
    {
      ...(source.snapshot ? { snapshot: snapshotPart(source.snapshot, shown, rows) } : {}),
      rows,
      rawBytes: raw.length,
      storedBytes: bytes.length,
      rowsDigest: digesting.digest(),
      bytesDigest: bytesDigest(bytes),
    },
    key,
    at,
  );
  return { manifest, bytes };
}

type Projected = Pick<
  BatchManifest,
  'snapshot' | 'file' | 'wholeFiles' | 'rows' | 'rawBytes' | 'storedBytes' | 'rowsDigest' | 'bytesDigest'
>;

/** The platform's manifest of what one grant version sees of a batch. */
export function signProjection(
  { stream, seq, schemaVersion, kind }: BatchManifest,
  delivery: DeliveryStream,
  shown: Projected,
  key: SigningKey,
  at: string,
): Signed<BatchManifest> {
  const { rows, rowsDigest } = shown;
  return signDocument<BatchManifest>(
    {
      type: 'batch',
      version: 1,
      id: intlSuite.digest(canonicalBytes({ delivery, seq, rowsDigest })),
      stream,
      seq,
      previous: null,
      schemaVersion,
      kind,
      ...shown,
      read: rows,
      rejected: 0,
      flagged: 0,
      repeated: 0,
      compression: 'zstd',
      checkpointDigest: null,
      dutyDigest: null,
      sealedAt: at,
    },
    key,
  );
}

/** Totals are of the rows that were delivered. */
function snapshotPart(part: SnapshotPart, shown: RowsShown | undefined, rows: number): SnapshotPart {
  if (!shown || !part.totals) return part;
  return { ...part, totals: { ...part.totals, rows: shown.snapshotRows + rows } };
}
