import { defineErrors } from '@qianzhi/model';

export const cliErrors = defineErrors('CLI', {
  NOT_SIGNED_IN: {
    kind: 'auth',
    zh: { message: '身份“{profile}”尚未登录', hint: '登录:qianzhi login --url 平台地址 --account 账号' },
    en: {
      message: 'profile "{profile}" is not signed in',
      hint: 'sign in with `qianzhi login --url URL --account ACCOUNT`',
    },
  },
  FILE_UNREADABLE: {
    kind: 'config',
    zh: { message: '文件 {file} 读不出:{reason}', hint: '检查路径与权限' },
    en: { message: 'the file {file} cannot be read: {reason}', hint: 'check path and permissions' },
  },
  FILE_WRONG: {
    kind: 'config',
    zh: { message: '文件 {file} 第 {line} 行的内容不符:{problem}', hint: '按说明改正后重试' },
    en: { message: 'the file {file} is wrong at line {line}: {problem}', hint: 'correct it and try again' },
  },
  FLAG_WRONG: {
    kind: 'config',
    zh: { message: '{flag} 的值“{value}”不符,应为 {shape}', hint: '见该命令的 --help' },
    en: {
      message: 'the value "{value}" of {flag} is not of the form {shape}',
      hint: "see the command's --help",
    },
  },
  INPUT_NEEDED: {
    kind: 'config',
    zh: { message: '缺少 {what},且当前不是交互终端', hint: '以 {flag} 给出' },
    en: { message: '{what} is missing and this is no interactive terminal', hint: 'give it with {flag}' },
  },
});
