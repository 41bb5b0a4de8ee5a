import { defineErrors } from '@qianzhi/model/errors';

export const datasetErrors = defineErrors('DATASET', {
  NO_KEY: {
    kind: 'config',
    zh: {
      message: '比对资源 {resource}:该资源没有主键信息项,无法得出更新与删除',
      hint: '将该交换的读取方式改为 snapshot,或在目录中标明主键信息项后执行 qianzhi catalog publish 文件',
    },
    en: {
      message: 'comparing resource {resource}: it has no key items, so updates and deletes cannot be told',
      hint: "set the exchange's read strategy to snapshot, or mark key items and run `qianzhi catalog publish FILE`",
    },
  },
  KEY_REPEATED: {
    kind: 'data',
    zh: {
      message: '比对资源 {resource}:{set} 中有 {keys} 个主键出现不止一次(共 {rows} 行)',
      hint: '在来源表中消除重复,或在目录中改正主键信息项;然后执行 qianzhi job retry',
    },
    en: {
      message: 'comparing resource {resource}: {keys} keys of the {set} occur more than once ({rows} rows)',
      hint: 'remove the repeats in the source table or correct the key items, then run `qianzhi job retry`',
    },
  },
  COUNT_DIFFERS: {
    kind: 'integrity',
    zh: {
      message: '读取 {set}:应有 {expected} 行,实有 {found} 行',
      hint: '批次文件已被改动或缺失;请保留现场,执行 qianzhi stream resnapshot {resource},重新建立基线',
    },
    en: {
      message: 'reading the {set}: {expected} rows expected, {found} found',
      hint: 'batch files were changed or lost; keep them, and start again with `qianzhi stream resnapshot {resource}`',
    },
  },
  ROWS_BROKEN: {
    kind: 'integrity',
    zh: {
      message: '读取 {set} {file}:内容不是具有 {fields} 个信息项的行文本,或压缩数据已损坏',
      hint: '批次文件已被改动,或属于另一结构版本;请保留现场,执行 qianzhi stream resnapshot {resource},重新建立基线',
    },
    en: {
      message:
        'reading the {set} {file}: it is not row text of {fields} items, or its compressed bytes are damaged',
      hint: 'the batch files were changed or belong to another schema version; keep them, and start again with `qianzhi stream resnapshot {resource}`',
    },
  },
  BYTES_DIFFER: {
    kind: 'integrity',
    zh: {
      message: '读取 {set} {file}:内容与其摘要不符',
      hint: '批次文件已被改动;请保留现场,执行 qianzhi stream resnapshot {resource},重新建立基线',
    },
    en: {
      message: 'reading the {set} {file}: its content does not fit its digest',
      hint: 'the batch file was changed; keep it, and start again with `qianzhi stream resnapshot {resource}`',
    },
  },
  FILE_MISSING: {
    kind: 'integrity',
    zh: {
      message: '读取 {set}:文件 {file} 不存在或无法打开({reason})',
      hint: '恢复该文件或其权限后执行 qianzhi job retry;无法恢复时执行 qianzhi stream resnapshot {resource}',
    },
    en: {
      message: 'reading the {set}: the file {file} is missing or cannot be opened ({reason})',
      hint: 'restore it or its permissions and run `qianzhi job retry`; if it is lost, run `qianzhi stream resnapshot {resource}`',
    },
  },
  OUTPUT_EXISTS: {
    kind: 'conflict',
    zh: {
      message: '写出结果:文件夹 {folder} 已存在',
      hint: '换一个文件夹,或先移走它,然后执行 qianzhi job retry',
    },
    en: {
      message: 'writing the result: the folder {folder} exists',
      hint: 'choose another folder or move it away, then run `qianzhi job retry`',
    },
  },
  OUTPUT_ELSEWHERE: {
    kind: 'config',
    zh: {
      message: '写出结果:文件夹 {folder} 无法从工作文件夹 {workDir} 一步移入({reason})',
      hint: '上级文件夹必须存在,且与工作文件夹在同一文件系统;改正配置后执行 qianzhi agent start',
    },
    en: {
      message:
        'writing the result: the folder {folder} cannot take it in one move from the work folder {workDir} ({reason})',
      hint: 'its parent must exist on the same file system as the work folder; correct the config and run `qianzhi agent start`',
    },
  },
  CELL_TOO_LONG: {
    kind: 'data',
    zh: {
      message: '写出 XLSX:信息项 {column} 有一个值长 {characters} 个字符,而一个单元格最多 32767 个',
      hint: '改用其他格式:qianzhi download {resource} --format csv --out 文件夹',
    },
    en: {
      message: 'writing XLSX: a value of item {column} has {characters} characters, and a cell takes 32767',
      hint: 'take another format: `qianzhi download {resource} --format csv --out FOLDER`',
    },
  },
  MEMORY: {
    kind: 'config',
    zh: {
      message: '集合运算:内存上限 {memoryLimitMb} MB 不足',
      hint: '提高 memoryLimitMb(建议 512 以上)后执行 qianzhi job retry',
    },
    en: {
      message: 'set work: the memory limit of {memoryLimitMb} MB is not enough',
      hint: 'raise memoryLimitMb (512 or more), then run `qianzhi job retry`',
    },
  },
  DISK_FULL: {
    kind: 'unavailable',
    zh: {
      message: '集合运算:工作文件夹 {workDir} 所在磁盘已满',
      hint: '释放空间后自动继续,或执行 qianzhi job retry',
    },
    en: {
      message: 'set work: the disk of the work folder {workDir} is full',
      hint: 'free some space; the work goes on by itself, or at once with `qianzhi job retry`',
    },
  },
  CHILD_DIED: {
    kind: 'internal',
    zh: {
      message: '集合运算:子进程意外结束({reason}),没有留下结果',
      hint: '查看系统日志中是否因内存不足被终止;自动重试数次,也可执行 qianzhi job retry',
    },
    en: {
      message: 'set work: its child process ended unexpectedly ({reason}) and left no result',
      hint: 'see the system log for an out-of-memory kill; it is tried again a few times, or run `qianzhi job retry`',
    },
  },
  CHILD_MISSING: {
    kind: 'config',
    zh: { message: '集合运算:子进程程序 {file} 不存在', hint: '先构建:npm run build' },
    en: {
      message: 'set work: the child program {file} does not exist',
      hint: 'build it first: `npm run build`',
    },
  },
  CANCELLED: {
    kind: 'cancelled',
    zh: { message: '集合运算已取消,没有留下结果', hint: '需要时执行 qianzhi job retry' },
    en: {
      message: 'the set work was cancelled and left no result',
      hint: 'run `qianzhi job retry` when wanted',
    },
  },
  CLOSED: {
    kind: 'conflict',
    zh: { message: '集合运算已关闭', hint: '进程正在停止;重新启动:qianzhi agent start' },
    en: {
      message: 'set work is closed',
      hint: 'the process is stopping; start it again: `qianzhi agent start`',
    },
  },
  FAILED: {
    kind: 'internal',
    zh: { message: '集合运算失败({reason})', hint: '自动重试数次,也可执行 qianzhi job retry;持续出现请上报' },
    en: {
      message: 'the set work failed ({reason})',
      hint: 'it is tried again a few times, or run `qianzhi job retry`; report it if it stays',
    },
  },
});
