import { get, type IncomingMessage } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A record as `feeds/…` shows it. */
export interface Change {
  readonly op: string;
  readonly key: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, string | null>>;
}

export interface ReadEvent {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: Change & Readonly<Record<string, unknown>>;
  readonly at: number;
}

/** A system that knows the agent's API by its address and a key, and nothing else of it. */
export interface BusinessSystem {
  call(method: string, path: string, body?: string | object, idempotencyKey?: string): Promise<Answer>;
  events(path: string, lastEventId?: string): Promise<EventReader>;
}

export interface EventReader {
  readonly events: readonly ReadEvent[];
  cut(): void;
}

export function businessSystem(url: string, key: string): BusinessSystem {
  const authorization = `Bearer ${key}`;
  return {
    async call(method, path, body, idempotencyKey) {
      const lines = typeof body === 'string';
      const response = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: {
          authorization,
          ...(body !== undefined && { 'content-type': lines ? 'application/x-ndjson' : 'application/json' }),
          ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
        },
        ...(body !== undefined && { body: lines ? body : JSON.stringify(body) }),
      });
      return { status: response.status, body: (await response.json()) as Answer['body'] };
    },
    async events(path, lastEventId) {
      const headers = { authorization, ...(lastEventId !== undefined && { 'last-event-id': lastEventId }) };
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        get(`${url}/api/v1${path}`, { headers }, resolve).once('error', reject);
      });
      const events: ReadEvent[] = [];
      let text = '';
      response.setEncoding('utf8');
      response.once('error', () => undefined); // cut by this scene, or with its agent
      response.on('data', (chunk: string) => {
        const blocks = (text + chunk).split('\n\n');
        text = blocks.pop()!;
        events.push(...blocks.flatMap(eventOf));
      });
      return { events, cut: () => response.destroy() };
    },
  };
}

function eventOf(block: string): ReadEvent[] {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
  const data = field('data');
  if (data === undefined) return [];
  return [{ id: field('id'), event: field('event') ?? '', data: JSON.parse(data), at: performance.now() }];
}
