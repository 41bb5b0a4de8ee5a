import { createHash } from 'node:crypto';
import type { CatalogItem, CatalogResource, DeliveryStream } from '@qianzhi/model';
import type {
  Connection,
  LedgerRow,
  OnRejected,
  PluginContext,
  RowRejection,
  Sink,
  SinkBatch,
  SinkSpec,
} from '@qianzhi/plugin-api';
import type pg from 'pg';
import { postgresConnector } from '../connector.js';
import { quoted } from '../identifier.js';
import { configOf, connectText, type TestDatabase } from './database.js';

export const signal = AbortSignal.timeout(600_000);

type ItemShape = Omit<CatalogItem, 'name'>;

export function resourceOf(items: readonly ItemShape[]): CatalogResource {
  return {
    code: 'postgres_test',
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

export function deliveryOf(agent = 'agent'): DeliveryStream {
  return { agreement: 'agreement', grantVersion: 1, stream: { resource: 'postgres_test', agent, epoch: 1 } };
}

export interface TargetSite extends AsyncDisposable {
  readonly schema: string;
  /** The target's owner, in the site's schema. */
  readonly db: pg.Client;
  readonly config: Record<string, unknown>;
  readonly logged: object[];
  sink(
    resource: CatalogResource,
    target: object,
    more?: Partial<SinkSpec> & { config?: object },
  ): Promise<Sink>;
  /** One column of each row, or all of them joined by `|`. */
  values(sql: string): Promise<(string | null)[]>;
  open(): Promise<Connection>;
  /** Another session of the same user. */
  connect(): Promise<pg.Client>;
}

let sites = 0;

/** A schema of its own with an odd name; tables are made by plain SQL. */
export async function openTargetSite({ db, url }: TestDatabase, config: object = {}): Promise<TargetSite> {
  const schema = `目标 "${++sites}"`;
  await db.query(`CREATE SCHEMA ${quoted(schema)}; SET search_path = ${quoted(schema)}`);
  const open: (() => Promise<unknown>)[] = [];
  const logged: object[] = [];
  const log = (facts: object) => void logged.push(facts);
  const context: PluginContext = {
    log: { debug: log, info: log, warn: log, error: log },
    now: () => new Date(),
    tempDir: '/tmp',
    timeZone: 'Asia/Shanghai',
  };
  const base = { ...configOf(url), schema, ...config };
  return {
    schema,
    db,
    config: base,
    logged,
    async sink(resource, target, { config: own, ...more } = {}) {
      const connection = await postgresConnector.open({ ...base, ...own }, context, signal);
      const sink = await connection.sink({ exchange: 'x', resource, target, ...more }, signal);
      open.push(() => sink[Symbol.asyncDispose]());
      return sink;
    },
    open: () => postgresConnector.open(base, context, signal),
    async values(sql) {
      const { rows } = await db.query<(string | null)[]>({ text: sql, rowMode: 'array' });
      return rows.map((row) => (row.length === 1 ? row[0]! : row.map((value) => value ?? 'NULL').join('|')));
    },
    async connect() {
      const client = await connectText(url);
      client.on('error', () => {});
      await client.query(`SET search_path = ${quoted(schema)}`);
      open.push(() => client.end());
      return client;
    },
    async [Symbol.asyncDispose]() {
      for (const close of open.reverse()) await close();
      await db.query(`DROP SCHEMA ${quoted(schema)} CASCADE`);
    },
  };
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
  const onRejected: OnRejected = async (rows) => void rejected.push(...rows);
  const ledger = await sink.write(batchOf(resource, seq, lines, about), onRejected, signal);
  return { ledger, rejected };
}

/** What was left out: `row item reason`. */
export function reasons({ rejected }: Written): string[] {
  return rejected.map(({ row, item, reason }) => `${row} ${item} ${reason}`);
}
