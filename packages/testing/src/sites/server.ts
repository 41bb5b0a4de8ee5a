import { createServer } from 'node:net';
import type { ReadStrategy } from '@qianzhi/model';
import { flagColumn, overlapMs, type WrongConfig } from '../connector/harness.js';

/** Connection config of an address `…://user:password@host:port/database`. */
export function configOf(url: string) {
  const { hostname, port, pathname, username, password } = new URL(url);
  return {
    host: hostname,
    port: Number(port),
    database: decodeURIComponent(pathname.slice(1)),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
  };
}

/** What a harness of a database server tries: its password, and nobody at its port. */
export async function wrongServerConfigs<Config extends object>(config: Config): Promise<WrongConfig[]> {
  const port = await portOfNobody();
  return [
    { name: 'a wrong password', config: { ...config, password: 'not-the-password' }, kinds: ['auth'] },
    { name: 'nobody listening', config: { ...config, port }, kinds: ['unavailable'] },
  ];
}

async function portOfNobody(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  return typeof address === 'object' && address ? address.port : 1;
}

/** The `source` of a contract table; `changes` is its change table, with columns `serial` and `op`. */
export function tableSource(table: string, changes: string, strategy: ReadStrategy): object {
  return {
    table,
    ...(strategy === 'watermark' && {
      watermark: { column: 'updated_at', overlapSeconds: overlapMs / 1000, zone: 'UTC' },
    }),
    ...(strategy === 'flag' && { flag: { column: flagColumn, pending: 0, done: 1 } }),
    ...(strategy === 'change-table' && {
      changeTable: { table: changes, serial: 'serial', op: 'op', purge: true },
    }),
  };
}

/** Values of one column of each row, or all of a row joined by `|`. */
export function joinedValues(rows: readonly (readonly (string | null)[])[]): (string | null)[] {
  return rows.map((row) => (row.length === 1 ? row[0]! : row.map((value) => value ?? 'NULL').join('|')));
}
