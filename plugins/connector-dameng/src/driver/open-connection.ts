import type { DamengConfig } from '../config.js';
import type { DamengConnection, DamengDriver } from './driver.js';

/** Opens a connection whose settings are all given here: the driver would commit by itself, and take the zone of this machine. */
export function openConnection(driver: DamengDriver, config: DamengConfig): Promise<DamengConnection> {
  const { host, port, user, password, schema, sslPath, applicationName } = config;
  return driver.getConnection({
    connectString: `${host}:${port}`,
    user,
    password,
    ...(schema !== undefined && { schema }),
    ...(sslPath !== undefined && { sslPath }),
    appName: applicationName,
    autoCommit: false,
    localTimezone: 0,
    connectTimeout: config.connectTimeoutMs,
    // ends statements in the server; a lost line is noticed here
    sessionTimeout: Math.ceil(config.statementTimeoutMs / 1000),
  });
}
