import {
  type Delivery,
  type DeliveryStream,
  deliveryName,
  type Signed,
  type Stream,
  streamName,
} from '@qianzhi/model';
import type { DeliveryStreamRow } from './delivery-table.js';
import type { Asking } from './grants.js';

/** A consumer that had all there is of a resource when it last looked, and will soon ask for more. */
export interface Standing {
  readonly asking: Asking;
  readonly resource: string;
  readonly streams: readonly StandingStream[];
}

/** One of its delivery streams. */
export interface StandingStream {
  readonly delivery: DeliveryStream;
  /** As the last delivery left it. */
  log: DeliveryStreamRow;
  /** The schema version whose changes the grant sees just as they are. */
  readonly schemaVersion: number;
  /** Made and durable, and not yet known to have arrived. */
  readonly ready: Signed<Delivery>[];
}

/** How far a consumer is on a delivery stream. */
export interface Position {
  readonly delivery: DeliveryStream;
  readonly seq: number;
}

/**
 * Consumers that keep up, by a name of who asks for what. It holds for as long as it hears of all that is stored for the resource
 * and all that is decided about it: `changed` forgets whoever is not told.
 */
export interface StandingConsumers {
  /** What comes behind the positions; undefined where the database is to be asked. */
  after(name: string, positions: readonly Position[]): Known | undefined;
  /** Keeps what was found when there was nothing more. */
  keep(name: string, standing: Standing): void;
  /** Those whose next delivery of a stream may be made for them. */
  of(stream: Stream): readonly { readonly standing: Standing; readonly stream: StandingStream }[];
  /** Something is new about the resource, and only these know it. */
  changed(resource: string, known?: ReadonlySet<Standing>): void;
}

export interface Known {
  readonly asking: Asking;
  readonly deliveries: readonly Signed<Delivery>[];
}

/** Who has not asked for so long gets nothing made before he asks. */
const EXPECTED_MS = 2_000;
/** So often the database is looked at, whatever is kept. */
const KEPT_MS = 10_000;
/** Who lets more than this lie does not keep up. */
const MOST_READY = 16;

interface Kept {
  readonly standing: Standing;
  readonly keptAt: number;
  askedAt: number;
}

export function createStandingConsumers(now: () => number = () => performance.now()): StandingConsumers {
  const byName = new Map<string, Kept>();
  const byResource = new Map<string, Set<string>>();

  function forget(name: string): void {
    const resource = byName.get(name)?.standing.resource;
    byName.delete(name);
    const names = resource === undefined ? undefined : byResource.get(resource);
    names?.delete(name);
    if (names?.size === 0) byResource.delete(resource!);
  }

  return {
    after(name, positions) {
      const kept = byName.get(name);
      if (!kept) return undefined;
      const deliveries = now() - kept.keptAt < KEPT_MS ? behind(kept.standing, positions) : undefined;
      if (!deliveries) forget(name);
      kept.askedAt = now();
      return deliveries && { asking: kept.standing.asking, deliveries };
    },
    keep(name, standing) {
      forget(name);
      byName.set(name, { standing, keptAt: now(), askedAt: now() });
      byResource.set(standing.resource, (byResource.get(standing.resource) ?? new Set()).add(name));
    },
    of(stream) {
      const wanted = streamName(stream);
      return [...(byResource.get(stream.resource) ?? [])].flatMap((name) => {
        const { standing, askedAt } = byName.get(name)!;
        if (now() - askedAt > EXPECTED_MS) return [];
        return standing.streams
          .filter(
            ({ delivery, ready }) => streamName(delivery.stream) === wanted && ready.length < MOST_READY,
          )
          .map((one) => ({ standing, stream: one }));
      });
    },
    changed(resource, known) {
      for (const name of byResource.get(resource) ?? [])
        if (!known?.has(byName.get(name)!.standing)) forget(name);
    },
  };
}

/** Forgets what has arrived. Undefined where a position is none that leads on to what is ready. */
function behind({ streams }: Standing, positions: readonly Position[]): Signed<Delivery>[] | undefined {
  const seqs = new Map(positions.map(({ delivery, seq }) => [deliveryName(delivery), seq]));
  const answer: Signed<Delivery>[] = [];
  for (const { delivery, log, ready } of streams) {
    const seq = seqs.get(deliveryName(delivery)) ?? 0;
    if (seq < log.seq - ready.length || seq > log.seq) return undefined;
    while (ready.length > log.seq - seq) ready.shift();
    answer.push(...ready);
  }
  return answer;
}
