import { tmpdir } from 'node:os';
import type { CatalogResource, DeliveryStream, SnapshotPart } from '@qianzhi/model';
import type { Connection, Connector, LoadedPart, PluginContext, SinkBatch } from '@qianzhi/plugin-api';
import { rowsDigest } from '@qianzhi/rows';
import type { Load } from './freight.js';

const BLOCK_BYTES = 1024 * 1024;

const never = new AbortController().signal;
const silent = () => undefined;
const context: PluginContext = {
  log: { debug: silent, info: silent, warn: silent, error: silent },
  now: () => new Date(),
  tempDir: tmpdir(),
  timeZone: 'Asia/Shanghai',
};

/** A connector as the engine drives it, with nothing around it: no validation, no compression, no signature. */
export interface ThroughConnector extends AsyncDisposable {
  /** A full copy; throws unless it has so many rows. */
  read(source: object, rows: number): Promise<void>;
  /** A snapshot of a supplier that was never there; parts side by side where the sink can. */
  writeSnapshot(target: object, parts: readonly Load[]): Promise<void>;
  /** What goes on writing into a table after its snapshot; answers a function that writes one delta. */
  openDeltas(target: object, parts: readonly Load[]): Promise<(load: Load) => Promise<void>>;
}

export async function openThrough(
  connector: Connector,
  config: object,
  resource: CatalogResource,
): Promise<ThroughConnector> {
  const connection = await connector.open(config, context, never);
  const opened: AsyncDisposable[] = [connection];
  let exchanges = 0;
  async function openSink(target: object) {
    const exchange = `bench-${++exchanges}`;
    const delivery: DeliveryStream = {
      agreement: 'bench',
      grantVersion: 1,
      stream: { resource: resource.code, agent: exchange, epoch: 1 },
    };
    let seq = 0;
    const batchOf = ({ rows, bytes }: Load, snapshot?: SnapshotPart): SinkBatch => {
      const kind = snapshot ? 'snapshot' : 'delta';
      return {
        delivery,
        seq: ++seq,
        kind,
        ...(snapshot && { snapshot }),
        resource,
        rows,
        bytes,
        rowsDigest: rowsDigest({ kind, schemaVersion: resource.schemaVersion }, bytes),
      };
    };
    const sink = await connection.sink({ exchange, resource, target }, never);
    return { sink, batchOf };
  }
  type Opened = Awaited<ReturnType<typeof openSink>>;
  async function writeParts({ sink, batchOf }: Opened, parts: readonly Load[]): Promise<void> {
    const rows = parts.reduce((sum, part) => sum + part.rows, 0);
    const batches = parts.map((part, at) => {
      const last = at === parts.length - 1;
      const totals = last ? { totals: { parts: parts.length, rows } } : {};
      return batchOf(part, { id: 'bench', part: at + 1, last, ...totals });
    });
    const [first, between, last] = [batches[0]!, batches.slice(1, -1), batches.at(-1)!];
    if (batches.length > 1) await sink.write(first, refuse, never);
    await writeBetween(sink, between);
    await sink.write(last, refuse, never);
  }
  return {
    async read(source, rows) {
      const reader = await connection.source({ resource, strategy: 'snapshot', source }, never);
      let read = 0;
      for await (const block of reader.read(undefined, { blockBytes: BLOCK_BYTES }, never)) {
        if (block.kind !== 'rows') continue;
        read += block.rows;
        block.release?.();
      }
      await reader[Symbol.asyncDispose]();
      if (read !== rows) throw new Error(`${read} rows read of ${rows}`);
    },
    async writeSnapshot(target, parts) {
      const { sink, batchOf } = await openSink(target);
      await writeParts({ sink, batchOf }, parts);
      await sink[Symbol.asyncDispose]();
    },
    async openDeltas(target, parts) {
      const { sink, batchOf } = await openSink(target);
      opened.push(sink);
      await writeParts({ sink, batchOf }, parts);
      return async (load) => {
        const { counts } = await sink.write(batchOf(load), refuse, never);
        if (counts.updated !== load.rows) throw new Error(`${counts.updated} rows changed of ${load.rows}`);
      };
    },
    async [Symbol.asyncDispose]() {
      for (const each of opened.reverse()) await each[Symbol.asyncDispose]();
    },
  };
}

type OpenedSink = Awaited<ReturnType<Connection['sink']>>;

async function writeBetween({ parts, write }: OpenedSink, batches: readonly SinkBatch[]): Promise<void> {
  if (!parts) {
    for (const batch of batches) await write(batch, refuse, never);
    return;
  }
  const loading: Promise<LoadedPart>[] = [];
  for (const batch of batches) {
    if (loading.length === parts.atOnce) await (await loading.shift()!).commit(refuse);
    loading.push(parts.load(batch, never));
  }
  for (const part of loading) await (await part).commit(refuse);
}

async function refuse(): Promise<void> {
  throw new Error('the target refused rows');
}
