import { defineErrors } from '@qianzhi/model';

/** Of the connectors and exchanges a config has, and what they can do. */
export const exchangeErrors = defineErrors('AGENT', {
  DOWNLOAD_FOLDER: {
    kind: 'config',
    zh: {
      message: '下载 {exchange}:连接器 {connector} 没有文件夹(path)',
      hint: '使用文件连接器(type: files),用 qianzhi config validate 检查',
    },
    en: {
      message: 'download {exchange}: connector {connector} has no folder (path)',
      hint: 'name a connector of type files, and check with `qianzhi config validate`',
    },
  },
  DOWNLOAD_LEASE: {
    kind: 'denied',
    zh: {
      message: '协议 {agreement} 的授权租约已失效,下载的 {resource} 文件未放入文件夹',
      hint: '查看 qianzhi doctor 与 qianzhi agreement show {agreement};恢复后执行 qianzhi job retry',
    },
    en: {
      message: 'no lease of agreement {agreement} is in force; the file of {resource} was not shown',
      hint: 'see `qianzhi doctor` and `qianzhi agreement show {agreement}`; once it is back run `qianzhi job retry`',
    },
  },
  TRACE_FILE: {
    kind: 'data',
    zh: {
      message: '文件 {file} 的列({columns})不是任何资源的信息项',
      hint: '首行须为列名(信息项名称或列名),或注明资源:qianzhi trace 文件 --resource 名称',
    },
    en: {
      message: 'the columns of {file} ({columns}) are items of no resource',
      hint: 'its first line has to name items or columns, or name the resource: `qianzhi trace FILE --resource NAME`',
    },
  },
  CONNECTOR_UNKNOWN: {
    kind: 'not-found',
    zh: {
      message: '配置中没有名为“{name}”的连接器',
      hint: '已有:{known};新增:qianzhi connector add --name {name}',
    },
    en: {
      message: 'the config has no connector named "{name}"',
      hint: 'there is: {known}; add it with `qianzhi connector add --name {name}`',
    },
  },
  ENTRY_UNKNOWN: {
    kind: 'not-found',
    zh: { message: '配置的 {list} 中没有“{name}”', hint: '已有:{known};用 qianzhi config validate 检查配置' },
    en: {
      message: 'there is no "{name}" among the {list} of the config',
      hint: 'there is: {known}; check the config with `qianzhi config validate`',
    },
  },
  ENTRY_NEEDED: {
    kind: 'conflict',
    zh: {
      message: '不能从 {list} 中删去“{name}”:配置的 {where} 要用到它',
      hint: '先删去用到它的部分(作业:qianzhi exchange remove 名称),再重试;用 qianzhi config validate 检查',
    },
    en: {
      message: '"{name}" cannot be taken out of {list}: {where} of the config needs it',
      hint: 'take out what needs it first (an exchange: `qianzhi exchange remove NAME`), then try again; check with `qianzhi config validate`',
    },
  },
  EXCHANGE_UNSENT: {
    kind: 'conflict',
    zh: {
      message: '作业 {exchange} 未删除:资源 {resource} 有 {batches} 批({bytes} 字节)已封装而平台尚未签收',
      hint: '等其送达(qianzhi stream show {resource})后重试;或放弃这些数据:qianzhi exchange remove {exchange} --discard,此后再供给须从全量开始',
    },
    en: {
      message:
        'exchange {exchange} was not removed: {batches} sealed batches ({bytes} bytes) of resource {resource} have no receipt of the platform yet',
      hint: 'wait until they are there (`qianzhi stream show {resource}`) and try again; or give them up with `qianzhi exchange remove {exchange} --discard`: supplying it again then begins with a whole copy',
    },
  },
  SUPPLIED_ALREADY: {
    kind: 'conflict',
    zh: {
      message: '资源 {resource} 已由作业 {exchange} 供给,一台前置机对一个资源只有一条数据流',
      hint: '编辑 agent.yaml 中的 {exchange},或先删去它(qianzhi exchange remove {exchange});改后运行 qianzhi config validate',
    },
    en: {
      message:
        'resource {resource} is supplied by exchange {exchange} already, and an agent has one stream of a resource',
      hint: 'edit {exchange} in agent.yaml, or take it away first (`qianzhi exchange remove {exchange}`); then run `qianzhi config validate`',
    },
  },
  EXCHANGE_UNKNOWN: {
    kind: 'not-found',
    zh: { message: '配置中没有名为“{exchange}”的交换作业', hint: '已有:{known};见 agent.yaml 的 exchanges' },
    en: {
      message: 'the config has no exchange named "{exchange}"',
      hint: 'there is: {known}; see `exchanges` in agent.yaml',
    },
  },
  STRATEGY_UNSUPPORTED: {
    kind: 'config',
    zh: {
      message: '交换作业 {exchange} 的读取策略 {strategy} 不受其连接器支持',
      hint: '可用:{known};改正 strategy 后运行 qianzhi config validate',
    },
    en: {
      message: 'exchange {exchange}: its connector cannot read by {strategy}',
      hint: 'it reads by {known}; correct `strategy`, then run `qianzhi config validate`',
    },
  },
  READ_ONLY: {
    kind: 'config',
    zh: { message: '交换作业 {exchange} 的连接器 {connector} 只能读取', hint: '为目标选用可写的连接器' },
    en: {
      message: 'exchange {exchange}: its connector {connector} only reads',
      hint: 'choose a connector that writes',
    },
  },
  PREVIEW_CONSUMES: {
    kind: 'config',
    zh: {
      message: '交换作业 {exchange} 是获取而非供给,没有来源可预览',
      hint: '改用供给作业的名称,或以 --connector 与 --table 指明表',
    },
    en: {
      message: 'exchange {exchange} consumes; it has no source to preview',
      hint: 'name an exchange that supplies, or a table with --connector and --table',
    },
  },
  PREVIEW_FILES: {
    kind: 'config',
    zh: {
      message: '交换作业 {exchange} 供给的是文件,没有数据行可预览',
      hint: '直接查看该文件夹;执行 qianzhi doctor 核对哪些文件会被读取',
    },
    en: {
      message: 'exchange {exchange} supplies files; there are no rows to preview',
      hint: 'look into the folder; `qianzhi doctor` tells which files will be read',
    },
  },
  CONTENT_MISFIT: {
    kind: 'config',
    zh: {
      message: '交换 {exchange}:目录资源 {resource} 的内容为 {content},与读取方式或连接器不符',
      hint: '文件用 strategy: files 与能收发文件的连接器(type: files);改正后执行 qianzhi config validate',
    },
    en: {
      message:
        'exchange {exchange}: resource {resource} holds {content}, which its strategy or connector does not',
      hint: 'files take `strategy: files` and a connector that carries them (`type: files`); then run `qianzhi config validate`',
    },
  },
  RESOURCE_KEYLESS: {
    kind: 'config',
    zh: {
      message: '目录资源 {resource} 没有主键项:每次都供给整表,不能只送变化,也不能按键合并',
      hint: '若有可识别一行的信息项,由编目员标为 key: true 后执行 qianzhi catalog publish 文件',
    },
    en: {
      message:
        'resource {resource} has no key items: every run sends the whole table, and no change can be merged by key',
      hint: 'if some items tell the rows apart, have its editor mark them `key: true` and run `qianzhi catalog publish FILE`',
    },
  },
  TABLE_KEYLESS: {
    kind: 'config',
    zh: {
      message: '表 {table} 没有主键:数据库不保证目录主键 {columns} 不重复,同键的多行到用方只剩一行',
      hint: '为这些列建主键;已有唯一索引则不必处理。查重复:SELECT {columns}, count(*) FROM {table} GROUP BY {columns} HAVING count(*) > 1;再执行 qianzhi doctor',
    },
    en: {
      message:
        'table {table} has no primary key: nothing keeps the key {columns} of the catalog unique, and of rows that share one a single row arrives',
      hint: 'make these columns its primary key; a unique index does, too. Repeated ones: SELECT {columns}, count(*) FROM {table} GROUP BY {columns} HAVING count(*) > 1; then run `qianzhi doctor`',
    },
  },
  TABLE_UNKNOWN: {
    kind: 'not-found',
    zh: {
      message: '连接器 {connector} 下没有表“{table}”',
      hint: '查看表名:qianzhi connector discover {connector}',
    },
    en: {
      message: 'connector {connector} has no table "{table}"',
      hint: 'see the names with `qianzhi connector discover {connector}`',
    },
  },
  TARGET_TABLE_MISSING: {
    kind: 'not-found',
    zh: {
      message: '连接器 {connector} 下还没有目标表“{table}”',
      hint: '加上 --create,由目录建表;或先建好该表,查看:qianzhi connector discover {connector}',
    },
    en: {
      message: 'connector {connector} has no target table "{table}" yet',
      hint: 'add --create to have it made from the catalog, or make it yourself; see `qianzhi connector discover {connector}`',
    },
  },
  MAPPING_INCOMPLETE: {
    kind: 'config',
    zh: {
      message: '表“{table}”中找不到这些信息项对应的列:{items}',
      hint: '以 --map 信息项=列 写明;查看列名:qianzhi connector discover {connector} --table {table};目录:qianzhi catalog show {resource}',
    },
    en: {
      message: 'table "{table}" shows no columns for these items: {items}',
      hint: 'say them with --map ITEM=COLUMN; see the columns with `qianzhi connector discover {connector} --table {table}`, the items with `qianzhi catalog show {resource}`',
    },
  },
  MAPPING_WRONG: {
    kind: 'config',
    zh: {
      message: '--map 的“{map}”不符:应为 {resource} 的信息项列名=表 {table} 的列名',
      hint: '信息项:{items};列:{columns}',
    },
    en: {
      message:
        '--map "{map}" is not right: it takes an item column of {resource} and a column of table {table}',
      hint: 'items: {items}; columns: {columns}',
    },
  },
  NOT_ORDERED: {
    kind: 'denied',
    zh: {
      message: '平台没有要求本前置机{direction} {resource}',
      hint: '可用:{known};供给须先 qianzhi catalog supply {resource} --agent {agent},取用须先 qianzhi agreement apply {resource} --matter 事项;办妥后重试;前置机曾运行而已停止的,先 qianzhi agent start 取得新任务',
    },
    en: {
      message: 'the platform does not have this agent {direction} {resource}',
      hint: 'there is: {known}; to supply it ask for `qianzhi catalog supply {resource} --agent {agent}`, to consume it `qianzhi agreement apply {resource} --matter MATTER`; then try again. Where the agent ran before and is stopped, `qianzhi agent start` fetches what is new',
    },
  },
});
