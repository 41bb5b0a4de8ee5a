import type { ExchangePorts } from '../ports.js';
import type { PlatformContext } from '../server/context.js';
import type { StandingConsumers } from './deliveries/standing.js';
import type { Monitors } from './monitor.js';
import type { BatchStore } from './store/batch-store.js';
import type { StreamRow } from './stream-table.js';
import type { Wakes } from './wakes.js';

/** What the pieces of the exchange share. */
export interface ExchangeParts {
  readonly context: PlatformContext;
  readonly ports: ExchangePorts;
  readonly store: BatchStore;
  /** Serialises the sends of one stream, and the making of one delivery stream. */
  readonly monitors: Monitors;
  readonly wakes: Wakes;
  readonly consumers: StandingConsumers;
  /** Open streams as their last batch left them, by `resource/agent/epoch`: one process writes, and each write names the head it follows. */
  readonly heads: Map<string, StreamRow>;
}
