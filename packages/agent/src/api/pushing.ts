import type { Engine, StreamReach } from '@qianzhi/engine';
import { agentRoutes, type CatalogResource, isSupply, type SupplyExchange } from '@qianzhi/model';
import type { OpenPushes, PluginLog, PushPlace } from '@qianzhi/plugin-api';
import { agentErrors } from '../errors.js';
import { createHandles } from '../handles.js';
import type { PlatformLink } from '../link/platform-link.js';
import type { LiveConfig } from '../live/live-config.js';
import { askOutcomes, type PushOutcomes } from './push-outcomes.js';

/** A resource that business systems may push, by config and by the platform's orders. */
export interface PushedResource {
  readonly exchange: SupplyExchange;
  readonly resource: CatalogResource;
}

export interface Pushing {
  /** What may be pushed now. */
  resources(): readonly PushedResource[];
  /** Throws QZ_AGENT_API_NOT_PUSHED where it may not. */
  open(resource: string): Promise<OpenPushes>;
  /** How far a push has come towards the platform's receipt. */
  reach(place: PushPlace): StreamReach;
  /** What consumers made of it, as the platform knows by their receipts; undefined before the platform has it. */
  outcomes(place: PushPlace, signal: AbortSignal): Promise<PushOutcomes | undefined>;
  close(): Promise<void>;
}

export interface PushingParts {
  readonly live: Pick<LiveConfig, 'exchanges' | 'pluginsOf'>;
  readonly link: Pick<PlatformLink, 'assignments' | 'client'>;
  readonly engine: Pick<Engine, 'streams'>;
  readonly log: PluginLog;
}

/** Who asks what became of a push gets what is known here, whatever the platform says. */
const OUTCOMES_MS = 5_000;

export function openPushing({ live, link, engine, log }: PushingParts): Pushing {
  const closing = new AbortController();
  const opened = createHandles<OpenPushes>();

  function resources(): readonly PushedResource[] {
    const orders = link.assignments();
    return live
      .exchanges(orders)
      .filter(isSupply)
      .filter((one) => live.pluginsOf(one).connector(one.connector).capabilities.pushes === true)
      .flatMap((exchange) => {
        const order = orders?.supply.find(({ duty }) => duty.body.resource === exchange.supply);
        return order ? [{ exchange, resource: order.resource }] : [];
      });
  }

  function found(code: string): PushedResource {
    const one = resources().find(({ resource }) => resource.code === code);
    if (one) return one;
    throw agentErrors.API_NOT_PUSHED({ resource: code });
  }

  async function openOne({ exchange, resource }: PushedResource): Promise<OpenPushes> {
    const { signal } = closing;
    // nothing is held open by a connection to the agent's own state folder
    const connection = await live.pluginsOf(exchange).open(exchange.connector, signal, log);
    return connection.pushes!({ resource, strategy: 'log', source: exchange.source }, signal);
  }

  return {
    resources,
    async open(code) {
      const { exchange, resource } = found(code);
      const by = [exchange.connector, exchange.source, resource];
      return opened.get(code, by, () => openOne({ exchange, resource }));
    },
    reach(place) {
      const reached = engine.streams.reach(place.resource, place.within);
      // a receipt outlives what is known of its batch
      return place.confirmed ? { ...reached, stage: 'stored' } : reached;
    },
    async outcomes({ resource, begun, within, accepted }, signal) {
      const { stage, epoch, seq: to } = engine.streams.reach(resource, within);
      if (stage !== 'stored' || accepted === 0) return undefined;
      const { seq: from } = engine.streams.reach(resource, begun);
      // of what left the store it is not known which batches they were
      if (from === undefined || to === undefined) return undefined;
      const deadline = AbortSignal.any([signal, closing.signal, AbortSignal.timeout(OUTCOMES_MS)]);
      const request = { params: { resource, epoch: epoch! }, query: { from, to } };
      return askOutcomes(async () => {
        const { outcomes } = await link.client.call(agentRoutes.streamOutcomes, request, deadline);
        return outcomes;
      });
    },
    async close() {
      closing.abort();
      await opened.close();
    },
  };
}
