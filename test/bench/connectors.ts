/**
 * What each connector's source and sink make of the same rows, beside the tool that its database brings. Ratios, because
 * both run on the same machine within seconds; all that the engine does around a connector is measured by `chain`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFiles } from './connectors/files.js';
import { type Freight, makeFreight } from './connectors/freight.js';
import { openMysql } from './connectors/mysql.js';
import { openPostgres } from './connectors/postgres.js';
import { type Course, type RaceResult, runRace } from './connectors/race.js';
import { openSqlite } from './connectors/sqlite.js';
import { report } from './measure.js';
import { numberOption, say } from './options.js';

type OpenCourse = (freight: Freight, folder: string) => Promise<Course>;

const courses: Readonly<Record<string, OpenCourse>> = {
  postgres: openPostgres,
  mysql: openMysql,
  sqlite: openSqlite,
  files: openFiles,
};

const help = `用法:npm run bench -- connectors [--json] [--rows N] [--rounds N] [--only ${Object.keys(courses).join('|')}]
每个连接器的读、写、合并,与数据库自带工具相比。

usage: npm run bench -- connectors [--json] [--rows N] [--rounds N] [--only ${Object.keys(courses).join('|')}]
Reading, writing and merging by each connector, beside the tool its database brings.
Needs psql, mariadbd with its client and sqlite3 on the PATH.
`;

export async function run(options: readonly string[]): Promise<void> {
  if (options.includes('--help')) {
    process.stdout.write(help);
    return;
  }
  const rows = numberOption(options, 'rows', 300_000);
  const rounds = numberOption(options, 'rounds', 5);
  const only = options.includes('--only') ? options[options.indexOf('--only') + 1] : undefined;
  if (only !== undefined && !Object.hasOwn(courses, only))
    throw new Error(`--only ${only}: no such connector`);
  const folder = await mkdtemp(join(tmpdir(), 'qianzhi-bench-'));
  const connectors: RaceResult[] = [];
  try {
    say(`making ${rows} rows`);
    const freight = await makeFreight(folder, rows);
    for (const [type, open] of Object.entries(courses)) {
      if (only !== undefined && type !== only) continue;
      await using course = await open(freight, folder);
      for (const race of course.races) connectors.push(await runRace(race, rounds));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  report(options, { rows, rounds, connectors }, lines(connectors));
}

function lines(results: readonly RaceResult[]): string[] {
  const table = results.map(
    ({ type, format, direction, rowsPerSecond, peer, ratio, min, max, cpuMicrosPerRow }) => [
      [type, format].filter(Boolean).join(' '),
      direction,
      `${rowsPerSecond}`,
      `${peer.rowsPerSecond}`,
      `${ratio} (${min}–${max})`,
      `${cpuMicrosPerRow}`,
      peer.kind,
    ],
  );
  const all = [['connector', 'direction', 'rows/s', "peer's", 'ratio', 'CPU µs/row', 'peer'], ...table];
  const widths = all[0]!.map((_, at) => Math.max(...all.map((row) => row[at]!.length)));
  return all.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join('  ')
      .trimEnd(),
  );
}
