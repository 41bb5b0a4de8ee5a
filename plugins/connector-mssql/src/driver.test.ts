import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { checkShape } from '@qianzhi/model';
import { describeConnector, noAbort, quietContext } from '@qianzhi/testing';
import { Connection } from 'tedious';
import { afterEach, describe, expect, it } from 'vitest';
import { ConfigSchema } from './config.js';
import { mssqlConnector } from './connector.js';
import { driverConfig, makeConnection } from './driver/open-connection.js';
import { loadTypes } from './driver/session.js';
import { mssqlHarness } from './test/harness.js';
import { config } from './test/site.js';

/** The driver itself, as far as it goes without a server. */
describe('tedious', () => {
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
    const settings = { ...config, host: '127.0.0.1', port, connectTimeoutMs: 300 };
    return (await mssqlConnector.open(settings, quietContext, signal)).check(signal);
  };

  it('says that nobody listens, in time', async () => {
    const port = await listening(() => undefined);
    server?.close();
    await expect(check(port)).rejects.toMatchObject({ code: 'QZ_SQL_UNREACHABLE' });
  });

  it('gives up on a server that says nothing', async () => {
    await expect(check(await listening(() => undefined))).rejects.toMatchObject({
      code: 'QZ_SQL_UNREACHABLE',
    });
  });

  it('gives up on what is no SQL Server', async () => {
    const port = await listening(() => Buffer.from('SSH-2.0-OpenSSH_9.2\r\n'));
    await expect(check(port)).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('stops connecting when it is aborted', async () => {
    const controller = new AbortController();
    const port = await listening(() => {
      controller.abort();
      return undefined;
    });
    await expect(check(port, controller.signal)).rejects.toMatchObject({ kind: 'cancelled' });
  });

  it('takes the settings of every kind of encryption and login', () => {
    for (const more of [
      {},
      { tls: { mode: 'disable' } },
      { tls: { mode: 'verify-full' } },
      { tls: { mode: 'strict' } },
      { domain: 'CORP' },
      { instance: 'X' },
    ]) {
      const made = makeConnection(checkShape(ConfigSchema, { ...config, ...more }, 'config'), 'read');
      made.close();
      expect(made).toBeInstanceOf(Connection);
    }
  });

  it('encodes the rows of a bulk load as they are staged', async () => {
    const connection = new Connection(
      driverConfig(checkShape(ConfigSchema, { ...config }, 'config'), 'write'),
    );
    const load = connection.newBulkLoad('[#x]', { keepNulls: true }, () => {});
    for (const [kind, { type, options }] of Object.entries(loadTypes)) load.addColumn(kind, type, options);
    const inside = load as unknown as {
      getBulkInsertSql(): string;
      rowToPacketTransform: NodeJS.ReadWriteStream;
    };
    expect(inside.getBulkInsertSql()).toBe(
      'insert bulk [#x]([integer] bigint, [double] float, [text] nvarchar(4000), [long-text] nvarchar(max), [binary] varbinary(max)) WITH (KEEP_NULLS)',
    );
    const { rowToPacketTransform: encoder } = inside;
    const chunks: Buffer[] = [];
    encoder.on('data', (chunk: Buffer) => chunks.push(chunk));
    const ended = once(encoder, 'end');
    const write = encoder.write.bind(encoder) as (row: unknown) => boolean;
    write([1, 0.1, '䶮𠮷', '长', Buffer.from([0, 255])]);
    write([2, null, null, null, null]);
    encoder.end();
    await ended;
    const bytes = Buffer.concat(chunks);
    expect(bytes.includes(Buffer.from('䶮𠮷', 'utf16le'))).toBe(true);
    const double = Buffer.alloc(8);
    double.writeDoubleLE(0.1);
    expect(bytes.includes(double)).toBe(true);
    connection.close();
  });
});

const url = process.env.QZ_TEST_MSSQL_URL;

/** Where there is a server; it needs a login that may make schemas: `mssql://user:password@host:1433/database`. */
if (url) describeConnector(mssqlHarness(url));
