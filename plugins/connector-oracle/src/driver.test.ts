import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { describeConnector, noAbort, quietContext } from '@qianzhi/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { oracleConnector } from './connector.js';
import { oracleHarness } from './test/harness.js';
import { config } from './test/site.js';

/** The driver itself in thin mode, as far as it goes without a server. */
describe('oracledb', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.close();
    server = undefined;
  });

  async function listening(answer: (data: Buffer) => Buffer | undefined): Promise<number> {
    server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.on('data', (data) => {
        const said = answer(data);
        if (said) socket.end(said);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }
  const check = async (port: number, signal = noAbort) => {
    const settings = { ...config, host: '127.0.0.1', port, connectTimeoutMs: 1000 };
    return (await oracleConnector.open(settings, quietContext, signal)).check(signal);
  };
  /** TNS: a refusal of the listener, with the error it names. */
  const refusal = (code: number) => {
    const text = Buffer.from(
      `(DESCRIPTION=(TMP=)(VSNNUM=0)(ERR=${code})(ERROR_STACK=(ERROR=(CODE=${code})(EMFI=4))))`,
    );
    const packet = Buffer.alloc(12 + text.length);
    packet.writeUInt16BE(packet.length, 0);
    packet[4] = 4;
    packet.writeUInt16BE(text.length, 10);
    text.copy(packet, 12);
    return packet;
  };

  it('says that nobody listens, in time', async () => {
    const port = await listening(() => undefined);
    server?.close();
    await expect(check(port)).rejects.toMatchObject({ code: 'QZ_SQL_UNREACHABLE' });
  });

  it('gives up on a listener that says nothing', async () => {
    await expect(check(await listening(() => undefined))).rejects.toMatchObject({
      code: 'QZ_SQL_UNREACHABLE',
    });
  });

  it('tells a service that the listener does not know', async () => {
    const port = await listening(() => refusal(12514));
    await expect(check(port)).rejects.toMatchObject({ code: 'QZ_SQL_DATABASE_MISSING', kind: 'not-found' });
  });

  it('stops waiting when it is aborted', async () => {
    const controller = new AbortController();
    const port = await listening(() => {
      controller.abort();
      return undefined;
    });
    await expect(check(port, controller.signal)).rejects.toMatchObject({ kind: 'cancelled' });
  });
});

const url = process.env.QZ_TEST_ORACLE_URL;

/** Where there is a server; it needs an empty schema with the right to make tables and triggers: `oracle://user:password@host:1521/service`. */
if (url) describeConnector(oracleHarness(url));
