import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, TLSSocket } from 'node:tls';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface TestCertificates {
  /** The authority's own certificate. */
  readonly ca: string;
  /** Of host `localhost`. */
  readonly cert: string;
  readonly key: string;
}

/** Made anew for each run by the openssl program; undefined on a machine without it. */
export async function makeCertificates(): Promise<TestCertificates | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'qianzhi-tls-'));
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  try {
    await openssl('version');
  } catch {
    return undefined;
  }
  try {
    await openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=authority');
    await openssl('req', ...newKey, '-keyout', 'key', '-out', 'request', '-subj', '/CN=localhost');
    await writeFile(join(folder, 'names'), 'subjectAltName=DNS:localhost');
    const issue = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'names'];
    await openssl('x509', '-req', '-in', 'request', '-out', 'cert', ...issue);
    const read = (name: string) => readFile(join(folder, name), 'utf8');
    return { ca: await read('ca.pem'), cert: await read('cert'), key: await read('key') };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Speaks TLS as a PostgreSQL server does, for one that has no certificate. Answers its port. */
export async function startTlsFront(
  target: { readonly host: string; readonly port: number },
  { cert, key }: TestCertificates,
): Promise<{ readonly port: number } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client);
    client.on('error', () => undefined);
    client.once('data', (request) => {
      const upstream = connect(target.port, target.host);
      sockets.add(upstream);
      upstream.on('error', () => client.destroy());
      client.on('close', () => upstream.destroy());
      upstream.on('close', () => client.destroy());
      // a CancelRequest comes in clear
      if (request.readInt32BE(4) !== 80_877_103) {
        upstream.write(request);
        client.pipe(upstream).pipe(client);
        return;
      }
      client.write('S');
      const secure = new TLSSocket(client, {
        isServer: true,
        secureContext: createSecureContext({ cert, key }),
      });
      secure.on('error', () => client.destroy());
      secure.pipe(upstream).pipe(secure);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
