import { clientErrors } from '@qianzhi/client';
import type { Channel } from '@qianzhi/plugin-api';

export interface Gate {
  /** The platform takes batches up to this sequence; later ones find it out of reach. */
  sendUpTo: number;
  /** Bytes of deliveries after this sequence are held back until `open`. */
  fetchUpTo: number;
  /** Deliveries whose bytes are held back now. */
  readonly held: Set<number>;
  open(): void;
  readonly through: (http: Channel) => Channel;
}

/** Stands between an engine and its HTTP channel, and holds up what a test names. */
export function createGate(from: { sendUpTo?: number; fetchUpTo?: number } = {}): Gate {
  const waiting = new Set<() => void>();
  const gate: Gate = {
    sendUpTo: from.sendUpTo ?? Number.POSITIVE_INFINITY,
    fetchUpTo: from.fetchUpTo ?? Number.POSITIVE_INFINITY,
    held: new Set(),
    open() {
      gate.sendUpTo = Number.POSITIVE_INFINITY;
      gate.fetchUpTo = Number.POSITIVE_INFINITY;
      for (const go of waiting) go();
      waiting.clear();
    },
    through: (http) => ({
      ...http,
      async send(batch, signal) {
        if (batch.manifest.body.seq > gate.sendUpTo)
          throw clientErrors.UNREACHABLE({ url: 'gate', reason: 'closed' });
        await http.send(batch, signal);
      },
      async *receive(request, signal) {
        for await (const incoming of http.receive(request, signal)) {
          const { seq } = incoming.delivery.body;
          yield {
            ...incoming,
            async bytes(inner) {
              if (seq > gate.fetchUpTo) {
                gate.held.add(seq);
                await new Promise<void>((resolve) => waiting.add(resolve));
                gate.held.delete(seq);
              }
              return incoming.bytes(inner);
            },
          };
        }
      },
    }),
  };
  return gate;
}
