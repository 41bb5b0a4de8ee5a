import { readFileSync } from 'node:fs';
import { demoErrors } from '../errors.js';

/** Where a PostgreSQL database is and how to sign in, as `postgres://user:password@host:port/database` says. */
export interface PostgresAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | undefined;
  /** As the connector's `ssl`; without one a line that leaves the machine is encrypted. */
  readonly ssl: { readonly mode: TlsMode; readonly ca?: string } | undefined;
}

const tlsModes = ['disable', 'require', 'verify-ca', 'verify-full'] as const;
type TlsMode = (typeof tlsModes)[number];

/** Reads the value of `--source` or `--target`. Throws QZ_DEMO_ADDRESS_WRONG, which says what is wrong and quotes nothing of it. */
export function postgresAddress(flag: string, text: string): PostgresAddress {
  const wrong = (problem: string) => demoErrors.ADDRESS_WRONG({ flag, problem });
  if (!URL.canParse(text)) throw wrong('URL');
  const url = new URL(text);
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') throw wrong('postgres://');
  const part = (name: string, raw: string) => {
    try {
      return decodeURIComponent(raw);
    } catch {
      throw wrong(name);
    }
  };
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const user = part('user', url.username);
  const database = part('database', url.pathname.slice(1));
  if (host === '') throw wrong('host');
  if (user === '') throw wrong('user');
  if (database === '') throw wrong('database');
  const password = part('password', url.password) || undefined;
  return {
    host: part('host', host),
    port: Number(url.port || 5432),
    database,
    user,
    password,
    ssl: tls(url, wrong),
  };
}

function tls(url: URL, wrong: (problem: string) => Error): PostgresAddress['ssl'] {
  for (const name of url.searchParams.keys()) {
    if (name !== 'sslmode' && name !== 'sslrootcert') throw wrong('sslmode, sslrootcert');
  }
  const given = url.searchParams.get('sslmode');
  if (given === null) return undefined;
  const mode = tlsModes.find((one) => one === given);
  if (!mode) throw wrong(`sslmode: ${tlsModes.join(' | ')}`);
  const file = url.searchParams.get('sslrootcert');
  return file === null ? { mode } : { mode, ca: certificates(file, wrong) };
}

function certificates(file: string, wrong: (problem: string) => Error): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw wrong('sslrootcert');
  }
}

export function serverName({ host, port, database }: PostgresAddress): string {
  return `${host}:${port}/${database}`;
}
