import type { CatalogItem, Download, DownloadState, MaskRule } from '@qianzhi/model';
import type { Knex } from 'knex';

/** A delivered item, as the file shows it. */
export type DeliveredItem = Pick<CatalogItem, 'column' | 'name' | 'type'> & { readonly mask?: MaskRule };

/** One download; JSON columns are text. */
export interface DownloadRow {
  readonly id: string;
  readonly resource: string;
  readonly agreement: string;
  readonly grant_version: number;
  readonly provider: string;
  readonly consumer: string;
  readonly requested_by: string;
  readonly matter: string;
  readonly kind: Download['kind'];
  readonly base: string | null;
  readonly format: Download['format'];
  readonly encoding: Download['encoding'];
  readonly header: Download['header'];
  readonly state: DownloadState;
  readonly attempts: number;
  /** `DeliveredItem[]`; empty until the file is made. */
  readonly items: string;
  /** Every key item was granted: rows are in the order of their keys. 0 and 1, or false and true. */
  readonly keyed: number | boolean;
  /** Ids of the states it was made from. */
  readonly states: string;
  /** Key of the order of its rows, hex. */
  readonly seed: string;
  /** Key of its links, hex. */
  readonly link_key: string;
  readonly manifest: string | null;
  readonly problem: string | null;
  readonly requested_at: string;
  readonly expires_at: string | null;
  readonly delivered_at: string | null;
  readonly receipt: string | null;
}

export type DownloadChange = Partial<Omit<DownloadRow, 'id'>>;

export interface DownloadStore {
  insert(row: DownloadRow): Promise<void>;
  find(id: string): Promise<DownloadRow | undefined>;
  /** Newest first. */
  list(where: (query: Knex.QueryBuilder) => void, limit?: number): Promise<DownloadRow[]>;
  /** Of all that were asked for after a time, however many there are. */
  idsSince(requestedAt: string): Promise<string[]>;
  /** Changes it only while it is in one of the states; answers whether it was. */
  change(id: string, from: readonly DownloadState[], change: DownloadChange): Promise<boolean>;
}

export function createDownloadStore(db: Knex): DownloadStore {
  return {
    insert: (row) => db('downloads').insert(row),
    find: (id) => db('downloads').where({ id }).first(),
    async list(where, limit) {
      const query = db('downloads').orderBy('position', 'desc').select('*');
      where(query);
      if (limit !== undefined) query.limit(limit);
      return (await query) as DownloadRow[];
    },
    idsSince: (requestedAt) => db('downloads').where('requested_at', '>', requestedAt).pluck('id'),
    async change(id, from, change) {
      return (await db('downloads').where({ id }).whereIn('state', from).update(change)) === 1;
    },
  };
}

/** As callers see it. */
export function viewOf(row: DownloadRow, progress: number): Download {
  return {
    id: row.id,
    resource: row.resource,
    agreement: row.agreement,
    grantVersion: row.grant_version,
    provider: row.provider,
    consumer: row.consumer,
    requestedBy: row.requested_by,
    matter: row.matter,
    kind: row.kind,
    base: row.base,
    format: row.format,
    encoding: row.encoding,
    header: row.header,
    state: row.state,
    progress: row.state === 'ready' ? 1 : progress,
    manifest: row.manifest === null ? null : JSON.parse(row.manifest),
    problem: row.problem === null ? null : JSON.parse(row.problem),
    requestedAt: row.requested_at,
    expiresAt: row.expires_at,
    deliveredAt: row.delivered_at,
    receipt: row.receipt,
  };
}
