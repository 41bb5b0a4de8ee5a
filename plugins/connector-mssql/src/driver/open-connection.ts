import { Connection, type ConnectionConfiguration, type Request } from 'tedious';
import type { MssqlConfig } from '../config.js';

/** What is used of the driver's connection. */
export type TediousConnection = Pick<
  Connection,
  'execSql' | 'execSqlBatch' | 'newBulkLoad' | 'execBulkLoad' | 'cancel' | 'close'
> & {
  connect(done: (error?: Error) => void): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  on(event: 'errorMessage', listener: (message: { readonly number: number }) => void): unknown;
};

/** Makes a connection that is not yet connected. */
export type MakeConnection = (config: MssqlConfig, kind: 'read' | 'write') => TediousConnection;

export type TediousRequest = Request;

const CANCEL_MS = 5000;

export const makeConnection: MakeConnection = (config, kind) =>
  new Connection(driverConfig(config, kind)) as TediousConnection;

/** The driver's settings; `serverName` goes into the certificate check alone. */
export function driverConfig(config: MssqlConfig, kind: 'read' | 'write'): ConnectionConfiguration {
  const { mode = 'require', ca } = config.tls ?? {};
  const { host, user: userName, password, domain } = config;
  return {
    server: host,
    authentication:
      domain === undefined
        ? { type: 'default', options: { userName, password } }
        : { type: 'ntlm', options: { userName, password, domain } },
    options: {
      database: config.database,
      ...(config.instance === undefined ? { port: config.port } : { instanceName: config.instance }),
      appName: config.applicationName,
      encrypt: mode === 'strict' ? 'strict' : mode !== 'disable',
      trustServerCertificate: mode === 'require' || mode === 'disable',
      ...(ca !== undefined && { cryptoCredentialsDetails: { ca } }),
      connectTimeout: config.connectTimeoutMs,
      requestTimeout: config.statementTimeoutMs,
      cancelTimeout: CANCEL_MS,
      readOnlyIntent: kind === 'read' && config.readOnlyIntent,
      useColumnNames: false,
      rowCollectionOnRequestCompletion: false,
      rowCollectionOnDone: false,
      useUTC: true,
      // waiting and trying again is the engine's work
      maxRetriesOnTransientErrors: 0,
    },
  };
}
