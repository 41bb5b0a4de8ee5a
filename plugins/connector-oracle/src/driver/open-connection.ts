import oracledb from 'oracledb';
import type { OracleConfig } from '../config.js';

/** What is used of the driver's connection. */
export type OracleConnection = Pick<
  oracledb.Connection,
  'execute' | 'executeMany' | 'commit' | 'rollback' | 'break' | 'close'
> & { callTimeout: number; module: string; readonly oracleServerVersionString?: string };

export type MakeConnection = (config: OracleConfig) => Promise<OracleConnection>;

export const makeConnection: MakeConnection = async (config) => {
  const { user, password, tls } = config;
  return (await oracledb.getConnection({
    user,
    password,
    connectString: descriptor(config),
    ...(tls?.ca !== undefined && { walletContent: tls.ca }),
  })) as OracleConnection;
};

/** A connect descriptor; its parts were checked for what could end a bracket. */
export function descriptor({ host, port, service, sid, tls, connectTimeoutMs }: OracleConfig): string {
  const seconds = Math.ceil(connectTimeoutMs / 1000);
  const secure = tls?.mode === 'verify-full';
  const target = service === undefined ? `(SID=${sid ?? ''})` : `(SERVICE_NAME=${service})`;
  const dn = tls?.serverDn === undefined ? '' : `(SSL_SERVER_CERT_DN="${tls.serverDn}")`;
  const security = secure ? `(SECURITY=(SSL_SERVER_DN_MATCH=ON)${dn})` : '';
  return (
    `(DESCRIPTION=(CONNECT_TIMEOUT=${seconds})(TRANSPORT_CONNECT_TIMEOUT=${seconds})(RETRY_COUNT=0)` +
    `(ADDRESS=(PROTOCOL=${secure ? 'TCPS' : 'TCP'})(HOST=${host})(PORT=${port}))(CONNECT_DATA=${target})${security})`
  );
}
