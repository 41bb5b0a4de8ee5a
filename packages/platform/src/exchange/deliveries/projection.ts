import { randomBytes } from 'node:crypto';
import type { BatchManifest, CatalogResource, DeliveryStream, Grant, Signed } from '@qianzhi/model';
import { canonicalBytes, intlSuite, type SigningKey, signDocument } from '@qianzhi/model/crypto';
import {
  bytesDigest,
  compileProjector,
  compress,
  decompress,
  type RowProjector,
  startRowsDigest,
} from '@qianzhi/rows';
import type { Knex } from 'knex';
import { rowPieces } from '../row-pieces.js';

/** A batch as one grant version may see it. */
export interface Projection {
  readonly manifest: Signed<BatchManifest>;
  readonly bytes: Uint8Array;
}

const MAX_COMPILED = 200;

/** Compiled projectors of grants, by grant version and schema version. */
export interface Projectors {
  projectorOf(grant: Grant, resource: CatalogResource): Promise<RowProjector>;
}

export function createProjectors(db: Knex): Projectors {
  const compiled = new Map<string, RowProjector>();
  return {
    async projectorOf(grant, resource) {
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
      if (compiled.size >= MAX_COMPILED) compiled.clear();
      compiled.set(name, projector);
      return projector;
    },
  };
}

/** One key for each agreement, made at its first use: pseudonyms stay equal over its grant versions and no further. */
export async function pseudonymKey(db: Knex, agreement: string): Promise<Uint8Array> {
  const fresh = { agreement, key: randomBytes(32).toString('hex') };
  await db('pseudonym_keys').insert(fresh).onConflict('agreement').ignore();
  const row: { key: string } = await db('pseudonym_keys').where({ agreement }).first();
  return Buffer.from(row.key, 'hex');
}

/**
 * Projects the provider's batch: the same rows in the same order, granted columns only, masked where told. The
 * manifest is the platform's own and says nothing of the source that the grant does not: it counts the rows that
 * are delivered, and names no source manifest, duty or checkpoint.
 */
export async function project(
  source: BatchManifest,
  stored: Uint8Array,
  delivery: DeliveryStream,
  projector: RowProjector,
  key: SigningKey,
  at: string,
): Promise<Projection> {
  const pieces: Uint8Array[] = [];
  const digesting = startRowsDigest(source);
  for await (const piece of rowPieces(await decompress(stored, { rawBytes: source.rawBytes }))) {
    const projected = projector.project(piece);
    digesting.update(projected);
    pieces.push(projected);
  }
  const raw = Buffer.concat(pieces);
  const bytes = await compress(raw);
  const digest = digesting.digest();
  const identity = canonicalBytes({ delivery, seq: source.seq, rowsDigest: digest });
  const manifest = signDocument<BatchManifest>(
    {
      type: 'batch',
      version: 1,
      id: intlSuite.digest(identity),
      stream: source.stream,
      seq: source.seq,
      previous: null,
      schemaVersion: source.schemaVersion,
      kind: source.kind,
      ...(source.snapshot ? { snapshot: source.snapshot } : {}),
      rows: source.rows,
      read: source.rows,
      rejected: 0,
      flagged: 0,
      repeated: 0,
      rawBytes: raw.length,
      storedBytes: bytes.length,
      compression: 'zstd',
      rowsDigest: digest,
      bytesDigest: bytesDigest(bytes),
      checkpointDigest: null,
      dutyDigest: null,
      sealedAt: at,
    },
    key,
  );
  return { manifest, bytes };
}
