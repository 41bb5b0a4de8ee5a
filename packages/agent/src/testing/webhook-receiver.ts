import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { onTestFinished } from 'vitest';
import type { AlertMessage } from '../alerts/message.js';

/** A real receiver of webhooks on loopback: it keeps what came and was signed as it should be. */
export interface WebhookReceiver {
  readonly url: string;
  readonly messages: AlertMessage[];
  /** Requests whose signature was wrong. */
  readonly forged: IncomingHttpHeaders[];
  /** What it answers; 204 unless told. A receiver takes a message however it answers. */
  status: number;
  stop(): Promise<void>;
  /** Listens again, at the same address. */
  start(): Promise<void>;
}

/** `secret` as the config has it; verified by the specification's own library. */
export async function createWebhookReceiver(secret: string): Promise<WebhookReceiver> {
  const verifier = new Webhook(secret, { format: 'raw' });
  let server: Server;
  let port = 0;
  const receiver: WebhookReceiver = {
    get url() {
      return `http://127.0.0.1:${port}/hook?key=hidden-in-the-url`;
    },
    messages: [],
    forged: [],
    status: 204,
    async stop() {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
    async start() {
      server = createServer(async (request, response) => {
        const body = Buffer.concat(await request.toArray()).toString('utf8');
        try {
          verifier.verify(body, request.headers as Record<string, string>);
          receiver.messages.push(JSON.parse(body) as AlertMessage);
        } catch {
          receiver.forged.push(request.headers);
        }
        response.writeHead(receiver.status).end('x'.repeat(100));
      }).listen(port, '127.0.0.1');
      await once(server, 'listening');
      port = (server.address() as AddressInfo).port;
    },
  };
  await receiver.start();
  onTestFinished(() => receiver.stop());
  return receiver;
}
