import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seed } from '../seed.js';

/** What happened when; of a run that failed it becomes a file, with all that its processes said. */
export interface Diary {
  note(what: string): void;
  count(what: string): void;
  readonly counts: ReadonlyMap<string, number>;
  /** Answers where it is. */
  keep(processes: string): string;
}

export function startDiary(): Diary {
  const began = Date.now();
  const lines: string[] = [];
  const counts = new Map<string, number>();
  return {
    note: (what) => {
      lines.push(`${((Date.now() - began) / 1000).toFixed(2).padStart(8)} ${what}`);
    },
    count: (what) => {
      counts.set(what, (counts.get(what) ?? 0) + 1);
    },
    counts,
    keep(processes) {
      const file = join(tmpdir(), `qianzhi-chaos-${seed}.log`);
      writeFileSync(file, `QZ_FAULT_SEED=${seed}\n${lines.join('\n')}\n\n${processes}`);
      return file;
    },
  };
}
