import type { MysqlConfig } from '../config.js';
import { tlsOptions } from './tls.js';

/** What the driver needs to log in. */
export function driverOptions(config: MysqlConfig) {
  const ssl = tlsOptions(config);
  return {
    ...(config.host.startsWith('/') ? { socketPath: config.host } : { host: config.host, port: config.port }),
    database: config.database,
    user: config.user,
    password: config.password ?? '',
    ...(ssl && { ssl }),
    charset: 'utf8mb4_general_ci',
    connectTimeout: config.connectTimeoutMs,
    enableKeepAlive: true,
    keepAliveInitialDelay: 30_000,
    flags: ['-FOUND_ROWS'],
  };
}
