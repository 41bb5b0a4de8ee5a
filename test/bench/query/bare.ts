import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { WebSocket, WebSocketServer } from 'ws';
import { call, wholeOf } from '../relay/programs.js';
import { SQL } from './rig.js';

/** The same way without anything on it: a request, a message through a WebSocket to a provider, its statement, and both answers back. */
export interface BareWay extends AsyncDisposable {
  /** Asks for one row. */
  through(code: string): Promise<unknown>;
  /** A request that is answered at once. */
  request(): Promise<unknown>;
}

/** About what a question and its answer have of signatures, digests and a grant. */
const [REQUEST, QUESTION, ANSWER] = [600, 3_000, 1_500].map((bytes) => 'x'.repeat(bytes));

/** All in this process, as the platform, agents and clients of the rig are. */
export async function openBareWay(url: string): Promise<BareWay> {
  const database = new pg.Client(url);
  await database.connect();
  const asked = new Map<number, (answer: string) => void>();
  let questions = 0;
  const server = createServer(async (request, response) => {
    const { code } = JSON.parse((await wholeOf(request)).toString()) as { code?: string };
    if (code === undefined) return response.end(ANSWER);
    const id = questions++;
    asked.set(id, (answer) => response.end(answer));
    tunnel.send(JSON.stringify({ id, code, QUESTION }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const sockets = new WebSocketServer({ server });
  const provider = new WebSocket(`ws://127.0.0.1:${port}`);
  const [tunnel] = (await once(sockets, 'connection')) as [WebSocket];
  tunnel.on('message', (data) => {
    const { id } = JSON.parse(String(data)) as { id: number };
    asked.get(id)!(String(data));
    asked.delete(id);
  });
  provider.on('message', async (data) => {
    const { id, code } = JSON.parse(String(data)) as { id: number; code: string };
    const { rows } = await database.query({ name: 'direct', text: SQL, values: [code], rowMode: 'array' });
    provider.send(JSON.stringify({ id, rows, ANSWER }));
  });

  const send = (body: object) => call(port, 'POST', Buffer.from(JSON.stringify({ ...body, REQUEST })));
  return {
    through: (code) => send({ code }),
    request: () => send({}),
    async [Symbol.asyncDispose]() {
      provider.terminate();
      sockets.close();
      server.close();
      await database.end();
    },
  };
}
