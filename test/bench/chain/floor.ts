import { spawn } from 'node:child_process';
import { once } from 'node:events';
import pg from 'pg';
import { pipeCopy } from './copy.js';
import type { Databases } from './databases.js';

export type FloorKind = 'psql' | 'node';

/** `psql` where it is found, else one Node process that pipes COPY into COPY. */
export async function floorKind(): Promise<FloorKind> {
  try {
    const [code] = await once(spawn('psql', ['--version'], { stdio: 'ignore' }), 'exit');
    return code === 0 ? 'psql' : 'node';
  } catch {
    return 'node'; // there is no such program
  }
}

/** Copies the source's table in text into a table that is there. Answers seconds. */
export async function runFloor(kind: FloorKind, databases: Databases, table: string): Promise<number> {
  const start = performance.now();
  await (kind === 'psql' ? byPsql(databases, table) : byNode(databases, table));
  return (performance.now() - start) / 1000;
}

const out = 'COPY enterprise TO STDOUT';
const into = (table: string) => `COPY ${table} FROM STDIN`;

async function byPsql({ sourceUrl, targetUrl }: Databases, table: string): Promise<void> {
  // the pipe is the system's, as a shell makes it: no byte passes through this process
  const pipe = 'set -o pipefail; psql -qX "$1" -c "$2" | psql -qX -v ON_ERROR_STOP=1 "$3" -c "$4"';
  const child = spawn('bash', ['-c', pipe, 'floor', sourceUrl, out, targetUrl, into(table)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`psql ended with ${code}`);
}

async function byNode({ sourceUrl, targetUrl }: Databases, table: string): Promise<void> {
  const [source, target] = [new pg.Client(sourceUrl), new pg.Client(targetUrl)];
  try {
    await Promise.all([source.connect(), target.connect()]);
    await pipeCopy(source, out, target, into(table));
  } finally {
    await Promise.all([source.end(), target.end()]);
  }
}
