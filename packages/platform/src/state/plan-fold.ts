import type { BatchFile } from '@qianzhi/dataset';
import type { CatalogResource, Stream } from '@qianzhi/model';
import type { Knex } from 'knex';
import { keyOf, listStreams, type StreamRow } from '../exchange/stream-table.js';
import type { CatalogService } from '../ports.js';
import { stateErrors } from './errors.js';
import type { SupplierState } from './state-table.js';

/** Batches at once: a fold of many small ones ends in bounded time, and the next goes on from it. */
const DELTAS_AT_ONCE = 1000;

/** What brings a state forward. */
export interface FoldPlan {
  readonly stream: Stream;
  readonly snapshotFrom: number;
  /** The state it begins with; undefined: none. */
  readonly base: SupplierState | undefined;
  readonly baseFiles: readonly BatchFile[];
  readonly batches: readonly BatchFile[];
  readonly seq: number;
  readonly resource: CatalogResource;
}

/** What the provider supplies, and has not given up meanwhile. By agent, then epoch. */
export async function ownStreams(
  db: Knex,
  catalog: Pick<CatalogService, 'provider'>,
  resource: string,
): Promise<StreamRow[]> {
  const department = await catalog.provider(resource);
  const streams = await listStreams(db, { resource, ...(department !== undefined && { department }) });
  return streams.filter(({ given_up_at }) => given_up_at === null);
}

/** The newest epoch of each agent that rows can be made from: one with a complete copy, or the first, which may begin without. */
export function foldable(own: readonly StreamRow[]): StreamRow[] {
  const newest = new Map<string, StreamRow>();
  for (const stream of own) {
    if (stream.complete_from === null && (stream.epoch > 1 || endOf(stream) === 0)) continue;
    newest.set(stream.agent, stream);
  }
  return [...newest.values()];
}

/** The last batch that counts: parts of a copy that is still coming do not. */
export function endOf({ seq, snapshot_id: open, snapshot_from: from }: StreamRow): number {
  return open === null ? seq : from! - 1;
}

interface BatchPlace {
  readonly seq: number;
  readonly kind: string;
  readonly rows: number;
  readonly schema_version: number;
  readonly file: string | null;
  readonly offset: number;
  readonly length: number;
  readonly digest: string;
}

/**
 * The next fold of a stream; undefined where the newest state has all. Throws QZ_PLATFORM_STATE_BYTES_GONE (unavailable) where
 * retention took a batch meanwhile, which is over once the stream is read again.
 */
export async function planFold(
  db: Knex,
  pathOf: (file: string) => string,
  catalog: CatalogService,
  stream: StreamRow,
  newest: SupplierState | undefined,
): Promise<FoldPlan | undefined> {
  const snapshotFrom = stream.complete_from ?? 1;
  const usable = newest?.epoch === stream.epoch && newest.snapshotFrom === snapshotFrom ? newest : undefined;
  const after = usable?.seq ?? snapshotFrom - 1;
  const places: BatchPlace[] = await db('batches as b')
    .leftJoin('stored_bytes as s', 's.id', 'b.bytes_id')
    .where({
      'b.resource': stream.resource,
      'b.agent': stream.agent,
      'b.epoch': stream.epoch,
      'b.void': false,
    })
    .where('b.seq', '>', after)
    .where('b.seq', '<=', endOf(stream))
    .orderBy('b.seq')
    .select('b.seq', 'b.kind', 'b.rows', 'b.schema_version', 's.file', 's.offset', 's.length', 's.digest');
  if (places.length === 0) return undefined;
  const parts = places.findIndex(({ kind }) => kind !== 'snapshot');
  const taken = places.slice(0, (parts < 0 ? places.length : parts) + DELTAS_AT_ONCE);
  const version = Math.max(usable?.schemaVersion ?? 0, ...taken.map((place) => place.schema_version));
  const resource = await versionOf(catalog, stream.resource, version);
  const fieldsOf = fieldMaps(catalog, resource);
  const batches: BatchFile[] = [];
  for (const { seq, file, offset, length, digest, rows, schema_version: from } of taken) {
    if (Number(rows) === 0) continue;
    if (file === null) throw stateErrors.STATE_BYTES_GONE({ resource: stream.resource, seq: Number(seq) });
    const slice = { offset: Number(offset), length: Number(length) };
    const whole = slice.offset === 0 && !file.startsWith('segments/');
    batches.push({
      path: pathOf(file),
      rows: Number(rows),
      bytesDigest: digest,
      ...(!whole && { slice }),
      ...(await fieldsOf(from)),
    });
  }
  const base = usable?.files ?? [];
  const fields = usable ? await fieldsOf(usable.schemaVersion) : {};
  return {
    stream: keyOf(stream),
    snapshotFrom,
    base: usable,
    baseFiles: base.map((one) => ({ ...one, ...fields })),
    batches,
    seq: Number(taken.at(-1)!.seq),
    resource,
  };
}

export async function versionOf(
  catalog: CatalogService,
  code: string,
  version: number,
): Promise<CatalogResource> {
  const resource = await catalog.resource(code, version);
  if (!resource) throw stateErrors.STATE_NONE({ resource: code });
  return resource;
}

/** Where the fields of a resource stand in rows of another schema version; nothing where they are the same. */
export function fieldMaps(catalog: CatalogService, resource: CatalogResource) {
  const known = new Map<number, Pick<BatchFile, 'fields' | 'width'>>();
  return async (version: number): Promise<Pick<BatchFile, 'fields' | 'width'>> => {
    if (version === resource.schemaVersion) return {};
    let map = known.get(version);
    if (!map) {
      const columns = (await versionOf(catalog, resource.code, version)).items.map(({ column }) => column);
      const fields = resource.items.map(({ column }) => {
        const at = columns.indexOf(column);
        return at < 0 ? null : at;
      });
      map = { fields, width: columns.length };
      known.set(version, map);
    }
    return map;
  };
}
