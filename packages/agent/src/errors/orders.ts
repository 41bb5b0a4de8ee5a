import { defineErrors } from '@qianzhi/model';

/** Of what the platform has this agent do: assignments and lease. */
export const orderErrors = defineErrors('AGENT', {
  NOT_CLAIMED: {
    kind: 'unavailable',
    zh: {
      message: '前置机启动后尚未与平台 {url} 取得联系',
      hint: '联系上后自动继续;立即再试:qianzhi agent sync;持续出现时运行 qianzhi doctor',
    },
    en: {
      message: 'the agent has not met the platform at {url} since it started',
      hint: 'it goes on by itself once it has; try at once with `qianzhi agent sync`; `qianzhi doctor` if it stays so',
    },
  },
  NO_ASSIGNMENTS: {
    kind: 'unavailable',
    zh: {
      message: '尚未从平台取得任务',
      hint: '启动前置机后会自动取得:qianzhi agent start;立即取:qianzhi agent sync',
    },
    en: {
      message: 'no assignments were received from the platform yet',
      hint: 'they come with `qianzhi agent start`; at once with `qianzhi agent sync`',
    },
  },
  DOCUMENT_OLD: {
    kind: 'integrity',
    zh: {
      message: '平台下发的任务版本 {received} 低于已有的 {known}',
      hint: '有人重放了旧任务,或平台的数据库在运行中被换成旧的;平台重新启动(qianzhi platform start)即重新下发,随后自动继续,或立即执行 qianzhi agent sync',
    },
    en: {
      message: 'the platform sent assignments of version {received}, older than {known}',
      hint: 'somebody replays old ones, or its database was replaced by an older one while it ran; it issues them anew when it is started again (`qianzhi platform start`); it goes on by itself then, at once with `qianzhi agent sync`',
    },
  },
  SUPPLY_UNASSIGNED: {
    kind: 'denied',
    zh: {
      message: '交换作业 {exchange}:平台没有指定本前置机供给 {resource}',
      hint: '请目录编辑员指定(qianzhi catalog supply {resource} --agent {agent}),并确认保密审查已通过(qianzhi catalog show {resource})',
    },
    en: {
      message: 'exchange {exchange}: the platform does not order this agent to supply {resource}',
      hint: 'ask for `qianzhi catalog supply {resource} --agent {agent}`, and see with `qianzhi catalog show {resource}` that the secrecy review has passed',
    },
  },
  CONSUME_UNGRANTED: {
    kind: 'denied',
    zh: {
      message: '交换作业 {exchange}:本部门没有 {resource} 的有效授权',
      hint: '申请:qianzhi agreement apply {resource} --matter 事项;查看:qianzhi agreement list --resource {resource}',
    },
    en: {
      message: 'exchange {exchange}: this department holds no live agreement on {resource}',
      hint: 'apply with `qianzhi agreement apply {resource} --matter MATTER`; look with `qianzhi agreement list --resource {resource}`',
    },
  },
  LEASE_EXPIRED: {
    kind: 'unavailable',
    zh: {
      message: '授权租约已于 {expiresAt} 到期,暂不应用数据',
      hint: '与平台恢复联系后自动续期;立即续:qianzhi agent sync',
    },
    en: {
      message: 'the grant lease ended at {expiresAt}; nothing is applied until it is renewed',
      hint: 'it renews by itself when the platform answers; at once with `qianzhi agent sync`',
    },
  },
});
