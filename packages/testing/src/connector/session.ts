import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CatalogResource, ReadStrategy } from '@qianzhi/model';
import type { Connection, PluginContext, PluginLog, Sink, Source, WriteMode } from '@qianzhi/plugin-api';
import type { ConnectorHarness, ConnectorSite, TestTable } from './harness.js';

/** Everything one test may use; what it opened is closed after it, in reverse order. */
export interface Session {
  readonly harness: ConnectorHarness;
  readonly site: ConnectorSite;
  readonly context: PluginContext;
  /** Every log line so far, facts and message. */
  readonly logged: readonly unknown[];
  /** Never aborts before the suite's own deadline. */
  readonly signal: AbortSignal;
  /** A new connection with the site's config, as after a restart of the agent. */
  connect(config?: unknown): Promise<Connection>;
  /** A source over a new connection. */
  source(table: TestTable, resource: CatalogResource, strategy: ReadStrategy): Promise<Source>;
  /** Name of the exchange that writes into a table: one for each table. */
  exchangeOf(table: TestTable): string;
  /** A sink over a new connection. */
  sink(table: TestTable, resource: CatalogResource, write?: WriteMode): Promise<Sink>;
}

/** Name for an exchange that is refused when it is opened. */
export const exchangeName = 'contract';

const testDeadlineMs = 120_000;

export async function withSession(
  harness: ConnectorHarness,
  test: (session: Session) => Promise<void>,
): Promise<void> {
  const opened: AsyncDisposable[] = [];
  const keep = <T extends AsyncDisposable>(resource: T): T => {
    opened.push(resource);
    return resource;
  };
  const tempDir = await mkdtemp(join(tmpdir(), 'qianzhi-contract-'));
  try {
    const site = keep(await harness.openSite());
    await test(createSession(harness, site, tempDir, keep));
  } finally {
    for (const resource of opened.reverse()) await resource[Symbol.asyncDispose]();
    await rm(tempDir, { recursive: true, force: true });
  }
}

function createSession(
  harness: ConnectorHarness,
  site: ConnectorSite,
  tempDir: string,
  keep: <T extends AsyncDisposable>(resource: T) => T,
): Session {
  const logged: unknown[] = [];
  const context: PluginContext = {
    log: recordingLog(logged),
    now: () => new Date(),
    tempDir,
    timeZone: 'Asia/Shanghai',
  };
  const signal = AbortSignal.timeout(testDeadlineMs);

  async function connect(config: unknown = site.config): Promise<Connection> {
    return keep(await harness.connector.open(structuredClone(config), context, signal));
  }
  const exchanges = new Map<string, string>();
  function exchangeOf({ name }: TestTable): string {
    const exchange = exchanges.get(name) ?? `${exchangeName}-${exchanges.size + 1}`;
    exchanges.set(name, exchange);
    return exchange;
  }
  return {
    harness,
    site,
    context,
    logged,
    signal,
    connect,
    exchangeOf,
    async source(table, resource, strategy) {
      if (strategy === 'diff') throw new Error('diff is the work of the engine');
      const connection = await connect();
      return keep(await connection.source({ resource, strategy, source: table.source(strategy) }, signal));
    },
    async sink(table, resource, write) {
      const connection = await connect();
      const spec = { exchange: exchangeOf(table), resource, target: table.target };
      return keep(await connection.sink(write ? { ...spec, write } : spec, signal));
    },
  };
}

function recordingLog(logged: unknown[]): PluginLog {
  const record = (facts: object, message: string) => {
    logged.push({ facts, message });
  };
  return { debug: record, info: record, warn: record, error: record };
}
