import { performance } from 'node:perf_hooks';
import { median, rounded, say } from '../options.js';

/** `read`: a full copy out. `write`: a snapshot into an empty table or a new file. `merge`: changed rows into a full table. */
export type Direction = 'read' | 'write' | 'merge';

/** One direction of one connector and the native tool that does the same. */
export interface Race {
  /** The connector's type. */
  readonly type: string;
  /** Form of the files. */
  readonly format?: string;
  readonly direction: Direction;
  readonly peer: string;
  /** Rows that each run moves. */
  readonly rows: number;
  /** Before each run, outside its time. */
  prepare?(): Promise<void>;
  ours(): Promise<void>;
  theirs(): Promise<void>;
}

/** The races over one database or folder. */
export interface Course extends AsyncDisposable {
  readonly races: readonly Race[];
}

export interface RaceResult {
  readonly type: string;
  readonly format?: string;
  readonly direction: Direction;
  /** Median. */
  readonly rowsPerSecond: number;
  readonly peer: { readonly kind: string; readonly rowsPerSecond: number };
  /** Ours of the peer's: median of the rounds, each of which ran both; the lowest and the highest of them. */
  readonly ratio: number;
  readonly min: number;
  readonly max: number;
  /** CPU of our process a row, the server's not in it. */
  readonly cpuMicrosPerRow: number;
}

interface Run {
  readonly seconds: number;
  readonly cpuMicros: number;
}

const runners = ['ours', 'theirs'] as const;

/** Both in every round, in turns first, after a round that only warms up. */
export async function runRace(race: Race, rounds: number): Promise<RaceResult> {
  const name = [race.type, race.format, race.direction].filter(Boolean).join(' ');
  const measured: Record<(typeof runners)[number], Run[]> = { ours: [], theirs: [] };
  for (let round = 0; round <= rounds; round++) {
    for (const of of round % 2 === 0 ? runners : runners.toReversed()) {
      await race.prepare?.();
      const run = await timed(race[of]);
      say(`${name} ${round === 0 ? 'warm-up' : `round ${round}`} ${of}: ${speed(race.rows, run)} rows/s`);
      if (round > 0) measured[of].push(run);
    }
  }
  const ratios = measured.ours.map((run, at) => measured.theirs[at]!.seconds / run.seconds);
  const medianOf = (of: (typeof runners)[number]) => median(measured[of].map((run) => speed(race.rows, run)));
  return {
    type: race.type,
    ...(race.format !== undefined && { format: race.format }),
    direction: race.direction,
    rowsPerSecond: medianOf('ours'),
    peer: { kind: race.peer, rowsPerSecond: medianOf('theirs') },
    ratio: rounded(median(ratios)),
    min: rounded(Math.min(...ratios)),
    max: rounded(Math.max(...ratios)),
    cpuMicrosPerRow: rounded(median(measured.ours.map(({ cpuMicros }) => cpuMicros)) / race.rows),
  };
}

async function timed(work: () => Promise<void>): Promise<Run> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { seconds, cpuMicros: user + system };
}

function speed(rows: number, { seconds }: Run): number {
  return Math.round(rows / seconds);
}
