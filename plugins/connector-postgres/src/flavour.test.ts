import { createServer } from 'node:net';
import {
  type ConnectorHarness,
  configOf,
  describeConnector,
  describeWithPostgres,
  noAbort,
  quietContext,
  resourceWith,
} from '@qianzhi/testing';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it, type MockInstance, vi } from 'vitest';
import { openSession } from './connection/session.js';
import { connectorOf } from './connector.js';
import { kingbase } from './flavour.js';
import { gaussdbConnector } from './gaussdb.js';
import { kingbaseConnector } from './kingbase.js';
import { opengaussConnector } from './opengauss.js';
import { createDatabase, type TestDatabase } from './test/database.js';
import { postgresHarness } from './test/harness.js';

describeWithPostgres('a flavour of PostgreSQL', (url) => {
  const config = { ...configOf(url), schema: 'public' };

  it('is named as it is, and has a port of its own', async () => {
    const report = await (await kingbaseConnector.open(config, quietContext, noAbort)).check(noAbort);
    expect(report.server).toMatch(/^KingbaseES /);
    expect(report.version).toMatch(/^PostgreSQL \d+/);
    expect(kingbaseConnector.configSchema['properties']).toMatchObject({ port: { default: 54_321 } });
  });

  it('sets what the server has of its own settings, and leaves out what it has not', async () => {
    const flavour = { ...kingbase, settings: { ...kingbase.settings, work_mem: '5MB' } };
    const report = await (await connectorOf(flavour).open(config, quietContext, noAbort)).check(noAbort);
    expect(report.notes.length).toBeGreaterThan(0);
    const full = {
      ...config,
      flavour,
      readOnly: true,
      connectTimeoutMs: 9000,
      statementTimeoutMs: 9000,
      lockTimeoutMs: 9000,
      applicationName: 'x',
    };
    const session = await openSession({ doing: 'look', config: full }, 'read', noAbort);
    const { rows } = await session.query('SHOW work_mem', [], noAbort);
    await session.close();
    expect(rows).toEqual([{ work_mem: '5MB' }]);
  });
});

describeWithPostgres('a database that makes NULL of an empty text', (url) => {
  it('is no target, and may be a source', async () => {
    const ask = pg.Client.prototype.query as (...given: unknown[]) => unknown;
    const query = vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
      this: pg.Client,
      ...given: unknown[]
    ) {
      const [first] = given as [{ text?: string }];
      return ask.apply(
        this,
        first.text === `SELECT '' AS empty` ? [{ ...first, text: 'SELECT NULL AS empty' }] : given,
      );
    } as never);
    try {
      const connection = await opengaussConnector.open(configOf(url), quietContext, noAbort);
      const resource = resourceWith([{ column: 'id', type: 'I', key: true }]);
      const sink = connection.sink({ exchange: 'x', resource, target: { table: 't' } }, noAbort);
      await expect(sink).rejects.toMatchObject({ code: 'QZ_POSTGRES_EMPTY_IS_NULL', kind: 'config' });
      expect((await connection.check(noAbort)).server).toMatch(/^openGauss /);
    } finally {
      query.mockRestore();
    }
  });
});

describe('openGauss and GaussDB', () => {
  it('have ports of their own, and merge where PostgreSQL swaps', () => {
    const facts = ({ configSchema, capabilities }: typeof opengaussConnector) => [
      (configSchema['properties'] as { port: { default: number } }).port.default,
      capabilities.write,
    ];
    expect(facts(opengaussConnector)).toEqual([5432, ['merge']]);
    expect(facts(gaussdbConnector)).toEqual([8000, ['merge']]);
    expect(facts(kingbaseConnector)).toEqual([54_321, ['merge', 'swap']]);
  });

  it('say which way to log in is missing, because the driver takes theirs for another', async () => {
    // authentication request 10 of openGauss: sha256, with 64 characters of salt, 8 of a token and the iterations
    const request = Buffer.alloc(9 + 4 + 64 + 8 + 4);
    request.write('R');
    request.writeInt32BE(request.length - 1, 1);
    request.writeInt32BE(10, 5);
    request.writeInt32BE(2, 9);
    request.fill('a', 13, 85);
    request.writeInt32BE(10_000, 85);
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.once('data', () => socket.write(request));
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as { port: number };
    try {
      const config = { host: '127.0.0.1', port, database: 'd', user: 'u', password: 'Pass-Word-1' };
      const connection = await opengaussConnector.open(config, quietContext, noAbort);
      await expect(connection.check(noAbort)).rejects.toMatchObject({
        code: 'QZ_POSTGRES_LOGIN_METHOD',
        kind: 'auth',
      });
    } finally {
      server.close();
    }
  });
});

/** What PostgreSQL brought after 9.2, and openGauss does not have. */
const later =
  /ON CONFLICT|\bFILTER \(|\bLATERAL\b|WITH ORDINALITY|to_jsonb|json_agg|(?<!row_|array_)to_json\(|to_regclass|row_security|\w\.relrowsecurity|pg_policy|pg_stat_ssl|IF NOT EXISTS "?qianzhi_\w+"? ON COMMIT|INSERT INTO \S+ AS /;

describeWithPostgres('openGauss’s flavour on PostgreSQL', (url) => {
  let database: TestDatabase;
  const sent = new Set<string>();
  let query: MockInstance;
  beforeAll(async () => {
    query = vi.spyOn(pg.Client.prototype, 'query');
    database = await createDatabase(url);
  });
  afterEach(() => {
    for (const [first] of query.mock.calls as unknown[][]) {
      const text = typeof first === 'string' ? first : (first as { text?: unknown }).text;
      if (typeof text === 'string') sent.add(text);
    }
    query.mockClear();
  });
  afterAll(async () => {
    query.mockRestore();
    await database[Symbol.asyncDispose]();
  });
  describeConnector(opengaussHarness(() => database));

  it('sent nothing that PostgreSQL did not have before 9.3', () => {
    expect(sent.size).toBeGreaterThan(100);
    const ours = [...sent].filter((text) => text.includes('SHARE ROW EXCLUSIVE'));
    expect(ours.length).toBeGreaterThan(0);
    expect([...sent].flatMap((text) => later.exec(text)?.[0] ?? [])).toEqual([]);
  });
});

/** As PostgreSQL's own, without replacing a table by another. */
function opengaussHarness(database: () => TestDatabase): ConnectorHarness {
  const harness = postgresHarness(database);
  return {
    name: 'opengauss',
    connector: opengaussConnector,
    unsupported: {},
    get unsupportedValues() {
      return harness.unsupportedValues ?? {};
    },
    openSite: () => harness.openSite(),
  };
}

const opengaussUrl = process.env.QZ_TEST_OPENGAUSS_URL;

/** Needs a login by md5 that may make databases: `postgres://user:password@host:5432/postgres`. */
if (opengaussUrl) {
  describe('openGauss', () => {
    let database: TestDatabase;
    beforeAll(async () => {
      database = await createDatabase(opengaussUrl, `DBCOMPATIBILITY 'PG'`);
    });
    afterAll(() => database[Symbol.asyncDispose]());
    describeConnector(opengaussHarness(() => database));
  });
}

const kingbaseUrl = process.env.QZ_TEST_KINGBASE_URL;

/** Needs a login that may make databases: `postgres://user:password@host:54321/database`. */
if (kingbaseUrl) {
  describe('KingbaseES', () => {
    let database: TestDatabase;
    beforeAll(async () => {
      database = await createDatabase(kingbaseUrl);
    });
    afterAll(() => database[Symbol.asyncDispose]());
    const harness = postgresHarness(() => database);
    describeConnector({
      name: 'kingbase',
      connector: kingbaseConnector,
      unsupported: {},
      get unsupportedValues() {
        return harness.unsupportedValues ?? {};
      },
      openSite: () => harness.openSite(),
    });
  });
}
