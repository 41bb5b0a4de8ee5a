import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seed } from '../seed.js';

/** What happened when, in a file from the beginning: a run that hangs can be looked at. */
export interface Diary {
  readonly file: string;
  note(what: string): void;
  count(what: string): void;
  readonly counts: ReadonlyMap<string, number>;
  /** Nobody has to look. */
  forget(): void;
}

export function startDiary(): Diary {
  const began = Date.now();
  const counts = new Map<string, number>();
  const file = join(tmpdir(), `qianzhi-chaos-${seed}.log`);
  writeFileSync(file, `QZ_FAULT_SEED=${seed}\n`);
  return {
    file,
    note: (what) => {
      const seconds = ((Date.now() - began) / 1000).toFixed(2).padStart(8);
      appendFileSync(file, `${seconds} ${what}\n`);
    },
    count: (what) => {
      counts.set(what, (counts.get(what) ?? 0) + 1);
    },
    counts,
    forget: () => rmSync(file),
  };
}
