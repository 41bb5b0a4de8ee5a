import type { CatalogResource } from '@qianzhi/model';
import type { PluginContext, RowRejection, RowsBlock, Source } from '@qianzhi/plugin-api';
import { decodeRows } from '@qianzhi/rows';
import { describeWithPostgres } from '@qianzhi/testing';
import type pg from 'pg';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { postgresConnector } from '../connector.js';
import { configOf, connectText, createDatabase, type TestDatabase } from './database.js';

export const signal: AbortSignal = new AbortController().signal;

export interface SourceSite extends AsyncDisposable {
  /** The legacy program's session. */
  readonly db: pg.Client;
  readonly config: ReturnType<typeof configOf>;
  readonly database: TestDatabase;
  /** Fields that can be set: the agent's clock runs so much ahead. */
  agentAheadMs: number;
  readonly logged: object[];
  source(
    resource: CatalogResource,
    source: object,
    more?: { strategy?: 'snapshot' | 'watermark' | 'change-table'; config?: object },
  ): Promise<Source>;
  /** Another session of the legacy program. */
  session(): Promise<pg.Client>;
}

/** A suite over one database of its own; sources and sessions of a test are closed with the test. */
export function describeSource(name: string, suite: (site: () => SourceSite) => void): void {
  describeWithPostgres(name, (url) => {
    let database: TestDatabase;
    let site: SourceSite;
    beforeAll(async () => {
      database = await createDatabase(url);
      site = siteOf(database);
    });
    afterEach(() => site[Symbol.asyncDispose]());
    afterAll(async () => {
      await database[Symbol.asyncDispose]();
    });
    suite(() => site);
  });
}

/** Sources over a database; disposing closes them and the sessions opened so far. */
export function siteOf(database: TestDatabase): SourceSite {
  const open: AsyncDisposable[] = [];
  const sessions: pg.Client[] = [];
  const logged: object[] = [];
  const log = (facts: object) => void logged.push(facts);
  const config = configOf(database.url);
  const site: SourceSite = {
    db: database.db,
    config,
    database,
    agentAheadMs: 0,
    logged,
    async source(resource, source, { strategy = 'snapshot', config: more = {} } = {}) {
      const context: PluginContext = {
        log: { debug: log, info: log, warn: log, error: log },
        now: () => new Date(Date.now() + site.agentAheadMs),
        tempDir: '/nowhere',
        timeZone: 'Asia/Shanghai',
      };
      const connection = await postgresConnector.open({ ...config, ...more }, context, signal);
      const opened = await connection.source({ resource, strategy, source }, signal);
      open.push(opened);
      return opened;
    },
    async session() {
      const session = await connectText(database.url);
      session.on('error', () => undefined);
      sessions.push(session);
      return session;
    },
    async [Symbol.asyncDispose]() {
      for (const session of sessions.splice(0)) await session.end().catch(() => undefined);
      for (const each of open.splice(0)) await each[Symbol.asyncDispose]();
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
  return readOf(blocks);
}

export function readOf(blocks: readonly RowsBlock[]): Read {
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

/** Asks again until it is so; throws after `deadlineMs`. */
export async function until(what: string, is: () => Promise<boolean>, deadlineMs = 10_000): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await is())) {
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
