import { defineErrors } from '@qianzhi/model';

export const cliErrors = defineErrors('CLI', {
  DOWNLOAD_WHAT: {
    kind: 'config',
    zh: {
      message: '下载什么、放到哪里:须给资源代码与 --out 文件夹',
      hint: '查看可下载的资源:qianzhi download --offers;再执行 qianzhi download 名称 --out 文件夹',
    },
    en: {
      message: 'download what, and where to: a resource code and --out FOLDER are needed',
      hint: 'see what there is with `qianzhi download --offers`, then run `qianzhi download NAME --out FOLDER`',
    },
  },
  NOT_SIGNED_IN: {
    kind: 'auth',
    zh: { message: '身份“{profile}”尚未登录', hint: '登录:qianzhi login --url 平台地址 --account 账号' },
    en: {
      message: 'profile "{profile}" is not signed in',
      hint: 'sign in with `qianzhi login --url URL --account ACCOUNT`',
    },
  },
  FILE_MISSING: {
    kind: 'config',
    zh: { message: '没有文件 {file}', hint: '核对路径;相对路径从当前文件夹算起' },
    en: {
      message: 'there is no file {file}',
      hint: 'check the path; a relative one starts at the current folder',
    },
  },
  FILE_UNREADABLE: {
    kind: 'config',
    zh: { message: '文件 {file} 读不出:{reason}', hint: '给出当前用户可读的文件' },
    en: {
      message: 'the file {file} cannot be read: {reason}',
      hint: 'name a file that the current user may read',
    },
  },
  FILE_WRONG: {
    kind: 'config',
    zh: { message: '文件 {file} 第 {line} 行的内容不符:{problem}', hint: '按说明改正后重试' },
    en: { message: 'the file {file} is wrong at line {line}: {problem}', hint: 'correct it and try again' },
  },
  PLATFORM_CONFIG_MISSING: {
    kind: 'config',
    zh: {
      message: '找不到平台配置文件 {file}',
      hint: '以 --config 指明位置;可从 config/samples/platform.yaml 复制',
    },
    en: {
      message: 'there is no platform config {file}',
      hint: 'name it with --config; config/samples/platform.yaml can be copied',
    },
  },
  PLATFORM_CONFIG_WRONG: {
    kind: 'config',
    zh: {
      message: '平台配置有误:{problem}',
      hint: '改正后运行 qianzhi config validate --platform --config {file}',
    },
    en: {
      message: 'the platform config is wrong: {problem}',
      hint: 'correct it, then run `qianzhi config validate --platform --config {file}`',
    },
  },
  CHOICE_WRONG: {
    kind: 'config',
    zh: { message: '{command} 的 {flag} 应为下列之一:{choices}', hint: '查看用法:{command} --help' },
    en: {
      message: '{command}: {flag} must be one of {choices}',
      hint: 'see its usage with `{command} --help`',
    },
  },
  NOT_IN_FILE: {
    kind: 'not-found',
    zh: { message: '文件 {file} 中没有资源 {code}', hint: '文件中有:{known}' },
    en: { message: 'the file {file} has no resource {code}', hint: 'it has: {known}' },
  },
  FLAG_WRONG: {
    kind: 'config',
    zh: { message: '{flag} 的值“{value}”不符,应为{shape}', hint: '见该命令的 --help' },
    en: {
      message: 'the value "{value}" of {flag} is not right, it should be {shape}',
      hint: "see the command's --help",
    },
  },
  SET_WRONG: {
    kind: 'config',
    zh: { message: '--set 的“{key}”不符:{problem}', hint: '改正后重试;见该命令的 --help' },
    en: {
      message: '--set "{key}" is not right: {problem}',
      hint: "correct it and try again; see the command's --help",
    },
  },
  SET_UNKNOWN: {
    kind: 'config',
    zh: { message: '没有名为“{key}”的项', hint: '可用的项:{known}' },
    en: { message: 'there is no field "{key}"', hint: 'there is: {known}' },
  },
  SECRET_IN_ARGUMENT: {
    kind: 'config',
    zh: {
      message: '“{key}”是密钥,不能写在命令行:其他用户看得到',
      hint: '把它写入 0600 的文件,以 --secret-file {key}=文件 给出;或以 --set {key}=${file:路径} 引用',
    },
    en: {
      message: '"{key}" is a secret and may not stand on the command line, where other users see it',
      hint: 'put it into a file of mode 0600 and give that with --secret-file {key}=FILE, or refer to one with --set {key}=${file:PATH}',
    },
  },
  INPUT_NEEDED: {
    kind: 'config',
    zh: { message: '缺少{what},且当前不是交互终端', hint: '以 {flag} 给出' },
    en: { message: '{what} is missing and this is no interactive terminal', hint: 'give it with {flag}' },
  },
  SCENARIO_UNKNOWN: {
    kind: 'not-found',
    zh: { message: '没有应用场景 {scenario}', hint: '查看已公布的:qianzhi agreement scenario list' },
    en: {
      message: 'there is no scenario {scenario}',
      hint: 'see those published with `qianzhi agreement scenario list`',
    },
  },
  NO_CAPTURE: {
    kind: 'config',
    zh: {
      message: '连接器“{connector}”不能捕获变更',
      hint: '改用其他读取策略(diff 能看到删除):qianzhi exchange add',
    },
    en: {
      message: 'connector "{connector}" cannot capture changes',
      hint: 'use another read strategy (diff sees deletes): `qianzhi exchange add`',
    },
  },
  CAPTURE_BROKEN: {
    kind: 'config',
    zh: {
      message: '“{table}”的变更捕获有 {count} 处不完好',
      hint: '补齐:qianzhi connector capture install {connector} --table {captured}',
    },
    en: {
      message: 'capture of changes of "{table}" is amiss; places: {count}',
      hint: 'mend it with `qianzhi connector capture install {connector} --table {captured}`',
    },
  },
  COMMAND_UNKNOWN: {
    kind: 'config',
    zh: { message: '没有命令“{command}”', hint: '查看全部命令:qianzhi --help' },
    en: { message: 'there is no command "{command}"', hint: 'see all commands with `qianzhi --help`' },
  },
  FLAG_UNKNOWN: {
    kind: 'config',
    zh: { message: '{command} 没有选项 {flag}', hint: '查看可用选项:{command} --help' },
    en: { message: '{command} has no flag {flag}', hint: 'see its flags with `{command} --help`' },
  },
  FLAG_REPEATED: {
    kind: 'config',
    zh: { message: '{command} 的 {flag} 写了多次', hint: '只写一次;查看用法:{command} --help' },
    en: {
      message: '{command}: {flag} is given more than once',
      hint: 'give it once; see its usage with `{command} --help`',
    },
  },
  FLAG_MISSING: {
    kind: 'config',
    zh: { message: '{command} 缺少必需的选项 {flag}', hint: '查看用法:{command} --help' },
    en: { message: '{command} needs {flag}', hint: 'see its usage with `{command} --help`' },
  },
  ARGUMENT_MISSING: {
    kind: 'config',
    zh: { message: '{command} 缺少参数 {argument}', hint: '查看用法:{command} --help' },
    en: { message: '{command} needs the argument {argument}', hint: 'see its usage with `{command} --help`' },
  },
  ARGUMENT_UNEXPECTED: {
    kind: 'config',
    zh: { message: '{command} 多出 {count} 个参数', hint: '含空格的值请加引号;查看用法:{command} --help' },
    en: {
      message: '{command} got {count} argument(s) too many',
      hint: 'put values with blanks in quotes; see its usage with `{command} --help`',
    },
  },
  USAGE_WRONG: {
    kind: 'config',
    zh: { message: '{command} 的用法不符:{problem}', hint: '查看用法:{command} --help' },
    en: { message: '{command}: {problem}', hint: 'see its usage with `{command} --help`' },
  },
  SYSTEM_REFUSED: {
    kind: 'config',
    zh: {
      message: '{command}:系统拒绝对 {place} 的操作:{reason}',
      hint: '检查该路径及当前用户的权限后重试;设置 QZ_DEBUG=1 可看到出错位置',
    },
    en: {
      message: '{command}: the system refused work on {place}: {reason}',
      hint: 'check that path and what the current user may do, then try again; QZ_DEBUG=1 shows where it happened',
    },
  },
  UNFORESEEN: {
    kind: 'internal',
    zh: {
      message: '程序内部出现未预料的错误({name})',
      hint: '设置 QZ_DEBUG=1 重试可看到出错位置;请连同版本号(qianzhi --version)反馈',
    },
    en: {
      message: 'something unforeseen went wrong inside ({name})',
      hint: 'try again with QZ_DEBUG=1 to see where; report it together with `qianzhi --version`',
    },
  },
  FILE_EXISTS: {
    kind: 'conflict',
    zh: { message: '文件 {file} 已存在,未作改动', hint: '换一个文件名,或先移走原文件' },
    en: {
      message: 'the file {file} is there already and was left alone',
      hint: 'choose another name, or move it away first',
    },
  },
  FILE_UNWRITABLE: {
    kind: 'config',
    zh: { message: '文件 {file} 写不了:{reason}', hint: '给出已存在且当前用户可写的文件夹中的文件名' },
    en: {
      message: 'the file {file} cannot be written: {reason}',
      hint: 'name a file in a folder that exists and that the current user may write',
    },
  },
  RECEIPTS_WRONG: {
    kind: 'integrity',
    zh: { message: '{count} 份签收凭证有问题:{codes}', hint: '保留原件,核对平台密钥指纹后联系平台管理员' },
    en: {
      message: 'wrong receipts: {count} ({codes})',
      hint: 'keep them as they are, compare the platform key id and call the platform administrator',
    },
  },
  AGENT_STOPPED: {
    kind: 'internal',
    zh: { message: '前置机自行停止:{reason}', hint: '查看其日志后重新启动:qianzhi agent start' },
    en: {
      message: 'the agent stopped by itself: {reason}',
      hint: 'see its log, then start it again with `qianzhi agent start`',
    },
  },
  WAIT_ENDED: {
    kind: 'cancelled',
    zh: {
      message: '不再等待作业 {job};作业本身继续',
      hint: '查看:qianzhi job status {job};取消:qianzhi job cancel {job}',
    },
    en: {
      message: 'no longer waiting for job {job}; the job itself goes on',
      hint: 'look with `qianzhi job status {job}`, cancel with `qianzhi job cancel {job}`',
    },
  },
  RECONCILE_WAIT_ENDED: {
    kind: 'cancelled',
    zh: {
      message: '不再等待资源 {resource} 的对账;对账本身继续',
      hint: '结果:qianzhi reconcile {resource} --last',
    },
    en: {
      message: 'no longer waiting for the reconciliation of {resource}; it goes on',
      hint: 'its result: `qianzhi reconcile {resource} --last`',
    },
  },
  PACKAGE_AGENT_MISSING: {
    kind: 'config',
    zh: {
      message: '平台一侧的摆渡包须指明前置机',
      hint: '加上 --agent 名称;qianzhi package status --platform 列出有哪些',
    },
    en: {
      message: 'at the platform a package is of one agent, which has to be named',
      hint: 'add --agent NAME; `qianzhi package status --platform` lists them',
    },
  },
});
