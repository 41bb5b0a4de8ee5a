import type { CatalogResource } from '@qianzhi/model';
import type { PluginContext, SourceNotice } from '@qianzhi/plugin-api';
import type { FilesSource } from '../config.js';
import type { Watched } from '../folder/list.js';
import type { ReadFile } from './checkpoint.js';

/** Everything a source is opened with. */
export interface Reading {
  readonly spec: FilesSource;
  readonly strategy: 'snapshot' | 'change-table' | 'files';
  readonly resource: CatalogResource;
  readonly folder: string;
  readonly watched: Watched;
  readonly zone: string;
  readonly context: PluginContext;
  readonly notices: Map<string, SourceNotice>;
  readonly settled: Settled;
}

/** Files (see `settledKey`) that `confirm` is done with, so that it need not look at each of them again after every receipt. */
export interface Settled {
  /** Not in the folder any more as they were read. */
  readonly aside: Set<string>;
  readonly acknowledged: Set<string>;
}

/** A number alone may be another file's, where a stream begins again. */
export function settledKey({ n, identity, name }: Pick<ReadFile, 'n' | 'identity' | 'name'>): string {
  return `${n} ${identity} ${name}`;
}

/** Adds to what is alarmed at the end of a run, by code and file. */
export function note(
  { notices }: Reading,
  code: string,
  rows: number,
  details: Readonly<Record<string, string | number>>,
): void {
  const key = `${code} ${details.file ?? ''}`;
  notices.set(key, { code, rows: (notices.get(key)?.rows ?? 0) + rows, details });
}

const MOST_LINES = 20;

/** Numbers of refused lines of one file, the first ones by name. */
export function refusedLines(reading: Reading, file: string): (line: number) => void {
  const lines: number[] = [];
  return (line) => {
    if (lines.length < MOST_LINES) lines.push(line);
    note(reading, 'files-refused-lines', 1, { file, lines: lines.join(', ') });
  };
}
