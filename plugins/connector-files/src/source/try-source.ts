import { join } from 'node:path';
import type { CheckNote, PluginContext, SourceSpec } from '@qianzhi/plugin-api';
import type { FilesConfig } from '../config.js';
import { filesErrors } from '../errors.js';
import { listFiles, mayChange, mayReadFile, statsOf } from '../folder/list.js';
import { openForReading, openTable } from '../formats/open-table.js';
import { readingOf } from './source.js';

/** What the doctor says of a source that opens: names that fit nothing, files that never get complete, rights, how the newest file is read. */
export async function trySource(
  config: FilesConfig,
  source: SourceSpec,
  context: PluginContext,
  signal: AbortSignal,
): Promise<readonly CheckNote[]> {
  const { spec, folder, watched } = readingOf(config, source, context, signal);
  const notes: CheckNote[] = [];
  const warn = (error: ReturnType<typeof filesErrors.NO_FILE>) =>
    notes.push({ level: 'warning', zh: error.texts.zh.message, en: error.texts.en.message, error });
  const files = await listFiles(watched);
  const complete = files.filter((file) => file.complete);
  if (files.length === 0) warn(filesErrors.NO_FILE({ folder, pattern: spec.pattern }));
  else if (complete.length === 0) warn(filesErrors.NOTHING_COMPLETE({ folder, files: files.length }));
  const newest = complete.at(-1);
  if (newest) {
    if (!(await mayReadFile(newest.path)))
      throw filesErrors.NO_PERMISSION({ doing: 'read', path: newest.path });
    const table = await openTable(await openForReading(newest.path), newest.path, newest.name, spec, signal);
    const columns = table.columns.map(({ name }) => name).join(', ');
    await table.close();
    notes.push({
      level: 'ok',
      zh: `${newest.name}:${table.about};列 ${columns}`,
      en: `${newest.name}: ${table.about}; columns ${columns}`,
    });
  }
  const aside = join(folder, spec.doneFolder);
  const changes =
    spec.done === 'keep' ? [] : spec.done === 'move' && (await statsOf(aside)) ? [folder, aside] : [folder];
  for (const each of changes) {
    if (!(await mayChange(each))) warn(filesErrors.NO_PERMISSION({ doing: spec.done, path: each }));
  }
  return notes;
}
