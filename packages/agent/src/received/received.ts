import type { Engine } from '@qianzhi/engine';
import {
  type Assignments,
  type ConsumeExchange,
  isQianzhiError,
  isSupply,
  type Lease,
  type Problem,
  toProblem,
} from '@qianzhi/model';
import type { OpenFeed, PluginLog } from '@qianzhi/plugin-api';
import { agentErrors } from '../errors.js';
import { createHandles } from '../handles.js';
import type { LiveConfig } from '../live/live-config.js';
import { type FeedState, stateOf } from './access.js';
import type { FeedInfo, FeedWanted, ReceivedFeed, ReceivedFeeds } from './feed.js';

export interface Received extends ReceivedFeeds {
  /** Config, orders or lease may have changed: feeds whose access has ended are erased. */
  changed(): void;
  close(): Promise<void>;
}

export interface ReceivedParts {
  readonly live: Pick<LiveConfig, 'exchanges' | 'pluginsOf'>;
  readonly link: {
    assignments(): Assignments | undefined;
    lease(): Lease | undefined;
    refresh(signal: AbortSignal): Promise<void>;
  };
  readonly engine: Pick<Engine, 'on'>;
  readonly log: PluginLog;
  readonly now: () => Date;
}

const MAX_PAGE = 10_000;

export function openReceived({ live, link, engine, log, now }: ReceivedParts): Received {
  const closing = new AbortController();
  const opened = createHandles<OpenFeed>();
  const listeners = new Map<string, Set<() => void>>();
  let working: Promise<void> = Promise.resolve();
  let asking = false;

  function exchanges(): readonly ConsumeExchange[] {
    return live
      .exchanges(link.assignments())
      .filter((one): one is ConsumeExchange => !isSupply(one))
      .filter((one) => live.pluginsOf(one).connector(one.connector).capabilities.feed === true);
  }

  function exchangeOf(name: string): ConsumeExchange {
    const found = exchanges().find((one) => one.name === name);
    if (found) return found;
    throw unknown(name);
  }

  function unknown(wanted: string) {
    const known = exchanges()
      .map(({ name }) => name)
      .join(', ');
    return agentErrors.FEED_UNKNOWN({ wanted, known: known || '—' });
  }

  /** One handle for each exchange, opened anew where its target or connector has changed. */
  function feedOf(exchange: ConsumeExchange): Promise<OpenFeed> {
    const { name, target, connector } = exchange;
    return opened.get(name, [connector, target], () => openFeed(exchange));
  }

  async function openFeed(exchange: ConsumeExchange): Promise<OpenFeed> {
    await using connection = await live.pluginsOf(exchange).open(exchange.connector, closing.signal, log);
    return connection.feed!({ exchange: exchange.name, target: exchange.target }, closing.signal);
  }

  function stateNow(feed: OpenFeed): FeedState {
    return stateOf(feed.access(), link.lease(), now());
  }

  function problemOf(exchange: ConsumeExchange, { state, agreement }: FeedState) {
    const facts = { exchange: exchange.name, resource: exchange.consume };
    if (state === 'ended') return agentErrors.FEED_CLOSED(facts);
    return state === 'lease' ? agentErrors.FEED_LEASE({ ...facts, agreement }) : undefined;
  }

  /** Each use is judged for itself: a lease runs out without anybody saying so. */
  async function use<T>(name: string, look: (feed: OpenFeed) => T): Promise<T> {
    const exchange = exchangeOf(name);
    const feed = await feedOf(exchange);
    const problem = problemOf(exchange, stateNow(feed));
    if (problem) throw problem;
    return look(feed);
  }

  function notify(exchange: string): void {
    for (const listener of listeners.get(exchange) ?? []) listener();
  }

  async function eraseIfEnded(exchange: ConsumeExchange): Promise<void> {
    const feed = await feedOf(exchange);
    const { state, agreement } = stateNow(feed);
    if (state !== 'ended' || agreement === undefined) return;
    await feed.erase(closing.signal);
    log.warn({ exchange: exchange.name, agreement }, 'the grant has ended: received records erased');
  }

  async function eraseEnded(): Promise<void> {
    for (const exchange of exchanges()) {
      // what is wrong with one inbox keeps no other from being erased
      await eraseIfEnded(exchange).catch((error) => logFailed(error, { exchange: exchange.name }));
      notify(exchange.name);
    }
    const names = new Set(exchanges().map(({ name }) => name));
    for await (const name of opened.keepOnly(names)) notify(name);
  }

  function logFailed(error: unknown, facts: object = {}): void {
    if (closing.signal.aborted) return;
    const what = isQianzhiError(error) ? { code: error.code } : { error: String(error) };
    log.error({ ...facts, ...what }, 'received records: what has ended could not be looked at');
  }

  /** Behind what is under way; nobody waits for it. */
  function later(work: () => Promise<void>): void {
    working = working.then(work).catch(logFailed);
  }

  /** Whoever is refused by the platform learns at once what it was that ended, and not with the next renewal of the lease. */
  async function askWhatEnded(): Promise<void> {
    try {
      await link.refresh(closing.signal);
    } catch (error) {
      if (!isQianzhiError(error)) throw error; // the link tries again by itself, and says what is wrong
    } finally {
      asking = false;
    }
  }

  const forget = engine.on((event) => {
    if (event.kind === 'batch' && event.stage === 'applied') notify(event.exchange);
    const denied = event.kind === 'job' && isDenied(event.job.problem) && listenedTo(event.job.exchange);
    if (!denied || asking) return;
    asking = true;
    later(askWhatEnded);
  });

  function listenedTo(exchange: string): boolean {
    return exchanges().some(({ name }) => name === exchange);
  }

  async function infoOf(exchange: ConsumeExchange): Promise<FeedInfo> {
    const facts = { exchange: exchange.name, resource: exchange.consume };
    try {
      const feed = await feedOf(exchange);
      const state = stateNow(feed);
      const problem = problemOf(exchange, state);
      const { agreement } = state;
      return { ...facts, agreement, ...feed.size(), ...(problem && { problem: toProblem(problem) }) };
    } catch (error) {
      if (!isQianzhiError(error)) throw error;
      return { ...facts, agreement: undefined, problem: toProblem(error) };
    }
  }

  function agreementOf({ consume, agreement }: ConsumeExchange): string | undefined {
    const granted = link.assignments()?.consume.find(({ grant }) => grant.body.resource === consume);
    return agreement ?? granted?.grant.body.agreement;
  }

  function wantedBy(exchange: ConsumeExchange, wanted: FeedWanted): boolean {
    return (
      (wanted.exchange ?? exchange.name) === exchange.name &&
      (wanted.resource ?? exchange.consume) === exchange.consume &&
      (wanted.agreement === undefined || wanted.agreement === agreementOf(exchange))
    );
  }

  function open(wanted: FeedWanted): ReceivedFeed {
    const fitting = exchanges().filter((one) => wantedBy(one, wanted));
    const said = [wanted.exchange, wanted.resource, wanted.agreement].filter(Boolean).join(' ') || '*';
    const [exchange] = fitting;
    if (!exchange) throw unknown(said);
    const known = fitting.map(({ name }) => name).join(', ');
    if (fitting.length > 1) throw agentErrors.FEED_AMBIGUOUS({ wanted: said, known });
    const { name } = exchange;
    return {
      exchange: name,
      resource: exchange.consume,
      read: (after, limit) =>
        use(name, (feed) => feed.read(after, Math.min(Math.max(1, Math.trunc(limit)), MAX_PAGE))),
      current: (key) => use(name, (feed) => feed.current(key)),
      agreement: () => use(name, (feed) => stateNow(feed).agreement),
      beginning: () => use(name, (feed) => feed.beginning()),
      end: () => use(name, (feed) => feed.end()),
      onAppended(listener) {
        const mine = listeners.get(name) ?? new Set();
        listeners.set(name, mine.add(listener));
        return () => mine.delete(listener);
      },
    };
  }

  return {
    list: () => Promise.all(exchanges().map(infoOf)),
    open,
    changed: () => later(eraseEnded),
    async close() {
      closing.abort();
      forget();
      await working;
      await opened.close();
    },
  };
}

function isDenied(problem: Problem | undefined): boolean {
  return problem?.kind === 'denied';
}
