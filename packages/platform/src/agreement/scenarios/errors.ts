import { defineErrors } from '@qianzhi/model';

export const scenarioErrors = defineErrors('PLATFORM', {
  SCENARIO_COMPETENT_ONLY: {
    kind: 'denied',
    zh: {
      message: '应用场景由主管部门公布和终止,{account} 不属于主管部门',
      hint: '查看已公布的:qianzhi agreement scenario list',
    },
    en: {
      message: 'scenarios are published and ended by a competent department, which {account} is not of',
      hint: 'see those published with `qianzhi agreement scenario list`',
    },
  },
  SCENARIO_UNKNOWN: {
    kind: 'not-found',
    zh: { message: '没有应用场景 {scenario}', hint: '查看已公布的:qianzhi agreement scenario list' },
    en: {
      message: 'there is no scenario {scenario}',
      hint: 'see those published with `qianzhi agreement scenario list`',
    },
  },
  SCENARIO_TAKEN: {
    kind: 'conflict',
    zh: {
      message: '应用场景 {scenario} 已存在,公布后不再改动',
      hint: '换一个代号公布,并终止原有的:qianzhi agreement scenario end {scenario} --reason 理由',
    },
    en: {
      message: 'there is a scenario {scenario}; what was published is not changed',
      hint: 'publish under another id and end that one: `qianzhi agreement scenario end {scenario} --reason REASON`',
    },
  },
  SCENARIO_PAST: {
    kind: 'data',
    zh: {
      message: '应用场景 {scenario} 的期限 {validTo} 已过',
      hint: '以将来的 --valid-to 再次公布;已公布的见 qianzhi agreement scenario list',
    },
    en: {
      message: 'the period of scenario {scenario} ends at {validTo}, which is past',
      hint: 'publish it again with a --valid-to to come; see those published with `qianzhi agreement scenario list`',
    },
  },
  SCENARIO_OVER: {
    kind: 'conflict',
    zh: {
      message: '应用场景 {scenario} 已终止或到期,不再据此授权',
      hint: '按一般程序申请(不带 --scenario):qianzhi agreement apply {resource} --matter 事项',
    },
    en: {
      message: 'scenario {scenario} has ended; nothing is granted by it any more',
      hint: 'apply the usual way, without --scenario: `qianzhi agreement apply {resource} --matter MATTER`',
    },
  },
  SCENARIO_EXCEEDED: {
    kind: 'data',
    zh: {
      message: '申请超出应用场景 {scenario}:{beyond}',
      hint: '只申请场景之内的,或按一般程序申请(不带 --scenario):qianzhi agreement apply {resource} --matter 事项',
    },
    en: {
      message: 'the application asks for more than scenario {scenario}: {beyond}',
      hint: 'ask for what it names, or apply the usual way, without --scenario: `qianzhi agreement apply {resource} --matter MATTER`',
    },
  },
});
