import { join } from 'node:path';
import { checkShape, isQianzhiError, throwIfCancelled } from '@qianzhi/model';
import type { DiscoverFilter, TableDescription } from '@qianzhi/plugin-api';
import { type FilesConfig, type FilesSource, SourceSchema } from './config.js';
import { describe, isDescription } from './folder/description.js';
import { isUnfinishedName } from './folder/glob.js';
import { namesIn, statsOf } from './folder/list.js';
import { guessTypes } from './formats/guess-types.js';
import { formatOf, openForReading, openTable } from './formats/open-table.js';

/** Files of known formats in the folder, each as a table, by name. Types are those the file or its description names, else guessed from its first rows. */
export async function discoverFiles(
  { path: folder }: FilesConfig,
  filter: DiscoverFilter,
  signal: AbortSignal,
): Promise<TableDescription[]> {
  if (filter.schema !== undefined && filter.schema !== '') return [];
  const spec: FilesSource = {
    ...checkShape(SourceSchema, { delimiter: 'auto' }, 'source'),
    pattern: '*',
  };
  const tables: TableDescription[] = [];
  for (const name of (await namesIn(folder)).sort()) {
    throwIfCancelled(signal, 'discover');
    if (filter.table !== undefined && filter.table !== name) continue;
    if (isUnfinishedName(name) || isDescription(name) || formatOf(name, {}) === undefined) continue;
    const path = join(folder, name);
    if (!(await statsOf(path))?.isFile()) continue;
    tables.push(await describeFile(path, name, spec, signal));
  }
  return tables;
}

async function describeFile(
  path: string,
  name: string,
  spec: FilesSource,
  signal: AbortSignal,
): Promise<TableDescription> {
  const shared = { schema: null, table: name, kind: 'file', rows: null } as const;
  try {
    const table = await openTable(await openForReading(path), path, name, spec, signal);
    try {
      const { columns, primaryKey } = await describe(path, table.columns);
      const guessed = await guessTypes(table, columns, signal);
      return { ...shared, comment: table.about, columns: guessed, primaryKey };
    } finally {
      await table.close();
    }
  } catch (error) {
    // one file that cannot be read must not hide all the others
    if (!isQianzhiError(error) || error.kind === 'cancelled') throw error;
    const comment = `${error.texts.zh.message} / ${error.texts.en.message}`;
    return { ...shared, comment, columns: [], primaryKey: [] };
  }
}
