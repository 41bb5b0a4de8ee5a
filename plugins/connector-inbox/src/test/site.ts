import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CatalogResource } from '@qianzhi/model';
import type { OpenFeed, PluginContext, RecordValues, Sink } from '@qianzhi/plugin-api';
import { noAbort, quietContext } from '@qianzhi/testing';
import { inboxConnector } from '../connector.js';

/** A state folder with the key of an agent, and what was opened over it. */
export function openSite(now = () => new Date('2026-03-01T00:00:00Z')) {
  const folder = mkdtempSync(join(tmpdir(), 'qianzhi-inbox-'));
  const opened: AsyncDisposable[] = [];
  const context: PluginContext = {
    ...quietContext,
    now,
    keep: async () => ({ folder, key: Buffer.alloc(32, 7) }),
  };
  const keep = <T extends AsyncDisposable>(one: T): T => {
    opened.push(one);
    return one;
  };
  const connection = () => inboxConnector.open({}, context, noAbort);
  return {
    folder,
    context,
    async sink(resource: CatalogResource, exchange = 'in', target: object = {}): Promise<Sink> {
      return keep(await (await connection()).sink({ exchange, resource, target }, noAbort));
    },
    async feed(exchange = 'in', target: object = {}): Promise<OpenFeed> {
      return keep(await (await connection()).feed!({ exchange, target }, noAbort));
    },
    async [Symbol.asyncDispose]() {
      for (const one of opened.reverse()) await one[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

export type Site = ReturnType<typeof openSite>;

/** Every record as it is, read by pages of three. */
export function readRecords(feed: OpenFeed): RecordValues[] {
  const found: RecordValues[] = [];
  for (let after: string | undefined; ; ) {
    const page = feed.read(after, 3);
    found.push(...page.records.map(({ values }) => values));
    after = page.next;
    if (page.end) return found;
  }
}
