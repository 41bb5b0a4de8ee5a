import type { SslOptions } from 'mysql2';
import type { MysqlConfig } from '../config.js';

/**
 * What the driver is told about TLS. Where the config says nothing, a connection that leaves the machine is encrypted
 * (without judging the certificate) and one that does not is plain.
 */
export function tlsOptions({ host, ssl }: MysqlConfig): SslOptions | undefined {
  if (ssl === undefined) return staysHere(host) ? undefined : { rejectUnauthorized: false };
  if (ssl.mode === 'disable') return undefined;
  const own = {
    ...(ssl.ca !== undefined && { ca: ssl.ca }),
    ...(ssl.cert !== undefined && { cert: ssl.cert }),
    ...(ssl.key !== undefined && { key: ssl.key }),
  };
  if (ssl.mode === 'require') return { ...own, rejectUnauthorized: false };
  return { ...own, rejectUnauthorized: true, verifyIdentity: ssl.mode === 'verify-full' };
}

/** Loopback or a socket: the bytes never leave the machine. */
export function staysHere(host: string): boolean {
  return host.startsWith('/') || host === 'localhost' || host === '::1' || /^127\./.test(host);
}
