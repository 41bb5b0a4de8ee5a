import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CatalogItem, CatalogResource, DeliveryStream } from '@qianzhi/model';
import type {
  Connection,
  LedgerRow,
  PluginContext,
  RowRejection,
  Sink,
  SinkBatch,
  Source,
} from '@qianzhi/plugin-api';
import { decodeRows } from '@qianzhi/rows';
import Database from 'better-sqlite3';
import { sqliteConnector } from '../connector.js';
import type { SqliteDatabase } from '../file/open-file.js';

export const signal: AbortSignal = new AbortController().signal;

export function resourceOf(
  items: readonly (Partial<CatalogItem> & Pick<CatalogItem, 'column' | 'type'>)[],
): CatalogResource {
  return {
    code: 'sqlite_test',
    name: '测试',
    summary: '',
    department: 'd',
    attribute: 'department',
    subject: 'other',
    sharing: 'unconditional',
    openness: 'closed',
    updateCycle: 'daily',
    schemaVersion: 1,
    items: items.map((item) => ({ name: item.column, ...item })),
  };
}

export const keyed = resourceOf([
  { column: 'id', type: 'C', key: true, required: true },
  { column: 'name', type: 'M' },
]);

/** A file in a temp folder, `db` being the legacy program that owns it. */
export interface Site extends AsyncDisposable {
  readonly folder: string;
  readonly path: string;
  readonly db: SqliteDatabase;
  connect(more?: object): Promise<Connection>;
  source(
    resource: CatalogResource,
    source: object,
    strategy?: 'snapshot' | 'watermark' | 'change-table',
  ): Promise<Source>;
  sink(resource: CatalogResource, target: object, exchange?: string, write?: 'merge' | 'swap'): Promise<Sink>;
}

export function openSite(config: object = {}): Site {
  const folder = mkdtempSync(join(tmpdir(), 'qianzhi-sqlite-'));
  const path = join(folder, 'legacy.sqlite');
  const db = new Database(path);
  const context: PluginContext = {
    log: { debug() {}, info() {}, warn() {}, error() {} },
    now: () => new Date(),
    tempDir: folder,
    timeZone: 'Asia/Shanghai',
  };
  const connect = (more: object = {}): Promise<Connection> =>
    sqliteConnector.open({ path, ...config, ...more }, context, signal);
  const open: AsyncDisposable[] = [];
  return {
    folder,
    path,
    db,
    connect,
    async source(
      resource: CatalogResource,
      source: object,
      strategy: 'snapshot' | 'watermark' | 'change-table' = 'snapshot',
    ): Promise<Source> {
      const opened = await (await connect()).source({ resource, strategy, source }, signal);
      open.push(opened);
      return opened;
    },
    async sink(
      resource: CatalogResource,
      target: object,
      exchange = 'x',
      write?: 'merge' | 'swap',
    ): Promise<Sink> {
      const opened = await (await connect()).sink({ exchange, resource, target, write }, signal);
      open.push(opened);
      return opened;
    },
    async [Symbol.asyncDispose]() {
      for (const each of open) await each[Symbol.asyncDispose]();
      db.close();
      rmSync(folder, { recursive: true });
    },
  };
}

export interface Read {
  readonly rows: readonly (readonly (string | null)[])[];
  readonly ops: readonly string[];
  readonly rejected: readonly RowRejection[];
  readonly checkpoints: readonly string[];
  readonly restarted: boolean;
}

export async function readAll(
  source: Source,
  checkpoint?: string,
  limits = { blockBytes: 65_536 },
): Promise<Read> {
  const rows: (readonly (string | null)[])[] = [];
  const ops: string[] = [];
  const rejected: RowRejection[] = [];
  const checkpoints: string[] = [];
  let restarted = false;
  for await (const block of source.read(checkpoint, limits, signal)) {
    if (block.kind !== 'rows') continue;
    for (const row of decodeRows(block.bytes)) {
      rows.push(row.fields);
      ops.push(row.op);
    }
    rejected.push(...block.rejected);
    checkpoints.push(block.checkpoint);
    restarted ||= block.restart ?? false;
  }
  return { rows, ops, rejected, checkpoints, restarted };
}

export function deliveryOf(agent = 'agent'): DeliveryStream {
  return { agreement: 'agreement', grantVersion: 1, stream: { resource: 'sqlite_test', agent, epoch: 1 } };
}

export interface Written {
  readonly ledger: LedgerRow;
  readonly rejected: readonly RowRejection[];
}

/** Writes one batch given as lines of row text. A snapshot is one part and the last. */
export async function write(
  sink: Sink,
  resource: CatalogResource,
  seq: number,
  lines: readonly string[],
  about: Partial<SinkBatch> = {},
): Promise<Written> {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  const kind = lines[0]?.startsWith('S') ? 'snapshot' : 'delta';
  const rejected: RowRejection[] = [];
  const batch: SinkBatch = {
    delivery: deliveryOf(),
    seq,
    kind,
    ...(kind === 'snapshot' && { snapshot: { id: `s${seq}`, part: 1, last: true } }),
    resource,
    rowsDigest: `sha256:${createHash('sha256').update(bytes).digest('base64url')}`,
    rows: lines.length,
    bytes,
    ...about,
  };
  const ledger = await sink.write(batch, async (rows) => void rejected.push(...rows), signal);
  return { ledger, rejected };
}
