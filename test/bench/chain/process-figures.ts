import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** CPU of a process, its threads included, in microseconds. Linux. */
export function cpuMicrosOf(pid: number): number {
  return statOf(pid).own;
}

/** CPU of a process and of all its descendants, ended ones included. */
export function cpuMicrosOfTree(pid: number): number {
  const all = new Map<number, Stat>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      all.set(Number(name), statOf(Number(name)));
    } catch {
      // it ended between listing and reading: its parent has the sum
    }
  }
  const sum = (of: number): number => {
    const children = [...all].filter(([, { parent }]) => parent === of);
    return children.reduce((total, [child]) => total + sum(child), all.get(of)!.own + all.get(of)!.ended);
  };
  return sum(pid);
}

/** The most memory a process ever held at a time, in MiB. */
export function peakRssMiBOf(pid: number): number {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!;
  return Number(kib) / 1024;
}

interface Stat {
  readonly parent: number;
  readonly own: number;
  /** Of children that have ended and were waited for. */
  readonly ended: number;
}

let microsPerTick: number | undefined;

function statOf(pid: number): Stat {
  microsPerTick ??= 1e6 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // the second field, a name in brackets, may hold anything
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const at = (field: number) => Number(fields[field - 3]);
  return { parent: at(4), own: (at(14) + at(15)) * microsPerTick, ended: (at(16) + at(17)) * microsPerTick };
}
