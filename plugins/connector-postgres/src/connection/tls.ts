import type { ConnectionOptions } from 'node:tls';
import type { PostgresConfig } from '../config.js';

/**
 * What the driver is told about TLS. Where the config says nothing, a connection that leaves the machine is encrypted
 * (without judging the certificate) and one that does not is plain.
 */
export function tlsOptions(config: PostgresConfig): false | ConnectionOptions {
  const { ssl } = config;
  if (ssl === undefined) return staysHere(config.host) ? false : { rejectUnauthorized: false };
  if (ssl.mode === 'disable') return false;
  const own = { ca: ssl.ca, cert: ssl.cert, key: ssl.key };
  if (ssl.mode === 'require') return { ...own, rejectUnauthorized: false };
  if (ssl.mode === 'verify-ca') return { ...own, checkServerIdentity: () => undefined };
  return own;
}

/** Loopback or a socket folder: the bytes never leave the machine. */
export function staysHere(host: string): boolean {
  return host.startsWith('/') || host === 'localhost' || host === '::1' || /^127\./.test(host);
}
