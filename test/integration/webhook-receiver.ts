import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import type { WebhookBody } from '../../packages/agent/src/webhooks/letter.js';

export const secret = 'a secret of both sides, long enough';

export interface Arrived {
  readonly id: string;
  readonly body: WebhookBody;
}

/** Status, or what becomes of the connection. */
export type Answering = number | 'hang' | 'cut' | { readonly redirect: string };

/** A business system on loopback: keeps what came and was signed as it should be, and answers as it is told. */
export interface Receiver {
  readonly port: number;
  readonly url: string;
  /** Every request, in order, whatever was answered. */
  readonly arrived: readonly Arrived[];
  readonly forged: number;
  /** Asked for each request. */
  answering: (arrived: Arrived) => Answering | Promise<Answering>;
  /** What it holds by all that it took, each record once. */
  held(): Readonly<Record<string, string | null>>;
  /** Ops and keys of what it took, in order. */
  story(): readonly string[];
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const verifier = new Webhook(secret, { format: 'raw' });
  const arrived: Arrived[] = [];
  const taken: WebhookBody['data']['records'][number][] = [];
  const seen = new Set<string>();
  let forged = 0;

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = Buffer.concat(await request.toArray()).toString('utf8');
    try {
      verifier.verify(text, request.headers as Record<string, string>);
    } catch {
      forged += 1;
    }
    const one = { id: String(request.headers['webhook-id']), body: JSON.parse(text) as WebhookBody };
    arrived.push(one);
    const answer = await receiver.answering(one);
    if (answer === 'hang') return;
    if (answer === 'cut') return void request.socket.destroy();
    if (typeof answer === 'object') return void response.writeHead(307, { location: answer.redirect }).end();
    const news = one.body.data.records.filter(({ cursor }) => !seen.has(cursor));
    if (answer < 300) {
      for (const record of news) seen.add(record.cursor);
      taken.push(...news);
    }
    response.writeHead(answer).end('x'.repeat(1_000));
  }

  const server = createServer((request, response) => void take(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const receiver: Receiver = {
    port,
    url: `http://127.0.0.1:${port}/hook?token=hidden`,
    arrived,
    get forged() {
      return forged;
    },
    answering: () => 204,
    held() {
      const held: Record<string, string | null> = {};
      for (const { op, key, values } of taken) {
        if (op === 'upsert') held[key.code!] = values.name!;
        else if (op === 'delete') delete held[key.code!];
        else for (const code of Object.keys(held)) delete held[code];
      }
      return held;
    },
    story: () => taken.map(({ op, key }) => `${op} ${key.code}`),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}
