import { once } from 'node:events';
import { type AddressInfo, createServer as listen, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { createServer } from './server.js';

it('a request is given up at once, though the server never says who it is', async () => {
  const sockets: Socket[] = [];
  const silent = listen((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const login = { host: '127.0.0.1', port, user: 'u', password: 'p', hostFingerprint: 'SHA256:none' };
  const rest = { folder: '/', path: '.', readOnly: true, verify: 'digest', timeoutSeconds: 20 } as const;
  const server = createServer({ ...login, ...rest });
  const abort = new AbortController();
  const asked = server.ask('look at', '/', (sftp, done) => sftp.lstat('/', done), abort.signal);
  asked.catch(() => undefined);
  const [line] = (await once(silent, 'connection')) as [Socket];
  const begun = performance.now();
  abort.abort();
  await expect(asked).rejects.toMatchObject({ code: 'QZ_MODEL_CANCELLED' });
  await once(line, 'close');
  expect(performance.now() - begun).toBeLessThan(5_000);
  await server[Symbol.asyncDispose]();
  silent.close();
});
