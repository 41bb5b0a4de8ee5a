/**
 * Lists and search as a person asks for them, over HTTP, of a platform whose catalog is in PostgreSQL: 500 departments, 50,000 resources,
 * 1 million items, 20,000 agreements unless told. Each kind of question so often, one after the other; p95 is to be at most 300 ms.
 */
import type { PlatformClient } from '@qianzhi/client';
import { personRoutes } from '@qianzhi/model';
import { createSite } from '../integration/site.js';
import { startPostgres } from '../services/postgres.js';
import { report } from './measure.js';
import { numberOption, rounded, say } from './options.js';
import { fill, type Size } from './platform/fill.js';

const TARGET_MS = 300;
const SCHEMA = 'bench';

type Ask = (round: number) => Promise<number>;

export async function run(options: readonly string[]): Promise<void> {
  const size: Size = {
    departments: numberOption(options, 'departments', 500),
    resources: numberOption(options, 'resources', 50_000),
    itemsEach: numberOption(options, 'items-each', 20),
    agreements: numberOption(options, 'agreements', 20_000),
  };
  const rounds = numberOption(options, 'rounds', 40);
  await using server = await startPostgres();
  const { hostname, port, username, password, pathname } = new URL(server.url);
  const database = {
    kind: 'postgres' as const,
    host: hostname,
    port: Number(port),
    user: username,
    password,
    database: pathname.slice(1),
    schema: SCHEMA,
  };
  const site = await createSite(() => ({ database }));
  try {
    await fill(server.url, SCHEMA, size, say);
    const person = await site.person('d1', 'consumer');
    const measured: Record<string, Measured> = {};
    for (const [name, ask] of Object.entries(questions(person, size))) {
      measured[name] = await measure(ask, rounds);
      say(`${name}: ${JSON.stringify(measured[name])}`);
    }
    const ok = Object.values(measured).every(({ p95Ms }) => p95Ms <= TARGET_MS);
    report(options, { size, rounds, targetMs: TARGET_MS, ok, measured }, [
      ...Object.entries(measured).map(
        ([name, one]) => `${name}: p50 ${one.p50Ms} ms, p95 ${one.p95Ms} ms, ${one.found} found`,
      ),
      ok ? 'all within 300 ms' : 'not all within 300 ms',
    ]);
  } finally {
    await site.close();
  }
}

function questions(person: PlatformClient, size: Size): Readonly<Record<string, Ask>> {
  const list = async (query: Parameters<typeof pageOf>[1]) => (await pageOf(person, query)).length;
  const somewhere = (round: number) => `r${String((round * 7919) % size.resources).padStart(6, '0')}`;
  return {
    page: (round) => list({ after: somewhere(round) }),
    department: (round) => list({ department: `d${round % size.departments}` }),
    filter: (round) => list({ attribute: 'basic', after: somewhere(round) }),
    commonWord: (round) => list({ text: '信息', after: somewhere(round) }),
    rareWord: () => list({ text: '养殖' }),
    twoWords: () => list({ text: '残疾人 许可' }),
    longWord: () => list({ text: '社会团体登记信息' }),
    commonButNowhere: () => list({ text: '息信' }),
    commonTogetherNowhere: () => list({ text: '团体代码证件类型' }),
    wordAndDepartment: (round) => list({ text: '登记', department: `d${round % size.departments}` }),
    oneCharacter: (round) => list({ text: '税', after: somewhere(round) }),
    entry: async (round) => {
      const code = somewhere(round);
      await person.call(personRoutes.showCatalog, { params: { code }, query: {} });
      return 1;
    },
    ownAgreements: async () =>
      (await person.call(personRoutes.listAgreements, { query: {} })).agreements.length,
  };
}

async function pageOf(
  person: PlatformClient,
  query: { text?: string; department?: string; attribute?: 'basic'; after?: string },
) {
  const { resources } = await person.call(personRoutes.listCatalog, { query: { ...query, limit: 50 } });
  return resources;
}

interface Measured {
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Of the last round. */
  readonly found: number;
}

async function measure(ask: Ask, rounds: number): Promise<Measured> {
  const times: number[] = [];
  let found = 0;
  for (let round = -3; round < rounds; round++) {
    const start = performance.now();
    found = await ask(Math.abs(round));
    if (round >= 0) times.push(performance.now() - start);
  }
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => rounded(sorted[Math.ceil(sorted.length * share) - 1]!);
  return { p50Ms: at(0.5), p95Ms: at(0.95), found };
}
