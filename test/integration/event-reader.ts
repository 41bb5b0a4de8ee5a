import { get, type IncomingMessage } from 'node:http';
import { until } from './until.js';

export interface ReadEvent {
  readonly id: string | undefined;
  readonly event: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a stranger sees of an event
  readonly data: any;
}

export interface EventReader {
  readonly status: number;
  readonly events: ReadEvent[];
  ended(): boolean;
  next(count: number): Promise<readonly ReadEvent[]>;
  cut(): void;
}

/** Reads Server-Sent Events as a browser does, over a connection that can be cut. */
export async function readEvents(url: string, key: string, lastEventId?: string): Promise<EventReader> {
  const headers = {
    authorization: `Bearer ${key}`,
    ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
  };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { headers }, resolve).once('error', reject);
  });
  const events: ReadEvent[] = [];
  let text = '';
  let ended = false;
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const event = eventOf(text.slice(0, end));
      if (event) events.push(event);
      text = text.slice(end + 2);
    }
  });
  response.once('close', () => {
    ended = true;
  });
  response.once('error', () => undefined); // cut by us
  return {
    status: response.statusCode!,
    events,
    ended: () => ended,
    next: (count) => until(`${count} events`, () => events.length >= count && events),
    cut: () => response.destroy(),
  };
}

function eventOf(block: string): ReadEvent | undefined {
  const fields = new Map(
    block
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)] as const),
  );
  const data = fields.get('data');
  return data === undefined
    ? undefined
    : { id: fields.get('id'), event: fields.get('event') ?? 'message', data: JSON.parse(data) };
}
