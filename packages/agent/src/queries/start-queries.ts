import { isQianzhiError, type LocalQuery, type Problem, queryName, toProblem } from '@qianzhi/model';
import type { PluginLog } from '@qianzhi/plugin-api';
import { type Identity, signingKeyOf } from '../identity/identity-file.js';
import type { PlatformLink } from '../link/platform-link.js';
import type { LiveConfig } from '../live/live-config.js';
import { createAnswerer } from './answerer.js';
import { type Ask, createAsk } from './ask.js';
import type { QueryEvent } from './query-event.js';
import { openQueryLog, type QueryLog } from './query-log.js';
import { createQueryPool } from './query-pool.js';
import { startTunnel, type TunnelClient, type TunnelStatus } from './tunnel-client.js';

export interface QueriesStatus {
  readonly tunnel: TunnelStatus;
  readonly services: readonly {
    readonly service: string;
    readonly connector: string;
    readonly problem?: Problem;
  }[];
}

/** Online queries of this agent: those it answers, and those it asks. */
export interface Queries {
  readonly ask: Ask;
  /** Undefined where the config answers none. */
  status(): QueriesStatus | undefined;
  /** The config or the orders may have changed. */
  changed(): void;
  close(): Promise<void>;
}

export interface QueriesParts {
  readonly live: Pick<LiveConfig, 'loaded' | 'plugins'>;
  readonly link: Pick<PlatformLink, 'client' | 'assignments' | 'platformKeys' | 'refresh'>;
  readonly identity: Identity;
  readonly stateDir: string;
  readonly log: PluginLog;
  readonly now: () => Date;
  readonly ended: (event: QueryEvent) => void;
}

export function startQueries({ live, link, identity, stateDir, log, now, ended }: QueriesParts): Queries {
  const { agent, department } = identity;
  const closing = new AbortController();
  const configured = () => live.loaded().config.queries;
  const problems = new Map<string, Problem>();
  const proven = new Map<string, string>();
  let queryLog: Promise<QueryLog> | undefined;
  let tunnel: TunnelClient | undefined;
  let proving: Promise<void> = Promise.resolve();
  const openLog = () => {
    queryLog ??= openQueryLog(stateDir, now);
    return queryLog;
  };
  const pool = createQueryPool(({ connector }, signal) => live.plugins().open(connector, signal, log));
  const modeOf = ({ mode }: LocalQuery) => live.plugins().mode(mode).answering!;

  function start(opened: QueryLog): TunnelClient {
    const answer = createAnswerer({
      agent,
      department,
      signingKey: signingKeyOf(identity),
      now,
      platformKeys: link.platformKeys,
      assignments: link.assignments,
      refresh: link.refresh,
      localOf(request) {
        const local = configured().find((one) => queryName(one) === queryName(request));
        return local && { local, mode: modeOf(local) };
      },
      fallback: () => configured()[0] && modeOf(configured()[0]!),
      pool,
      queryLog: opened,
      ended,
      log,
    });
    return startTunnel({
      agent,
      link,
      platformKeys: link.platformKeys,
      services: configured,
      answer,
      log,
      now,
    });
  }

  /** Each question is prepared once before anybody asks: what is wrong is told now, and its session is warm. */
  async function proveAll(): Promise<void> {
    for (const local of configured()) {
      const supplied = link.assignments()?.supply.find(({ duty }) => duty.body.resource === local.resource);
      if (!supplied || closing.signal.aborted) continue;
      const name = queryName(local);
      const state = JSON.stringify([local, supplied.resource.queries, supplied.resource.schemaVersion]);
      if (proven.get(name) === state) continue;
      proven.set(name, state);
      try {
        const prepared = modeOf(local).prepare(local, supplied.resource);
        await pool.use(prepared, local, async () => undefined, closing.signal);
        problems.delete(name);
      } catch (error) {
        if (closing.signal.aborted) return;
        if (!isQianzhiError(error)) throw error;
        log.warn({ service: name, code: error.code }, error.message);
        problems.set(name, toProblem(error));
        proven.delete(name);
      }
    }
  }

  async function follow(): Promise<void> {
    if (configured().length > 0 && !tunnel && !closing.signal.aborted) tunnel = start(await openLog());
    tunnel?.offer();
    await proveAll();
  }

  function changed(): void {
    proving = proving.then(follow).catch((error) => {
      const facts = isQianzhiError(error) ? { code: error.code } : { error: String(error) };
      log.error(facts, 'online queries could not be made ready');
    });
  }

  changed();
  return {
    ask: createAsk(link, identity, openLog),
    status: () =>
      configured().length === 0
        ? undefined
        : {
            tunnel: tunnel?.status() ?? { open: false, openedAt: undefined, problem: undefined },
            services: configured().map((local) => {
              const problem = problems.get(queryName(local));
              return { service: queryName(local), connector: local.connector, ...(problem && { problem }) };
            }),
          },
    changed,
    async close() {
      closing.abort();
      await proving;
      await tunnel?.close();
      await pool.close();
      // one that could not be opened was told when it was needed
      const opened = await queryLog?.catch(() => undefined);
      await opened?.close();
    },
  };
}
