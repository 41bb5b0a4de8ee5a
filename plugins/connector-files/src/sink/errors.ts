import { defineErrors } from '@qianzhi/model';

/** Of targets. */
export const targetErrors = defineErrors('FILES', {
  LEDGER_CONFLICT: {
    kind: 'integrity',
    zh: {
      message: '{delivery} 的第 {seq} 批已以其他内容写入 {target}',
      hint: '查明其他内容的来源后,执行 qianzhi stream resume {resource}',
    },
    en: {
      message: 'batch {seq} of {delivery} was written to {target} before with other content',
      hint: 'find out where the other content came from, then run `qianzhi stream resume {resource}`',
    },
  },
  LEDGER_FORGOTTEN: {
    kind: 'integrity',
    zh: {
      message: '{target} 的台账不再保留第 {seq} 批',
      hint: '查明为何重送这样旧的批次后,执行 qianzhi stream resume {resource}',
    },
    en: {
      message: 'the ledger of {target} no longer holds batch {seq}',
      hint: 'find out why so old a batch comes again, then run `qianzhi stream resume {resource}`',
    },
  },
  LEDGER_DAMAGED: {
    kind: 'integrity',
    zh: {
      message: '台账文件 {path} 第 {line} 行无法读取',
      hint: '从备份恢复该文件,再执行 qianzhi stream resume',
    },
    en: {
      message: 'line {line} of ledger {path} cannot be read',
      hint: 'restore it from a backup, then run `qianzhi stream resume`',
    },
  },
  SNAPSHOT_BROKEN: {
    kind: 'integrity',
    zh: { message: '{target} 的全量不完整:{problem}', hint: '执行 qianzhi stream resume {resource}' },
    en: {
      message: 'the snapshot for {target} is not whole: {problem}',
      hint: 'run `qianzhi stream resume {resource}`',
    },
  },
  FILE_PART_GAP: {
    kind: 'integrity',
    zh: {
      message: '{target}:文件 {file} 的部分不接续已收到的部分',
      hint: '执行 qianzhi stream resume {resource}',
    },
    en: {
      message: '{target}: a part of file {file} does not follow what was received of it',
      hint: 'run `qianzhi stream resume {resource}`',
    },
  },
  FILE_DIFFERS: {
    kind: 'integrity',
    zh: {
      message: '{target}:收齐的文件 {file} 与其摘要不符,已弃置',
      hint: '检查磁盘后执行 qianzhi stream resume {resource},该文件重新接收;若仍不符,请提供方重送',
    },
    en: {
      message: '{target}: file {file} was received whole and is not what its digest says; it is discarded',
      hint: 'look at the disk, then run `qianzhi stream resume {resource}`: it is received anew; if it differs again let the provider send it again',
    },
  },
  TARGET_TAKEN: {
    kind: 'config',
    zh: {
      message: '{target} 已由 {supplier} 写入',
      hint: '换一个 name,或确认接替后设置 takeOver: true;再执行 qianzhi config validate',
    },
    en: {
      message: '{target} is written by {supplier}',
      hint: 'choose another `name`, or set `takeOver: true` to replace it; then run `qianzhi config validate`',
    },
  },
  TARGET_MISFIT: {
    kind: 'config',
    zh: {
      message: '{path} 说明的列与目录不符(信息项 {item}):{finding}',
      hint: '与接收方商定后移走该文件,下次写入按目录新建;再执行 qianzhi doctor',
    },
    en: {
      message: 'the columns described in {path} do not fit the catalog (item {item}): {finding}',
      hint: 'agree with whoever reads the files, then take it away: the next write makes it anew; then run `qianzhi doctor`',
    },
  },
  FOLDER_IN_WAY: {
    kind: 'unavailable',
    zh: {
      message: '{doing}:{path} 应为文件,该处却是同名文件夹',
      hint: '把该文件夹改名或移走,此后自动继续;立即继续:qianzhi job retry',
    },
    en: {
      message: '{doing}: a folder is at {path}, where a file of that name has to be',
      hint: 'rename that folder or take it away, and it goes on by itself; at once with `qianzhi job retry`',
    },
  },
});
