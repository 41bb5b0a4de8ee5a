import { defineErrors } from '@qianzhi/model';

/** Backups of the state folder. */
export const backupErrors = defineErrors('ENGINE', {
  NOTHING_TO_BACK_UP: {
    kind: 'not-found',
    zh: {
      message: '备份状态文件夹 {folder}:其中没有状态数据库',
      hint: '以 --config 指明前置机的配置;从未启动过的前置机没有可备份的状态',
    },
    en: {
      message: 'backing up the state folder {folder}: there is no state database in it',
      hint: 'name the agent’s config with --config; an agent that never started has no state',
    },
  },
  FOLDER_NOT_EMPTY: {
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
    zh: {
      message: '备份状态文件夹 {folder}:备份期间文件 {file} 一再被清理',
      hint: '稍后再试;或先停止前置机再备份',
    },
    en: {
      message: 'backing up the state folder {folder}: {file} was cleaned away again and again meanwhile',
      hint: 'try again later, or stop the agent first',
    },
  },
  BACKUP_BROKEN: {
    kind: 'integrity',
    zh: { message: '备份 {folder} 不完整或已损坏:{file}({problem})', hint: '未作任何还原;改用另一份备份' },
    en: {
      message: 'the backup {folder} is incomplete or damaged: {file} ({problem})',
      hint: 'nothing was restored; use another backup',
    },
  },
});
