import { currentLanguage } from '@qianzhi/model';

/** Chinese for the words of API and config, as people see them; commands and `--json` keep the words themselves. */
const words: Readonly<Record<string, string>> = {
  // states of agents, exchanges, streams and agreements
  invited: '待登记',
  enrolled: '已登记',
  running: '正常',
  paused: '已暂停',
  stopped: '已停止',
  applied: '待审批',
  granted: '已授权',
  refused: '不同意',
  expired: '已到期',
  revoked: '已撤销',
  withdrawn: '已撤回',
  suspended: '已暂停授权',
  // directions, causes, modes, kinds
  supply: '供出',
  consume: '取用',
  manual: '手工',
  schedule: '计划',
  retry: '重试',
  docking: '系统对接',
  'batch-download': '批量下载',
  'online-query': '联机查询',
  sftp: '前置机共享',
  table: '表',
  view: '视图',
  file: '文件',
  // catalog
  unconditional: '无条件共享',
  conditional: '有条件共享',
  none: '不予共享',
  passed: '通过',
  failed: '不通过',
  realtime: '实时',
  daily: '每日',
  weekly: '每周',
  monthly: '每月',
  quarterly: '每季度',
  'half-yearly': '每半年',
  yearly: '每年',
  irregular: '不定期',
  // where a schedule comes from
  config: '配置',
  cycle: '更新周期',
  // rules of alerts, keys that end
  'store-halted': '状态库停写',
  'stream-stopped': '数据流停止',
  'source-silent': '来源静默',
  'rejected-rows': '拒绝的行',
  'outbox-filling': '发件箱将满',
  'receipts-late': '签收迟到',
  'platform-unreachable': '平台不可达',
  'connector-down': '连接器不可用',
  'clock-skew': '时钟偏差',
  'sides-differ': '两侧不一致',
  'webhook-dead': '死信',
  'end-near': '即将到期',
  'platform-certificate': '平台证书',
  grant: '授权',
  // states of webhooks
  idle: '空闲',
  sending: '发送中',
  retrying: '等待重试',
  blocked: '被死信阻塞',
  closed: '授权已终止',
  waiting: '等待',
  // contacts of a unit
  leader: '分管领导',
  liaison: '联络员',
  technician: '技术人员',
  // roles
  'system-admin': '系统管理员',
  'security-officer': '安全保密员',
  'department-admin': '部门管理员',
  'catalog-editor': '目录编辑员',
  approver: '审批人',
  operator: '操作员',
  consumer: '用数人员',
  auditor: '审计员',
};

/** Stages of a receipt; `applied` is another word there than for an application. */
const stages: Readonly<Record<string, string>> = {
  stored: '已入库',
  staged: '已暂存',
  applied: '已应用',
  rejected: '已拒绝',
  delivered: '已交付',
};

/** Why a row was rejected; the code stays beside it, since `--reason` takes it. */
const reasons: Readonly<Record<string, string>> = {
  'row-too-large': '整行过长',
  malformed: '行格式不规范',
  'invalid-utf8': '无效字符编码',
  'nul-character': '含空字符',
  required: '必填项为空',
  type: '与类型不符',
  'no-such-date': '日期不存在',
  'special-value': '不允许的特殊值',
  'too-long': '超过长度',
  'too-many-digits': '超过精度',
  'below-minimum': '小于最小值',
  'above-maximum': '大于最大值',
  'unknown-code': '不在代码表中',
  pattern: '不符合模式',
  identifier: '标识校验不通过',
};

const zh = () => currentLanguage() === 'zh';

export const word = (code: string): string => (zh() ? (words[code] ?? code) : code);
export const stageWord = (code: string): string => (zh() ? (stages[code] ?? code) : code);
export const reasonText = (code: string): string =>
  zh() && reasons[code] ? `${reasons[code]} ${code}` : code;

/** A role with the name that `--role` takes. */
export const roleText = (role: string): string => (zh() ? `${word(role)} ${role}` : role);

/** A time of the API on the clock of this machine: `2026-11-22 09:30:00`. */
export function timeText(iso: string | null | undefined): string | undefined {
  if (!iso) return undefined;
  return new Date(iso).toLocaleString('sv-SE');
}
