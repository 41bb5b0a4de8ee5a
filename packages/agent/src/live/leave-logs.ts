import { alongsideOf } from '@qianzhi/engine';
import { type Exchange, isQianzhiError, isSupply } from '@qianzhi/model';
import type { PluginLog } from '@qianzhi/plugin-api';
import type { LiveConfig } from './live-config.js';

/** So long the run of an exchange that was taken out may take to end. */
const WAIT_MS = 120_000;

export interface LogLeaver {
  changed(): void;
  /** What is under way is broken off; `connector check` finds what is left. */
  close(): Promise<void>;
}

/**
 * `changed` is called after each change of the config: what a database kept of its log for exchanges that are gone is given up there, by the
 * connector as it was. One that was taken out while no agent ran is told by `connector check`.
 */
export function leaveLogs(
  agent: string,
  live: Pick<LiveConfig, 'loaded' | 'plugins'>,
  log: PluginLog,
): LogLeaver {
  const closing = new AbortController();
  const underWay = new Set<Promise<void>>();
  let before = { exchanges: live.loaded().config.exchanges, plugins: live.plugins() };
  const alongside = (connector: string, exchanges: readonly Exchange[]) =>
    alongsideOf({ agent, connector, exchanges: () => exchanges, placeOf: () => undefined });

  async function leave(connector: string, former: typeof before, now: readonly Exchange[]): Promise<void> {
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(WAIT_MS)]);
    try {
      await using connection = await former.plugins.open(connector, signal, log);
      await connection.endLog?.(alongside(connector, former.exchanges), alongside(connector, now), signal);
    } catch (error) {
      if (!isQianzhiError(error)) throw error;
      log.warn(
        { connector, code: error.code },
        `what the database keeps of its log for exchanges that are gone was not given up: see connector check ${connector}`,
      );
    }
  }

  function changed(): void {
    const former = before;
    before = { exchanges: live.loaded().config.exchanges, plugins: live.plugins() };
    const { exchanges } = before;
    for (const connector of followedBy(former.exchanges)) {
      if (logsOf(connector, former.exchanges) === logsOf(connector, exchanges)) continue;
      const left = leave(connector, former, exchanges)
        .catch((error: unknown) =>
          log.error({ connector, error: String(error) }, 'giving up what was kept of a log failed inside'),
        )
        .finally(() => underWay.delete(left));
      underWay.add(left);
    }
  }

  return {
    changed,
    async close() {
      closing.abort();
      await Promise.all(underWay);
    },
  };
}

function followedBy(exchanges: readonly Exchange[]): ReadonlySet<string> {
  const following = exchanges.filter(isSupply).filter(({ strategy }) => strategy === 'log');
  return new Set(following.map(({ connector }) => connector));
}

/** What of a connector's exchanges matters to its log. */
function logsOf(connector: string, exchanges: readonly Exchange[]): string {
  const following = exchanges
    .filter(isSupply)
    .filter((each) => each.strategy === 'log' && each.connector === connector);
  return JSON.stringify(following.map(({ supply, source }) => [supply, source]));
}
