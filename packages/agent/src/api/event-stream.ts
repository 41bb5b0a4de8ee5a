import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { isQianzhiError, type QianzhiError, toProblem, withinTime } from '@qianzhi/model';
import type { FeedRecord, PluginLog } from '@qianzhi/plugin-api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { createBell } from '../bell.js';
import { agentErrors } from '../errors.js';
import type { ReceivedFeed } from '../received/feed.js';
import { note } from './audit.js';
import { type ApiKey, isStillGood } from './keys/api-keys.js';

export interface EventStreams {
  /** Answers when the stream has begun; it lasts until its reader goes, its key or its access ends, or the agent stops. */
  open(wanted: WantedStream): Promise<void>;
  count(): number;
  close(): Promise<void>;
}

export interface WantedStream {
  readonly caller: ApiKey;
  readonly resource: string;
  readonly feed: ReceivedFeed;
  readonly after: string;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

export interface EventStreamsParts {
  readonly stateDir: string;
  readonly maxStreams: number;
  /** A reader that takes nothing for so long is given up: it goes on by its last event. Default one minute. */
  readonly stalledMs?: number | undefined;
  readonly log: PluginLog;
}

const PAGE = 500;
/** A key or an access that has ended is found within this. */
const LOOK_MS = 500;
/** So that gateways do not take a quiet stream for a dead one. */
const HEARTBEAT_MS = 15_000;
const STALLED_MS = 60_000;
const CURSOR = /^[\x21-\x7e]{1,500}$/;

/** A cursor goes back into a header and a line of its own. Throws QZ_AGENT_API_REQUEST_WRONG. */
export function requireCursor(text: string): string {
  if (CURSOR.test(text)) return text;
  throw agentErrors.API_REQUEST_WRONG({ problem: { zh: '游标不正确', en: 'the cursor is none' } });
}

export function createEventStreams(parts: EventStreamsParts): EventStreams {
  const { stateDir, maxStreams, stalledMs = STALLED_MS, log } = parts;
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();

  /** False where the reader has gone, or takes nothing any more. */
  async function write(raw: ServerResponse, text: string, over: AbortSignal): Promise<boolean> {
    if (raw.destroyed) return false;
    if (raw.write(text)) return true;
    const taken = withinTime(stalledMs, over);
    await once(raw, 'drain', { signal: taken.signal })
      .catch(() => raw.destroy())
      .finally(taken.done);
    return !raw.destroyed;
  }

  async function follow({ caller, resource, feed, reply, after }: WantedStream, first: Page): Promise<void> {
    const { raw } = reply;
    const gone = new AbortController();
    raw.once('close', () => gone.abort());
    const over = AbortSignal.any([stopping.signal, gone.signal]);
    const bell = createBell();
    const unhear = feed.onAppended(bell.ring);
    let sent = 0;
    try {
      let page: Page = first;
      let cursor = after;
      let quietSince = Date.now();
      for (;;) {
        for (const record of page.records) {
          if (!(await write(raw, eventOf(record), over))) return;
        }
        sent += page.records.length;
        cursor = page.next;
        if (page.records.length > 0) quietSince = Date.now();
        if (page.end) await bell.rest(LOOK_MS, over);
        if (over.aborted || raw.destroyed) return;
        if (!(await isStillGood(stateDir, caller.id, new Date()))) throw agentErrors.API_UNAUTHORISED();
        if (Date.now() - quietSince >= HEARTBEAT_MS) {
          if (!(await write(raw, ': still here\n\n', over))) return;
          quietSince = Date.now();
        }
        page = await feed.read(cursor, PAGE);
      }
    } catch (error) {
      const known = isQianzhiError(error) ? error : agentErrors.API_FAILED({}, error);
      if (known.kind === 'internal') log.error({ resource, code: known.code }, known.message);
      await write(raw, closedOf(known), over);
    } finally {
      unhear();
      raw.end();
      log.info(
        { system: caller.system, key: caller.id, resource, events: sent },
        'an event stream has ended',
      );
    }
  }

  return {
    count: () => running.size,
    async open(wanted) {
      // what is wrong with feed or cursor is told as an answer, not as an event
      const first = await wanted.feed.read(wanted.after, PAGE);
      // behind what is waited for: others may have come meanwhile
      if (running.size >= maxStreams) throw agentErrors.API_STREAMS({ limit: maxStreams });
      const { reply, request } = wanted;
      note(request, { stream: 'opened' });
      reply.hijack();
      reply.raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      });
      reply.raw.write('retry: 1000\n\n');
      const following = follow(wanted, first).finally(() => running.delete(following));
      running.add(following);
    },
    async close() {
      stopping.abort();
      await Promise.all(running);
    },
  };
}

type Page = Awaited<ReturnType<ReceivedFeed['read']>>;

function eventOf({ cursor, op, ...record }: FeedRecord): string {
  return `id: ${cursor}\nevent: ${op}\ndata: ${JSON.stringify({ cursor, op, ...record })}\n\n`;
}

/** Why it ends, and for good: no id, so that who comes back goes on behind the last record. */
function closedOf(error: QianzhiError): string {
  return `event: closed\ndata: ${JSON.stringify(toProblem(error))}\n\n`;
}
