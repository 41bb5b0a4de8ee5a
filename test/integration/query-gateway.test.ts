import { createServer, request, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { createQuerySite, type QuerySite } from './query-site.js';
import { until } from './until.js';

let rig: QuerySite | undefined;
let gateway: Server | undefined;
const sockets = new Set<Socket>();
afterEach(async () => {
  await rig?.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => gateway?.close(resolve));
});

/** Takes what comes below /exchange to the platform, under another host name; `upgrades` says whether it lets WebSocket through. */
async function startGateway(platform: string, upgrades: () => boolean): Promise<string> {
  const { hostname, port } = new URL(platform);
  const below = (url = '') => url.replace(/^\/exchange/, '');
  gateway = createServer((incoming, answer) => {
    const headers = { ...incoming.headers, host: 'inner.invalid' };
    const outgoing = request(
      { hostname, port, path: below(incoming.url), method: incoming.method, headers },
      (inner) => {
        answer.writeHead(inner.statusCode!, inner.headers);
        inner.pipe(answer);
      },
    );
    outgoing.on('error', () => answer.destroy());
    incoming.pipe(outgoing);
  });
  gateway.on('upgrade', (incoming, socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    if (!upgrades()) {
      socket.end('HTTP/1.1 426 Upgrade Required\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    const inner = connect(Number(port), hostname);
    sockets.add(inner);
    inner.on('error', () => socket.destroy());
    const lines = Object.entries({ ...incoming.headers, host: 'inner.invalid' }).map(
      ([name, value]) => `${name}: ${value}`,
    );
    inner.write(`GET ${below(incoming.url)} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    inner.pipe(socket).pipe(inner);
  });
  await new Promise<void>((resolve) => gateway!.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(gateway.address() as AddressInfo).port}/exchange`;
}

it('goes through a gateway with a prefix, and says what is wrong with one that lets no WebSocket through', async () => {
  let open = true;
  rig = await createQuerySite((own) => startGateway(own, () => open));
  await rig.grant();
  expect(await rig.ask('by-uscc', [{ uscc: 'U1' }])).toMatchObject({ rows: 1, complete: true });
  open = false;
  for (const socket of sockets) socket.destroy();
  const { tunnel } = await until('the agent knows', () => {
    const status = rig!.mz.status().queries;
    return status?.tunnel.problem?.code === 'QZ_AGENT_TUNNEL_REFUSED' && status;
  });
  expect(tunnel.problem?.texts.zh).toMatchObject({
    message: expect.stringContaining('HTTP 426'),
    hint: expect.stringContaining('WebSocket'),
  });
  open = true;
  await until('it answers again', () => rig!.ask('by-uscc', [{ uscc: 'U2' }]).catch(() => undefined), 60_000);
}, 120_000);
