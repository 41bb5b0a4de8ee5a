import { tmpdir } from 'node:os';
import postgres from '@qianzhi/connector-postgres';
import type { DeliveryStream } from '@qianzhi/model';
import type { Connector, PluginContext } from '@qianzhi/plugin-api';
import { bytesDigest, canonicalText, createRowWriter } from '@qianzhi/rows';
import { enterpriseResource } from './enterprise.js';

/** As many rows as a batch of the chain has. */
const BATCH_ROWS = 35_000;

const connector = postgres.role as Connector;

export interface Merge extends AsyncDisposable {
  /** Upserts the rows, given as PostgreSQL's text, in batches as they come from the platform. Answers seconds. */
  write(rows: readonly (string | null)[][]): Promise<number>;
}

/** The connector's sink alone: what the chain's last step does, with no chain before it. */
export async function openMerge(targetUrl: string, table: string): Promise<Merge> {
  const resource = enterpriseResource(table);
  const delivery: DeliveryStream = {
    agreement: 'bench',
    grantVersion: 1,
    stream: { resource: table, agent: 'bench', epoch: 1 },
  };
  const { hostname, port, username, password, pathname } = new URL(targetUrl);
  const config = {
    host: hostname,
    port: Number(port),
    user: username,
    password,
    database: pathname.slice(1),
  };
  const never = new AbortController().signal;
  const connection = await connector.open(config, context, never);
  const sink = await connection.sink({ exchange: table, resource, target: { table } }, never);
  let seq = 0;

  function batchOf(rows: readonly (string | null)[][]) {
    const writer = createRowWriter(rows.length * 256);
    for (const row of rows) {
      writer.begin('U');
      row.forEach((value, at) => {
        writer.text(value === null ? null : canonicalText(resource.items[at]!, value));
      });
      writer.end();
    }
    const bytes = writer.take();
    const of = { delivery, seq: ++seq, kind: 'delta', resource, rows: rows.length } as const;
    return { ...of, bytes, rowsDigest: bytesDigest(bytes) };
  }

  return {
    async write(rows) {
      const batches = Array.from({ length: Math.ceil(rows.length / BATCH_ROWS) }, (_, at) =>
        batchOf(rows.slice(at * BATCH_ROWS, (at + 1) * BATCH_ROWS)),
      );
      const start = performance.now();
      for (const batch of batches) await sink.write(batch, refuse, never);
      return (performance.now() - start) / 1000;
    },
    async [Symbol.asyncDispose]() {
      await sink[Symbol.asyncDispose]();
      await connection[Symbol.asyncDispose]();
    },
  };
}

async function refuse(): Promise<void> {
  throw new Error('the target refused rows');
}

const silent = () => undefined;
const context: PluginContext = {
  log: { debug: silent, info: silent, warn: silent, error: silent },
  now: () => new Date(),
  tempDir: tmpdir(),
  timeZone: 'Asia/Shanghai',
};
