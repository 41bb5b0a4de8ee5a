import {
  type BatchManifest,
  type Receipt,
  type Signed,
  type Stream,
  type StreamState,
  streamName,
} from '@qianzhi/model';
import type { Knex } from 'knex';
import { manifestsAfter } from './batch-table.js';
import { exchangeErrors } from './errors.js';
import type { Sight } from './sight.js';
import { findStream, listStreams, stateOf } from './stream-table.js';

/** What persons see of streams, manifests and receipts. A department sees its own side only. */
export interface Listings {
  /** Streams the department supplies. */
  streams(sight: Sight, resource?: string): Promise<StreamState[]>;
  /** Manifests of a stream the department supplies. Throws QZ_PLATFORM_STREAM_UNKNOWN for any other. */
  batches(sight: Sight, stream: Stream, after: number, limit: number): Promise<Signed<BatchManifest>[]>;
  /** Receipts of what the department supplies or consumes, oldest first. */
  receipts(sight: Sight, filter: ReceiptFilter): Promise<Signed<Receipt>[]>;
}

export interface ReceiptFilter {
  readonly resource?: string;
  readonly agreement?: string;
  /** Id of the last receipt of the page before. */
  readonly after?: string;
  readonly limit: number;
}

export function createListings(db: Knex): Listings {
  return {
    async streams(sight, resource) {
      const rows = await listStreams(db, { resource });
      return rows.filter((row) => sight.all || row.department === sight.department).map(stateOf);
    },
    async batches(sight, stream, after, limit) {
      const row = await findStream(db, stream);
      if (!row || !(sight.all || row.department === sight.department)) {
        throw exchangeErrors.STREAM_UNKNOWN({ stream: streamName(stream) });
      }
      return manifestsAfter(db, stream, after, limit);
    },
    async receipts(sight, { resource, agreement, after, limit }) {
      const query = db('receipts').orderBy('position').limit(limit).select('document');
      if (resource !== undefined) query.where({ resource });
      if (agreement !== undefined) query.where({ agreement });
      if (!sight.all) {
        query.where((own) =>
          own.where({ provider: sight.department }).orWhere({ consumer: sight.department }),
        );
      }
      if (after !== undefined) {
        query.where('position', '>', db('receipts').where({ id: after }).select('position'));
      }
      return (await query).map((row: { document: string }) => JSON.parse(row.document));
    },
  };
}
