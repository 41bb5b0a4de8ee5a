import type { PostgresServer } from '../../services/postgres.js';
import type { PlatformState } from '../chain.js';
import { connectTo } from './connect.js';

/** The platform's tables in a schema of this server, which the platform finds at its port unless told another. */
export function stateOn({ url }: PostgresServer, through?: number): PlatformState {
  const { username, password } = new URL(url);
  const port = through ?? Number(new URL(url).port);
  return {
    database: {
      kind: 'postgres',
      host: '127.0.0.1',
      port,
      database: 'postgres',
      user: username,
      password,
      schema: 'qianzhi',
    },
    async query<T>(sql: string) {
      const client = await connectTo(url);
      try {
        await client.query('SET search_path = qianzhi');
        return (await client.query(sql)).rows as T[];
      } finally {
        await client.end();
      }
    },
  };
}
