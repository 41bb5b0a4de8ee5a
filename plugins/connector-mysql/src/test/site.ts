import { createHash } from 'node:crypto';
import type { CatalogItem, CatalogResource, DeliveryStream } from '@qianzhi/model';
import type {
  Connection,
  LedgerRow,
  PluginContext,
  RowRejection,
  RowsBlock,
  Sink,
  SinkBatch,
  SinkSpec,
  Source,
} from '@qianzhi/plugin-api';
import { decodeRows } from '@qianzhi/rows';
import { describeWithMysql } from '@qianzhi/testing';
import { afterEach, beforeEach } from 'vitest';
import { mysqlConnector } from '../connector.js';
import { configOf, connect, createDatabase, type LegacySession, type TestDatabase } from './database.js';

export const signal: AbortSignal = AbortSignal.timeout(600_000);

type ItemShape = Omit<CatalogItem, 'name'>;

export function resourceOf(items: readonly ItemShape[]): CatalogResource {
  return {
    code: 'mysql_test',
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

/** `id` as key, and `name`. */
export const keyed = resourceOf([
  { column: 'id', type: 'C', length: 20, key: true },
  { column: 'name', type: 'C', length: 50 },
]);

/** A database of one's own, with a legacy session and whatever a test opens on it. */
export interface Site extends AsyncDisposable {
  readonly serverUrl: string;
  readonly database: TestDatabase;
  readonly db: LegacySession;
  readonly config: ReturnType<typeof configOf>;
  /** The agent's clock runs so much ahead. */
  agentAheadMs: number;
  readonly logged: object[];
  open(config?: object): Promise<Connection>;
  source(
    resource: CatalogResource,
    source: object,
    more?: { strategy?: 'snapshot' | 'watermark' | 'change-table'; config?: object },
  ): Promise<Source>;
  sink(
    resource: CatalogResource,
    target: object,
    more?: Partial<SinkSpec> & { config?: object },
  ): Promise<Sink>;
  session(): Promise<LegacySession>;
  /** One column of each row, or all of them joined by `|`. */
  values(sql: string): Promise<(string | null)[]>;
}

/** A suite whose tests have a database each. */
export function describeSite(name: string, suite: (site: () => Site) => void): void {
  describeWithMysql(name, (url) => {
    let site: Site;
    beforeEach(async () => {
      site = await openSite(url);
    });
    afterEach(() => site[Symbol.asyncDispose]());
    suite(() => site);
  });
}

export async function openSite(serverUrl: string, options?: string): Promise<Site> {
  const database = await createDatabase(serverUrl, options);
  const open: AsyncDisposable[] = [];
  const logged: object[] = [];
  const log = (facts: object) => void logged.push(facts);
  const config = configOf(database.url);
  const keep = <T extends AsyncDisposable>(opened: T): T => {
    open.push(opened);
    return opened;
  };
  const context: PluginContext = {
    log: { debug: log, info: log, warn: log, error: log },
    now: () => new Date(Date.now() + site.agentAheadMs),
    tempDir: '/nowhere',
    timeZone: 'Asia/Shanghai',
  };
  const site: Site = {
    serverUrl,
    database,
    db: database.db,
    config,
    agentAheadMs: 0,
    logged,
    open: (more = {}) => mysqlConnector.open({ ...config, ...more }, context, signal),
    async source(resource, source, { strategy = 'snapshot', config: more = {} } = {}) {
      return keep(await (await site.open(more)).source({ resource, strategy, source }, signal));
    },
    async sink(resource, target, { config: more = {}, ...spec } = {}) {
      return keep(await (await site.open(more)).sink({ exchange: 'x', resource, target, ...spec }, signal));
    },
    async session() {
      return keep(await connect(database.url));
    },
    async values(sql) {
      const rows = await database.db.run(sql);
      return rows.map((row) => (row.length === 1 ? row[0]! : row.map((value) => value ?? 'NULL').join('|')));
    },
    async [Symbol.asyncDispose]() {
      for (const each of open.reverse()) await each[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
  return site;
}

export interface Read {
  readonly rows: readonly (readonly (string | null)[])[];
  readonly ops: readonly string[];
  readonly rejected: readonly RowRejection[];
  readonly checkpoints: readonly string[];
  readonly repeated: number;
  readonly restarted: boolean;
  readonly ended: boolean;
}

/** Reads to the end, or to the error that ends it. */
export async function readAll(
  source: Source,
  checkpoint?: string,
  limits: { blockBytes: number; maxRows?: number } = { blockBytes: 65_536 },
): Promise<Read> {
  const blocks: RowsBlock[] = [];
  for await (const block of source.read(checkpoint, limits, signal)) {
    if (block.kind === 'rows') blocks.push(block);
  }
  const decoded = blocks.flatMap((block) => [...decodeRows(block.bytes)]);
  return {
    rows: decoded.map((row) => row.fields),
    ops: decoded.map((row) => row.op),
    rejected: blocks.flatMap((block) => block.rejected),
    checkpoints: blocks.map((block) => block.checkpoint),
    repeated: blocks.reduce((sum, block) => sum + block.repeated, 0),
    restarted: blocks.some((block) => block.restart ?? false),
    ended: blocks.at(-1)?.lastOfSnapshot ?? false,
  };
}

export function deliveryOf(agent = 'agent'): DeliveryStream {
  return { agreement: 'agreement', grantVersion: 1, stream: { resource: 'mysql_test', agent, epoch: 1 } };
}

export interface Written {
  readonly ledger: LedgerRow;
  readonly rejected: readonly RowRejection[];
}

/** A batch given as lines of row text. A snapshot is one part and the last, unless told. */
export function batchOf(
  resource: CatalogResource,
  seq: number,
  lines: readonly string[],
  about: Partial<SinkBatch> = {},
): SinkBatch {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  const kind = lines[0]?.startsWith('S') ? 'snapshot' : 'delta';
  return {
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
}

export async function write(
  sink: Sink,
  resource: CatalogResource,
  seq: number,
  lines: readonly string[],
  about: Partial<SinkBatch> = {},
): Promise<Written> {
  const rejected: RowRejection[] = [];
  const onRejected = async (rows: readonly RowRejection[]) => void rejected.push(...rows);
  return { ledger: await sink.write(batchOf(resource, seq, lines, about), onRejected, signal), rejected };
}

/** What was left out: `row item reason`. */
export function reasons({ rejected }: Pick<Written, 'rejected'>): string[] {
  return rejected.map(({ row, item, reason }) => `${row} ${item} ${reason}`);
}

/** The code of what was thrown. */
export async function codeOf(work: () => Promise<unknown>): Promise<string> {
  return work().then(
    () => 'nothing thrown',
    (error) => String(error.code),
  );
}

/** Asks again until it is so; throws after `deadlineMs`. */
export async function until(what: string, is: () => Promise<boolean>, deadlineMs = 10_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await is())) {
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
  }
}
