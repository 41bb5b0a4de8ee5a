import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CatalogResource, SupplyExchange } from '@qianzhi/model';
import type { Connection, OpenPushes, PluginContext, RowsBlock, Source } from '@qianzhi/plugin-api';
import { decodeRows } from '@qianzhi/rows';
import { pushConnector } from '../connector.js';

export const firm: CatalogResource = {
  code: 'firm',
  name: '企业',
  summary: '',
  department: 'mz',
  attribute: 'department',
  subject: 'organisation',
  sharing: 'unconditional',
  openness: 'closed',
  updateCycle: 'realtime',
  schemaVersion: 1,
  items: [
    { name: '代码', column: 'code', type: 'C', length: 18, key: true },
    { name: '名称', column: 'name', type: 'C', length: 10, required: true },
    { name: '资本', column: 'capital', type: 'N', precision: 30, scale: 2 },
    { name: '在业', column: 'active', type: 'L' },
  ],
};

export interface PushRig {
  readonly folder: string;
  readonly keep: NonNullable<PluginContext['keep']>;
  pushes(resource?: CatalogResource, source?: object): Promise<OpenPushes>;
  source(strategy?: SupplyExchange['strategy'], resource?: CatalogResource): Promise<Source>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function createPushRig(): Promise<PushRig> {
  const folder = await mkdtemp(join(tmpdir(), 'qianzhi-push-'));
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const keep = async () => ({ folder, key: new Uint8Array(32) });
  const context: PluginContext = {
    log,
    now: () => new Date(),
    tempDir: folder,
    timeZone: 'Asia/Shanghai',
    keep,
  };
  const signal = AbortSignal.timeout(60_000);
  const connection: Connection = await pushConnector.open({}, context, signal);
  return {
    folder,
    keep,
    pushes: (resource = firm, source = {}) =>
      connection.pushes!({ resource, strategy: 'log', source }, signal),
    source: (strategy = 'log', resource = firm) =>
      connection.source({ resource, strategy: strategy as 'log', source: {} }, signal),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

export const lines = (...changes: readonly object[]) => ({
  form: 'lines' as const,
  text: changes.map((one) => `${JSON.stringify(one)}\n`).join(''),
  system: 'crm',
  idempotencyKey: undefined,
});

export async function readAll(source: Source, from?: string, maxRows?: number): Promise<RowsBlock[]> {
  const blocks: RowsBlock[] = [];
  const limits = { blockBytes: 64 * 1024, ...(maxRows !== undefined && { maxRows }) };
  for await (const block of source.read(from, limits, AbortSignal.timeout(10_000))) {
    if (block.kind === 'rows') blocks.push(block);
  }
  return blocks;
}

export const rowsIn = (blocks: readonly RowsBlock[]) =>
  blocks.flatMap(({ bytes }) => [...decodeRows(bytes)].map(({ op, fields }) => [op, ...fields]));
