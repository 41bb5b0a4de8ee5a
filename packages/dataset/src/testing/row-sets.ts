import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CatalogResource } from '@qianzhi/model';
import { bytesDigest, compress } from '@qianzhi/rows';
import type { RowFile } from '../requests.js';

export interface TempFolder {
  readonly path: string;
  /** Writes lines (without LF) as one file. */
  write(lines: readonly string[], form?: 'zstd' | 'plain'): Promise<RowFile>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function tempFolder(): Promise<TempFolder> {
  const path = await mkdtemp(join(tmpdir(), 'qianzhi dataset [*] '));
  let files = 0;
  return {
    path,
    async write(lines, form = 'zstd') {
      const raw = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      const stored = form === 'zstd' ? await compress(raw) : raw;
      const file = join(path, `${++files} '?.rows`);
      await writeFile(file, stored);
      return { path: file, rows: lines.length, bytesDigest: bytesDigest(stored) };
    },
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true });
    },
  };
}

export async function readLines(files: readonly { path: string }[]): Promise<string[]> {
  const texts = await Promise.all(files.map((file) => readFile(file.path, 'utf8')));
  return texts.join('').split('\n').slice(0, -1);
}

export function resourceOf(fields: number, keyFields: readonly number[]): CatalogResource {
  const items = Array.from({ length: fields }, (_, index) => ({
    name: `item ${index}`,
    column: `c${index}`,
    type: 'C' as const,
    key: keyFields.includes(index),
  }));
  return {
    code: 'enterprise',
    name: 'enterprise',
    department: 'd',
    sharing: 'unconditional',
    items,
  } as unknown as CatalogResource;
}

/** A snapshot row of fields that are row text already. */
export function row(...fields: string[]): string {
  return ['S', ...fields].join('\t');
}
