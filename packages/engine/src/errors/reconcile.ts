import { defineErrors } from '@qianzhi/model';

/** Comparing both sides. */
export const reconcileErrors = defineErrors('ENGINE', {
  RECONCILE_NO_EXCHANGE: {
    kind: 'not-found',
    zh: {
      message: '本前置机没有为资源 {resource}(协议 {agreement})配置交换,无法对账',
      hint: '配置交换:qianzhi exchange add;协议写明时须与授权一致',
    },
    en: {
      message: 'this agent has no exchange for {resource} (agreement {agreement}) to reconcile',
      hint: 'add one with `qianzhi exchange add`; an agreement it names must be the granted one',
    },
  },
  RECONCILE_FILES: {
    kind: 'config',
    zh: {
      message: '资源 {resource} 是文件,对账只比对数据行',
      hint: '文件在写入时已逐个按摘要核对;重新发送:qianzhi stream resnapshot {resource}',
    },
    en: {
      message: 'resource {resource} holds files; only rows are reconciled',
      hint: 'each file was proven by its digest when it was written; to send anew: `qianzhi stream resnapshot {resource}`',
    },
  },
  RECONCILE_UNREADABLE: {
    kind: 'config',
    zh: {
      message: '交换 {exchange} 的连接器 {connector} 不能读回目标,无法对账',
      hint: '改用能读回目标的连接器(各数据库);或重新全量:qianzhi stream resnapshot {resource}(供数方执行)',
    },
    en: {
      message:
        'connector {connector} of exchange {exchange} cannot read its target back, so it cannot be reconciled',
      hint: 'use a connector that can (every database); or have it sent whole with `qianzhi stream resnapshot {resource}` at the provider',
    },
  },
  RECONCILE_KEY_HIDDEN: {
    kind: 'config',
    zh: {
      message: '协议 {agreement} 的主键信息项 {item} 以假名授权,两侧无法逐行对账',
      hint: '由供数方重新全量:qianzhi stream resnapshot {resource};或以明文申请该主键:qianzhi agreement apply {resource} --matter 事项',
    },
    en: {
      message:
        'agreement {agreement} grants key item {item} as a pseudonym, so rows cannot be matched by the two sides',
      hint: 'have it sent whole with `qianzhi stream resnapshot {resource}`, or apply for the key in clear: `qianzhi agreement apply {resource} --matter MATTER`',
    },
  },
  RECONCILE_EXCHANGE_CHANGED: {
    kind: 'conflict',
    zh: {
      message: '对账进行中,交换 {exchange} 的配置已改变或移除',
      hint: '按新配置重新对账:qianzhi reconcile {resource}',
    },
    en: {
      message: 'the config changed or removed exchange {exchange} while it was being reconciled',
      hint: 'begin again, by the new config: `qianzhi reconcile {resource}`',
    },
  },
  RECONCILE_GRANT_WRONG: {
    kind: 'denied',
    zh: {
      message: '对账 {session} 所附授权与本前置机不符或已失效',
      hint: '执行 qianzhi agent sync 后重新发起:qianzhi reconcile {resource}',
    },
    en: {
      message: 'the grant of reconciliation {session} is not in force, or not one of this agent',
      hint: 'run `qianzhi agent sync`, then begin again with `qianzhi reconcile {resource}`',
    },
  },
  RECONCILE_CATCH_UP: {
    kind: 'conflict',
    zh: {
      message: '对账前须追平数据流,但交换 {exchange} 的作业 {job} 为 {state}',
      hint: '查看并重试该作业:qianzhi job status {job};之后重新发起对账',
    },
    en: {
      message:
        'the stream must catch up before a comparison, but job {job} of exchange {exchange} is {state}',
      hint: 'look at it with `qianzhi job status {job}`, retry it, and reconcile again',
    },
  },
  REPAIR_NEEDS_KEY: {
    kind: 'config',
    zh: {
      message: '资源 {resource} 没有主键信息项,或协议未授权全部主键,不能按行修复',
      hint: '重新全量:qianzhi stream resnapshot {resource}',
    },
    en: {
      message:
        'resource {resource} has no key items, or not all of them are granted: rows cannot be repaired one by one',
      hint: 'send it whole: `qianzhi stream resnapshot {resource}`',
    },
  },
  REPAIR_DURING_SNAPSHOT: {
    kind: 'conflict',
    zh: {
      message: '资源 {resource} 的全量尚未完成,此时不能修复',
      hint: '先完成全量:qianzhi job run {exchange};然后 qianzhi reconcile {resource} --repair',
    },
    en: {
      message: 'a snapshot of {resource} is not complete yet, so nothing can be repaired now',
      hint: 'finish it with `qianzhi job run {exchange}`, then `qianzhi reconcile {resource} --repair`',
    },
  },
});
