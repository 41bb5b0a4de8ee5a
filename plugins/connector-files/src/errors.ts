import { defineErrors } from '@qianzhi/model';
import { targetErrors } from './sink/errors.js';

/** Of folders and sources; targets' are in sink/errors.ts. Details name files, columns, line numbers and counts; never a row value. */
const sourceErrors = defineErrors('FILES', {
  FOLDER_MISSING: {
    kind: 'config',
    zh: {
      message: '文件夹 {folder} 不存在,或不是文件夹',
      hint: '核对配置中的 folder,或先建立该文件夹;再执行 qianzhi doctor',
    },
    en: {
      message: 'folder {folder} does not exist or is no folder',
      hint: 'check `folder` in the config or make the folder; then run `qianzhi doctor`',
    },
  },
  MISSING: {
    kind: 'unavailable',
    zh: { message: '{doing}:{path} 已不存在', hint: '自动重试;若一再发生,请执行 qianzhi doctor' },
    en: { message: '{doing}: {path} is gone', hint: 'it is tried again; if it stays run `qianzhi doctor`' },
  },
  NO_PERMISSION: {
    kind: 'config',
    zh: {
      message: '{doing}:对 {path} 的权限不足',
      hint: '授予运行前置机的系统用户对该文件夹及其文件的权限,再执行 qianzhi doctor',
    },
    en: {
      message: '{doing}: permission denied on {path}',
      hint: 'grant the system user of the agent access to the folder and its files, then run `qianzhi doctor`',
    },
  },
  DISK_FULL: {
    kind: 'unavailable',
    zh: {
      message: '{doing}:{path} 所在磁盘写不下了({reason})',
      hint: '腾出空间后自动继续;可执行 qianzhi doctor 核对',
    },
    en: {
      message: '{doing}: no room for {path} ({reason})',
      hint: 'it goes on by itself when there is room; `qianzhi doctor` tells',
    },
  },
  DISK: {
    kind: 'unavailable',
    zh: {
      message: '{doing}:访问 {path} 失败({reason})',
      hint: '检查磁盘或网络盘;自动重试,仍失败请执行 qianzhi doctor',
    },
    en: {
      message: '{doing}: access to {path} failed ({reason})',
      hint: 'look at the disk or network share; it is tried again, if it stays run `qianzhi doctor`',
    },
  },
  READ_ONLY: {
    kind: 'config',
    zh: {
      message: '连接设为 readOnly,不能{what}',
      hint: '去掉 readOnly,或将 done 设为 keep;再执行 qianzhi config validate',
    },
    en: {
      message: 'the connection is `readOnly` and cannot {what}',
      hint: 'take `readOnly` away or set `done: keep`; then run `qianzhi config validate`',
    },
  },
  OPTIONS_CONTRADICT: {
    kind: 'config',
    zh: { message: '配置自相矛盾:{problem}', hint: '改正后执行 qianzhi config validate' },
    en: {
      message: 'the config contradicts itself: {problem}',
      hint: 'correct it, then run `qianzhi config validate`',
    },
  },
  NOT_SUPPORTED: {
    kind: 'config',
    zh: { message: '文件连接器没有 {what}', hint: '改用 {known};再执行 qianzhi config validate' },
    en: { message: 'connector files has no {what}', hint: 'use {known}; then run `qianzhi config validate`' },
  },
  NO_FILE: {
    kind: 'unavailable',
    zh: {
      message: '文件夹 {folder} 中没有写完的、符合 {pattern} 的文件',
      hint: '等文件到来,自动重试;若应已到,执行 qianzhi doctor 核对文件名与完整标志',
    },
    en: {
      message: 'folder {folder} holds no complete file that fits {pattern}',
      hint: 'it is tried again until one comes; if one should be there `qianzhi doctor` looks at names and completeness',
    },
  },
  FILES_REFUSED: {
    kind: 'data',
    zh: {
      message: '文件夹 {folder} 中有 {files} 个文件不能上送:{names}',
      hint: '按规则改名、拆小或移走(文件名规则见连接器说明);再执行 qianzhi doctor',
    },
    en: {
      message: 'folder {folder} holds {files} files that are not carried: {names}',
      hint: 'rename them, make them smaller or take them away (the connector’s README tells the rules); then run `qianzhi doctor`',
    },
  },
  SUBFOLDERS: {
    kind: 'data',
    zh: {
      message: '文件夹 {folder} 中的 {folders} 个子文件夹不上送:{names}',
      hint: '要上送的,把文件移到 {folder} 本身,或为每个子文件夹各配一个作业;再执行 qianzhi doctor',
    },
    en: {
      message: 'folder {folder} has {folders} folders in it, which are not carried: {names}',
      hint: 'move files that are wanted into {folder} itself, or give each of these an exchange of its own; then run `qianzhi doctor`',
    },
  },
  NOTHING_COMPLETE: {
    kind: 'unavailable',
    zh: {
      message: '文件夹 {folder} 中有 {files} 个符合的文件,都还不算写完:{awaited}',
      hint: '到时再执行同一命令,作业会自动重试;若总等不到,核对 complete 的秒数或标志文件后执行 qianzhi doctor',
    },
    en: {
      message: 'folder {folder} holds {files} files that fit, none of them complete: {awaited}',
      hint: 'run the command again then; a job is tried again by itself. If it never comes, check seconds or marker of `complete` and run `qianzhi doctor`',
    },
  },
  CHANGED_WHILE_READ: {
    kind: 'unavailable',
    zh: {
      message: '文件 {path} 在读取时被改动',
      hint: '自动从头重读;请让对方先写临时名再改名,或加大 complete 的秒数,再执行 qianzhi config validate',
    },
    en: {
      message: 'file {path} was changed while it was read',
      hint: 'it is read again from its beginning; let the supplier write under another name and rename, or raise the seconds of `complete`, then run `qianzhi config validate`',
    },
  },
  MANIFEST_MISMATCH: {
    kind: 'unavailable',
    zh: {
      message: '文件 {path} 与清单 {manifest} 不符:清单为 {declared},实为 {found};该文件未读取',
      hint: '若仍在传送,传完自动继续;否则请对方重送该文件或清单,再执行 qianzhi doctor',
    },
    en: {
      message:
        'file {path} is not what manifest {manifest} says: it says {declared}, the file has {found}; nothing of it was read',
      hint: 'if it is still being copied it goes on by itself; else let the supplier send file or manifest again, then run `qianzhi doctor`',
    },
  },
  MANIFEST_BROKEN: {
    kind: 'unavailable',
    zh: {
      message: '清单 {path} 读不懂:须为 JSON,给出 file、bytes、sha256,或其列表 files',
      hint: '若仍在传送,传完自动继续;否则请对方重送或移走它,再执行 qianzhi doctor',
    },
    en: {
      message:
        'manifest {path} cannot be read: JSON with `file`, `bytes`, `sha256`, or a list of them as `files`',
      hint: 'if it is still being copied it goes on by itself; else let the supplier send it again or take it away, then run `qianzhi doctor`',
    },
  },
  TOO_MANY_FILES: {
    kind: 'config',
    zh: {
      message: '文件夹 {folder} 中有 {files} 个文件,超过 {most} 个,无法逐个记住',
      hint: '设置 done: move 或 delete,或清理已读文件;再执行 qianzhi config validate',
    },
    en: {
      message: 'folder {folder} holds {files} files, more than the {most} that are remembered one by one',
      hint: 'set `done: move` or `delete`, or clear away what was read; then run `qianzhi config validate`',
    },
  },
  FORMAT_UNKNOWN: {
    kind: 'config',
    zh: {
      message: '从文件名 {name} 看不出格式',
      hint: '在 source 中写明 format;再执行 qianzhi config validate',
    },
    en: {
      message: 'the format of {name} cannot be told from its name',
      hint: 'set `format` in the source; then run `qianzhi config validate`',
    },
  },
  HEADER_MISSING: {
    kind: 'config',
    zh: {
      message: '文件 {path} 没有列名行',
      hint: '没有列名的文件请设 header: false 并按位置写 columns;再执行 qianzhi config validate',
    },
    en: {
      message: 'file {path} has no line of column names',
      hint: 'for a file without one set `header: false` and name columns by position; then run `qianzhi config validate`',
    },
  },
  COLUMN_MISSING: {
    kind: 'config',
    zh: {
      message: '文件 {path} 没有信息项“{item}”所需的列“{column}”',
      hint: '在 columns 中写明对应的列,或核对编码、分隔符与列名行;再执行 qianzhi doctor',
    },
    en: {
      message: 'file {path} has no column "{column}" for item "{item}"',
      hint: 'name the column under `columns`, or check encoding, delimiter and header; then run `qianzhi doctor`',
    },
  },
  COLUMN_TWICE: {
    kind: 'config',
    zh: {
      message: '文件 {path} 有多列名为“{column}”',
      hint: '在 columns 中按位置写明;再执行 qianzhi doctor',
    },
    en: {
      message: 'file {path} has several columns named "{column}"',
      hint: 'name it by position under `columns`; then run `qianzhi doctor`',
    },
  },
  ITEM_UNKNOWN: {
    kind: 'config',
    zh: {
      message: '配置提到的信息项“{item}”不在目录资源 {resource} 中',
      hint: '执行 qianzhi catalog show {resource} 核对后改正配置',
    },
    en: {
      message: 'the config names item "{item}", which resource {resource} does not have',
      hint: 'compare with `qianzhi catalog show {resource}` and correct the config',
    },
  },
  TYPE_UNFIT: {
    kind: 'config',
    zh: {
      message: '文件 {path} 与目录不符(信息项 {item}):{finding}',
      hint: '修改目录或文件的列说明;再执行 qianzhi doctor',
    },
    en: {
      message: 'file {path} does not fit the catalog (item {item}): {finding}',
      hint: 'change the catalog or the description of the file; then run `qianzhi doctor`',
    },
  },
  DESCRIPTION_BROKEN: {
    kind: 'config',
    zh: {
      message: '列说明文件 {path} 不是表结构 JSON',
      hint: '改正或移走该文件;再执行 qianzhi doctor',
    },
    en: {
      message: 'description {path} is no table schema in JSON',
      hint: 'correct it or take it away; then run `qianzhi doctor`',
    },
  },
  DAMAGED: {
    kind: 'integrity',
    zh: {
      message: '文件 {path} 不是完好的 {format}:{problem}',
      hint: '请对方重送该文件,替换后执行 qianzhi stream resume',
    },
    en: {
      message: 'file {path} is no sound {format}: {problem}',
      hint: 'let the supplier send it again, put it in its place, then run `qianzhi stream resume`',
    },
  },
  SHEET_MISSING: {
    kind: 'config',
    zh: {
      message: '文件 {path} 没有工作表“{sheet}”,有 {sheets}',
      hint: '改正 source 中的 sheet;再执行 qianzhi doctor',
    },
    en: {
      message: 'file {path} has no sheet "{sheet}", it has {sheets}',
      hint: 'correct `sheet` in the source; then run `qianzhi doctor`',
    },
  },
  TOO_LARGE: {
    kind: 'config',
    zh: {
      message: '文件 {path} 的{what}超过 {mebibytes} MiB,内存放不下',
      hint: '请对方改送 CSV,或分成几个文件;再执行 qianzhi doctor',
    },
    en: {
      message: '{what} of {path} takes more than {mebibytes} MiB of memory',
      hint: 'let the supplier send CSV, or several files; then run `qianzhi doctor`',
    },
  },
  CHECKPOINT_UNKNOWN: {
    kind: 'config',
    zh: {
      message: '{resource} 的检查点不属于读取策略 {strategy} 或版本过新',
      hint: '更换策略后须重新全量:执行 qianzhi stream resnapshot {resource}',
    },
    en: {
      message: 'the checkpoint of {resource} is not of strategy {strategy}, or of a later version',
      hint: 'after a change of strategy start over with `qianzhi stream resnapshot {resource}`',
    },
  },
});

export const filesErrors = { ...sourceErrors, ...targetErrors };
