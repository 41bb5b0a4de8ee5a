import { describeWithMysql, describeWithPostgres } from '@qianzhi/testing';
import { afterAll, beforeAll, describe, inject } from 'vitest';
import { openFiles } from './sites/files.js';
import { openMariadb } from './sites/mariadb.js';
import { openParquet } from './sites/parquet.js';
import { openPostgres } from './sites/postgres.js';
import type { PairSite } from './sites/site.js';
import { openSqlite } from './sites/sqlite.js';

type Opener = () => Promise<PairSite>;

const sites = {
  postgres: () => openPostgres(inject('postgresUrl')!),
  mariadb: () => openMariadb(inject('mysqlUrl')!),
  sqlite: openSqlite,
  csv: () => openFiles('csv'),
  jsonl: () => openFiles('jsonl'),
  parquet: openParquet,
} as const satisfies Readonly<Record<string, Opener>>;
type SiteName = keyof typeof sites;

const sources: readonly SiteName[] = ['postgres', 'mariadb', 'sqlite', 'csv', 'jsonl', 'parquet'];
const targets: readonly SiteName[] = ['postgres', 'mariadb', 'sqlite', 'csv', 'jsonl'];

export interface Pair {
  readonly from: () => PairSite;
  readonly to: () => PairSite;
  readonly names: readonly [SiteName, SiteName];
}

type Which = (from: number, to: number) => boolean;

/** Every database as a source twice and as a target twice, for what one end cannot know of the other. */
export const ring: Which = (from, to) => (to - from + targets.length) % targets.length < 2;

/** A suite over every ordered pair whose servers are there; each site is opened once, and both ends may be the same one. */
export function describePairs(name: string, suite: (pair: Pair) => void, which: Which = () => true): void {
  describe(name, () => {
    const open = new Map<SiteName, PairSite>();
    beforeAll(async () => {
      for (const [site, opener] of Object.entries(sites) as [SiteName, Opener][]) {
        if (isThere(site)) open.set(site, await opener());
      }
    });
    afterAll(async () => {
      for (const site of open.values()) await site[Symbol.asyncDispose]();
    });
    for (const [i, from] of sources.entries()) {
      for (const [j, to] of targets.entries()) {
        if (!which(i, j)) continue;
        const pair: Pair = { names: [from, to], from: () => open.get(from)!, to: () => open.get(to)! };
        onServersOf([from, to], `${from} → ${to}`, () => suite(pair));
      }
    }
  });
}

function isThere(site: SiteName): boolean {
  if (site === 'postgres') return inject('postgresUrl') !== null;
  return site !== 'mariadb' || inject('mysqlUrl') !== null;
}

/** Skipped aloud where a server is missing. */
function onServersOf(names: readonly SiteName[], name: string, suite: () => void): void {
  if (names.includes('postgres') && !isThere('postgres')) describeWithPostgres(name, suite);
  else if (names.includes('mariadb') && !isThere('mariadb')) describeWithMysql(name, suite);
  else describe(name, suite);
}

let tables = 0;

/** A name that no other table of the run has. */
export function nextName(): string {
  return `t${++tables}`;
}
