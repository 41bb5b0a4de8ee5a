import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CatalogResource } from '@qianzhi/model';
import type { Connection, Sink, Source, SourceSpec } from '@qianzhi/plugin-api';
import { openExchanges, resourceWith } from '@qianzhi/testing';
import Database from 'better-sqlite3';
import { sqliteConnector } from '../connector.js';
import type { SqliteDatabase } from '../file/open-file.js';

export {
  deliveryOf,
  noAbort as signal,
  type Read,
  readAll,
  resourceWith as resourceOf,
  type Written,
  write,
} from '@qianzhi/testing';

export const keyed = resourceWith([
  { column: 'id', type: 'C', key: true, required: true },
  { column: 'name', type: 'M' },
]);

/** A file in a temp folder, `db` being the legacy program that owns it. */
export interface Site extends AsyncDisposable {
  readonly folder: string;
  readonly path: string;
  readonly db: SqliteDatabase;
  connect(more?: object): Promise<Connection>;
  source(resource: CatalogResource, source: object, strategy?: SourceSpec['strategy']): Promise<Source>;
  sink(resource: CatalogResource, target: object, exchange?: string, write?: 'merge' | 'swap'): Promise<Sink>;
}

export function openSite(config: object = {}): Site {
  const folder = mkdtempSync(join(tmpdir(), 'qianzhi-sqlite-'));
  const path = join(folder, 'legacy.sqlite');
  const db = new Database(path);
  const exchanges = openExchanges(sqliteConnector, { path, ...config }, folder);
  return {
    folder,
    path,
    db,
    connect: exchanges.open,
    source: (resource, source, strategy) => exchanges.source(resource, source, { strategy }),
    sink: (resource, target, exchange = 'x', write = undefined) =>
      exchanges.sink(resource, target, { exchange, ...(write && { write }) }),
    async [Symbol.asyncDispose]() {
      await exchanges[Symbol.asyncDispose]();
      db.close();
      rmSync(folder, { recursive: true });
    },
  };
}
