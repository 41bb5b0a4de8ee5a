import { isQianzhiError, type Problem, toProblem } from '@qianzhi/model';
import type { AgentPlugins } from '../plugins.js';

/** How the last attempt to open a connector went; nothing is opened only to find out. */
export interface ConnectorFacts {
  readonly connector: string;
  readonly triedAt?: string;
  readonly problem?: Problem;
  /** When it began to fail. */
  readonly failingSince?: string;
}

export interface Connectors {
  readonly open: AgentPlugins['open'];
  facts(): readonly ConnectorFacts[];
}

/** Remembers for each connector of the config how opening it for a job went. */
export function watchConnectors(
  names: readonly string[],
  open: AgentPlugins['open'],
  now: () => Date,
): Connectors {
  const known = new Map<string, ConnectorFacts>(names.map((connector) => [connector, { connector }]));
  return {
    async open(connector, signal, log) {
      const triedAt = now().toISOString();
      try {
        const connection = await open(connector, signal, log);
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
    facts: () => [...known.values()],
  };
}
