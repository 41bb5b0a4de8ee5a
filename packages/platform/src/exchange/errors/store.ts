import { defineErrors } from '@qianzhi/model';

/** Of the byte store. */
export const storeErrors = defineErrors('PLATFORM', {
  STORE_FULL: {
    kind: 'unavailable',
    zh: {
      message: '写入批次存储 {folder}:{reason}',
      hint: '清理或扩充该磁盘;前置机保留批次并自动重送,无需人工恢复',
    },
    en: {
      message: 'writing to the batch store {folder}: {reason}',
      hint: 'free or extend that disk; agents keep their batches and send them again by themselves',
    },
  },
  // unavailable to its callers, as when the platform does not run: they come again once it was started
  STORE_HALTED: {
    kind: 'unavailable',
    zh: {
      message: '批次存储 {folder} 已停止:写入 {part} 失败({reason}),磁盘内容不可信',
      hint: '检查磁盘与系统日志,更换故障盘后重新启动:qianzhi platform start',
    },
    en: {
      message:
        'the batch store {folder} has halted: writing {part} failed ({reason}) and the disk cannot be trusted',
      hint: 'check the disk and the system log, replace it if needed, then `qianzhi platform start`',
    },
  },
  BYTES_DAMAGED: {
    kind: 'integrity',
    zh: {
      message: '读取已存批次 {file}(偏移 {offset},长度 {length}):{problemZh}',
      hint: '未交付任何内容;请从备份恢复该文件',
    },
    en: {
      message: 'reading the stored batch in {file} (offset {offset}, length {length}): {problem}',
      hint: 'nothing of it was delivered; restore the file from a backup',
    },
  },
});
