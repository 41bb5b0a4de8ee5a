import { defineErrors } from '@qianzhi/model';

export const policyErrors = defineErrors('PLATFORM', {
  POLICY_NONE: {
    kind: 'config',
    zh: {
      message: '文件夹 {folder} 里没有政策配置(*.yaml)',
      hint: '以 --dir 指明文件夹;随程序提供的:qianzhi policy show',
    },
    en: {
      message: 'the folder {folder} holds no policy profile (*.yaml)',
      hint: 'name the folder with --dir; `qianzhi policy show` lists those of the program',
    },
  },
  POLICY_UNKNOWN: {
    kind: 'not-found',
    zh: {
      message: '{folder} 里没有政策配置“{name}”;有:{known}',
      hint: '查看全部:qianzhi policy show;只有 policy show、diff、validate 还接受文件,须写路径或以 .yaml 结尾',
    },
    en: {
      message: 'there is no policy profile "{name}" in {folder}; there are: {known}',
      hint: 'list them with `qianzhi policy show`; only policy show, diff and validate take files too, named by a path or the ending .yaml',
    },
  },
  POLICY_WRONG: {
    kind: 'config',
    zh: {
      message: '政策配置 {file} 第 {line} 行 {where} 有误:{problem}',
      hint: '改正后运行 qianzhi policy validate {file};各项说明见 config/schemas/policy.schema.json',
    },
    en: {
      message: 'the policy profile {file} is wrong at line {line}, {where}: {problem}',
      hint: 'correct it, then run `qianzhi policy validate {file}`; config/schemas/policy.schema.json describes every field',
    },
  },
  POLICY_UNREADABLE: {
    kind: 'config',
    zh: { message: '政策配置 {file} 读不出:{reason}', hint: '核对路径,并给出当前用户可读的文件' },
    en: {
      message: 'the policy profile {file} cannot be read: {reason}',
      hint: 'check the path, and name what the current user may read',
    },
  },
  POLICY_FIXED: {
    kind: 'conflict',
    zh: {
      message: '平台配置已指定政策配置 {profile},不能改用 {wanted}',
      hint: '改平台配置的 policy.profile 后重新启动;去掉该项后可用 qianzhi policy use {wanted} --reason 原因',
    },
    en: {
      message: "the platform's config names policy profile {profile}, so {wanted} cannot be used",
      hint: "change policy.profile in the platform's config and start again; without that setting `qianzhi policy use {wanted} --reason REASON` works",
    },
  },
  POLICY_NEVER_USED: {
    kind: 'not-found',
    zh: { message: '政策配置 {profile} 从未在此平台施行', hint: '查看施行过的:qianzhi policy current' },
    en: {
      message: 'policy profile {profile} was never in force on this platform',
      hint: 'see which ones were with `qianzhi policy current`',
    },
  },
});
