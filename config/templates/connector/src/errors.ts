import { defineErrors } from '@qianzhi/model';

export const connectorErrors = defineErrors('__OWNER__', {
  FOLDER_MISSING: {
    kind: 'config',
    zh: {
      message: '打开文件夹 {folder}:不存在或不可读',
      hint: '核对连接配置中的 folder 与目录权限,再用 qianzhi connector check 检查',
    },
    en: {
      message: 'opening folder {folder}: it does not exist or cannot be read',
      hint: 'correct `folder` in the connection config or its permissions; then `qianzhi connector check`',
    },
  },
  TABLE_MISSING: {
    kind: 'config',
    zh: {
      message: '文件夹 {folder} 中没有表“{table}”',
      hint: '核对 table;用 qianzhi connector discover 查看有哪些表',
    },
    en: {
      message: 'folder {folder} has no table "{table}"',
      hint: 'correct `table`; `qianzhi connector discover` lists what is there',
    },
  },
  TABLE_MISFIT: {
    kind: 'config',
    zh: {
      message: '表“{table}”与目录不符(信息项 {item}):{finding}',
      hint: '修改表结构或目录信息项,再用 qianzhi config validate 检查',
    },
    en: {
      message: 'table "{table}" does not fit the catalog (item {item}): {finding}',
      hint: 'change the table or the catalog item; then `qianzhi config validate`',
    },
  },
  TABLE_DAMAGED: {
    kind: 'integrity',
    zh: {
      message: '表文件 {file} 第 {line} 行无法读取',
      hint: '从备份恢复该文件,再用 qianzhi stream resume 继续',
    },
    en: {
      message: 'line {line} of table file {file} cannot be read',
      hint: 'restore the file from a backup; then go on with `qianzhi stream resume`',
    },
  },
  NOT_SUPPORTED: {
    kind: 'config',
    zh: {
      message: '连接器 __name__ 不支持 {what}',
      hint: '改用其支持的:{known};再用 qianzhi config validate 检查',
    },
    en: {
      message: 'connector __name__ does not support {what}',
      hint: 'use what it supports: {known}; then `qianzhi config validate`',
    },
  },
  LEDGER_CONFLICT: {
    kind: 'integrity',
    zh: {
      message: '交换 {exchange} 的第 {seq} 批已以其他内容写入表“{table}”',
      hint: '查明其他内容的来源后,用 qianzhi stream resume 继续',
    },
    en: {
      message: 'batch {seq} of exchange {exchange} was written to table "{table}" before with other content',
      hint: 'find out where the other content came from; then go on with `qianzhi stream resume`',
    },
  },
});
