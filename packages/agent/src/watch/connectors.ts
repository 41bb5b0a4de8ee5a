import { type Exchange, isQianzhiError, type Problem, toProblem } from '@qianzhi/model';
import type { Connection, PluginLog } from '@qianzhi/plugin-api';
import type { LiveConfig } from '../live/live-config.js';

/** How the last attempt to open a connector went; nothing is opened only to find out. */
export interface ConnectorFacts {
  readonly connector: string;
  readonly triedAt?: string;
  readonly problem?: Problem;
  /** When it began to fail. */
  readonly failingSince?: string;
}

export interface Connectors {
  /** The connector of an exchange, as it was when that came in force. */
  open(exchange: Exchange, signal: AbortSignal, log: PluginLog): Promise<Connection>;
  facts(): readonly ConnectorFacts[];
}

/** Remembers for each connector of the config how opening it for a job went. */
export function watchConnectors(
  config: Pick<LiveConfig, 'loaded' | 'pluginsOf'>,
  now: () => Date,
): Connectors {
  const known = new Map<string, ConnectorFacts>();
  return {
    async open(exchange, signal, log) {
      const { connector } = exchange;
      const triedAt = now().toISOString();
      try {
        const connection = await config.pluginsOf(exchange).open(connector, signal, log);
        known.set(connector, { connector, triedAt });
        return connection;
      } catch (error) {
        if (isQianzhiError(error) && error.kind !== 'cancelled') {
          const failingSince = known.get(connector)?.failingSince ?? triedAt;
          known.set(connector, { connector, triedAt, problem: toProblem(error), failingSince });
        }
        throw error;
      }
    },
    facts: () =>
      Object.keys(config.loaded().config.connectors).map(
        (connector) => known.get(connector) ?? { connector },
      ),
  };
}
