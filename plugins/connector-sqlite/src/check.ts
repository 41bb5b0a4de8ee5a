import type { CheckReport } from '@qianzhi/plugin-api';
import type { SqliteConfig } from './config.js';
import { databasePath, inspectFile, isWritable, type SqliteDatabase } from './file/open-file.js';

type Note = CheckReport['notes'][number];

/** What was proven of an open file, and what a person should know. */
export function checkFile(db: SqliteDatabase | undefined, config: SqliteConfig): CheckReport {
  const path = databasePath(config);
  const notes: Note[] = [];
  const ok = (zh: string, en: string) => notes.push({ level: 'ok', zh, en });
  const warning = (zh: string, en: string) => notes.push({ level: 'warning', zh, en });
  if (!db) {
    ok('文件尚不存在,首次写入时新建', 'the file does not exist yet and is made with the first write');
    return { server: `SQLite ${path}`, version: 'none', notes };
  }
  const tables = db
    .prepare(`SELECT count(*) FROM sqlite_schema WHERE type IN ('table', 'view')`)
    .pluck()
    .get() as number;
  ok(`可读取,共 ${tables} 张表和视图`, `readable, ${tables} tables and views`);
  if (!config.readOnly) {
    if (isWritable(path)) ok('可写入', 'writable');
    else warning('文件不可写,只能作为来源', 'the file is not writable: it can only be a source');
  }
  if (inspectFile(config) === 'rollback') {
    warning(
      '日志模式为 rollback:其他程序读取时写入须等待(可用 PRAGMA journal_mode=WAL 改善)',
      'rollback journal: writers wait for readers (PRAGMA journal_mode=WAL avoids it)',
    );
  }
  const encoding = db.pragma('encoding', { simple: true });
  if (encoding !== 'UTF-8')
    warning(`文本编码为 ${encoding},读取较慢`, `text is ${encoding}: reading is slower`);
  return {
    server: `SQLite ${path}`,
    version: db.prepare('SELECT sqlite_version()').pluck().get() as string,
    notes,
  };
}
