import { defineErrors } from '@qianzhi/model';

/** Of the config file and its secrets. */
export const configErrors = defineErrors('AGENT', {
  CONFIG_MISSING: {
    kind: 'config',
    zh: { message: '找不到配置文件 {file}', hint: '用 qianzhi init 生成一份,或以 --config 指明位置' },
    en: {
      message: 'there is no config file {file}',
      hint: 'make one with `qianzhi init`, or name it with --config',
    },
  },
  CONFIG_UNREADABLE: {
    kind: 'config',
    zh: { message: '配置文件 {file} 读不出:{reason}', hint: '检查路径,并使运行用户可读该文件' },
    en: {
      message: 'the config file {file} cannot be read: {reason}',
      hint: 'check the path, and let the running user read the file',
    },
  },
  CONFIG_ENCODING: {
    kind: 'config',
    zh: {
      message: '{file} 第 {line} 行不是 UTF-8 文本',
      hint: '在编辑器中另存为 UTF-8 编码(原文件可能是 GBK),然后运行 qianzhi config validate --config {file}',
    },
    en: {
      message: '{file}, line {line} is not UTF-8 text',
      hint: 'save it as UTF-8 (it may be GBK), then run `qianzhi config validate --config {file}`',
    },
  },
  CONFIG_SYNTAX: {
    kind: 'config',
    zh: {
      message: '{file} 第 {line} 行第 {column} 列不是合法的 YAML:{problem}',
      hint: '改正该行后运行 qianzhi config validate --config {file}',
    },
    en: {
      message: '{file}, line {line}, column {column} is not valid YAML: {problem}',
      hint: 'correct the line, then run `qianzhi config validate --config {file}`',
    },
  },
  CONFIG_WRONG: {
    kind: 'config',
    zh: {
      message: '{file} 第 {line} 行 {where}:{problem}',
      hint: '改正后运行 qianzhi config validate --config {file};各项说明见 config/schemas',
    },
    en: {
      message: '{file}, line {line}, {where}: {problem}',
      hint: 'correct it, then run `qianzhi config validate --config {file}`; config/schemas describes every field',
    },
  },
  CONFIG_REFERENCE: {
    kind: 'config',
    zh: {
      message: '{file} 第 {line} 行 {where} 引用了 {kind}“{name}”,但没有定义',
      hint: '已有:{known};改正名称或补上定义',
    },
    en: {
      message: '{file}, line {line}, {where} refers to {kind} "{name}", which is not there',
      hint: 'there is: {known}; correct the name or add it',
    },
  },
  CONFIG_REPEATED: {
    kind: 'config',
    zh: {
      message: '{file} 第 {line} 行 {where}:名称“{name}”重复',
      hint: '每个交换作业的 name 必须唯一,每个查询服务只配置一次',
    },
    en: {
      message: '{file}, line {line}, {where}: the name "{name}" is used twice',
      hint: 'every exchange needs a name of its own, and a query service is configured once',
    },
  },
  SECRET_ENV_MISSING: {
    kind: 'config',
    zh: {
      message: '{file} 第 {line} 行 {where} 需要环境变量 {name},但未设置',
      hint: '设置该环境变量后重试;或改用 ${file:路径}',
    },
    en: {
      message: '{file}, line {line}, {where} needs the environment variable {name}, which is not set',
      hint: 'set it and try again, or use ${file:path}',
    },
  },
  SECRET_FILE_UNREADABLE: {
    kind: 'config',
    zh: {
      message: '{file} 第 {line} 行 {where} 的密钥文件 {path} 读不出:{reason}',
      hint: '检查路径与权限(应为 0600,属运行用户)',
    },
    en: {
      message: '{file}, line {line}, {where}: the secret file {path} cannot be read: {reason}',
      hint: 'check path and permissions (0600, owned by the running user)',
    },
  },
  SECRET_FILE_OPEN: {
    kind: 'config',
    zh: { message: '密钥文件 {path} 可被其他用户读取(权限 {mode})', hint: '执行 chmod 600 {path}' },
    en: {
      message: 'the secret file {path} can be read by other users (mode {mode})',
      hint: 'run chmod 600 {path}',
    },
  },
  SECRET_FILE_EXISTS: {
    kind: 'conflict',
    zh: {
      message: '密钥文件 {path} 已存在,未作改动',
      hint: '仍需要它时,以 --set 密钥项=${file:路径} 引用;不需要则移走后重试',
    },
    en: {
      message: 'the secret file {path} is there already and was left alone',
      hint: 'if it is still wanted, refer to it with --set FIELD=${file:PATH}; else move it away and try again',
    },
  },
  CONFIG_CHANGED: {
    kind: 'conflict',
    zh: { message: '配置文件 {file} 在此期间被他人修改,未作改动', hint: '重新执行本命令' },
    en: {
      message: 'the config file {file} was changed by somebody else meanwhile; it was left alone',
      hint: 'run the command again',
    },
  },
  CONFIG_UNWRITABLE: {
    kind: 'config',
    zh: {
      message: '{folder} 中的 {file} 写不了:{reason}',
      hint: '以可写该文件夹的用户执行(通常为运行前置机的系统用户或 root)',
    },
    en: {
      message: '{file} in {folder} cannot be written: {reason}',
      hint: 'run this as a user that may write there, usually the one that runs the agent, or root',
    },
  },
  CONFIG_NOT_APPLIED: {
    kind: 'config',
    zh: {
      message: '{file} 有误,未采用,前置机仍按 {appliedAt} 读入的配置运行:{problem}{more}',
      hint: '查看全部问题:qianzhi config validate --config {file};改正后自动采用,或运行 qianzhi agent reload',
    },
    en: {
      message:
        '{file} is wrong and not in force; the agent goes on by the config read at {appliedAt}: {problem}{more}',
      hint: 'see everything wrong with `qianzhi config validate --config {file}`; once corrected it is taken by itself, or with `qianzhi agent reload`',
    },
  },
  CONFIG_NEEDS_RESTART: {
    kind: 'config',
    zh: {
      message: '{file} 与正在运行的配置不同:{parts} 须重启才生效(connectors 与 exchanges 已生效)',
      hint: '重启:systemctl restart qianzhi-agent;未装为服务的,停止后再 qianzhi agent start',
    },
    en: {
      message:
        '{file} differs from the config that runs: {parts} need a restart (connectors and exchanges are in force)',
      hint: 'restart it: `systemctl restart qianzhi-agent`; where it is no service, stop it and `qianzhi agent start`',
    },
  },
  NAME_TAKEN: {
    kind: 'conflict',
    zh: {
      message: '{list} 中已有“{name}”,未作改动',
      hint: '以 --name 换一个名称;要修改原有的,请编辑 agent.yaml 后运行 qianzhi config validate',
    },
    en: {
      message: '{list} has "{name}" already; it was left alone',
      hint: 'choose another with --name; to change the one there edit agent.yaml, then run `qianzhi config validate`',
    },
  },
  NAME_WRONG: {
    kind: 'config',
    zh: {
      message: '名称“{name}”不符:以字母或数字开头,只含字母、数字与 _ . -',
      hint: '以 --name 换一个名称',
    },
    en: {
      message: 'the name "{name}" is not right: letters, digits and _ . - after a letter or digit',
      hint: 'choose another with --name',
    },
  },
});
