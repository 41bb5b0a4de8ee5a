import { API_ROOT } from '@qianzhi/model';
import { Type } from '@qianzhi/model/schema';
import type { FeedPage } from '@qianzhi/plugin-api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { agentErrors } from '../../errors.js';
import type { ReceivedFeed, ReceivedFeeds } from '../../received/feed.js';
import { note } from '../audit.js';
import type { Callers } from '../caller.js';
import { type EventStreams, requireCursor } from '../event-stream.js';
import { parseJson, readShape } from '../read-body.js';

export interface FeedRoutesParts {
  readonly callers: Callers;
  readonly feeds: ReceivedFeeds;
  readonly streams: EventStreams;
}

const PageQuery = Type.Object(
  {
    after: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
    limit: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,4}$' })),
    agreement: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    from: Type.Optional(Type.Literal('now')),
  },
  { additionalProperties: false },
);
const KeySchema = Type.Record(Type.String(), Type.String(), { minProperties: 1 });

const DEFAULT_PAGE = 500;
const MAX_PAGE = 10_000;
const BASE = `${API_ROOT}/feeds/:resource`;

/** What was received, by pages, by key and as events; see `openapi/document.ts` for what each answers. */
export function addFeedRoutes(app: FastifyInstance, { callers, feeds, streams }: FeedRoutesParts): void {
  function opened(request: FastifyRequest) {
    const { resource } = request.params as { resource: string };
    const caller = callers.require(request, 'read', resource);
    const query = readShape(PageQuery, { ...(request.query as object) }, 'query');
    const feed = feeds.open({ resource, agreement: query.agreement });
    return { caller, feed, query };
  }

  app.get(`${BASE}/changes`, async (request) => {
    const { feed, query } = opened(request);
    const limit = Math.min(Number(query.limit ?? DEFAULT_PAGE), MAX_PAGE);
    const page = await feed.read(await placeOf(feed, query), limit);
    note(request, { records: page.records.length });
    return shownPage(feed, page);
  });

  app.post(`${BASE}/lookups`, async (request) => {
    const { feed } = opened(request);
    const key = readShape(KeySchema, parseJson(request.body as string), 'body');
    const found = await feed.current(key);
    if (!found) throw agentErrors.API_RECORD_UNKNOWN();
    return found;
  });

  app.get(`${BASE}/events`, async (request, reply) => {
    const { caller, feed, query } = opened(request);
    const { resource } = request.params as { resource: string };
    const last = request.headers['last-event-id'];
    const place =
      typeof last === 'string' && last !== ''
        ? requireCursor(last)
        : ((await placeOf(feed, query)) ?? (await feed.beginning()));
    await streams.open({ caller, resource, feed, after: place, request, reply });
  });
}

async function placeOf(
  feed: ReceivedFeed,
  { after, from }: { readonly after?: string; readonly from?: 'now' },
): Promise<string | undefined> {
  if (after !== undefined) return requireCursor(after);
  return from === 'now' ? await feed.end() : undefined;
}

function shownPage({ resource }: ReceivedFeed, { records, next, end }: FeedPage) {
  return { resource, records, next, end };
}
