import { join } from 'node:path';
import { throwIfCancelled } from '@qianzhi/model';
import type { CheckNote, CheckReport } from '@qianzhi/plugin-api';
import type { FilesConfig } from './config.js';
import { isDescription } from './folder/description.js';
import { isUnfinishedName } from './folder/glob.js';
import { mayChange, mayReadFile, namesIn, statsOf } from './folder/list.js';
import { formatOf, openForReading } from './formats/open-table.js';
import { encodingOf } from './text/encoding.js';

/** So many files are looked into. */
const MOST_LOOKED_AT = 20;

/** What was proven of the folder: readable, writable, which files it holds and in which encoding. Nothing is written. */
export async function checkFolder(
  { path: folder, readOnly }: FilesConfig,
  signal: AbortSignal,
): Promise<CheckReport> {
  const notes: CheckNote[] = [];
  const ok = (zh: string, en: string) => notes.push({ level: 'ok', zh, en });
  const warning = (zh: string, en: string) => notes.push({ level: 'warning', zh, en });
  const names = await namesIn(folder);
  const files = names.filter(
    (name) => !isUnfinishedName(name) && !isDescription(name) && formatOf(name, {}) !== undefined,
  );
  ok(
    `文件夹可读,有 ${files.length} 个可识别的文件`,
    `the folder can be read and holds ${files.length} files of known formats`,
  );
  if (!readOnly) {
    if (await mayChange(folder)) ok('可写入、移动、删除', 'files can be written, moved and deleted');
    else
      warning(
        '无权写入:只能读取,不能移动已读文件,也不能作为目标',
        'no right to write: files can be read, but neither moved nor written',
      );
  }
  const unreadable: string[] = [];
  const encodings = new Map<string, number>();
  for (const name of files.slice(-MOST_LOOKED_AT)) {
    throwIfCancelled(signal, 'check');
    const path = join(folder, name);
    if (!(await statsOf(path))?.isFile()) continue;
    if (!(await mayReadFile(path))) unreadable.push(name);
    else if (['csv', 'tsv', 'jsonl'].includes(formatOf(name, {})!)) {
      await using file = await openForReading(path);
      const { encoding } = await encodingOf(file, 'auto', signal);
      encodings.set(encoding, (encodings.get(encoding) ?? 0) + 1);
    }
  }
  if (unreadable.length > 0) {
    warning(`无权读取:${unreadable.join('、')}`, `no right to read: ${unreadable.join(', ')}`);
  }
  for (const [encoding, count] of encodings) {
    ok(`${count} 个文本文件看来是 ${encoding}`, `${count} text files look like ${encoding}`);
  }
  return { server: `folder ${folder}`, version: process.platform, notes };
}
