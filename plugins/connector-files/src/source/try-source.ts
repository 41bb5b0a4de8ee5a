import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { actText } from '@qianzhi/model';
import type { CheckNote, PluginContext, SourceSpec } from '@qianzhi/plugin-api';
import { waitingFiles } from '../attachments/waiting.js';
import type { FilesConfig } from '../config.js';
import { filesErrors } from '../errors.js';
import { listFiles, mayChange, mayReadFile, nothingComplete, statsOf } from '../folder/list.js';
import { openProven, openTable } from '../formats/open-table.js';
import { stateOf } from './checkpoint.js';
import type { Reading } from './reading.js';
import { readingOf } from './source.js';

/** What the doctor says of a source that opens: names that fit nothing, files that never get complete, rights, how the newest file is read. */
export async function trySource(
  config: FilesConfig,
  source: SourceSpec,
  context: PluginContext,
  signal: AbortSignal,
): Promise<readonly CheckNote[]> {
  const reading = readingOf(config, source, context, signal);
  const { spec, folder, watched, strategy } = reading;
  const notes: CheckNote[] = [];
  const warn = (error: ReturnType<typeof filesErrors.NO_FILE>) =>
    notes.push({ level: 'warning', zh: error.texts.zh.message, en: error.texts.en.message, error });
  const files = await listFiles(watched);
  const complete = files.filter((file) => file.complete);
  if (files.length === 0) warn(filesErrors.NO_FILE({ folder, pattern: spec.pattern }));
  else if (complete.length === 0) warn(nothingComplete(watched, files));
  const newest = complete.at(-1);
  if (strategy === 'files') {
    const inner = await foldersIn(folder, spec.doneFolder);
    if (inner.length > 0) {
      const names = inner.slice(0, MOST_NAMED).join(', ');
      warn(filesErrors.SUBFOLDERS({ folder, folders: inner.length, names }));
    }
    const refused = await refusedFiles(reading, signal);
    if (refused.length > 0) {
      warn(
        filesErrors.FILES_REFUSED({
          folder,
          files: refused.length,
          names: refused.slice(0, MOST_NAMED).join(', '),
        }),
      );
    }
  } else if (newest) {
    if (!(await mayReadFile(newest.path)))
      throw filesErrors.NO_PERMISSION({ doing: actText('read'), path: newest.path });
    const { handle } = await openProven(newest, signal);
    const table = await openTable(handle, newest.path, newest.name, spec, signal);
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
    if (!(await mayChange(each))) warn(filesErrors.NO_PERMISSION({ doing: actText(spec.done), path: each }));
  }
  return notes;
}

const MOST_NAMED = 10;

async function foldersIn(folder: string, doneFolder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return names.filter((name) => name !== doneFolder && !name.startsWith('.')).sort();
}

/** Names of waiting files that are passed over, each with the reason. */
async function refusedFiles(reading: Reading, signal: AbortSignal): Promise<readonly string[]> {
  const { resource } = reading;
  await waitingFiles(reading, stateOf(undefined, 'files', resource.code), signal);
  return [...reading.notices.values()].map(({ details }) => `${details.file} (${details.reason})`);
}
