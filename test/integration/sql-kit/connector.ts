import { checkShape, isQianzhiError } from '@qianzhi/model';
import { Type } from '@qianzhi/model/schema';
import type { Connector, PluginContext } from '@qianzhi/plugin-api';
import {
  openSqlConnection,
  type SqlBind,
  type SqlRow,
  type SqlSession,
  SqlSourceSchema,
  SqlTargetSchema,
  serverErrors,
  stopOnAbort,
  throwIfAborted,
} from '@qianzhi/sql-kit';
import pg from 'pg';
import { postgresDialect } from './dialect.js';

const ConfigSchema = Type.Object(
  {
    host: Type.String(),
    port: Type.Integer(),
    database: Type.String(),
    user: Type.String(),
    password: Type.String({ secret: true }),
    schema: Type.String(),
    ssl: Type.Optional(Type.Unknown()),
  },
  { additionalProperties: false },
);
type Config = {
  host: string;
  port: number;
  database: string;
  user: string;
  password: string;
  schema: string;
  ssl?: unknown;
};

const refusals: Readonly<Record<string, string>> = {
  '23502': 'required',
  '23505': 'duplicate-key',
  '22001': 'too-long',
  '22003': 'out-of-range',
  '23': 'constraint',
  '22': 'type',
};

function classify(error: unknown, config: Config, doing: string) {
  if (isQianzhiError(error)) return error;
  const { code = '', column = '' } = error as { code?: string; column?: string };
  const facts = {
    doing,
    product: 'PostgreSQL',
    server: config.host,
    user: config.user,
    reason: code || 'no code',
  };
  const cause = new Error(code);
  if (code.startsWith('28')) return serverErrors.LOGIN_FAILED(facts, cause);
  if (code === '42501') return serverErrors.NO_PERMISSION(facts, cause);
  if (code === '3D000') return serverErrors.DATABASE_MISSING(facts, cause);
  if (code === 'ECONNREFUSED') return serverErrors.UNREACHABLE(facts, cause);
  if (error instanceof Error && error.message.includes('SSL')) return serverErrors.TLS(facts, cause);
  const reason = refusals[code] ?? refusals[code.slice(0, 2)];
  if (reason) return serverErrors.ROW_REFUSED({ ...facts, reason, column }, cause);
  return serverErrors.DRIVER({ ...facts, reason: error instanceof Error ? error.message : code }, cause);
}

async function connect(config: Config, doing: string, signal: AbortSignal): Promise<SqlSession> {
  throwIfAborted(doing, signal);
  const { schema, ssl, ...rest } = config;
  const bytes = (text: string) => Buffer.from(text.slice(2), 'hex');
  const client = new pg.Client({
    ...rest,
    ssl: ssl !== undefined,
    types: { getTypeParser: (oid: number) => (oid === 17 ? bytes : (text: string) => text) },
  });
  client.on('error', () => undefined);
  const run = async (sql: string, binds: readonly SqlBind[], during: AbortSignal) => {
    throwIfAborted(doing, during);
    try {
      const query = client.query<SqlRow & unknown[]>({ text: sql, values: [...binds], rowMode: 'array' });
      const { rows, rowCount } = await stopOnAbort(query, () => void client.end(), during);
      return { rows, count: rowCount ?? 0 };
    } catch (error) {
      throwIfAborted(doing, during);
      throw classify(error, config, doing);
    }
  };
  const session: SqlSession = {
    server: `${config.host}/${config.database}`,
    query: run,
    async *stream(sql, binds, during) {
      const { rows } = await run(sql, binds, during);
      for (let at = 0; at < rows.length; at += 7) yield rows.slice(at, at + 7);
    },
    async load(table, columns, rows, during) {
      const names = columns.map(({ name }) => name).join(', ');
      for (const values of rows) {
        const places = values.map((_, at) => `$${at + 1}`).join(', ');
        await run(`INSERT INTO ${table} (${names}) VALUES (${places})`, values, during);
      }
      return [];
    },
    begin: async (kind, during) =>
      void (await run(
        kind === 'read' ? 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY' : 'BEGIN',
        [],
        during,
      )),
    commit: async (during) => void (await run('COMMIT', [], during)),
    rollback: async () => void (await client.query('ROLLBACK').catch(() => undefined)),
    savepoint: async (during) => void (await run('SAVEPOINT q', [], during)),
    rollbackToSavepoint: async (during) => void (await run('ROLLBACK TO q', [], during)),
    [Symbol.asyncDispose]: () => client.end(),
  };
  try {
    await client.connect();
  } catch (error) {
    throw classify(error, config, doing);
  }
  await run(`SET search_path = ${postgresDialect.quoted(schema)}`, [], signal);
  await run(`SET extra_float_digits = 3`, [], signal);
  return session;
}

/** The mechanics of sql-kit as a connector, on a real database. */
export const sqlKitConnector: Connector = {
  kind: 'connector',
  configSchema: ConfigSchema,
  sourceSchema: SqlSourceSchema,
  targetSchema: SqlTargetSchema,
  capabilities: {
    read: ['snapshot', 'watermark', 'flag', 'change-table'],
    seesDeletes: ['change-table'],
    snapshotConsistency: 'chunk',
    write: ['merge'],
    atomicity: 'ledger',
    transactionalDdl: true,
    emptyStringIsNotNull: true,
    files: false,
  },
  async open(input, context, opening) {
    // what its capabilities do not say it does not have
    const { query: _, ...connection } = openKit(input, context, opening);
    return connection;
  },
};

/** The same, with the kit's questions. */
export const askableConnector: Connector = {
  ...sqlKitConnector,
  capabilities: { ...sqlKitConnector.capabilities, query: true },
  open: async (input, context, opening) => openKit(input, context, opening),
};

function openKit(input: unknown, context: PluginContext, opening: AbortSignal) {
  throwIfAborted('open', opening);
  const config = checkShape(ConfigSchema, structuredClone(input), 'config') as Config;
  const origin = {
    dialect: postgresDialect,
    schema: undefined,
    readOnly: false,
    server: config.host,
    check: async ({ server }: SqlSession) => ({ server, version: 'any', notes: [] }),
    connect: (_: 'read' | 'write', doing: string, signal: AbortSignal) => connect(config, doing, signal),
  };
  return openSqlConnection(origin, context);
}
