import { createHash } from 'node:crypto';
import type { CatalogItem, CatalogResource, DeliveryStream } from '@qianzhi/model';
import type {
  Connection,
  PluginContext,
  RowRejection,
  Sink,
  SinkBatch,
  Source,
  SourceSpec,
} from '@qianzhi/plugin-api';
import { connectorOver } from '../connector.js';
import type { ScriptedDriver } from './scripted-driver.js';

export const signal: AbortSignal = new AbortController().signal;
export const secret = 'Pass-Word-123';
export const config = { host: 'db.example', database: 'legacy', user: 'reader', password: secret };

export function resourceOf(
  items: readonly (Partial<CatalogItem> & Pick<CatalogItem, 'column' | 'type'>)[],
): CatalogResource {
  return {
    code: 'mssql_test',
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

export const context: PluginContext = {
  log: { debug() {}, info() {}, warn() {}, error() {} },
  now: () => new Date('2026-01-02T03:04:05Z'),
  tempDir: '/nonexistent',
  timeZone: 'Asia/Shanghai',
};

export function connect({ make }: ScriptedDriver, more: object = {}): Promise<Connection> {
  return connectorOver(make).open({ ...config, ...more }, context, signal);
}

export async function sourceOf(
  driver: ScriptedDriver,
  resource: CatalogResource,
  source: object,
  strategy: SourceSpec['strategy'] = 'snapshot',
): Promise<Source> {
  return (await connect(driver)).source({ resource, source, strategy }, signal);
}

export async function sinkOf(
  driver: ScriptedDriver,
  resource: CatalogResource,
  target: object,
): Promise<Sink> {
  return (await connect(driver)).sink({ exchange: 'x', resource, target }, signal);
}

/** Row text of everything that is read, with the checkpoints and what was refused. */
export async function readAll(source: Source, checkpoint?: string, limits = { blockBytes: 65_536 }) {
  const texts: string[] = [];
  const checkpoints: string[] = [];
  const rejected: RowRejection[] = [];
  let restarted = false;
  for await (const block of source.read(checkpoint, limits, signal)) {
    if (block.kind !== 'rows') continue;
    texts.push(Buffer.from(block.bytes).toString());
    checkpoints.push(block.checkpoint);
    rejected.push(...block.rejected);
    restarted ||= block.restart ?? false;
  }
  return { text: texts.join(''), checkpoints, rejected, restarted };
}

export const delivery: DeliveryStream = {
  agreement: 'agreement',
  grantVersion: 1,
  stream: { resource: 'mssql_test', agent: 'agent', epoch: 1 },
};

/** A batch of lines of row text. */
export function batchOf(
  resource: CatalogResource,
  seq: number,
  lines: readonly string[],
  snapshot?: SinkBatch['snapshot'],
): SinkBatch {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  return {
    delivery,
    seq,
    kind: snapshot ? 'snapshot' : 'delta',
    ...(snapshot && { snapshot }),
    resource,
    rowsDigest: `sha256:${createHash('sha256').update(bytes).digest('base64url')}`,
    rows: lines.length,
    bytes,
  };
}
