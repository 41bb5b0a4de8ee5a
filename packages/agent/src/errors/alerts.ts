import { defineErrors } from '@qianzhi/model';

/** What alerts tell of, and what keeps them from being told. */
export const alertErrors = defineErrors('AGENT', {
  SOURCE_SILENT: {
    kind: 'unavailable',
    zh: {
      message:
        '交换作业 {exchange}:最新数据已 {hours} 小时,超过资源 {resource} 的更新周期({cycleHours} 小时)',
      hint: '先看作业是否按计划执行:qianzhi job list;再核对来源系统是否停止更新',
    },
    en: {
      message:
        'exchange {exchange}: its newest data is {hours} h old, past the update cycle of resource {resource} ({cycleHours} h)',
      hint: 'see with `qianzhi job list` whether its jobs run; then ask whether the source system still changes',
    },
  },
  ROWS_REJECTED: {
    kind: 'data',
    zh: {
      message: '交换作业 {exchange} 的隔离区有 {rows} 行未处理(阈值 {limit})',
      hint: '查看原因:qianzhi quarantine list --exchange {exchange};改正来源后执行 qianzhi quarantine retry {exchange}',
    },
    en: {
      message: 'rows of exchange {exchange} in quarantine: {rows} (threshold {limit})',
      hint: 'see why with `qianzhi quarantine list --exchange {exchange}`; correct the source, then run `qianzhi quarantine retry {exchange}`',
    },
  },
  OUTBOX_FILLING: {
    kind: 'unavailable',
    zh: {
      message: '发件箱已用 {bytes} 字节,上限 {limit}',
      hint: '满则暂停读取;检查与平台的连接:qianzhi doctor',
    },
    en: {
      message: 'the outbox holds {bytes} bytes of {limit}',
      hint: 'reading pauses when it is full; check the link to the platform with `qianzhi doctor`',
    },
  },
  RECEIPT_LATE: {
    kind: 'unavailable',
    zh: {
      message: '资源 {resource} 的最早一批已等待签收 {seconds} 秒',
      hint: '检查与平台的连接:qianzhi doctor;查看数据流:qianzhi stream show {resource}',
    },
    en: {
      message: 'the oldest batch of resource {resource} has waited {seconds} s for its receipt',
      hint: 'check the link with `qianzhi doctor`; see the stream with `qianzhi stream show {resource}`',
    },
  },
  CLOCK_OFF: {
    kind: 'unavailable',
    zh: {
      message: '本机时钟与平台相差 {seconds} 秒(正数为快)',
      hint: '用 NTP 校正本机时钟;比对两端:qianzhi doctor',
    },
    en: {
      message: 'the clock of this machine differs from the platform’s by {seconds} s (positive: ahead)',
      hint: 'set it by NTP; `qianzhi doctor` compares both',
    },
  },
  CERTIFICATE_ENDING: {
    kind: 'auth',
    zh: {
      message: '平台地址 {host} 的 TLS 证书将于 {expiresAt} 到期,还剩 {days} 天',
      hint: '请网关或平台的管理员更换;更换后核对:qianzhi doctor',
    },
    en: {
      message: 'the TLS certificate of the platform’s address {host} ends at {expiresAt}, in {days} days',
      hint: 'have it renewed by whoever runs gateway or platform; then run `qianzhi doctor`',
    },
  },
  GRANT_ENDING: {
    kind: 'denied',
    zh: {
      message: '资源 {resource} 的授权 {agreement} 将于 {expiresAt} 到期,还剩 {days} 天,此后不再应用',
      hint: '请用数部门重新申请:qianzhi agreement apply {resource} --matter 事项',
    },
    en: {
      message:
        'grant {agreement} of resource {resource} ends at {expiresAt}, in {days} days; nothing is applied after that',
      hint: 'have your department apply anew with `qianzhi agreement apply {resource} --matter MATTER`',
    },
  },
  ALERT_CHANNEL_FAILED: {
    kind: 'unavailable',
    zh: {
      message: '告警通道 {channel} 发送失败:{reason}',
      hint: '核对 agent.yaml 的 alerts;试发一条:qianzhi alert test',
    },
    en: {
      message: 'the alert channel {channel} failed: {reason}',
      hint: 'check `alerts` in agent.yaml; send a trial with `qianzhi alert test`',
    },
  },
  ALERT_CHANNEL_UNKNOWN: {
    kind: 'not-found',
    zh: {
      message: '配置中没有告警通道“{channel}”',
      hint: '已有:{known};在 agent.yaml 的 alerts 中定义后运行 qianzhi config validate',
    },
    en: {
      message: 'the config has no alert channel "{channel}"',
      hint: 'there is: {known}; add it under `alerts` in agent.yaml, then run `qianzhi config validate`',
    },
  },
  ALERT_CHANNELS_MISSING: {
    kind: 'config',
    zh: {
      message: '配置中没有告警通道,告警只在本机列出',
      hint: '在 agent.yaml 的 alerts 中加 webhooks 或 mails,用 qianzhi config validate 检查后执行 qianzhi alert test',
    },
    en: {
      message: 'the config has no alert channel: alerts are only listed on this machine',
      hint: 'add webhooks or mails under `alerts` in agent.yaml, check with `qianzhi config validate`, then run `qianzhi alert test`',
    },
  },
  ALERTS_BROKEN: {
    kind: 'integrity',
    zh: {
      message: '告警记录 {file} 损坏:{reason}',
      hint: '已改名为 {file}.broken;仍成立的告警会重新发出,查看:qianzhi alert list',
    },
    en: {
      message: 'the record of alerts {file} is broken: {reason}',
      hint: 'it is now {file}.broken; alerts that still hold are sent anew, see `qianzhi alert list`',
    },
  },
  ALERT_OPEN: {
    kind: 'unavailable',
    zh: { message: '未解除的告警({subject}):{reason}', hint: '查看全部:qianzhi alert list' },
    en: { message: 'an open alert ({subject}): {reason}', hint: 'see all with `qianzhi alert list`' },
  },
});
