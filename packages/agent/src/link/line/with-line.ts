import { type CallInput, clientErrors, type PlatformClient } from '@qianzhi/client';
import {
  fromProblem,
  isQianzhiError,
  type LineRoute,
  lineRoutes,
  type Payload,
  type Route,
  throwIfCancelled,
  withinTime,
} from '@qianzhi/model';
import type { PluginLog } from '@qianzhi/plugin-api';
import { type LineParts, type LineRequest, type OpenLine, openLine } from './open-line.js';

export interface LinedParts extends LineParts {
  readonly client: PlatformClient;
  readonly log: PluginLog;
}

/** So many calls within so short a time are worth a line. */
const OFTEN = 8;
const OFTEN_MS = 2_000;
/** Where they were not so often for so long, it is given up. */
const IDLE_MS = 60_000;
/** Fewer than the platform takes. */
const MOST_UNDER_WAY = 128;
const CALL_MS = 30_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 300_000;
/** One that held so long is no reason to wait before the next. */
const HELD_MS = 30_000;

const names = new Map<Route, LineRoute>(
  Object.entries(lineRoutes).map(([name, route]) => [route, name as LineRoute]),
);

/**
 * The client, whose calls of `lineRoutes` go over a line while they come often: that spares each its signatures and headers. What the
 * line does not carry, or left open when it broke, goes as ever: nobody notices but by the time it takes.
 */
export function withLine({ client, log, ...parts }: LinedParts): PlatformClient {
  let line: OpenLine | undefined;
  let opening: Promise<void> | undefined;
  let pauseMs = FIRST_PAUSE_MS;
  let notBefore = 0;
  const closing = new AbortController();
  let idle: NodeJS.Timeout | undefined;
  const lately: number[] = [];

  function called(): void {
    const now = performance.now();
    lately.push(now);
    if (lately.length <= OFTEN || now - lately.shift()! > OFTEN_MS) return;
    idle?.refresh();
    if (!opening && !closing.signal.aborted && now >= notBefore)
      opening = hold().finally(() => {
        opening = undefined;
      });
  }

  async function hold(): Promise<void> {
    const began = performance.now();
    try {
      line = await openLine({ client, ...parts }, closing.signal);
      log.info({}, 'a line to the platform is open');
      idle = setTimeout(line.close, IDLE_MS);
      const wrong = await line.ended;
      if (wrong) log.warn(reasonOf(wrong), 'the line to the platform has ended for a reason');
      else log.info({}, 'the line to the platform has ended');
    } catch (error) {
      if (!closing.signal.aborted)
        log.info(reasonOf(error), 'no line to the platform: requests go with a signature each');
    }
    clearTimeout(idle);
    line = undefined;
    const held = performance.now() - began > HELD_MS;
    pauseMs = held ? FIRST_PAUSE_MS : Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    notBefore = performance.now() + pauseMs * (0.5 + Math.random() / 2);
  }

  async function overLine(
    open: OpenLine,
    request: LineRequest,
    { method, path }: Route,
    limitMs: number,
    signal: AbortSignal | undefined,
  ) {
    const timed = withinTime(limitMs, signal);
    try {
      const given = await open.call(request, timed.signal);
      throwIfCancelled(signal, `${method} ${path}`);
      if (timed.late) {
        open.close();
        throw clientErrors.TIMEOUT({ url: client.url, timeoutMs: limitMs, route: `${method} ${path}` });
      }
      return given;
    } finally {
      timed.done();
    }
  }

  async function call<R extends Route>(
    route: R,
    input: CallInput<R>,
    signal?: AbortSignal,
  ): Promise<Payload<R['response']>> {
    const name = names.get(route);
    if (name === undefined) return client.call(route, input, signal);
    called();
    if (line && line.underWay < MOST_UNDER_WAY) {
      const request = requestOf(name, route, input);
      const given = await overLine(line, request, route, CALL_MS + (input.waitMs ?? 0), signal);
      if (given && 'problem' in given) throw fromProblem(given.problem);
      if (given) return given.answer as Payload<R['response']>;
    }
    return client.call(route, input, signal);
  }

  return {
    ...client,
    call,
    async close() {
      closing.abort();
      line?.close();
      await opening;
      await client.close();
    },
  };
}

function reasonOf(error: unknown): { readonly reason: string } {
  return { reason: isQianzhiError(error) ? error.code : String(error) };
}

function requestOf<R extends Route>(
  name: LineRoute,
  { body: kind }: R,
  { params, headers, body }: CallInput<R>,
): LineRequest {
  const texts = Object.entries(params ?? {}).map(([key, value]) => [key, String(value)]);
  return {
    route: name,
    ...(params && { params: Object.fromEntries(texts) }),
    ...(headers && { headers: { ...headers } }),
    ...(kind === 'bytes' ? { bytes: body as Uint8Array } : { body }),
  };
}
