import { defineErrors } from '@qianzhi/model';

export const downloadErrors = defineErrors('PLATFORM', {
  DOWNLOAD_NOT_GRANTED: {
    kind: 'denied',
    zh: {
      message: '部门 {department} 对资源 {resource} 没有生效的批量下载授权',
      hint: '申请:qianzhi agreement apply {resource} --matter 事项 --mode batch-download(已有协议见 qianzhi agreement list --resource {resource})',
    },
    en: {
      message: 'department {department} has no grant in force to download {resource}',
      hint: 'apply with `qianzhi agreement apply {resource} --matter MATTER --mode batch-download` (`qianzhi agreement list --resource {resource}` shows what there is)',
    },
  },
  DOWNLOAD_AMBIGUOUS: {
    kind: 'config',
    zh: {
      message: '部门 {department} 对资源 {resource} 有多个可下载的协议:{agreements}',
      hint: '写明其中一个:qianzhi download {resource} --out 文件夹 --agreement {first}',
    },
    en: {
      message: 'department {department} may download {resource} under several agreements: {agreements}',
      hint: 'name one: `qianzhi download {resource} --out FOLDER --agreement {first}`',
    },
  },
  DOWNLOAD_UNKNOWN: {
    kind: 'not-found',
    zh: { message: '没有下载 {download}', hint: '查看已有的:qianzhi download --list' },
    en: {
      message: 'there is no download {download}',
      hint: 'see what there is with `qianzhi download --list`',
    },
  },
  DOWNLOAD_NOT_READY: {
    kind: 'conflict',
    zh: {
      message: '下载 {download} 尚不可取或已不可取({state})',
      hint: '查看 qianzhi download --list;重新下载:qianzhi download {resource} --out 文件夹',
    },
    en: {
      message: 'download {download} cannot be fetched ({state})',
      hint: 'see `qianzhi download --list`; download again with `qianzhi download {resource} --out FOLDER`',
    },
  },
  DOWNLOAD_REVOKED: {
    kind: 'denied',
    zh: {
      message: '协议 {agreement} 已撤销、到期或被新版本取代,下载 {download} 已终止,文件已删除',
      hint: '查看 qianzhi agreement show {agreement};需要时重新申请:qianzhi agreement apply {resource} --matter 事项 --mode batch-download',
    },
    en: {
      message:
        'agreement {agreement} was revoked, expired or replaced; download {download} has ended and its file is removed',
      hint: 'see `qianzhi agreement show {agreement}`; where needed apply again with `qianzhi agreement apply {resource} --matter MATTER --mode batch-download`',
    },
  },
  DOWNLOAD_CANCELLED: {
    kind: 'cancelled',
    zh: {
      message: '下载 {download} 已取消',
      hint: '需要时重新下载:qianzhi download {resource} --out 文件夹',
    },
    en: {
      message: 'download {download} was cancelled',
      hint: 'download again when wanted: `qianzhi download {resource} --out FOLDER`',
    },
  },
  DOWNLOAD_LINK_WRONG: {
    kind: 'denied',
    zh: {
      message: '下载链接无效或已过期',
      hint: '再次执行同一下载命令,从中断处继续;记录见 qianzhi download --list',
    },
    en: {
      message: 'the download link is wrong or has expired',
      hint: 'run the same download again, it goes on where it was; `qianzhi download --list` shows what there is',
    },
  },
  DOWNLOAD_RANGE_WRONG: {
    kind: 'config',
    zh: {
      message: '请求的字节范围超出文件({bytes} 字节)',
      hint: '从 0 重新下载:qianzhi download {resource} --out 文件夹',
    },
    en: {
      message: 'the range asked for is outside the file of {bytes} bytes',
      hint: 'begin anew: `qianzhi download {resource} --out FOLDER`',
    },
  },
  DOWNLOAD_NO_BASE: {
    kind: 'conflict',
    zh: {
      message: '资源 {resource} 无法只取变化:{reason}',
      hint: '先取全量,之后可用 --since:qianzhi download {resource} --out 文件夹',
    },
    en: {
      message: 'changes of {resource} alone cannot be had: {reason}',
      hint: 'take the whole once, later ones may have --since: `qianzhi download {resource} --out FOLDER`',
    },
  },
  DOWNLOAD_SPACE: {
    kind: 'unavailable',
    zh: {
      message: '平台用于下载的空间不足:上限 {maxBytes} 字节,已用 {usedBytes},本次约需 {needBytes}',
      hint: '等较早的文件过期或取消它们:qianzhi download --cancel {download};管理员可在 platform.yaml 提高 downloadMaxBytes 后执行 qianzhi platform start',
    },
    en: {
      message:
        'the platform has no room for downloads: the limit is {maxBytes} bytes, {usedBytes} are used, about {needBytes} are needed',
      hint: 'wait until older files expire or cancel them (`qianzhi download --cancel {download}`); an administrator may raise downloadMaxBytes in platform.yaml and run `qianzhi platform start`',
    },
  },
  DOWNLOAD_TOO_MANY: {
    kind: 'unavailable',
    zh: {
      message: '部门 {department} 已有 {waiting} 个下载在准备中',
      hint: '等它们完成,或取消:qianzhi download --list,qianzhi download --cancel {download}',
    },
    en: {
      message: 'department {department} has {waiting} downloads in preparation',
      hint: 'wait for them, or cancel some: `qianzhi download --list`, `qianzhi download --cancel {download}`',
    },
  },
  DOWNLOAD_FAILED: {
    kind: 'internal',
    zh: {
      message: '准备下载 {download} 时内部出错({incident})',
      hint: '重试:qianzhi download {resource} --out 文件夹;持续出现时请管理员按编号查看平台日志',
    },
    en: {
      message: 'preparing download {download} failed inside ({incident})',
      hint: 'try again: `qianzhi download {resource} --out FOLDER`; if it stays, the log of the platform has the number',
    },
  },
  TRACE_RESOURCE_UNKNOWN: {
    kind: 'not-found',
    zh: { message: '没有资源 {resource}', hint: '查看目录:qianzhi catalog list' },
    en: { message: 'there is no resource {resource}', hint: 'see the catalog: `qianzhi catalog list`' },
  },
});

/** Why changes alone cannot be had. */
export const noBase = {
  none: { zh: '此前没有取走过的下载', en: 'no download was fetched before' },
  unknown: {
    zh: '--since 所写的不是本协议取走过的下载',
    en: '--since names no download fetched under this agreement',
  },
  gone: { zh: '作为起点的数据已不再保留', en: 'the rows they would be counted from are no longer kept' },
  items: {
    zh: '授权的信息项或脱敏自那次下载起有变化',
    en: 'granted items or masks have changed since that download',
  },
  provider: {
    zh: '自那次下载起提供部门已变更',
    en: 'another department provides the resource since that download',
  },
  key: { zh: '主键信息项未全部授权', en: 'not every key item is granted' },
} as const;
