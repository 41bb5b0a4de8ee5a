/**
 * One department's table into another's, through provider, platform and consumer as processes, against the floor: COPY
 * piped into COPY. Medians over rounds in rotating order, after a warm-up; every round is compared row for row.
 */
import { fileURLToPath } from 'node:url';
import { type ChainRig, createChainRig, type PerRole, perRole } from './chain/chain-rig.js';
import { openDatabases } from './chain/databases.js';
import { type FloorKind, floorKind, runFloor } from './chain/floor.js';
import { cpuMicrosOfTree } from './chain/process-figures.js';
import { report } from './measure.js';
import { median, numberOption, rounded, say } from './options.js';

interface Result {
  readonly floor: { readonly kind: FloorKind; readonly rowsPerSecond: number };
  readonly chain: {
    readonly rowsPerSecond: number;
    readonly ratio: number;
    readonly cpuMicrosPerRow: PerRole;
    readonly peakRssMiB: PerRole;
  };
  /** The same chain without validation and digests: see unchecked/. */
  readonly unchecked: { readonly rowsPerSecond: number; readonly ratio: number };
}

interface Round {
  readonly seconds: number;
  readonly cpuMicros?: PerRole;
  readonly databaseCpuMicros: number;
}

const contenders = ['floor', 'chain', 'unchecked'] as const;
type Contender = (typeof contenders)[number];

export async function run(options: readonly string[]): Promise<void> {
  const rows = numberOption(options, 'rows', 2_000_000);
  const rounds = numberOption(options, 'rounds', 5);
  const kind = await floorKind();
  await using databases = await openDatabases(rows, say);
  const names = (of: Contender) => Array.from({ length: rounds + 1 }, (_, round) => `${of}_${round}`);
  const rigs: ChainRig[] = [];
  try {
    const open = async (of: Contender, env: Readonly<Record<string, string>>) => {
      const rig = await createChainRig(databases, { resources: names(of), env });
      rigs.push(rig);
      return rig;
    };
    const unchecked = fileURLToPath(new URL('./unchecked/unchecked.js', import.meta.url));
    const rigOf = {
      chain: await open('chain', {}),
      unchecked: await open('unchecked', { NODE_OPTIONS: `--import=${unchecked}` }),
    };
    const oneRound = async (of: Contender, round: number): Promise<Round> => {
      const table = `${of}_${round}`;
      await databases.makeTable(table);
      const before = cpuMicrosOfTree(databases.server.pid()!);
      const moved =
        of === 'floor' ? { seconds: await runFloor(kind, databases, table) } : await rigOf[of].move(table);
      const databaseCpuMicros = cpuMicrosOfTree(databases.server.pid()!) - before;
      await databases.verify(table);
      await databases.target.query(`DROP TABLE ${table}`);
      return { ...moved, databaseCpuMicros };
    };
    const measured: Record<Contender, Round[]> = { floor: [], chain: [], unchecked: [] };
    for (let round = 0; round <= rounds; round++) {
      for (let turn = 0; turn < contenders.length; turn++) {
        const of = contenders[(round + turn) % contenders.length]!;
        const one = await oneRound(of, round);
        say(`${round === 0 ? 'warm-up' : `round ${round}`} ${of}: ${told(one, rows)}`);
        if (round > 0) measured[of].push(one);
      }
    }
    const speed = (of: Contender) => Math.round(rows / median(measured[of].map(({ seconds }) => seconds)));
    const ratio = (of: Contender) => rounded(speed(of) / speed('floor'));
    const cpuMicrosPerRow = perRole((role) =>
      rounded(median(measured.chain.map(({ cpuMicros }) => cpuMicros![role])) / rows),
    );
    const peak = rigOf.chain.peakRssMiB();
    const result: Result = {
      floor: { kind, rowsPerSecond: speed('floor') },
      chain: {
        rowsPerSecond: speed('chain'),
        ratio: ratio('chain'),
        cpuMicrosPerRow,
        peakRssMiB: perRole((role) => Math.round(peak[role])),
      },
      unchecked: { rowsPerSecond: speed('unchecked'), ratio: ratio('unchecked') },
    };
    report(options, result, lines(result));
  } finally {
    for (const rig of rigs) await rig.close();
  }
}

function told({ seconds, cpuMicros, databaseCpuMicros }: Round, rows: number): string {
  const cpu = { ...cpuMicros, database: databaseCpuMicros };
  const figures = Object.entries(cpu).map(([name, micros]) => `${name} ${(micros / rows).toFixed(2)}`);
  return `${Math.round(rows / seconds)} rows/s; CPU µs per row: ${figures.join(', ')}`;
}

function lines({ floor, chain, unchecked }: Result): string[] {
  const perRole = (figures: PerRole) =>
    Object.entries(figures)
      .map(([role, figure]) => `${role} ${figure}`)
      .join(', ');
  return [
    `floor      ${floor.rowsPerSecond} rows/s (${floor.kind})`,
    `chain      ${chain.rowsPerSecond} rows/s, ${chain.ratio} of the floor`,
    `unchecked  ${unchecked.rowsPerSecond} rows/s, ${unchecked.ratio} of the floor`,
    `CPU µs per row: ${perRole(chain.cpuMicrosPerRow)}`,
    `peak RSS MiB: ${perRole(chain.peakRssMiB)}`,
  ];
}
