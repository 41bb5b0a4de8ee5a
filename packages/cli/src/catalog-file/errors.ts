import { defineErrors } from '@qianzhi/model';

export const catalogFileErrors = defineErrors('CLI', {
  WORKBOOK_DAMAGED: {
    kind: 'data',
    zh: { message: '文件 {file} 不是完好的 XLSX:{problem}', hint: '用表格软件打开后另存为 XLSX,再重试' },
    en: {
      message: 'the file {file} is no sound XLSX: {problem}',
      hint: 'open it in a spreadsheet program, save it as XLSX and try again',
    },
  },
  WORKBOOK_MACROS: {
    kind: 'denied',
    zh: { message: '文件 {file} 含宏,不予读取', hint: '另存为不含宏的 .xlsx 后重试' },
    en: {
      message: 'the file {file} carries macros and is not read',
      hint: 'save it as .xlsx without macros and try again',
    },
  },
  WORKBOOK_TOO_LARGE: {
    kind: 'data',
    zh: { message: '文件 {file} 的{what}超过 {mebibytes} MiB', hint: '分成几个文件导入' },
    en: {
      message: '{what} of the file {file} takes more than {mebibytes} MiB',
      hint: 'import it as several files',
    },
  },
  CELL_TOO_LONG: {
    kind: 'data',
    zh: {
      message: '资源 {resource} 有一处内容超过单元格的 32767 个字符(工作表 {sheet} 第 {row} 行)',
      hint: '以 .yaml 文件名导出',
    },
    en: {
      message:
        'something of resource {resource} is longer than the 32767 characters of a cell (sheet {sheet}, row {row})',
      hint: 'export it under a name that ends in .yaml',
    },
  },
  EXPORT_FORMAT: {
    kind: 'config',
    zh: {
      message: '文件名 {file} 应以 .xlsx、.yaml 或 .yml 结尾',
      hint: '例如 --out catalog.xlsx',
    },
    en: {
      message: 'the name {file} must end in .xlsx, .yaml or .yml',
      hint: 'for example --out catalog.xlsx',
    },
  },
  SUMMARY_FORMAT: {
    kind: 'config',
    zh: {
      message: '目录汇总为 YAML,文件名 {file} 应以 .yaml 或 .yml 结尾',
      hint: '例如 qianzhi catalog export --summary --out summary.yaml',
    },
    en: {
      message: 'a summary is YAML: the name {file} must end in .yaml or .yml',
      hint: 'for example `qianzhi catalog export --summary --out summary.yaml`',
    },
  },
});
