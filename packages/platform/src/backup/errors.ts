import { defineErrors } from '@qianzhi/model';

/** Backups of the platform. */
export const backupErrors = defineErrors('PLATFORM', {
  BACKUP_NOTHING: {
    kind: 'not-found',
    zh: {
      message: '备份平台 {dataDir}:没有可备份的状态',
      hint: '以 qianzhi platform backup --config 文件 --to 文件夹 指明平台(表在 PostgreSQL 中时必须);从未启动过的平台没有可备份的状态',
    },
    en: {
      message: 'backing up the platform {dataDir}: there is no state',
      hint: 'name the platform with `qianzhi platform backup --config FILE --to FOLDER`, which one with its tables in PostgreSQL needs; one that never started has no state',
    },
  },
  BACKUP_FOLDER_TAKEN: {
    kind: 'conflict',
    zh: {
      message: '写入文件夹 {folder}:其中已有内容,未作改动',
      hint: '换一个新文件夹;确要写入这里时,先停止使用它的程序并移走原内容(mv {folder} {folder}.old),再执行同一命令',
    },
    en: {
      message: 'writing the folder {folder}: it is not empty and was left as it is',
      hint: 'name a new folder; if it must be this one, stop the program that uses it, move it away (mv {folder} {folder}.old) and run the command again',
    },
  },
  BACKUP_UNSTABLE: {
    kind: 'unavailable',
    zh: { message: '备份平台:文件 {file} 一再被清理', hint: '稍后再试;或先停止平台再备份' },
    en: {
      message: 'backing up the platform: {file} was cleaned away again and again meanwhile',
      hint: 'try again later, or stop the platform first',
    },
  },
  BACKUP_BROKEN: {
    kind: 'integrity',
    zh: {
      message: '备份 {folder} 不完整或已损坏:{file}({problem})',
      hint: '未作任何还原;改用另一份备份',
    },
    en: {
      message: 'the backup {folder} is incomplete or damaged: {file} ({problem})',
      hint: 'nothing was restored; use another backup',
    },
  },
  RESTORE_DATABASE_TAKEN: {
    kind: 'conflict',
    zh: {
      message: '还原到模式 {schema}:其中已有平台的表,未作改动',
      hint: '换用其他模式(database.schema),或由数据库管理员删除该模式后重试',
    },
    en: {
      message: 'restoring into schema {schema}: it holds a platform already and was left as it is',
      hint: 'use another schema (database.schema), or have that one dropped, and try again',
    },
  },
});
