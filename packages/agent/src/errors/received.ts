import { defineErrors } from '@qianzhi/model';

/** Of feeds of received records. */
export const receivedErrors = defineErrors('AGENT', {
  FEED_UNKNOWN: {
    kind: 'not-found',
    zh: {
      message: '没有符合的收件箱({wanted})',
      hint: '已有:{known};在 agent.yaml 中加入 connector 类型为 inbox 的用数作业,再运行 qianzhi config validate',
    },
    en: {
      message: 'there is no feed of received records for {wanted}',
      hint: 'there is: {known}; have an exchange in agent.yaml consume into a connector of `type: inbox`, then run `qianzhi config validate`',
    },
  },
  FEED_AMBIGUOUS: {
    kind: 'config',
    zh: {
      message: '多个收件箱符合({wanted}):{known}',
      hint: '写明作业名称(exchange);查看:qianzhi exchange due',
    },
    en: {
      message: 'several feeds fit {wanted}: {known}',
      hint: 'name the exchange; see them with `qianzhi exchange due`',
    },
  },
  FEED_CLOSED: {
    kind: 'denied',
    zh: {
      message: '收件箱 {exchange}:资源 {resource} 的授权已终止,收到的记录已清除',
      hint: '由用数部门重新申请:qianzhi agreement apply {resource} --matter 事项',
    },
    en: {
      message: 'feed {exchange}: the grant of resource {resource} has ended; what was received is erased',
      hint: 'have your department apply anew with `qianzhi agreement apply {resource} --matter MATTER`',
    },
  },
  FEED_LEASE: {
    kind: 'unavailable',
    zh: {
      message: '收件箱 {exchange}:授权 {agreement} 的租约未能续期,暂不可读',
      hint: '与平台恢复连接后自动继续;检查:qianzhi doctor',
    },
    en: {
      message: 'feed {exchange}: the lease of grant {agreement} is not in force; it cannot be read for now',
      hint: 'it goes on by itself once the platform is reached again; check with `qianzhi doctor`',
    },
  },
});
